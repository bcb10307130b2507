"""EdgeConnect: an edge generator completes the drawing, an inpainter colours it in.

From Nazeri et al. (EdgeConnect, 2019); built through NETWORKS, its stages trained in turn by the EdgeConnect recipe.
"""

import torch
from torch import Tensor, nn

from inference.networks.edges import canny_edges, true_gray
from inference.networks.inpainting import Inpainting, InpaintingNetwork, filled_white
from inference.networks.layers import OutputConv, ResidualBlock, Stage, in_unit_range, initialise, scaled
from inference.networks.spectral import SpectralConv2d, SpectralConvTranspose2d

RESIDUAL_BLOCKS = 8


class EncoderDecoder(nn.Module):
    """Two steps down, eight residual blocks, two steps up; raw values. The edge generator's layers are spectral."""

    def __init__(self, in_channels: int, out_channels: int, width: float, *, spectral: bool) -> None:
        super().__init__()
        down = SpectralConv2d if spectral else nn.Conv2d
        up = SpectralConvTranspose2d if spectral else nn.ConvTranspose2d
        c = scaled(64, width)
        self.encoder = nn.Sequential(
            Stage(down(in_channels, c, 7), reflect=3),
            Stage(down(c, 2 * c, 4, 2, 1)),
            Stage(down(2 * c, 4 * c, 4, 2, 1)),
        )
        self.middle = nn.Sequential(*(ResidualBlock(4 * c, spectral=spectral) for _ in range(RESIDUAL_BLOCKS)))
        self.decoder = nn.Sequential(
            Stage(up(4 * c, 2 * c, 4, 2, 1)), Stage(up(2 * c, c, 4, 2, 1)), OutputConv(c, out_channels)
        )
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """N x in x H x W to N x out x H x W, before any activation."""
        raw: Tensor = self.decoder(self.middle(self.encoder(x)))
        return raw


class EdgeConnect(InpaintingNetwork):
    """Both generators as one network; `edges` and `fill` are its stages."""

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.config = {"width": width}
        self.edge_generator = EncoderDecoder(3, 1, width, spectral=True)
        self.inpainter = EncoderDecoder(4, 3, width, spectral=False)

    def forward(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Inpainting:
        """See InpaintingNetwork.forward; the inpainter takes the edge generator's raw map, as in the published test."""
        image, hole = self.checked(image, hole)
        edges = self.edges(image, hole, gray=gray, edge=edge)
        return Inpainting(self.fill(image, hole, edges), None, edges)

    def drawing(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The gray image and the Canny edges of the blanked image, each N x 1 x H x W, unless they are given."""
        if gray is None:
            gray = true_gray(image, hole)
        if edge is None:
            edge = canny_edges(gray, hole)
        return gray.to(image.dtype), edge.to(image.dtype)

    def edges(self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None) -> Tensor:
        """Stage 1: the whole picture's edges in [0, 1], N x 1 x H x W, from the known region's gray and edges."""
        gray, edge = self.drawing(image, hole, gray=gray, edge=edge)
        known = torch.cat((filled_white(gray, hole), edge * (1 - hole), hole), dim=1)
        return torch.sigmoid(self.edge_generator(known).float())

    def fill(self, image: Tensor, hole: Tensor, edges: Tensor) -> Tensor:
        """Stage 2: the picture in [0, 1], N x 3 x H x W, along the given edges (N x 1 x H x W)."""
        return in_unit_range(self.inpainter(torch.cat((filled_white(image, hole), edges), dim=1)))
