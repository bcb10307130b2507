"""Draw the hole a clinician would paint over a cleft: a few brush strokes over lip defect, nostril base and margins.

From 68 landmarks (of a cleft face or any other) to a boolean picture for training, photographs and tests.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthetic.cleft import Cleft

FloatArray = NDArray[np.float64]

BILATERAL_SHARE = 0.25
SUBPIXEL_BITS = 4


def draw_clefts(rng: np.random.Generator) -> tuple[Cleft, ...]:
    """Draw a cleft as patients have them: left twice as often as right, a quarter on both sides."""
    severity = float(rng.uniform(0.15, 1.0))
    if rng.random() < BILATERAL_SHARE:
        other = float(np.clip(severity + rng.normal(0, 0.2), 0.15, 1.0))
        return (Cleft("left", severity), Cleft("right", other))
    return (Cleft("left" if rng.random() < 2 / 3 else "right", severity),)


def clinical_hole(
    landmarks: NDArray[np.floating],
    rng: np.random.Generator,
    clefts: tuple[Cleft, ...] | None = None,
    size: int | tuple[int, int] = 256,
) -> NDArray[np.bool_]:
    """A hole (H, W), True = to be filled, over where these clefts lie or would lie.

    `landmarks` (68, 2) are pixels, `size` one side or (width, height); without `clefts` they are drawn from `rng`.
    """
    width, height = (size, size) if isinstance(size, int) else size
    chosen = draw_clefts(rng) if clefts is None else clefts
    canvas = np.zeros((height, width), np.uint8)
    marks = np.asarray(landmarks, np.float64)
    unit = float(np.linalg.norm(marks[36] - marks[45]))
    for cleft in chosen:
        _paint(canvas, _strokes(marks, cleft, rng, unit), rng, unit)
    if len(chosen) == 2:
        _paint(canvas, _bridge(marks, rng, unit), rng, unit)
    return canvas.astype(bool)


def _strokes(marks: FloatArray, cleft: Cleft, rng: np.random.Generator, unit: float) -> FloatArray:
    """Dabs (N, 3) of x, y and radius from below the lip's margin up the cleft and around the wing of the nose."""
    left = cleft.side == "left"
    lip, peak = marks[63 if left else 61], marks[52 if left else 50]
    sill, wing = marks[34 if left else 32], marks[35 if left else 31]
    middle, severity = marks[62], cleft.severity
    margin = 0.5 * lip + 0.5 * middle
    outwards = (wing - marks[33]) / (np.linalg.norm(wing - marks[33]) + 1e-6)
    downwards = (margin - sill) / (np.linalg.norm(margin - sill) + 1e-6)
    broad = unit * (0.105 + 0.075 * severity) * rng.uniform(0.95, 1.2)
    stops = [
        (margin + downwards * unit * 0.02, broad),
        (0.5 * margin + 0.5 * (0.5 * peak + 0.5 * marks[51]), broad),
        (0.45 * margin + 0.55 * sill, broad * 0.98),
        (sill + outwards * unit * 0.02, unit * (0.105 + 0.03 * severity) * rng.uniform(0.95, 1.15)),
        (wing + outwards * unit * 0.01 * severity - downwards * unit * 0.03, unit * (0.085 + 0.04 * severity)),
    ]
    shift = rng.normal(0, 0.012, 2) * unit
    return np.array([[*(point + shift + rng.normal(0, 0.008, 2) * unit), radius] for point, radius in stops])


def _bridge(marks: FloatArray, rng: np.random.Generator, unit: float) -> FloatArray:
    """Dabs over the middle of the lip and the columella, which lie between two clefts."""
    radius = unit * rng.uniform(0.1, 0.13)
    return np.array([[*marks[62], radius], [*marks[51], radius], [*marks[33], radius * 0.95]])


def _paint(canvas: NDArray[np.uint8], dabs: FloatArray, rng: np.random.Generator, unit: float) -> None:
    """Run a round brush through the dabs with the small wobble of a hand."""
    one = 1 << SUBPIXEL_BITS
    for first, second in pairwise(dabs):
        for share in np.linspace(0, 1, 9):
            x, y, radius = first + (second - first) * share
            wobble = rng.normal(0, 0.006, 2) * unit
            radius = max(radius * (1 + rng.normal(0, 0.03)), 1.0)
            centre = (round(float(x + wobble[0]) * one), round(float(y + wobble[1]) * one))
            cv2.circle(canvas, centre, round(float(radius) * one), 1, -1, cv2.LINE_8, SUBPIXEL_BITS)
