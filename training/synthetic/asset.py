"""Read the baked head: mesh, shape targets, landmarks and masks, all CC0.

From `head.npz` (written by `training.synthetic.bake`) to `surface` and `shape`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

ASSET_PATH = Path(__file__).parent / "head.npz"

# What a vertex is made of.
SKIN, LEFT_EYE, RIGHT_EYE, TONGUE, UPPER_TEETH, LOWER_TEETH = range(6)


@dataclass(frozen=True)
class TextureMask:
    """A grey mask over part of the texture square: values (h, w) in 0..1 and its (left, top, full size) in texels."""

    values: NDArray[np.float32]
    left: float
    top: float
    size: float


@dataclass(frozen=True)
class Head:
    """The head at rest: `vertices` (V, 3) metres (x to the subject's left, z up, the face looks to -y), `quads` (Q, 4).

    `targets` holds one sparse row of 3V metres per name in `target_rows`; `part` says what each vertex is made of.
    """

    vertices: NDArray[np.float32]
    quads: NDArray[np.int64]
    texture: NDArray[np.float32]
    texture_quads: NDArray[np.int64]
    part: NDArray[np.uint8]
    target_rows: dict[str, int]
    targets: sparse.csr_matrix
    landmark_corners: NDArray[np.int64]
    landmark_weights: NDArray[np.float32]
    masks: dict[str, TextureMask]


@cache
def head() -> Head:
    """Read the baked head once per process."""
    with np.load(ASSET_PATH) as stored:
        content = dict(stored)
    names = json.loads(str(content["target_names"]))
    count = len(content["vertices"])
    columns = content["target_vertices"].astype(np.int64)[:, None] * 3 + np.arange(3)
    metres = content["target_millimetres"].astype(np.float32) / 1000
    targets = sparse.csr_matrix(
        (metres.ravel(), columns.ravel(), content["target_starts"].astype(np.int64) * 3), shape=(len(names), 3 * count)
    )
    masks = {
        name.removeprefix("mask_"): _mask(content[name], content[f"{name}_box"])
        for name in content
        if name.startswith("mask_") and not name.endswith("_box")
    }
    return Head(
        vertices=content["vertices"],
        quads=content["quads"].astype(np.int64),
        texture=content["texture"],
        texture_quads=content["texture_quads"].astype(np.int64),
        part=content["part"],
        target_rows={name: row for row, name in enumerate(names)},
        targets=targets,
        landmark_corners=content["landmark_corners"].astype(np.int64),
        landmark_weights=content["landmark_weights"],
        masks=masks,
    )


def _mask(values: NDArray[np.uint8], box: NDArray[np.float32]) -> TextureMask:
    left, top, size = (float(value) for value in box)
    return TextureMask(np.asarray(values / 255, np.float32), left, top, size)


@nb.njit(cache=True, fastmath=True)
def _sample(
    values: NDArray[np.float32], left: float, top: float, size: float, texture: NDArray[np.float32]
) -> NDArray[np.float32]:
    height, width = values.shape
    found = np.zeros(texture.shape[0], np.float32)
    for i in range(texture.shape[0]):
        x, y = texture[i, 0] * size - 0.5 - left, (1 - texture[i, 1]) * size - 0.5 - top
        if 0 <= x < width - 1 and 0 <= y < height - 1:
            column, row = int(x), int(y)
            fx, fy = x - column, y - row
            upper = values[row, column] * (1 - fx) + values[row, column + 1] * fx
            lower = values[row + 1, column] * (1 - fx) + values[row + 1, column + 1] * fx
            found[i] = upper * (1 - fy) + lower * fy
    return found


def sample(mask: TextureMask, texture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mask's value (N,) at texture coordinates (N, 2), 0 outside its box."""
    return np.asarray(_sample(mask.values, mask.left, mask.top, mask.size, texture), np.float32)
