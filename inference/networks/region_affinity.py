"""Region affinity and multi-scale aggregation: CTSDG's contextual feature aggregation.

Used by ctsdg.py on the fused feature at half of the input size; it has no hole mask.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.layers import full_precision
from inference.networks.tiles import tiled, tiled_attention

SOFTMAX_SCALE = 10.0
SMALLEST_NORM = 1e-4
SMALLEST_WEIGHT = 1e-8
DILATIONS = (1, 2, 4, 8)


def region_affinity(feature: Tensor) -> Tensor:
    """Each region rebuilt as a weighted sum of all regions like it: N x C x H x W to the same shape.

    Affinities between 3 x 3 patches of the feature at half size weigh its 4 x 4 patches at full size. Written as
    batched matrix products over P = H/2 * W/2 patches, so memory grows with P squared and no per-sample loop is needed.
    """
    height, width = feature.shape[2:]
    in_tiles = tiled(feature)
    with full_precision(feature):
        feature = feature.float()
        small = F.interpolate(feature, scale_factor=0.5, mode="bilinear", align_corners=True)
        patches = F.unfold(small, 3, padding=1)
        # The square root of a clamped sum: the same norm, but its gradient stays finite for an empty patch.
        norms = patches.square().sum(dim=1, keepdim=True).clamp_min(SMALLEST_NORM**2).sqrt()
        regions = F.unfold(feature, 4, padding=1, stride=2)
        if in_tiles:
            # Without the smallest weight: 4,096 times 1e-8 of a region is less than bf16 can tell.
            rebuilt = tiled_attention(SOFTMAX_SCALE * patches, patches / norms, regions, exact_scores=True)
        else:
            scores = torch.bmm((patches / norms).transpose(1, 2), patches)
            weights = (scores * SOFTMAX_SCALE).softmax(dim=1).clamp_min(SMALLEST_WEIGHT)
            rebuilt = torch.bmm(regions, weights)
        return F.fold(rebuilt, (height, width), 4, padding=1, stride=2) / 4


class RegionAffinity(nn.Module):
    """`region_affinity` as a layer; it has no parameters."""

    def forward(self, feature: Tensor) -> Tensor:
        return region_affinity(feature)


class MultiScaleAggregation(nn.Module):
    """Four dilated convolutions, mixed at each position by weights that the feature itself decides."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=d, dilation=d) for d in DILATIONS)
        self.weigh1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.weigh2 = nn.Conv2d(channels, len(DILATIONS), 1)

    def forward(self, feature: Tensor) -> Tensor:
        """N x C x H x W to the same shape."""
        # The ReLU before the softmax is the published network's; weights trained with it need it.
        weights = F.relu(self.weigh2(F.relu(self.weigh1(feature)))).softmax(dim=1)
        mixed = torch.zeros_like(feature)
        for index, branch in enumerate(self.branches):
            mixed = mixed + F.relu(branch(feature)) * weights[:, index : index + 1]
        return mixed


class ContextualAggregation(nn.Module):
    """Region affinity, then multi-scale aggregation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.affinity = RegionAffinity()
        self.aggregation = MultiScaleAggregation(channels)

    def forward(self, feature: Tensor) -> Tensor:
        out: Tensor = self.aggregation(self.affinity(feature))
        return out
