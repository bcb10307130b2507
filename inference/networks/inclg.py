"""INCLG ("ours"): one encoder shared by a landmark predictor and a gated generator that attends to the known region.

From Chen et al. (BHI 2022; Software Impacts 2023), figure 1; built through NETWORKS, trained by the INCLG recipe.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.attention import ShortLongAttention
from inference.networks.inpainting import Inpainting, InpaintingNetwork, filled_white
from inference.networks.landmark_map import POINTS, landmark_map
from inference.networks.layers import (
    GatedConv2d,
    GatedConvTranspose2d,
    OutputConv,
    ResidualBlock,
    Stage,
    full_precision,
    in_unit_range,
    initialise,
    resized_hole,
    scaled,
)

RESIDUAL_BLOCKS = 7


class Encoded(NamedTuple):
    """The encoder's features at full, half and quarter size, and the attended feature that both branches share."""

    full: Tensor
    half: Tensor
    quarter: Tensor
    shared: Tensor


class LandmarkBranch(nn.Module):
    """68 landmarks from the shared feature, helped by the generator's own fused feature through `gamma`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 20 * channels
        self.gamma = nn.Parameter(torch.zeros(1))
        self.expand = nn.Conv2d(4 * channels, wide, 1, bias=False)
        self.expand_norm = nn.BatchNorm2d(wide)
        self.node1 = nn.Conv2d(4 * channels, channels, 1)
        self.node2 = nn.Conv2d(wide, channels, 1)
        self.node3 = nn.Conv2d(wide, 2 * channels, 1)
        self.prelu = nn.PReLU()
        self.fc = nn.Linear(4 * channels, 2 * POINTS)

    def forward(self, shared: Tensor, fused: Tensor) -> Tensor:
        """N x 68 x 2 landmarks (x, y) as fractions of the image size, unclamped."""
        with full_precision(shared):
            shared, fused = shared.float(), fused.float()
            expanded = F.relu6(self.expand_norm(self.expand(shared)))
            nodes = (
                spatial_mean(self.node1(shared)),
                spatial_mean(self.node2(expanded)),
                self.prelu(spatial_mean(self.node3(expanded))),
            )
            landmarks: Tensor = self.fc(torch.cat(nodes, dim=1) + self.gamma * spatial_mean(fused))
        return landmarks.view(-1, POINTS, 2)


class INCLG(InpaintingNetwork):
    """The published generator; `gated=False` and `landmarks=False` are the feasibility paper's ablations (Table IV)."""

    def __init__(self, width: float = 1.0, gated: bool = True, landmarks: bool = True) -> None:
        super().__init__()
        self.config = {"width": width, "gated": gated, "landmarks": landmarks}
        down = GatedConv2d if gated else nn.Conv2d
        up = GatedConvTranspose2d if gated else nn.ConvTranspose2d
        c = scaled(64, width)
        self.encoder1 = Stage(down(3, c, 7), reflect=3)
        self.encoder2 = Stage(down(c, 2 * c, 4, 2, 1))
        self.encoder3 = Stage(down(2 * c, 4 * c, 4, 2, 1))
        self.middle = nn.Sequential(*(ResidualBlock(4 * c) for _ in range(RESIDUAL_BLOCKS)))
        self.attention = ShortLongAttention(4 * c)
        self.decoder1 = Stage(up(4 * c, 2 * c, 4, 2, 1))
        self.fusion1 = Stage(nn.Conv2d(4 * c, 4 * c, 1))
        self.landmark_branch = LandmarkBranch(c) if landmarks else None
        self.landmark_fusion = Stage(nn.Conv2d(POINTS + 4 * c, 4 * c, 1)) if landmarks else None
        self.decoder2 = Stage(up(4 * c, c, 4, 2, 1))
        self.fusion2 = Stage(nn.Conv2d(2 * c, 2 * c, 1))
        self.decoder3 = OutputConv(2 * c, 3)
        initialise(self)

    def forward(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Inpainting:
        """See InpaintingNetwork.forward; gray and edge are not used."""
        image, hole = self.checked(image, hole)
        encoded = self.encode(image, hole)
        fused = self.fuse(encoded, hole)
        landmarks = None
        if self.landmark_branch is not None and self.landmark_fusion is not None:
            fractions = self.landmark_branch(encoded.shared, fused)
            landmarks = fractions * fractions.new_tensor((image.shape[3], image.shape[2]))
            fused = self.landmark_fusion(self._with_landmarks(fused, fractions))
        return Inpainting(in_unit_range(self.decode(encoded, fused, hole)), landmarks, None)

    def encode(self, image: Tensor, hole: Tensor) -> Encoded:
        """The features of the white-filled image, the last of them after the residual blocks and the attention."""
        full = self.encoder1(filled_white(image, hole))
        half = self.encoder2(full)
        quarter = self.encoder3(half)
        return Encoded(full, half, quarter, self.attention(self.middle(quarter), quarter, resized_hole(hole, 4)))

    def fuse(self, encoded: Encoded, hole: Tensor) -> Tensor:
        """The shared feature at half size, fused with the known region's encoder feature: N x 4c x H/2 x W/2."""
        known = encoded.half * (1 - resized_hole(hole, 2)).to(encoded.half.dtype)
        fused: Tensor = self.fusion1(torch.cat((known, self.decoder1(encoded.shared)), dim=1))
        return fused

    def decode(self, encoded: Encoded, fused: Tensor, hole: Tensor) -> Tensor:
        """The raw picture, N x 3 x H x W before tanh, from the fused feature at half size."""
        known = encoded.full * (1 - hole).to(encoded.full.dtype)
        raw: Tensor = self.decoder3(self.fusion2(torch.cat((known, self.decoder2(fused)), dim=1)))
        return raw

    def _with_landmarks(self, fused: Tensor, fractions: Tensor) -> Tensor:
        """The landmark map, stacked 68 times as published (all copies alike), before the fused feature."""
        height, width = fused.shape[2:]
        drawn = landmark_map(fractions * fractions.new_tensor((width, height)), height, width)
        return torch.cat((drawn.to(fused.dtype).expand(-1, POINTS, -1, -1), fused), dim=1)


def spatial_mean(feature: Tensor) -> Tensor:
    """N x C means over width, then height."""
    return feature.mean(dim=3).mean(dim=2)
