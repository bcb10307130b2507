"""The terms that recipes add up: distance inside and outside the hole, structure, smoothness, landmarks, adversaries.

Used by training.recipes, which weigh them. A term that divides by an area takes it from the whole step (`Areas`), so
that the parts of a batch, in turn or in several processes, add up to what the whole batch would have given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from inference.networks.layers import full_precision

LEVELS = 4


@dataclass(frozen=True)
class Areas:
    """How many pixels of a whole step's holes there are, at full size and halved 1 to 4 times; and its pictures."""

    holes: Tensor
    pictures: int

    def hole(self, region: Tensor, level: int = 0) -> Tensor:
        """The share of the hole's pixels that a part with this region (N x 1 x H x W) answers for."""
        return self.holes[level] * (len(region) / self.pictures)


def areas_of(hole: Tensor) -> Areas:
    """The areas of holes N x 1 x H x W in {0, 1}."""
    levels = [hole]
    for _ in range(LEVELS):
        levels.append(_halved_hole(levels[-1]))
    return Areas(torch.stack([level.sum() for level in levels]), len(hole))


def masked_l1(output: Tensor, truth: Tensor, region: Tensor, area: Tensor) -> Tensor:
    """Sum of absolute differences over a region (N x 1 x H x W in [0, 1]) per value of `area` pixels; 0 where empty."""
    weight = region.expand_as(output)
    return ((output - truth).abs() * weight).sum() / (area * output.shape[1]).clamp(min=1.0)


def rim_of(hole: Tensor, depth: int = 2) -> Tensor:
    """The hole's pixels within `depth` pixels of its outline (N x 1 x H x W in {0, 1})."""
    known = F.max_pool2d(1 - hole, 2 * depth + 1, stride=1, padding=depth)
    return hole * known


def pyramid_l1(output: Tensor, truth: Tensor, hole: Tensor, areas: Areas) -> Tensor:
    """L1 between Laplacian bands inside the hole, coarse ones counting more: shape before grain."""
    total = output.new_zeros(())
    for level in range(LEVELS):
        smaller_output, smaller_truth = _halved(output), _halved(truth)
        band = output - _doubled(smaller_output, output), truth - _doubled(smaller_truth, truth)
        total = total + 2.0**level * masked_l1(*band, hole, areas.hole(hole, level))
        output, truth, hole = smaller_output, smaller_truth, _halved_hole(hole)
    return total + 2.0**LEVELS * masked_l1(output, truth, hole, areas.hole(hole, LEVELS))


def l1_per_area(output: Tensor, truth: Tensor, hole: Tensor, areas: Areas, *, bare: bool = False) -> Tensor:
    """Mean absolute difference over whole pictures, divided by the mean of the step's hole.

    The published term of INCLG, LaFIn and EdgeConnect. `bare` divides by nothing where no hole was drawn.
    """
    area = areas.hole(hole) if bare else areas.hole(hole).clamp(min=len(hole))
    return (output - truth).abs().mean() / (area / hole.numel())


def total_variation(picture: Tensor) -> Tensor:
    """Mean absolute difference of vertical neighbours plus that of horizontal ones."""
    vertical = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    return vertical + (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()


def landmark_distance(predicted: Tensor, truth: Tensor) -> Tensor:
    """Mean over the batch of the L2 norm (not squared) of the 136-vector of differences in pixels (N x 68 x 2)."""
    distances: Tensor = torch.linalg.vector_norm((predicted - truth).flatten(1), dim=1)
    return distances.mean()


def whole_pixels(landmarks: Tensor, size: int) -> Tensor:
    """Landmarks as the published codes store the truth: rounded to whole pixels and kept inside the picture."""
    return (landmarks + 0.5).floor().clamp(0, size - 1)


def least_squares(score: Tensor, target: float) -> Tensor:
    """LSGAN on scores in [0, 1]: mean squared distance from the target 1 (real) or 0 (fake)."""
    return F.mse_loss(score, torch.full_like(score, target))


def cross_entropy(probability: Tensor, target: Tensor | float, floor: float = 0.0) -> Tensor:
    """Mean binary cross entropy of probabilities kept `floor` off 0 and 1 (torch itself cuts the logarithm at -100).

    A floor keeps low precision, in which a probability can be exactly 0, from throwing the weights about.
    """
    with full_precision(probability):
        probability = probability.float()
        if floor:
            probability = probability.clamp(floor, 1 - floor)
        wanted = torch.full_like(probability, target) if isinstance(target, float) else target.float()
        return F.binary_cross_entropy(probability, wanted)


def feature_matching(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Sum over a discriminator's feature maps of the mean L1 between fake and (detached) real."""
    return torch.stack([F.l1_loss(f, r.detach()) for f, r in zip(fake, real, strict=True)]).sum()


def _doubled(picture: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(picture, size=like.shape[-2:], mode="bilinear", align_corners=False)


def _halved(picture: Tensor) -> Tensor:
    """Means of 2 x 2 pixels; an odd last row or column is half as high or wide."""
    return F.avg_pool2d(picture, 2, ceil_mode=True)


def _halved_hole(hole: Tensor) -> Tensor:
    """A hole wherever one of four pixels is."""
    return (_halved(hole) > 0).to(hole.dtype)
