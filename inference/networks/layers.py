"""The building blocks that several networks share: scaled widths, gated convolutions, stages, residual blocks.

Used by the network files beside this one and by the discriminators in training; METHODS section 0 is their source.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.spectral import SpectralConv2d


def scaled(channels: int, width: float) -> int:
    """The channel count at this width: 1.0 is the published size; smaller ones round to multiples of 8, at least 8."""
    if not 0 < width <= 1:
        raise ValueError(f"width must lie above 0 and at most at 1 (the published size), not at {width}")
    return max(8, 8 * round(channels * width / 8))


@contextmanager
def full_precision(tensor: Tensor) -> Iterator[None]:
    """Switch mixed precision off for the few steps where 8 bits of mantissa would cost pixels."""
    with torch.autocast(device_type=tensor.device.type, enabled=False):
        yield


_plain: ContextVar[bool] = ContextVar("plain", default=False)


@contextmanager
def plainly() -> Iterator[None]:
    """Compute every layer as its paper writes it: what tests and benches hold the quicker ways of this package against.

    Those are conv_by_rows and instance_norm below, and the tiles of tiles.py.
    """
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


def is_plain() -> bool:
    """Whether `plainly` is in force."""
    return _plain.get()


def instance_norm(x: Tensor) -> Tensor:
    """Every channel of every picture to mean 0 and variance 1, without parameters (N x C x H x W).

    A group norm of one channel a group is the same, and about twice as fast on a CPU.
    """
    return F.instance_norm(x) if is_plain() else F.group_norm(x, x.shape[1])


def conv_by_rows(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """What a square convolution with few output channels makes of N x C x H x W (stride 1, no padding), up to rounding.

    Each row of the kernel becomes output channels of its own, and the rows' answers are added one row apart: a CPU
    computes 16 output channels in the time of 3.
    """
    out, channels, kernel, _ = conv.weight.shape
    weight = conv.weight.transpose(1, 2).reshape(out * kernel, channels, 1, kernel)
    rows = F.conv2d(x, weight).view(len(x), out, kernel, x.shape[2], -1)
    shifted = [rows[:, :, row, row : x.shape[2] - kernel + 1 + row] for row in range(kernel)]
    total = torch.stack(shifted).sum(dim=0)
    return total if conv.bias is None else total + conv.bias[:, None, None].to(total.dtype)


def initialise(network: nn.Module) -> None:
    """Draw weights as all published codes do: convolution and linear N(0, 0.02), BatchNorm N(1, 0.02), bias 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class GatedConv2d(nn.Conv2d):
    """A convolution whose second half of channels gates the first: a * sigmoid(g)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__(in_channels, 2 * out_channels, kernel, stride, padding)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  the name is torch's
        return F.glu(super().forward(input), dim=1)


class GatedConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution whose second half of channels gates the first: a * sigmoid(g)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__(in_channels, 2 * out_channels, kernel, stride, padding)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002  the name is torch's
        return F.glu(super().forward(input), dim=1)


class Stage(nn.Module):
    """Reflection padding (if any), the given convolution, instance norm, ReLU."""

    def __init__(self, conv: nn.Module, *, reflect: int = 0) -> None:
        super().__init__()
        self.reflect = reflect
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        if self.reflect:
            x = F.pad(x, (self.reflect,) * 4, mode="reflect")
        return F.relu(instance_norm(self.conv(x)))


class ResidualBlock(nn.Module):
    """x + block(x) with a dilated and a plain 3 x 3 convolution; nothing after the sum. Spectral ones have no bias."""

    def __init__(self, channels: int, *, spectral: bool = False) -> None:
        super().__init__()
        conv = SpectralConv2d if spectral else nn.Conv2d
        self.conv1 = conv(channels, channels, 3, dilation=2, bias=not spectral)
        self.conv2 = conv(channels, channels, 3, bias=not spectral)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(instance_norm(self.conv1(F.pad(x, (2,) * 4, mode="reflect"))))
        return x + instance_norm(self.conv2(F.pad(out, (1,) * 4, mode="reflect")))


class OutputConv(nn.Module):
    """The 7 x 7 convolution that ends an encoder-decoder, reflection padded; raw values, no activation."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (3,) * 4, mode="reflect")
        out: Tensor = self.conv(x) if is_plain() else conv_by_rows(x, self.conv)
        return out


def in_unit_range(raw: Tensor) -> Tensor:
    """(tanh(x) + 1) / 2: a raw output as a picture in [0, 1]."""
    return (torch.tanh(raw.float()) + 1) / 2


def resized_hole(hole: Tensor, divisor: int) -> Tensor:
    """The hole at H / divisor, from the full mask; corner aligned and left fractional at rims, as published."""
    size = (hole.shape[2] // divisor, hole.shape[3] // divisor)
    return F.interpolate(hole, size=size, mode="bilinear", align_corners=True)
