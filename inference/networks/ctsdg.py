"""CTSDG: a texture stream guided by structure and a structure stream guided by texture, fused to one picture.

From Guo et al. (Conditional Texture and Structure Dual Generation, 2021); built through NETWORKS, trained by a recipe.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.edges import canny_edges, folded_gray, true_gray
from inference.networks.inpainting import Inpainting, InpaintingNetwork
from inference.networks.layers import initialise, scaled
from inference.networks.partial import PartialBlock
from inference.networks.region_affinity import ContextualAggregation

SLOPE = 0.2
LEVELS = 7
# Output channels and kernel of encoder levels 1..7 at full width; decoders mirror them.
CHANNELS = (64, 128, 256, 512, 512, 512, 512)
KERNELS = (7, 5, 5, 3, 3, 3, 3)


@dataclass(frozen=True)
class Generated:
    """Three answers in the method's own ranges.

    image and projected_image: N x 3 x H x W in [-1, 1]. projected_edge: N x 1 x H x W in [0, 1].
    """

    image: Tensor
    projected_image: Tensor
    projected_edge: Tensor


@dataclass(frozen=True)
class Pyramid:
    """A stream's encoder outputs, the network input first, with their masks (1 = known)."""

    features: list[Tensor]
    masks: list[Tensor]


class Stream(nn.Module):
    """Seven partial convolutions down and seven up; the decoder may start from the other stream's deepest feature."""

    def __init__(self, in_channels: int, width: float) -> None:
        super().__init__()
        channels = [in_channels, *(scaled(count, width) for count in CHANNELS)]
        self.encoder = nn.ModuleList(
            PartialBlock(channels[i], channels[i + 1], KERNELS[i], 2, norm=i > 0) for i in range(LEVELS)
        )
        self.decoder = nn.ModuleList(
            PartialBlock(channels[i + 1] + channels[i], channels[i] if i else channels[1], 3, 1, slope=SLOPE)
            for i in reversed(range(LEVELS))
        )

    def encode(self, picture: Tensor, known: Tensor) -> Pyramid:
        """All levels for a picture N x in x H x W that is 0 where known (N x 1 x H x W) is 0."""
        features, masks = [picture], [known]
        for block in self.encoder:
            feature, mask = block(features[-1:], masks[-1:])
            features.append(feature)
            masks.append(mask)
        return Pyramid(features, masks)

    def decode(self, deepest: Tensor, mask: Tensor, own: Pyramid) -> Tensor:
        """N x 64w x H x W from the deepest feature, with skips from this stream's own encoder."""
        for block, skip, skip_mask in zip(self.decoder, own.features[-2::-1], own.masks[-2::-1], strict=True):
            raised = F.interpolate(deepest, scale_factor=2, mode="bilinear", align_corners=False)
            raised_mask = F.interpolate(mask, scale_factor=2, mode="nearest")
            deepest, mask = block((raised, skip), (raised_mask, skip_mask))
        return deepest


class Projection(nn.Module):
    """A bottleneck and a 1 x 1 convolution: what a stream's feature would show by itself; raw values."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels // 4, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels // 4)
        self.conv2 = nn.Conv2d(channels // 4, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.out = nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        out: Tensor = self.out(F.relu(inner + x))
        return out


class BidirectionalFusion(nn.Module):
    """Gated exchange between the streams: texture takes structure first, structure then takes the new texture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.structure_gamma = nn.Parameter(torch.zeros(1))
        self.texture_gamma = nn.Parameter(torch.zeros(1))
        self.structure_gate = nn.Conv2d(2 * channels, channels, 3, padding=1)
        self.texture_gate = nn.Conv2d(2 * channels, channels, 3, padding=1)

    def forward(self, texture: Tensor, structure: Tensor) -> Tensor:
        """N x C x H x W each to N x 2C x H x W, texture first."""
        both = torch.cat((texture, structure), dim=1)
        structure_gate = torch.sigmoid(self.structure_gate(both))
        texture_gate = torch.sigmoid(self.texture_gate(both))
        texture = texture + self.texture_gamma.to(texture.dtype) * structure_gate * structure
        structure = structure + self.structure_gamma.to(structure.dtype) * texture_gate * texture
        return torch.cat((texture, structure), dim=1)


class CTSDG(InpaintingNetwork):
    """The generator. `folded=False` feeds true gray instead of the folded bytes that the published weights know."""

    size_multiple = 128

    def __init__(self, width: float = 1.0, folded: bool = True) -> None:
        super().__init__()
        self.config = {"width": width, "folded": folded}
        self.folded = folded
        c = scaled(64, width)
        self.texture = Stream(3, width)
        self.structure = Stream(2, width)
        self.texture_projection = Projection(c, 3)
        self.structure_projection = Projection(c, 1)
        self.fusion = BidirectionalFusion(c)
        self.fusion1 = nn.Conv2d(2 * c, c, 3, 2, 1)
        self.aggregation = ContextualAggregation(c)
        self.fusion2 = nn.Conv2d(2 * c, c, 3, padding=1)
        self.out = nn.Conv2d(3 * c, 3, 1)
        initialise(self)

    def forward(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Inpainting:
        """See InpaintingNetwork.forward; the edges are the structure stream's own projection."""
        generated = self.generate(image, hole, gray=gray, edge=edge)
        return Inpainting((generated.image + 1) / 2, None, generated.projected_edge)

    def drawing(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The gray image and the Canny edges of the blanked image, each N x 1 x H x W, unless they are given."""
        if gray is None:
            gray = folded_gray(image, hole) if self.folded else true_gray(image, hole)
        if edge is None:
            edge = canny_edges(gray, hole)
        return gray.to(image.dtype), edge.to(image.dtype)

    def generate(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Generated:
        """The picture and the two projections, from an image N x 3 x H x W in [0, 1]; H and W multiples of 128."""
        image, hole = self.checked(image, hole)
        gray, edge = self.drawing(image, hole, gray=gray, edge=edge)
        known = 1 - hole
        texture_levels = self.texture.encode((image * 2 - 1) * known, known)
        structure_levels = self.structure.encode(torch.cat((edge * known, gray * known), dim=1), known)
        # Crossed on purpose: each decoder starts from what the other stream found.
        texture = self.texture.decode(structure_levels.features[-1], structure_levels.masks[-1], texture_levels)
        structure = self.structure.decode(texture_levels.features[-1], texture_levels.masks[-1], structure_levels)
        return Generated(
            self._fuse(texture, structure),
            torch.tanh(self.texture_projection(texture).float()),
            torch.sigmoid(self.structure_projection(structure).float()),
        )

    def _fuse(self, texture: Tensor, structure: Tensor) -> Tensor:
        """Both streams as one picture in [-1, 1]."""
        both = self.fusion(texture, structure)
        small = F.leaky_relu(self.fusion1(both), SLOPE)
        small = F.leaky_relu(self.fusion2(torch.cat((small, self.aggregation(small)), dim=1)), SLOPE)
        raised = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
        return torch.tanh(self.out(torch.cat((raised, both), dim=1)).float())
