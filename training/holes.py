"""Holes to train on: a clinician's lip masks, free-form strokes, blocks.

Drawn by training.batches for each sample anew; clinical shapes come from training.synthetic.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.settings import HoleShares
from training.synthetic.clinical_mask import clinical_hole

KINDS = ("clinical", "strokes", "block")


def draw_hole(
    landmarks: NDArray[np.float64], shares: HoleShares, rng: np.random.Generator, size: int
) -> NDArray[np.bool_]:
    """A size x size hole (True = missing) for a face with 68 x 2 landmarks in pixels, its kind drawn by shares."""
    weights = np.array([shares.clinical, shares.strokes, shares.block])
    kind = rng.choice(KINDS, p=weights / weights.sum())
    if kind == "clinical":
        return clinical_hole(landmarks, rng, size=size)
    if kind == "strokes":
        return strokes(rng, size)
    return block(rng, size)


def strokes(rng: np.random.Generator, size: int) -> NDArray[np.bool_]:
    """Free-form brush strokes: a few random walks of a round brush, anywhere in the picture."""
    canvas = np.zeros((size, size), np.uint8)
    for _ in range(rng.integers(1, 5)):
        point = rng.uniform(0, size, 2)
        angle = rng.uniform(0, 2 * np.pi)
        width = int(size * rng.uniform(0.03, 0.1)) + 1
        for _ in range(rng.integers(3, 10)):
            angle += rng.normal(0, 0.9)
            end = np.clip(
                point + size * rng.uniform(0.04, 0.16) * np.array([np.cos(angle), np.sin(angle)]), 0, size - 1
            )
            cv2.line(canvas, _pixel(point), _pixel(end), 1, width)
            cv2.circle(canvas, _pixel(end), width // 2, 1, -1)
            point = end
    return canvas.astype(bool)


def block(rng: np.random.Generator, size: int) -> NDArray[np.bool_]:
    """One square of half the picture's side, anywhere inside it (the published codes' random block)."""
    top, left = rng.integers(0, size // 2 + 1, 2)
    hole = np.zeros((size, size), bool)
    hole[top : top + size // 2, left : left + size // 2] = True
    return hole


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
