"""A judge that torch compiles looks three times before it learns, and learns what it learns uncompiled."""

import copy

import pytest
import torch
from torch import nn
from torch._inductor.exc import InductorError

from inference.networks.spectral import SpectralConv2d


def learnt(judge: nn.Module) -> list[torch.Tensor]:
    """One backward pass after three looks: all gradients, then the spectral vectors, which each look moves on."""
    generator = torch.Generator().manual_seed(1)
    real, fake = (torch.rand(2, 3, 16, 16, generator=generator) for _ in range(2))
    fake.requires_grad_()
    scores = judge(real), judge(fake.detach()), judge(fake)
    loss = (scores[0] - 1).square().mean() + scores[1].square().mean() + (scores[2] - 1).square().mean()
    torch.autograd.backward(loss)
    return [fake.grad, *(p.grad for p in judge.parameters()), *judge.buffers()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_judge_may_look_again_before_it_learns() -> None:
    """With torch's own C++ compiler: a mere trace keeps copies that the compiler would make too late."""
    torch.manual_seed(0)
    layers = SpectralConv2d(3, 8, 4, 2, 1, bias=False), nn.LeakyReLU(0.2), SpectralConv2d(8, 1, 4, 1, 1, bias=False)
    judge = nn.Sequential(*layers, nn.Sigmoid())
    compiled = copy.deepcopy(judge)
    compiled.compile()
    try:
        found = learnt(compiled)
    except InductorError as error:
        pytest.skip(f"torch compiles nothing here, for want of a C++ compiler with Python's headers: {error}")
    finally:
        torch.compiler.reset()
    for value, expected in zip(found, learnt(judge), strict=True):
        assert torch.allclose(value, expected, rtol=1e-4, atol=1e-6)
