"""Discriminators score patches, small ones like full-size ones."""

import pytest
import torch

from training.recipes.discriminators import PatchDiscriminator, TwoBranchDiscriminator


def test_a_full_size_picture_gets_thirty_by_thirty_scores():
    scores, features = PatchDiscriminator(3, 0.125, attention=True).eval()(torch.rand(1, 3, 256, 256))
    assert scores.shape == (1, 1, 30, 30)
    assert [feature.shape[1] for feature in features] == [8, 16, 32, 64, 1]
    assert torch.equal(scores, torch.sigmoid(features[-1]))


def test_attention_starts_as_identity_and_then_acts():
    torch.manual_seed(0)
    network = PatchDiscriminator(3, 0.125, attention=True).eval()
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before = network(picture)[1][1]
        network.attention.gamma.fill_(1.0)
        assert not torch.equal(network(picture)[1][1], before)


@pytest.mark.parametrize(
    ("network", "published"),
    [
        (lambda: PatchDiscriminator(2), 2_762_752),
        (lambda: PatchDiscriminator(3), 2_763_776),
        (lambda: TwoBranchDiscriminator(), 5_531_729),
    ],
)
def test_full_width_has_the_published_number_of_parameters(network, published):
    with torch.device("meta"):
        assert sum(parameter.numel() for parameter in network().parameters()) == published


def test_the_two_branches_judge_the_given_edge_or_the_detected_one():
    torch.manual_seed(0)
    network = TwoBranchDiscriminator(0.125).eval()
    picture, gray = torch.rand(1, 3, 64, 64) * 2 - 1, torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        fake, detected = network(picture, gray)
        same, _ = network(picture, gray, detected)
        real, _ = network(picture, gray, (gray > 0.5).float())
    assert fake.shape[1] == 2
    assert torch.equal(fake, same)
    assert torch.equal(fake[:, 0], real[:, 0])
    assert not torch.equal(fake[:, 1], real[:, 1])


def test_every_weight_of_a_discriminator_learns():
    network = TwoBranchDiscriminator(0.125).train()
    scores, detected = network(torch.rand(2, 3, 64, 64), torch.rand(2, 1, 64, 64))
    (scores.mean() + detected.mean()).backward()
    assert all(weight.grad is not None for weight in network.parameters())
