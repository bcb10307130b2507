"""Paint the wall, sheet or drape behind a person, calm as in a clinic.

From a random stream to a linear picture for `photograph`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthetic.colour import linear

FloatArray = NDArray[np.float32]

# Walls, drapes and sheets, in sRGB.
COLOURS = linear(
    [(70, 92, 112), (96, 128, 138), (150, 168, 172), (198, 200, 198), (128, 148, 128), (90, 84, 88), (176, 164, 150)]
)


@dataclass(frozen=True)
class Backdrop:
    """Two linear colours blended along `angle`, with clouds and, on cloth, folds."""

    near: tuple[float, float, float]
    far: tuple[float, float, float]
    angle: float
    clouds: float
    folds: float
    seed: int


def draw(rng: np.random.Generator) -> Backdrop:
    """Draw the backdrop of one photograph."""
    near = COLOURS[rng.integers(len(COLOURS))] * rng.uniform(0.4, 1.15) * (1 + rng.normal(0, 0.05, 3))
    far = near * rng.uniform(0.55, 1.25)
    return Backdrop(
        near=(float(near[0]), float(near[1]), float(near[2])),
        far=(float(far[0]), float(far[1]), float(far[2])),
        angle=float(rng.uniform(0, 2 * np.pi)),
        clouds=float(rng.uniform(0, 0.06)),
        folds=float(rng.uniform(0.03, 0.07)) * float(rng.random() < 0.3),
        seed=int(rng.integers(1_000_000)),
    )


def paint(backdrop: Backdrop, width: int, height: int) -> FloatArray:
    """The backdrop (H, W, 3) in linear light, the same picture at every size."""
    spread = np.random.default_rng(backdrop.seed)
    grid = spread.normal(0, 1, (2, 5, 5)).astype(np.float32)
    waves, clouds = (cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) for field in grid)
    across = np.linspace(0, 1, width, dtype=np.float32) * np.float32(np.cos(backdrop.angle))
    down = np.linspace(0, 1, height, dtype=np.float32) * np.float32(np.sin(backdrop.angle))
    along = across[None, :] + down[:, None]
    share = (along - along.min()) / (np.ptp(along) + 1e-6)
    tone = 1 + np.float32(backdrop.clouds) * clouds
    if backdrop.folds:
        wave = along * np.float32(spread.uniform(12, 26)) + np.float32(2) * waves
        tone += np.float32(backdrop.folds) * np.sin(wave)
    near, far = np.array(backdrop.near, np.float32), np.array(backdrop.far, np.float32)
    picture = near + (far - near) * share[..., None]
    picture *= tone[..., None]
    return np.asarray(np.clip(picture, 0.01, 0.95, out=picture), np.float32)
