"""Attention in bf16, tile by tile, so that its P x P weights are made and used while they are still in the cache.

Taken by attention.py and region_affinity.py when they learn under autocast on a CPU, where the weights, written out in
full precision, cost more than all convolutions together; everywhere else those two compute in the plain way.
"""

from typing import Any

import torch
from torch import Tensor

from inference.networks.layers import full_precision, is_plain

# Rows of weights at a time: over 4,096 positions 4 MiB of bf16, which a processor's last cache holds.
TILE = 512
LOW = torch.bfloat16


def tiled(tensor: Tensor) -> bool:
    """Whether attention over this tensor is to be computed in tiles: under bf16 autocast on a CPU."""
    if is_plain() or tensor.device.type != "cpu":
        return False
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") is LOW


def tiled_attention(query: Tensor, key: Tensor, value: Tensor, *, exact_scores: bool = False) -> Tensor:
    """N x V x P in bf16: every position's mean of the value, weighted by the softmax over keys of query . key.

    query N x D x P, key N x D x K, value N x V x K. exact_scores: products of query and key stay in full precision,
    for scores so large that bf16 would blur which key is meant.
    """
    with full_precision(query):
        scored = torch.float32 if exact_scores else LOW
        rows = query.transpose(1, 2).to(scored).contiguous()
        attended: Tensor = _attend(rows, key.to(scored).contiguous(), value.to(LOW).contiguous())[0]
        return attended


def _attended(rows: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """N x V x P and the weights N x P x K, from rows N x P x D, keys N x D x K and values N x V x K."""
    weights = values.new_empty(len(rows), rows.shape[1], keys.shape[2])
    out = values.new_empty(len(rows), values.shape[1], rows.shape[1])
    for sample, tile in _tiles(rows):
        weight = weights[sample, tile]
        scores = torch.mm(rows[sample, tile], keys[sample])
        if scores.dtype is LOW:
            torch._softmax(scores, -1, False, out=weight)
        else:
            weight.copy_(scores.softmax(dim=-1))
        out[sample, :, tile] = torch.mm(values[sample], weight.t())
    return out, weights


def _gradients(
    arriving: Tensor, rows: Tensor, keys: Tensor, values: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Those of rows, keys and values; sums over tiles are kept in full precision."""
    low_rows, turned_keys = rows.to(LOW), keys.to(LOW).transpose(1, 2)
    of_rows = torch.empty_like(low_rows)
    of_keys, of_values = torch.zeros_like(keys, dtype=torch.float32), torch.zeros_like(values, dtype=torch.float32)
    for sample, tile in _tiles(rows):
        above, weight = arriving[sample, :, tile], weights[sample, tile]
        of_values[sample] += torch.mm(above, weight)
        of_scores = torch._softmax_backward_data(torch.mm(above.t(), values[sample]), weight, -1, LOW)
        torch.mm(of_scores, turned_keys[sample], out=of_rows[sample, tile])
        of_keys[sample] += torch.mm(low_rows[sample, tile].t(), of_scores)
    return of_rows.to(rows.dtype), of_keys.to(keys.dtype), of_values.to(values.dtype)


def _tiles(rows: Tensor) -> list[tuple[int, slice]]:
    """Every sample with every stretch of TILE rows of N x P x D."""
    stretches = [slice(start, start + TILE) for start in range(0, rows.shape[1], TILE)]
    return [(sample, stretch) for sample in range(len(rows)) for stretch in stretches]


# Closed operations: a compiler that saw the tiles would copy all weights once for each of them.
_attend = torch.library.custom_op("vermilion::tiled_attention", _attended, mutates_args=())
_turn_back = torch.library.custom_op("vermilion::tiled_attention_gradients", _gradients, mutates_args=())


@_attend.register_fake
def _attended_shapes(rows: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    weights = values.new_empty(len(rows), rows.shape[1], keys.shape[2])
    return values.new_empty(len(rows), values.shape[1], rows.shape[1]), weights


@_turn_back.register_fake
def _gradient_shapes(
    arriving: Tensor, rows: Tensor, keys: Tensor, values: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    return torch.empty_like(rows), torch.empty_like(keys), torch.empty_like(values)


def _remember(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, Tensor]) -> None:
    ctx.save_for_backward(*inputs, output[1])
    # Nothing learns through the weights themselves; else zeros of their size would be made for them.
    ctx.set_materialize_grads(False)


def _backward(ctx: Any, arriving: Tensor, _: None) -> tuple[Tensor, Tensor, Tensor]:
    of_rows, of_keys, of_values = _turn_back(arriving.contiguous(), *ctx.saved_tensors)
    return of_rows, of_keys, of_values


_attend.register_autograd(_backward, setup_context=_remember)
