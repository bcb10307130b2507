"""Draws a set of irregular mask files, for those without the published one: the same groups and numbers, from a seed.

From a seed to a folder with train/ and valid/ and a manifest, which training.holes.files reads.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.holes.files import BOUNDS, GROUPS, SPLITS, encoded

LICENCE = "CC0-1.0"
SOURCE = "irregular masks drawn by training.holes.irregular"


@dataclass(frozen=True)
class MaskOrder:
    """One mask to draw: which set's seed, split, group and number, and its side in pixels."""

    seed: int
    split: str
    group: int
    number: int
    side: int

    @property
    def name(self) -> str:
        """Its file under the set's folder."""
        return f"{self.split}/{GROUPS[self.group]}/{self.number:05d}.png"


def orders(seed: int, to_train: int, to_validate: int, side: int) -> list[MaskOrder]:
    """Every mask of a set: so many of each group and split."""
    counts = dict(zip(SPLITS, (to_train, to_validate), strict=True))
    return [
        MaskOrder(seed, split, group, number, side)
        for split, count in counts.items()
        for group in range(len(GROUPS))
        for number in range(count)
    ]


def write_set(folder: Path, wanted: list[MaskOrder]) -> Iterator[dict[str, str]]:
    """Draw what is not there yet; yields every file as a manifest lists it. The same order gives the same bytes."""
    for order in wanted:
        path = folder / order.name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            partial.write_bytes(encoded(drawn(order)))
            partial.replace(path)
        yield {"name": order.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def drawn(order: MaskOrder) -> NDArray[np.bool_]:
    """The mask of an order, side x side, True = hole; its share of hole lies in the order's group."""
    rng = np.random.default_rng((order.seed, SPLITS.index(order.split), order.group, order.number))
    return irregular(rng, order.side, BOUNDS[order.group], BOUNDS[order.group + 1])


def irregular(rng: np.random.Generator, side: int, low: float, high: float) -> NDArray[np.bool_]:
    """Crossing scribbles and blots until a share between low and high (of 1) is hole.

    A mark that would cover too much is dropped and the next one drawn finer, so the end is always reached.
    """
    canvas = np.zeros((side, side), np.uint8)
    # Away from the bounds, so that resizing a mask does not carry it into the next group.
    most = high - 0.05 * (high - low)
    aim = rng.uniform(low + 0.1 * (high - low), most)
    fineness = 1.0
    while canvas.mean() < aim:
        tried = canvas.copy()
        _mark(tried, rng, side * fineness)
        if tried.mean() <= most:
            canvas = tried
        else:
            fineness *= 0.8
    return canvas.astype(bool)


def _mark(canvas: NDArray[np.uint8], rng: np.random.Generator, scale: float) -> None:
    """One scribble of a round brush or, one time in five, one blot; lengths in shares of `scale` pixels."""
    point = rng.uniform(0, canvas.shape[0], 2)
    if rng.random() < 0.2:
        axes = np.maximum(scale * rng.uniform(0.02, 0.12, 2), 1).round().astype(int)
        cv2.ellipse(canvas, _pixel(point), (int(axes[0]), int(axes[1])), float(rng.uniform(0, 180)), 0, 360, 1, -1)
        return
    angle, width = rng.uniform(0, 2 * np.pi), max(round(float(scale * rng.uniform(0.01, 0.08))), 1)
    for _ in range(int(rng.integers(2, 9))):
        angle += rng.normal(0, 0.7)
        end = point + scale * rng.uniform(0.03, 0.2) * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(canvas, _pixel(point), _pixel(end), 1, width)
        point = end


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
