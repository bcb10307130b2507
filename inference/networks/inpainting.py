"""What every network takes and gives: one interface for four methods.

Used by the four network files beside this one; the engine, the checkpoints and the training recipes rely on it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Inpainting:
    """A network's own answer, before compositing.

    image: N x 3 x H x W in [0, 1]. landmarks: N x 68 x 2 in pixels (x, y), or None where the method predicts none.
    edges: N x 1 x H x W in [0, 1], or None where the method predicts none.
    """

    image: Tensor
    landmarks: Tensor | None
    edges: Tensor | None


class InpaintingNetwork(nn.Module, ABC):
    """A method's generator; a two-stage method is one network. NETWORKS[name](**network.config) rebuilds it."""

    size_multiple: int = 4
    config: dict[str, float | bool]

    @abstractmethod
    def forward(
        self, image: Tensor, hole: Tensor, *, gray: Tensor | None = None, edge: Tensor | None = None
    ) -> Inpainting:
        """Fill the hole of N x 3 x H x W images in [0, 1]; hole is N x 1 x H x W with 1 = hole.

        gray and edge (N x 1 x H x W) replace what a method with edges would compute from the blanked image.
        Nothing under the hole changes the answer. Raises ValueError for shapes that do not fit.
        """

    def checked(self, image: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
        """The pair in the plain memory layout, so that equal values always meet the same kernels.

        Raises ValueError unless image and hole form a pair that this network can take.
        """
        if image.ndim != 4 or image.shape[1] != 3:
            raise ValueError(f"the image must be N x 3 x H x W, not {tuple(image.shape)}")
        height, width = image.shape[2:]
        if hole.shape != (image.shape[0], 1, height, width):
            raise ValueError(f"the hole must be {image.shape[0]} x 1 x {height} x {width}, not {tuple(hole.shape)}")
        if height % self.size_multiple or width % self.size_multiple:
            raise ValueError(f"height and width must be multiples of {self.size_multiple}, not {height} x {width}")
        return image.contiguous(), hole.contiguous()


def filled_white(picture: Tensor, hole: Tensor) -> Tensor:
    """The picture (N x C x H x W) with its hole white: the papers write black, the published weights want white."""
    return picture * (1 - hole) + hole


def composited(output: Tensor, image: Tensor, hole: Tensor) -> Tensor:
    """The output inside the hole and the image outside it, all N x C x H x W (hole N x 1 x H x W)."""
    return output * hole + image * (1 - hole)
