"""Draw brows and lashes hair by hair along the landmarks they belong to.

From landmarks in pixels to soft layers of darkness for `photograph`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthetic.shape import Shape

FloatArray = NDArray[np.float32]

BROWS = ((17, 18, 19, 20, 21), (26, 25, 24, 23, 22))
LIDS = ((36, 37, 38, 39), (45, 44, 43, 42))
BROW_DENSITY = {"infant": (0.1, 0.34), "child": (0.32, 0.56), "adult": (0.45, 0.8)}
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Strands:
    """Brows and lashes of one person: widths in units of the outer-eye distance, darkness 0..1."""

    brow_width: float
    brow_density: float
    brow_count: int
    lash_length: float
    lash_density: float
    seed: int


def draw(rng: np.random.Generator, shape: Shape) -> Strands:
    """Draw brows and lashes that fit the age; infants have hardly any."""
    infant = shape.kind == "infant"
    return Strands(
        brow_width=0.05 * float(rng.uniform(0.7, 1.2)) * (0.75 if infant else 1.0),
        brow_density=float(rng.uniform(*BROW_DENSITY[shape.kind])),
        brow_count=int(rng.integers(220, 320)),
        lash_length=float(rng.uniform(0.015, 0.035)),
        lash_density=0.4 if infant else 0.65,
        seed=int(rng.integers(1_000_000)),
    )


def curve(points: FloatArray, count: int) -> FloatArray:
    """A Catmull-Rom spline of about `count` points through `points` (N, 2)."""
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    pieces = []
    for i in range(len(points) - 1):
        t = np.linspace(0, 1, count // (len(points) - 1))[:, None]
        a, b, c, d = padded[i : i + 4]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces).astype(np.float32)


def brows(strands: Strands, marks: FloatArray, width: int, height: int) -> FloatArray:
    """Darkness 0..1 (H, W) of both brows for landmarks (68, 2) in pixels."""
    layer, rng = np.zeros((height, width), np.float32), np.random.default_rng(strands.seed)
    unit = float(np.linalg.norm(marks[36] - marks[45]))
    breadth = strands.brow_width * unit
    for ids in BROWS:
        line = curve(marks[list(ids)], 160)
        forwards = np.gradient(line, axis=0)
        forwards /= np.linalg.norm(forwards, axis=1, keepdims=True) + 1e-6
        upwards = np.stack([forwards[:, 1], -forwards[:, 0]], 1)
        upwards *= np.where(upwards[:, 1:] > 0, -1, 1)
        t = np.sort(rng.uniform(0.02, 1, strands.brow_count))
        i, off = (t * (len(line) - 1)).astype(int), rng.normal(0, 0.42, len(t))
        root = line[i] + upwards[i] * (off * breadth * (0.35 + 0.65 * np.minimum(1, t * 2.2)))[:, None]
        lean = -forwards[i] * (0.55 + 0.45 * (1 - t))[:, None] + upwards[i] * (0.75 * t - 0.15 - off * 0.35)[:, None]
        lean /= np.linalg.norm(lean, axis=1, keepdims=True)
        tip = root + lean * (breadth * rng.uniform(0.8, 1.5, len(t)))[:, None]
        _lines(layer, root, tip, rng.uniform(0.5, 1, len(t)), unit * 0.0062)
    return _soft(layer, unit * 0.0064) * np.float32(strands.brow_density)


def lashes(strands: Strands, marks: FloatArray, width: int, height: int) -> FloatArray:
    """Darkness 0..1 (H, W) of the upper lids' edges and lashes for landmarks (68, 2) in pixels."""
    layer, rng = np.zeros((height, width), np.float32), np.random.default_rng(strands.seed + 1)
    unit = float(np.linalg.norm(marks[36] - marks[45]))
    for ids in LIDS:
        line = curve(marks[list(ids)], 60)
        points = np.round(line[:50] * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.polylines(layer, [points], False, 1.0, max(1, round(unit * 0.013)), cv2.LINE_AA, SUBPIXEL_BITS)
        middle = line.mean(0)
        root = line[(rng.uniform(0.0, 0.85, 28) * (len(line) - 1)).astype(int)]
        away = (root - middle) / (np.linalg.norm(root - middle, axis=1, keepdims=True) + 1e-6)
        length = strands.lash_length * unit * rng.uniform(0.5, 1.1, (28, 1))
        tip = root + (away * 0.7 + np.array([0, -0.55])) * length
        _lines(layer, root, tip, np.full(28, 0.5), unit * 0.0045)
    return _soft(layer, unit * 0.0048) * np.float32(strands.lash_density)


def _lines(
    layer: FloatArray, roots: FloatArray, tips: FloatArray, values: NDArray[np.float64], thickness: float
) -> None:
    ends = np.round(np.concatenate([roots, tips], 1) * (1 << SUBPIXEL_BITS)).astype(int).tolist()
    width = max(1, round(thickness))
    for (x0, y0, x1, y1), value in zip(ends, values.tolist(), strict=True):
        cv2.line(layer, (x0, y0), (x1, y1), value, width, cv2.LINE_AA, SUBPIXEL_BITS)


def _soft(layer: FloatArray, sigma: float) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), max(sigma, 0.3)), np.float32)
