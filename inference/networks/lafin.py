"""LaFIn: a landmark detector (MobileNetV2) whose prediction guides an attention generator.

From Yang et al. (LaFIn, 2019); built through NETWORKS, its two stages trained apart by the LaFIn recipe.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.attention import ShortLongAttention
from inference.networks.inpainting import Inpainting, InpaintingNetwork, filled_white
from inference.networks.landmark_map import POINTS, landmark_map
from inference.networks.layers import (
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
# MobileNetV2 as (expansion, channels, blocks, stride of the first block).
INVERTED_RESIDUALS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class ConvNorm(nn.Module):
    """A convolution without bias, BatchNorm and, unless linear, ReLU6."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1, linear: bool = False
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.norm(self.conv(x))
        return out if self.linear else F.relu6(out)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; with a shortcut wherever the shape stays."""

    def __init__(self, in_channels: int, out_channels: int, expansion: int, stride: int) -> None:
        super().__init__()
        inner = in_channels * expansion
        self.shortcut = stride == 1 and in_channels == out_channels
        self.expand = ConvNorm(in_channels, inner, 1) if expansion > 1 else None
        self.depthwise = ConvNorm(inner, inner, 3, stride, groups=inner)
        self.project = ConvNorm(inner, out_channels, 1, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.project(self.depthwise(x if self.expand is None else self.expand(x)))
        return x + out if self.shortcut else out


class LandmarkDetector(nn.Module):
    """68 landmarks in units of the image size from a white-filled face; 1/32 of its size is where the features end."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        channels = scaled(32, width)
        layers: list[nn.Module] = [ConvNorm(3, channels, 3, 2)]
        for expansion, published, blocks, first_stride in INVERTED_RESIDUALS:
            out_channels = scaled(published, width)
            for block in range(blocks):
                layers.append(InvertedResidual(channels, out_channels, expansion, first_stride if block == 0 else 1))
                channels = out_channels
        wide, c = scaled(1280, width), scaled(64, width)
        self.features = nn.Sequential(*layers)
        self.last = ConvNorm(channels, wide, 1)
        self.node1 = nn.Conv2d(channels, 2 * c, 1)
        self.node2 = nn.Conv2d(wide, 2 * c, 1)
        self.node3 = nn.Conv2d(wide, c, 1)
        self.prelu = nn.PReLU()
        self.fc = nn.Linear(5 * c, 2 * POINTS)
        initialise_detector(self)

    def forward(self, picture: Tensor) -> Tensor:
        """N x 68 x 2 landmarks (x, y) as fractions of the size, unclamped, of N x 3 x H x W pictures in [0, 1]."""
        features = self.features(picture)
        last = self.last(features)
        with full_precision(last):
            features, last = features.float(), last.float()
            nodes = (
                self.node1(features).mean(dim=3).mean(dim=2),
                self.node2(last).mean(dim=3).mean(dim=2),
                self.prelu(self.node3(F.adaptive_avg_pool2d(last, 1))).flatten(1),
            )
            landmarks: Tensor = self.fc(torch.cat(nodes, dim=1))
        return landmarks.view(-1, POINTS, 2)


def initialise_detector(detector: nn.Module) -> None:
    """MobileNetV2's own weights: convolution N(0, sqrt(2 / (k * k * out))), BatchNorm 1, linear N(0, 0.01), bias 0."""
    for module in detector.modules():
        if isinstance(module, nn.Conv2d):
            spread = math.sqrt(2.0 / (module.kernel_size[0] * module.kernel_size[1] * module.out_channels))
            nn.init.normal_(module.weight, 0.0, spread)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.01)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Generator(nn.Module):
    """The inpainter: white-filled image and landmark map to picture, attending to the known region."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        c = scaled(64, width)
        self.encoder1 = Stage(nn.Conv2d(4, c, 7), reflect=3)
        self.encoder2 = Stage(nn.Conv2d(c, 2 * c, 4, 2, 1))
        self.encoder3 = Stage(nn.Conv2d(2 * c, 4 * c, 4, 2, 1))
        self.middle = nn.Sequential(*(ResidualBlock(4 * c) for _ in range(RESIDUAL_BLOCKS)))
        self.attention = ShortLongAttention(4 * c)
        self.decoder1 = Stage(nn.ConvTranspose2d(4 * c, 2 * c, 4, 2, 1))
        self.fusion1 = Stage(nn.Conv2d(4 * c, 4 * c, 1))
        self.decoder2 = Stage(nn.ConvTranspose2d(4 * c, c, 4, 2, 1))
        self.fusion2 = Stage(nn.Conv2d(2 * c, 2 * c, 1))
        self.decoder3 = OutputConv(2 * c, 3)
        initialise(self)

    def forward(self, picture: Tensor, hole: Tensor) -> Tensor:
        """N x 3 x H x W in [0, 1] from the N x 4 x H x W white-filled image with its landmark map."""
        full = self.encoder1(picture)
        half = self.encoder2(full)
        quarter = self.encoder3(half)
        out = self.decoder1(self.attention(self.middle(quarter), quarter, resized_hole(hole, 4)))
        out = self.decoder2(self.fusion1(torch.cat((half * (1 - resized_hole(hole, 2)).to(half.dtype), out), dim=1)))
        return in_unit_range(self.decoder3(self.fusion2(torch.cat((full * (1 - hole).to(full.dtype), out), dim=1))))


class LaFIn(InpaintingNetwork):
    """Detector and generator as one network; `detect` and `fill` are its stages."""

    size_multiple = 32

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.config = {"width": width}
        self.detector = LandmarkDetector(width)
        self.generator = Generator(width)

    def forward(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Inpainting:
        """See InpaintingNetwork.forward; gray and edge are not used."""
        image, hole = self.checked(image, hole)
        landmarks = self.detect(image, hole)
        return Inpainting(self.fill(image, hole, landmarks), landmarks, None)

    def detect(self, image: Tensor, hole: Tensor) -> Tensor:
        """N x 68 x 2 landmarks (x, y) in pixels of an image (N x 3 x H x W in [0, 1]) with a hole."""
        fractions: Tensor = self.detector(filled_white(image, hole))
        return fractions * fractions.new_tensor((image.shape[3], image.shape[2]))

    def fill(self, image: Tensor, hole: Tensor, landmarks: Tensor) -> Tensor:
        """N x 3 x H x W in [0, 1], guided by N x 68 x 2 landmarks in pixels (predicted, or true ones in training)."""
        drawn = landmark_map(landmarks, image.shape[2], image.shape[3])
        out: Tensor = self.generator(torch.cat((filled_white(image, hole), drawn), dim=1), hole)
        return out
