"""Short and long term attention: the block that lets INCLG and LaFIn copy from the known region.

Used by both generators at a quarter of the input size and, short term only, by their discriminators.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.spectral import SpectralConv2d
from inference.networks.tiles import tiled, tiled_attention


class AttentionMerge(nn.Module):
    """A spectrally normalised residual block from 2C to C channels: own attention and context become one feature."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = SpectralConv2d(2 * channels, channels, 3, padding=1)
        self.conv2 = SpectralConv2d(channels, channels, 3, padding=1)
        self.bypass = SpectralConv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv2(F.leaky_relu(self.conv1(F.leaky_relu(x, 0.01)), 0.01))
        bypass: Tensor = self.bypass(x)
        return out + bypass


class ShortAttention(nn.Module):
    """gamma * attention(x) + x; the query is its own key and x its own value."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))
        self.query = nn.Conv2d(channels, channels // 4, 1)

    def attend(self, x: Tensor, values: Tensor) -> Tensor:
        """Each position's weighted mean of the values (N x V x H x W), weighted by how alike x is elsewhere.

        Over P = H * W positions the weights are N x P x P, each row summing to one.
        """
        query, columns = self.query(x).flatten(2), values.flatten(2)
        if tiled(x):
            return tiled_attention(query, query, columns).view_as(values)
        weights = torch.bmm(query.transpose(1, 2), query).softmax(dim=-1)
        return torch.bmm(columns, weights.transpose(1, 2)).view_as(values)

    def forward(self, x: Tensor) -> Tensor:
        near = self.attend(x, x)
        return self.gamma.to(near.dtype) * near + x


class ShortLongAttention(ShortAttention):
    """Short attention plus long attention to the encoder's feature, blended by the hole at this size."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.alpha = nn.Parameter(torch.zeros(1))
        self.merge = AttentionMerge(channels)

    def forward(self, x: Tensor, encoded: Tensor | None = None, hole: Tensor | None = None) -> Tensor:
        """x and the encoder's feature N x C x H x W, hole N x 1 x H x W; long term only where both are given."""
        if encoded is None or hole is None:
            return super().forward(x)
        near, far = self.attend(x, torch.cat((x, encoded), dim=1)).chunk(2, dim=1)
        context = (self.alpha * hole).to(far.dtype) * far + (1 - hole).to(encoded.dtype) * encoded
        merged: Tensor = self.merge(torch.cat((self.gamma.to(near.dtype) * near + x, context), dim=1))
        return merged
