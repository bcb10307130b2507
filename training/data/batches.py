"""Batches as a pure function of seed and step: a resumed run sees what the uninterrupted one would have seen.

From training.data.faces and training.holes, through a loader process, to training.loop.
"""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inference.networks.edges import canny_edges, folded_gray, true_gray
from training.data.augmentation import channel_scaled, coarsened, flipped
from training.data.faces import displaced, recoloured
from training.data.mixture import People
from training.errors import CommandError
from training.holes import draw_hole
from training.settings import Settings

GRACE = 300
METHODS_WITH_EDGES = ("edgeconnect", "ctsdg")


@dataclass(frozen=True)
class Batch:
    """What a recipe learns from: all N x C x S x S in [0, 1], landmarks N x 68 x 2 in pixels.

    gray and known_edge are the method's own inputs (hole blanked), edge is the truth; empty for methods without edges.
    """

    image: Tensor
    hole: Tensor
    landmarks: Tensor
    gray: Tensor
    known_edge: Tensor
    edge: Tensor


class Samples(Dataset[Batch]):
    """One whole batch per step: sample k of a run is drawn by a generator seeded with (seed, k) alone.

    share: (first, every) for one of several processes: of each batch it draws every so many-th sample from its first.
    """

    def __init__(self, faces: People, settings: Settings, share: tuple[int, int] = (0, 1)) -> None:
        self.faces, self.settings, self.share = faces, settings, share

    def __len__(self) -> int:
        return self.settings.steps

    def __getitem__(self, step: int) -> Batch:
        phase, _ = self.settings.phase_at(step)
        first, every = self.share
        drawn = [self._draw(step, number, phase.size) for number in range(phase.batch)[first::every]]
        images, holes, points = (np.stack(column) for column in zip(*drawn, strict=True))
        image = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().float() / 255
        hole = torch.from_numpy(holes).unsqueeze(1).float()
        return Batch(image, hole, torch.from_numpy(points), *self._edges(image, hole))

    def _draw(
        self, step: int, number: int, size: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float32]]:
        rng = np.random.default_rng((self.settings.seed, step, number))
        image, points = self.faces.pick(rng)
        mirrored = self.settings.flip and rng.random() < 0.5
        if mirrored:
            image, points = flipped(image, points, self.settings.faults)
        if self.settings.colour:
            image = recoloured(image, rng, self.settings.colour)
        if self.settings.channels:
            image = channel_scaled(image, rng, self.settings.channels, self.settings.faults)
        if self.settings.shrunk and rng.random() < self.settings.shrunk:
            image = coarsened(image)
        image, points = _resized(image, points, size)
        hole = draw_hole(points.astype(np.float64), self.settings.holes, rng, size, self.faces.masks, mirrored=mirrored)
        if self.settings.displaced and rng.random() < self.settings.displaced:
            image = np.where(hole[..., None], image, displaced(image, points, rng))
        return image, hole, points

    def _edges(self, image: Tensor, hole: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.settings.method not in METHODS_WITH_EDGES:
            nothing = torch.empty(0)
            return nothing, nothing, nothing
        folded = self.settings.method == "ctsdg" and self.settings.network.get("folded", True)
        make_gray = folded_gray if folded else true_gray
        gray, whole = make_gray(image, hole), make_gray(image, torch.zeros_like(hole))
        return gray.float(), canny_edges(gray, hole), canny_edges(whole, torch.zeros_like(hole))


def batches(
    faces: People, settings: Settings, start: int = 0, workers: int = 1, share: tuple[int, int] = (0, 1)
) -> Iterator[Batch]:
    """The batches of steps start, start + 1, ... to the end; workers = 0 draws them in this process.

    The loader draws its seed from a generator of its own, so that a resumed run, which begins another, is not ahead.
    Raises CommandError where one of its processes is ended from outside.
    """
    loader = DataLoader(
        Samples(faces, settings, share),
        batch_size=None,
        sampler=range(start, settings.steps),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        generator=torch.Generator(),
        worker_init_fn=_outlive_sigterm,
    )
    try:
        yield from loader
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise CommandError(
            "a process that draws batches was ended from outside, perhaps for want of memory; the same command goes on "
            "from the last saved step, with fewer --workers if need be"
        ) from error


def _outlive_sigterm(number: int) -> None:
    """Have a loader's process, told to stop with its whole group, serve the step under way; torch would end it at once.

    It ends with the run, or after GRACE seconds at the latest.
    """
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(GRACE))


def _resized(
    image: NDArray[np.uint8], points: NDArray[np.float32], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    side = image.shape[0]
    if side == size:
        return image, points
    smaller = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return smaller.astype(np.uint8), (points * (size / side)).astype(np.float32)
