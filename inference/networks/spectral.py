"""Convolutions whose weight is divided by its largest singular value (spectral normalisation, Miyato et al. 2018).

Used by the attention blocks, EdgeConnect's edge generator and the discriminators in training; folded away at inference.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Network = TypeVar("Network", bound=nn.Module)
Layer = TypeVar("Layer", nn.Conv2d, nn.ConvTranspose2d)


def spectral_sigma(weight: Tensor, u: Tensor, v: Tensor, *, transposed: bool) -> Tensor:
    """The estimate u . (W v) of the largest singular value, W being the weight as [out, in * kh * kw]."""
    matrix = (weight.transpose(0, 1) if transposed else weight).flatten(1)
    return torch.dot(u, torch.mv(matrix, v))


def _iterated(weight: Tensor, u: Tensor, v: Tensor, transposed: bool) -> tuple[Tensor, Tensor]:
    """One power iteration, in place: first v, then u, as the published weights were trained. Returns copies of both."""
    matrix = (weight.transpose(0, 1) if transposed else weight).flatten(1)
    v.copy_(F.normalize(torch.mv(matrix.t(), u), dim=0, eps=1e-12))
    u.copy_(F.normalize(torch.mv(matrix, v), dim=0, eps=1e-12))
    return u.clone(), v.clone()


# One closed operation: a compiler that saw the copies being made would make them in the backward pass, when a second
# forward has already moved u and v on.
_iterate = torch.library.custom_op("vermilion::power_iteration", _iterated, mutates_args=("u", "v"))


@_iterate.register_fake
def _shapes(weight: Tensor, u: Tensor, v: Tensor, transposed: bool) -> tuple[Tensor, Tensor]:
    return torch.empty_like(u), torch.empty_like(v)


def _normalised(layer: "SpectralConv2d | SpectralConvTranspose2d", *, transposed: bool) -> Tensor:
    """The layer's weight over sigma; iterates in training only, so that evaluation is exactly repeatable."""
    with torch.autocast(device_type=layer.weight.device.type, enabled=False):
        if not layer.training:
            return layer.weight / spectral_sigma(layer.weight, layer.u, layer.v, transposed=transposed)
        # Copies keep an earlier forward's graph valid when a second forward moves u and v on.
        u, v = _iterate(layer.weight.detach(), layer.u, layer.v, transposed)
        return layer.weight / spectral_sigma(layer.weight, u, v, transposed=transposed)


def _with_folded_weight(plain: Layer, layer: "SpectralConv2d | SpectralConvTranspose2d", *, transposed: bool) -> Layer:
    """The plain layer, which has no memory yet, with the spectral layer's weight over sigma and its bias."""
    sigma = spectral_sigma(layer.weight, layer.u, layer.v, transposed=transposed)
    plain.weight = nn.Parameter((layer.weight / sigma).detach())
    plain.bias = layer.bias
    return plain


class SpectralConv2d(nn.Conv2d):
    """A convolution with spectral normalisation; buffers u [out] and v [in * kh * kw]."""

    u: Tensor
    v: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel, stride, padding, dilation, bias=bias)
        self.register_buffer("u", F.normalize(torch.randn(out_channels), dim=0))
        self.register_buffer("v", F.normalize(torch.randn(in_channels * kernel * kernel), dim=0))

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  the name is torch's
        weight = _normalised(self, transposed=False)
        return F.conv2d(input, weight, self.bias, self.stride, self.padding, self.dilation)

    def folded(self) -> nn.Conv2d:
        """A plain convolution that computes the same in evaluation."""
        plain = nn.Conv2d(
            self.in_channels,
            self.out_channels,
            self.kernel_size,  # type: ignore[arg-type]
            self.stride,  # type: ignore[arg-type]
            self.padding,  # type: ignore[arg-type]
            self.dilation,  # type: ignore[arg-type]
            bias=False,
            device="meta",
        )
        return _with_folded_weight(plain, self, transposed=False)


class SpectralConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution with spectral normalisation; buffers u [out] and v [in * kh * kw]."""

    u: Tensor
    v: Tensor

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, padding: int = 0) -> None:
        super().__init__(in_channels, out_channels, kernel, stride, padding)
        self.register_buffer("u", F.normalize(torch.randn(out_channels), dim=0))
        self.register_buffer("v", F.normalize(torch.randn(in_channels * kernel * kernel), dim=0))

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: A002  the name is torch's
        weight = _normalised(self, transposed=True)
        return F.conv_transpose2d(input, weight, self.bias, self.stride, self.padding)  # type: ignore[arg-type]

    def folded(self) -> nn.ConvTranspose2d:
        """A plain transposed convolution that computes the same in evaluation."""
        plain = nn.ConvTranspose2d(
            self.in_channels,
            self.out_channels,
            self.kernel_size,  # type: ignore[arg-type]
            self.stride,  # type: ignore[arg-type]
            self.padding,  # type: ignore[arg-type]
            bias=False,
            device="meta",
        )
        return _with_folded_weight(plain, self, transposed=True)


def settle(network: nn.Module, rounds: int = 100) -> None:
    """Bring every spectral layer's vectors to its weight's largest singular value, as after long training.

    Vectors lag behind weights that move, so what a checkpoint was folded with differs from this by a percent or so.
    """
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, SpectralConv2d | SpectralConvTranspose2d):
                for _ in range(rounds):
                    _iterated(layer.weight, layer.u, layer.v, isinstance(layer, SpectralConvTranspose2d))


def fold_spectral_norm(network: Network) -> Network:
    """Replace every spectral layer, in place, by the plain one that it equals in evaluation; returns the network."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, SpectralConv2d | SpectralConvTranspose2d):
                setattr(parent, name, child.folded())
    return network
