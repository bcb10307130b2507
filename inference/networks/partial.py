"""Partial convolutions: layers that see known values only and widen the known region as they go (Liu et al. 2018).

Used by both streams of CTSDG.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-8


class PartialBlock(nn.Module):
    """A partial convolution without bias, BatchNorm (if wanted) and ReLU, or leaky ReLU where a slope is given.

    All channels of one input share their mask, so masks are N x 1 x H x W and each counts once per channel: the
    published network convolves a copy of the mask for every channel and gets the same numbers.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int, *, norm: bool = True, slope: float = 0.0
    ) -> None:
        super().__init__()
        self.kernel, self.stride, self.slope = kernel, stride, slope
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(out_channels) if norm else None

    def forward(self, features: Sequence[Tensor], masks: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Features (each N x C_i x H x W) with their masks (N x 1 x H x W, 1 = known) to one feature and its mask."""
        known = self._known(features, masks)
        new_mask = known.clamp(0, 1)
        ratio = self.conv.in_channels * self.kernel**2 / (known + EPSILON) * new_mask
        visible = [feature * mask.to(feature.dtype) for feature, mask in zip(features, masks, strict=True)]
        out: Tensor = self.conv(torch.cat(visible, dim=1))
        out = out * ratio.to(out.dtype)
        if self.norm is not None:
            out = self.norm(out)
        return F.leaky_relu(out, self.slope), new_mask

    def _known(self, features: Sequence[Tensor], masks: Sequence[Tensor]) -> Tensor:
        """How many known values each window holds, over all channels."""
        counted = sum(
            (mask.float() * feature.shape[1] for feature, mask in zip(features, masks, strict=True)),
            start=torch.zeros_like(masks[0], dtype=torch.float32),
        )
        return F.avg_pool2d(counted, self.kernel, self.stride, self.kernel // 2, divisor_override=1)
