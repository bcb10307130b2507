"""The quicker ways of computing a layer give what the papers' own ways give."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks import tiles
from inference.networks.attention import ShortLongAttention
from inference.networks.layers import OutputConv, conv_by_rows, instance_norm, plainly
from inference.networks.region_affinity import region_affinity

LOW = torch.bfloat16


def far(found: Tensor, expected: Tensor) -> float:
    """The distance of two tensors in shares of the expected one's length."""
    apart = torch.linalg.vector_norm(found.detach().double() - expected.detach().double())
    return float(apart / torch.linalg.vector_norm(expected.detach()))


def with_gradients(compute: Callable[..., Tensor], *inputs: Tensor) -> list[Tensor]:
    """The answer and the gradients of the inputs, under an arriving gradient that is always the same."""
    inputs = tuple(one.detach().clone().requires_grad_() for one in inputs)
    answer = compute(*inputs)
    arriving = torch.randn(answer.shape, generator=torch.Generator().manual_seed(9))
    answer.backward(arriving.to(answer.dtype))
    return [answer.detach(), *(one.grad for one in inputs)]


def attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention as it is written."""
    weights = torch.bmm(query.transpose(1, 2), key).softmax(dim=-1)
    return torch.bmm(value, weights.transpose(1, 2))


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_convolution_by_rows_is_the_convolution(channels: int) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(5, channels, 7).double()
    x = drawn(2, 5, 19, 23).double()
    by_rows = with_gradients(lambda x, w: conv_by_rows(x, conv) + 0 * w.sum(), x, conv.weight)
    whole = with_gradients(lambda x, w: conv(x) + 0 * w.sum(), x, conv.weight)
    for found, expected in zip(by_rows, whole, strict=True):
        assert torch.allclose(found, expected, atol=1e-12)


def test_its_weights_learn_the_same() -> None:
    torch.manual_seed(0)
    layer = OutputConv(4, 3).double()
    grown = []
    for plain in (False, True):
        layer.zero_grad()
        if plain:
            with plainly():
                out = layer(drawn(1, 4, 16, 16).double())
        else:
            out = layer(drawn(1, 4, 16, 16).double())
        out.square().sum().backward()
        grown.append([layer.conv.weight.grad.clone(), layer.conv.bias.grad.clone()])
    for found, expected in zip(*grown, strict=True):
        assert torch.allclose(found, expected, atol=1e-9)


def test_instance_norm_is_torchs() -> None:
    x = 3 * drawn(2, 6, 9, 8) + 1
    found = with_gradients(instance_norm, x)
    for one, expected in zip(found, with_gradients(F.instance_norm, x), strict=True):
        assert torch.allclose(one, expected, atol=1e-5)


@pytest.mark.parametrize("positions", [64, 150])
def test_attention_in_tiles_is_attention(positions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE", 64)
    query, key, value = drawn(2, 8, positions), drawn(2, 8, positions, seed=1), drawn(2, 12, positions, seed=2)
    found = with_gradients(tiles.tiled_attention, query, key, value)
    assert found[0].dtype is LOW
    for one, expected in zip(found, with_gradients(attended, query, key, value), strict=True):
        assert far(one, expected) < 0.02


def test_large_scores_stay_sharp_where_they_are_kept_exact() -> None:
    """Keys whose scores of some hundreds differ by one: bf16 would take them for the same."""
    query = torch.full((1, 1, 1), 300.0)
    key = torch.tensor([[[1.0, 1.0 + 1 / 300, 1.0 + 2 / 300]]])
    value = torch.tensor([[[0.0, 1.0, 2.0]]])
    expected = attended(query, key, value)
    assert far(tiles.tiled_attention(query, key, value, exact_scores=True), expected) < 0.01
    assert far(tiles.tiled_attention(query, key, value), expected) > 0.05


def test_tiles_are_for_bf16_on_a_cpu_alone() -> None:
    x = drawn(1, 1)
    assert not tiles.tiled(x)
    with torch.autocast("cpu", dtype=torch.float16):
        assert not tiles.tiled(x)
    with torch.autocast("cpu", dtype=LOW):
        assert tiles.tiled(x)
        assert not tiles.tiled(torch.empty(1, device="meta"))
        with plainly():
            assert not tiles.tiled(x)
        assert tiles.tiled(x)


def test_both_attention_blocks_answer_nearly_the_same_in_tiles() -> None:
    torch.manual_seed(0)
    block = ShortLongAttention(16)
    nn.init.constant_(block.gamma, 0.5)
    nn.init.constant_(block.alpha, 0.5)
    block.eval()
    x, encoded, hole = drawn(2, 16, 12, 12), drawn(2, 16, 12, 12, seed=1), (drawn(2, 1, 12, 12, seed=2) > 0).float()
    exact = block(x, encoded, hole), region_affinity(x)
    with torch.autocast("cpu", dtype=LOW):
        quick = block(x, encoded, hole), region_affinity(x)
    for found, expected in zip(quick, exact, strict=True):
        assert found.dtype is LOW
        assert far(found, expected) < 0.03


def test_an_empty_feature_has_a_finite_gradient_in_tiles() -> None:
    feature = torch.zeros(1, 4, 8, 8, requires_grad=True)
    with torch.autocast("cpu", dtype=LOW):
        region_affinity(feature).sum().backward()
    assert torch.isfinite(feature.grad).all()


@pytest.mark.filterwarnings("ignore")
def test_the_tiles_are_closed_operations_that_a_compiler_can_take() -> None:
    """Schema, shapes without values, and gradients agree with what is computed (torch.library.opcheck)."""
    rows, keys, values = (one.to(LOW).requires_grad_() for one in (drawn(1, 5, 3), drawn(1, 3, 5), drawn(1, 4, 5)))
    found = torch.library.opcheck(tiles._attend, (rows, keys, values))
    arriving, weights = drawn(1, 4, 5).to(LOW), drawn(1, 5, 5).softmax(dim=-1).to(LOW)
    back = torch.library.opcheck(tiles._turn_back, (arriving, rows.detach(), keys.detach(), values.detach(), weights))
    assert {*found.values(), *back.values()} == {"SUCCESS"}
