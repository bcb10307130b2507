"""Discriminators: five spectral convolutions to a map of patch scores, and two methods' variations on them.

Built by the recipes, one per generator; they stay in training and never reach a checkpoint of the platform.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.attention import ShortAttention
from inference.networks.layers import initialise, scaled
from inference.networks.spectral import SpectralConv2d

SLOPE = 0.2
CHANNELS = (64, 128, 256, 512)
STRIDES = (2, 2, 2, 1, 1)
DETECTOR_CHANNELS = 16


class PatchDiscriminator(nn.Module):
    """Scores N x 1 x 30 x 30 patches of a 256 x 256 picture; `attention` adds the short term block after layer 2."""

    def __init__(self, in_channels: int, width: float = 1.0, *, attention: bool = False) -> None:
        super().__init__()
        channels = (in_channels, *(scaled(count, width) for count in CHANNELS), 1)
        self.convs = nn.ModuleList(
            SpectralConv2d(channels[i], channels[i + 1], 4, stride, 1, bias=False) for i, stride in enumerate(STRIDES)
        )
        self.attention = ShortAttention(channels[2]) if attention else None
        initialise(self)

    def forward(self, picture: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores in [0, 1] and the five feature maps behind them, the last being the scores before the sigmoid."""
        features: list[Tensor] = []
        for index, conv in enumerate(self.convs):
            picture = conv(picture)
            if index < len(STRIDES) - 1:
                picture = F.leaky_relu(picture, SLOPE)
            if index == 1 and self.attention is not None:
                picture = self.attention(picture)
            features.append(picture)
        return torch.sigmoid(picture), features


class EdgeDetector(nn.Module):
    """A small residual network that draws the edges of an N x 3 x H x W picture as N x 1 x H x W in [0, 1]."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        c = scaled(DETECTOR_CHANNELS, width)
        self.projection = nn.Sequential(nn.Conv2d(3, c, 3, padding=1), nn.BatchNorm2d(c))
        self.residual1 = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c))
        self.residual2 = nn.Sequential(nn.Conv2d(c, c, 3, padding=1), nn.BatchNorm2d(c))
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, picture: Tensor) -> Tensor:
        projected = F.relu(self.projection(picture))
        residual = self.residual2(F.relu(self.residual1(projected)))
        return torch.sigmoid(self.out(F.relu(residual + projected)))


class TwoBranchDiscriminator(nn.Module):
    """CTSDG's: one branch judges the picture, the other its edges together with the true gray image."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.texture = PatchDiscriminator(3, width)
        self.structure = PatchDiscriminator(2, width)
        self.edge_detector = EdgeDetector(width)

    def forward(self, picture: Tensor, gray: Tensor, edge: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scores N x 2 x 30 x 30 (texture first) and the detector's edges of the picture (N x 3 x H x W in [-1, 1]).

        gray is the whole true image's, N x 1 x H x W. A real picture comes with its Canny edge; without one the
        detected edges are judged.
        """
        detected = self.edge_detector(picture)
        texture, _ = self.texture(picture)
        structure, _ = self.structure(torch.cat((detected if edge is None else edge, gray), dim=1))
        return torch.cat((texture, structure), dim=1), detected
