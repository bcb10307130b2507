"""How far a filled hole is from the truth, against the classical inpainters of OpenCV, on faces never trained on.

From folders of training.synthetic and any function that fills a hole, to rows that `python -m training measure` prints.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Hole = NDArray[np.bool_]
Fill = Callable[[Image, Hole], Image]

RADIUS = 5


@dataclass(frozen=True)
class Question:
    """A picture with its hole, and the bytes that should have been under it (all 256 x 256)."""

    image: Image
    hole: Hole
    truth: Image


@dataclass(frozen=True)
class Score:
    """PSNR inside the hole in dB over `count` questions: mean and standard deviation of the single values."""

    mean: float
    spread: float
    count: int


def telea(image: Image, hole: Hole) -> Image:
    """OpenCV's fast marching inpainting (Telea 2004)."""
    return cv2.inpaint(image, hole.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA).astype(np.uint8)


def navier_stokes(image: Image, hole: Hole) -> Image:
    """OpenCV's Navier-Stokes inpainting (Bertalmio 2001)."""
    return cv2.inpaint(image, hole.astype(np.uint8), RADIUS, cv2.INPAINT_NS).astype(np.uint8)


def hole_psnr(filled: Image, truth: Image, hole: Hole) -> float:
    """10 log10(255^2 / mean squared difference) over the bytes under the hole. Infinite for equal bytes."""
    difference = filled[hole].astype(np.float64) - truth[hole].astype(np.float64)
    error = float(np.mean(difference**2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def score(fill: Fill, questions: Iterable[Question]) -> Score:
    """The hole PSNR of a filler; the picture's own bytes under the hole are blanked before it sees them."""
    values = []
    for question in questions:
        blanked = question.image.copy()
        blanked[question.hole] = 0
        values.append(hole_psnr(fill(blanked, question.hole), question.truth, question.hole))
    return Score(float(np.mean(values)), float(np.std(values)), len(values))
