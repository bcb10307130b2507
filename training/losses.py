"""The terms that recipes add up: distance inside and outside the hole, structure, smoothness, landmarks, adversaries.

Used by training.recipes, which weigh them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def masked_l1(output: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """Mean absolute difference over a region (N x 1 x H x W in [0, 1]); 0 where the region is empty."""
    weight = region.expand_as(output)
    return ((output - truth).abs() * weight).sum() / weight.sum().clamp(min=1.0)


def pyramid_l1(output: Tensor, truth: Tensor, hole: Tensor, levels: int = 4) -> Tensor:
    """L1 between Laplacian bands inside the hole, coarse ones counting more: shape before grain."""
    total = output.new_zeros(())
    for level in range(levels):
        smaller_output, smaller_truth = F.avg_pool2d(output, 2), F.avg_pool2d(truth, 2)
        band = output - _doubled(smaller_output), truth - _doubled(smaller_truth)
        total = total + 2.0**level * masked_l1(*band, hole)
        output, truth, hole = smaller_output, smaller_truth, F.max_pool2d(hole, 2)
    return total + 2.0**levels * masked_l1(output, truth, hole)


def reconstruction(output: Tensor, filled: Tensor, image: Tensor, hole: Tensor) -> dict[str, Tensor]:
    """The three terms every recipe has: `hole` and `valid` of the raw output, `bands` of the filled picture."""
    return {
        "hole": masked_l1(output, image, hole),
        "valid": masked_l1(output, image, 1 - hole),
        "bands": pyramid_l1(filled, image, hole),
    }


def total_variation(picture: Tensor) -> Tensor:
    """Mean absolute difference of vertical neighbours plus that of horizontal ones."""
    vertical = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    return vertical + (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()


def landmark_distance(predicted: Tensor, truth: Tensor) -> Tensor:
    """Mean over the batch of the L2 norm (not squared) of the 136-vector of differences in pixels (N x 68 x 2)."""
    distances: Tensor = torch.linalg.vector_norm((predicted - truth).flatten(1), dim=1)
    return distances.mean()


def least_squares(score: Tensor, target: float) -> Tensor:
    """LSGAN on scores in [0, 1]: mean squared distance from the target 1 (real) or 0 (fake)."""
    return F.mse_loss(score, torch.full_like(score, target))


def feature_matching(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Sum over a discriminator's feature maps of the mean L1 between fake and (detached) real."""
    return torch.stack([F.l1_loss(f, r.detach()) for f, r in zip(fake, real, strict=True)]).sum()


def _doubled(picture: Tensor) -> Tensor:
    return F.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)
