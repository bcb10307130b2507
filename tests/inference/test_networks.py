"""What the four networks are: their sizes, their gradients, and the few places where it is easy to go wrong."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from inference.networks import NETWORKS
from inference.networks.edges import canny_edges, folded_gray, true_gray
from inference.networks.landmark_map import landmark_map
from inference.networks.layers import scaled
from inference.networks.partial import PartialBlock
from inference.networks.region_affinity import region_affinity
from inference.networks.spectral import SpectralConv2d, SpectralConvTranspose2d, fold_spectral_norm


@pytest.fixture
def small_pair():
    """Two images of 128 x 128 with holes, as training at low resolution uses them."""
    image = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    hole = torch.zeros(2, 1, 128, 128)
    hole[:, :, 60:100, 40:90] = 1
    return image, hole


@pytest.mark.parametrize(
    ("method", "config", "published"),
    [
        ("inclg", {"gated": False, "landmarks": False}, 11_731_845),
        ("inclg", {"gated": False}, 12_442_639),
        ("inclg", {}, 13_894_479),
        ("lafin", {}, 11_734_981 + 2_554_569),
        ("edgeconnect", {}, 10_761_089 + 10_774_595),
        ("ctsdg", {}, 52_147_789),
    ],
)
def test_full_width_has_the_published_number_of_parameters(method, config, published):
    with torch.device("meta"):
        network = NETWORKS[method](**config)
    assert sum(parameter.numel() for parameter in network.parameters()) == published


@pytest.mark.parametrize("method", NETWORKS)
def test_every_weight_learns_at_low_resolution(method, make_network, small_pair):
    network = make_network(method).train()
    answer = network(*small_pair)
    loss = answer.image.mean()
    if answer.landmarks is not None:
        loss = loss + answer.landmarks.square().mean()
    if answer.edges is not None:
        loss = loss + answer.edges.square().mean()
    if method == "ctsdg":
        loss = loss + network.generate(*small_pair).projected_image.square().mean()
    loss.backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
    assert all(torch.isfinite(weight.grad).all() for weight in network.parameters())


@pytest.mark.parametrize("method", NETWORKS)
def test_mixed_precision_runs_and_stays_near(method, make_network, small_pair):
    network = make_network(method).eval()
    with torch.inference_mode():
        plain = network(*small_pair)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            mixed = network(*small_pair)
    assert mixed.image.dtype == torch.float32
    assert (plain.image - mixed.image).abs().mean() < 0.02


@pytest.mark.parametrize("method", NETWORKS)
def test_a_wrong_shape_is_refused(method, make_network, small_pair):
    image, hole = small_pair
    network = make_network(method)
    for wrong_image, wrong_hole in ((image[0], hole), (image[:, :2], hole), (image, hole[:1]), (image, hole[..., :64])):
        with pytest.raises(ValueError, match="must be"):
            network(wrong_image, wrong_hole)
    with pytest.raises(ValueError, match="must be multiples of"):
        network(image[..., :126, :126], hole[..., :126, :126])


def test_a_width_that_no_network_has_is_refused():
    for width in (0, -1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="width must lie"):
            scaled(64, width)


def test_gray_and_edges_that_are_given_are_used(make_network, small_pair):
    image, hole = small_pair
    for method in ("edgeconnect", "ctsdg"):
        network = make_network(method).eval()
        gray, edge = network.drawing(image, hole)
        with torch.inference_mode():
            default, same = network(image, hole), network(image, hole, gray=gray, edge=edge)
            other = network(image, hole, gray=gray, edge=1 - edge)
        assert torch.equal(default.image, same.image)
        assert not torch.equal(default.image, other.image)


def test_each_ablation_of_inclg_answers(make_network, small_pair):
    without = make_network("inclg", gated=False, landmarks=False).eval()
    with torch.inference_mode():
        assert without(*small_pair).landmarks is None
        assert make_network("inclg", gated=False).eval()(*small_pair).landmarks.shape == (2, 68, 2)


def test_true_landmarks_can_guide_lafin(make_network, small_pair):
    network = make_network("lafin").eval()
    with torch.inference_mode():
        predicted = network(*small_pair)
        same = network.fill(*small_pair, predicted.landmarks)
        other = network.fill(*small_pair, predicted.landmarks + 10)
    assert torch.equal(predicted.image, same)
    assert not torch.equal(same, other)


def test_landmarks_are_truncated_clamped_and_drawn_row_by_row():
    points = torch.zeros(1, 68, 2)
    points[0, 0] = torch.tensor([3.99, 7.01])
    points[0, 1] = torch.tensor([-5.0, 500.0])
    points[0, 2] = torch.tensor([float("nan"), 2.0])
    drawn = landmark_map(points, 16, 32)
    assert drawn.shape == (1, 1, 16, 32)
    assert sorted(map(tuple, drawn[0, 0].nonzero().tolist())) == [(0, 0), (2, 0), (7, 3), (15, 0)]


def test_no_gradient_passes_through_a_landmark_map():
    points = torch.full((1, 68, 2), 5.0, requires_grad=True)
    assert not landmark_map(points, 16, 16).requires_grad


def test_folded_bytes_follow_the_published_overflow():
    byte = torch.arange(256).view(1, 1, 16, 16).expand(1, 3, 16, 16).float() / 255
    folded = (folded_gray(byte, torch.zeros(1, 1, 16, 16)) * 255).round().flatten().tolist()
    assert [folded[i] for i in (0, 63, 64, 126, 127, 128, 255)] == [1, 127, 130, 254, 0, 1, 255]


def test_the_rim_of_a_hole_draws_no_edge():
    image = torch.full((1, 3, 64, 64), 0.8)
    hole = torch.zeros(1, 1, 64, 64)
    hole[:, :, 20:40, 20:40] = 1
    assert canny_edges(true_gray(image, hole), hole).sum() == 0
    assert canny_edges(true_gray(image, hole), torch.zeros_like(hole)).sum() > 0


def test_spectral_norm_iterates_in_training_only():
    layer = SpectralConv2d(4, 8, 3)
    before = layer.u.clone()
    layer.eval()(torch.rand(1, 4, 8, 8))
    assert torch.equal(layer.u, before)
    layer.train()(torch.rand(1, 4, 8, 8))
    assert not torch.equal(layer.u, before)


@pytest.mark.parametrize("transposed", [False, True])
def test_spectral_norm_finds_the_largest_singular_value(transposed):
    torch.manual_seed(0)
    layer = SpectralConvTranspose2d(6, 4, 4, 2, 1) if transposed else SpectralConv2d(6, 4, 4, 2, 1)
    for _ in range(200):
        layer.train()(torch.zeros(1, 6, 8, 8))
    folded = layer.eval().folded().weight
    matrix = (folded.transpose(0, 1) if transposed else folded).flatten(1)
    assert float(torch.linalg.matrix_norm(matrix.detach(), 2)) == pytest.approx(1.0, abs=1e-4)


def test_two_forwards_before_a_backward_keep_both_graphs():
    layer = SpectralConv2d(4, 4, 3).train()
    picture = torch.rand(1, 4, 8, 8)
    (layer(picture).mean() + layer(picture).mean()).backward()
    assert layer.weight.grad is not None


def test_folding_changes_no_answer(make_network, small_pair):
    network = make_network("edgeconnect").eval()
    folded = fold_spectral_norm(copy.deepcopy(network))
    with torch.inference_mode():
        assert torch.equal(network(*small_pair).image, folded(*small_pair).image)


def naive_partial(block: PartialBlock, feature: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A partial convolution as the paper writes it, with one copy of the mask for every channel."""
    masks = mask.expand_as(feature)
    ones = torch.ones(1, feature.shape[1], block.kernel, block.kernel)
    known = F.conv2d(masks, ones, stride=block.stride, padding=block.kernel // 2)
    new = known.clamp(0, 1)
    ratio = ones.numel() / (known + 1e-8) * new
    return F.relu(block.conv(feature * masks) * ratio), new


def test_a_partial_convolution_equals_the_papers():
    torch.manual_seed(0)
    block = PartialBlock(5, 7, 3, 2, norm=False)
    feature, mask = torch.rand(2, 5, 16, 16), (torch.rand(2, 1, 16, 16) > 0.7).float()
    expected, expected_mask = naive_partial(block, feature, mask)
    out, new_mask = block((feature[:, :2], feature[:, 2:]), (mask, mask))
    assert torch.allclose(out, expected, atol=1e-6)
    assert torch.equal(new_mask, expected_mask)


def naive_affinity(feature: torch.Tensor) -> torch.Tensor:
    """Region affinity of one sample, by convolving with its own patches."""
    small = F.interpolate(feature, scale_factor=0.5, mode="bilinear", align_corners=True)
    channels, count = feature.shape[1], small.shape[2] * small.shape[3]
    patches = F.unfold(small, 3, padding=1)[0].t().reshape(count, channels, 3, 3)
    norms = patches.flatten(1).norm(dim=1).clamp_min(1e-4).view(-1, 1, 1, 1)
    weights = (10 * F.conv2d(small, patches / norms, padding=1)).softmax(dim=1).clamp_min(1e-8)
    regions = F.unfold(feature, 4, padding=1, stride=2)[0].t().reshape(count, channels, 4, 4)
    return F.conv_transpose2d(weights, regions, stride=2, padding=1) / 4


def test_region_affinity_equals_convolving_with_patches():
    feature = torch.randn(3, 4, 16, 16, generator=torch.Generator().manual_seed(2)) * 0.3
    expected = torch.cat([naive_affinity(sample) for sample in feature.split(1)])
    assert torch.allclose(region_affinity(feature), expected, atol=1e-5)


def test_region_affinity_of_nothing_has_a_finite_gradient():
    feature = torch.zeros(1, 4, 16, 16, requires_grad=True)
    region_affinity(feature).sum().backward()
    assert torch.isfinite(feature.grad).all()


def test_fresh_weights_are_drawn_as_published(make_network):
    weights = np.concatenate(
        [value.detach().flatten().numpy() for key, value in make_network("ctsdg").named_parameters() if "conv" in key]
    )
    assert weights.std() == pytest.approx(0.02, rel=0.05)
