"""Shapes that are drawn for each sample anew: free-form strokes, a block anywhere, a block in the middle.

From a random generator to a boolean picture; chosen by training.holes.shares.
"""

import cv2
import numpy as np
from numpy.typing import NDArray


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


def centre(size: int) -> NDArray[np.bool_]:
    """The square of half the picture's side in its middle (the published codes' centre block)."""
    hole = np.zeros((size, size), bool)
    hole[size // 4 : size // 4 + size // 2, size // 4 : size // 4 + size // 2] = True
    return hole


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
