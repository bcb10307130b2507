"""The two halves of adversarial learning that the recipes share: judge real against fake, and please the judge.

Used by the recipes beside this file with the discriminators of training.discriminators.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from training.losses import feature_matching, least_squares


def judged(judge: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """The judge's own LSGAN loss on scores in [0, 1], (real + fake) / 2; no gradient reaches the fake."""
    real_score, _ = judge(real)
    fake_score, _ = judge(fake.detach())
    return (least_squares(real_score, 1.0) + least_squares(fake_score, 0.0)) / 2


def pleased(judge: nn.Module, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    """The generator's two terms: `adversarial` (LSGAN) and `matching` (the judge's features of fake against real)."""
    with frozen(judge):
        fake_score, fake_features = judge(fake)
        _, real_features = judge(real)
    return {"adversarial": least_squares(fake_score, 1.0), "matching": feature_matching(fake_features, real_features)}


@contextmanager
def frozen(judge: nn.Module) -> Iterator[None]:
    """The judge passes gradients on but collects none."""
    judge.requires_grad_(False)
    try:
        yield
    finally:
        judge.requires_grad_(True)
