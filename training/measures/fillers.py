"""Whatever fills a hole: OpenCV's two classical inpainters, whose answers are kept on disk, and networks in batches.

From training.measures.questions to answers; a filler sees pictures whose hole is black already.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from inference.networks import InpaintingNetwork
from training.measures.questions import Asked, Image, Points

RADIUS = 5
BATCH = 4


@dataclass(frozen=True)
class Answer:
    """A filled picture (256 x 256, the known bytes untouched) and, where the method finds any, 68 x 2 landmarks."""

    picture: Image
    landmarks: Points | None = None


Fill = Callable[[Sequence[Asked]], Iterable[Answer]]


def telea(asked: Sequence[Asked]) -> Iterator[Answer]:
    """OpenCV's fast marching inpainting (Telea 2004)."""
    return (_classical(one, cv2.INPAINT_TELEA) for one in asked)


def navier_stokes(asked: Sequence[Asked]) -> Iterator[Answer]:
    """OpenCV's Navier-Stokes inpainting (Bertalmio 2001)."""
    return (_classical(one, cv2.INPAINT_NS) for one in asked)


CLASSICAL: Mapping[str, Fill] = {"telea": telea, "navier-stokes": navier_stokes}


def by_network(network: InpaintingNetwork, batch: int = BATCH) -> Fill:
    """A network in evaluation mode as a filler, on its own device; bytes are cut off, not rounded.

    It composites inside the hole. Cutting off is what the published codes do when they write a picture.
    """

    def fill(asked: Sequence[Asked]) -> Iterator[Answer]:
        for start in range(0, len(asked), batch):
            yield from _filled(network, asked[start : start + batch])

    return fill


def kept(name: str, fill: Fill, folder: Path) -> Fill:
    """The filler with its answers kept in `folder` under a digest of the very question; no landmarks are kept."""

    def remember(asked: Sequence[Asked]) -> Iterator[Answer]:
        for one in asked:
            file = folder / name / f"{_digest(one)}.npy"
            if not file.exists():
                (answer,) = fill([one])
                _write(file, answer.picture[one.hole])
            picture = one.image.copy()
            picture[one.hole] = np.load(file)
            yield Answer(picture)

    return remember


def _classical(one: Asked, kind: int) -> Answer:
    return Answer(cv2.inpaint(one.image, one.hole.astype(np.uint8), RADIUS, kind).astype(np.uint8))


def _filled(network: InpaintingNetwork, asked: Sequence[Asked]) -> Iterator[Answer]:
    images = np.stack([one.image for one in asked])
    holes = np.stack([one.hole for one in asked])
    device = next(network.parameters()).device
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        found = network(pictures.to(device), torch.from_numpy(holes)[:, None].float().to(device))
    painted = (found.image.permute(0, 2, 3, 1).cpu().numpy() * 255).clip(0, 255).astype(np.uint8)
    points = [None] * len(asked) if found.landmarks is None else _points(found.landmarks)
    for image, hole, own, marks in zip(images, holes, painted, points, strict=True):
        yield Answer(np.where(hole[..., None], own, image), marks)


def _points(landmarks: Tensor) -> list[Points]:
    return [np.asarray(one, np.float32) for one in landmarks.float().cpu().numpy()]


def _digest(one: Asked) -> str:
    parts = (f"{cv2.__version__} {RADIUS}".encode(), one.image.tobytes(), one.hole.tobytes())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _write(file: Path, pixels: Image) -> None:
    """Whole or not at all, so that an interruption leaves no half answer."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.save(stream, pixels)
    partial.replace(file)
