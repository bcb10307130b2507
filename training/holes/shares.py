"""Which kind of hole a sample gets, by the shares of the settings.

From training.settings.shares and a random generator, through training.holes.drawn, files and parted, to
training.data.batches.
"""

import numpy as np
from numpy.typing import NDArray

from training.holes.drawn import block, centre, strokes
from training.holes.files import MaskFiles
from training.holes.parted import clinical
from training.settings.shares import HoleShares

KINDS = ("clinical", "strokes", "block", "files", "centre", "nothing")


def draw_hole(
    landmarks: NDArray[np.float64],
    shares: HoleShares,
    rng: np.random.Generator,
    size: int,
    masks: MaskFiles | None = None,
    *,
    mirrored: bool = False,
) -> NDArray[np.bool_]:
    """A size x size hole (True = missing) for a face with 68 x 2 landmarks in pixels, its kind drawn by shares.

    `masks` must be given where the share of files is above 0; ValueError otherwise. mirrored: the face was, and a mask
    file is mirrored with it, as the published codes that mirror do; drawn holes need not be.
    """
    weights = np.array(shares.shares)
    kind = rng.choice(KINDS, p=weights / weights.sum())
    if kind == "clinical":
        return clinical(landmarks, rng, size, shares.parted)
    if kind == "strokes":
        return strokes(rng, size)
    if kind == "block":
        return block(rng, size)
    if kind == "centre":
        return centre(size)
    if kind == "nothing":
        return np.zeros((size, size), bool)
    if masks is None:
        raise ValueError("mask files are wanted, but none were read")
    hole = masks.draw(rng, shares.groups, size)
    return hole[:, ::-1].copy() if mirrored else hole
