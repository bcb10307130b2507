"""Short and long term attention: the block that lets INCLG and LaFIn copy from the known region.

Used by both generators at a quarter of the input size and, short term only, by their discriminators.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.spectral import SpectralConv2d


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

    def attention(self, x: Tensor) -> Tensor:
        """N x P x P weights over P = H * W positions; each row sums to one."""
        query = self.query(x).flatten(2)
        return torch.bmm(query.transpose(1, 2), query).softmax(dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        return self.gamma * attend(x, self.attention(x)) + x


class ShortLongAttention(ShortAttention):
    """Short attention plus long attention to the encoder's feature, blended by the hole at this size."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.alpha = nn.Parameter(torch.zeros(1))
        self.merge = AttentionMerge(channels)

    def forward(self, x: Tensor, encoded: Tensor | None = None, hole: Tensor | None = None) -> Tensor:
        """x and the encoder's feature N x C x H x W, hole N x 1 x H x W; long term only where both are given."""
        weights = self.attention(x)
        out = self.gamma * attend(x, weights) + x
        if encoded is None or hole is None:
            return out
        context = self.alpha * hole * attend(encoded, weights) + (1 - hole) * encoded
        merged: Tensor = self.merge(torch.cat((out, context), dim=1))
        return merged


def attend(value: Tensor, weights: Tensor) -> Tensor:
    """Each position's weighted mean of the value (N x C x H x W) under N x P x P weights."""
    return torch.bmm(value.flatten(2), weights.transpose(1, 2)).view_as(value)
