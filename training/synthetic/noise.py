"""Smooth value noise in space: the mottling of skin, the creases of lips, strands of hair.

From points in outer-eye distances to skin, eyes, hair and cleft.
"""

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@nb.njit(cache=True, fastmath=True, inline="always")
def _corner(i: int, j: int, k: int, seed: int) -> float:
    mixed = (i * 374761393 + j * 668265263 + k * 2147483647 + seed * 1274126177) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    return float((mixed ^ (mixed >> 16)) & 0xFFFF) / 65535.0


@nb.njit(cache=True, fastmath=True)
def _noise(points: FloatArray, scale: FloatArray, seed: int, octaves: int) -> FloatArray:
    result = np.zeros(points.shape[0], np.float32)
    for p in range(points.shape[0]):
        weight, total, value, factor = 1.0, 0.0, 0.0, 1.0
        for octave in range(octaves):
            x = points[p, 0] * scale[0] * factor + 1000.0
            y = points[p, 1] * scale[1] * factor + 1000.0
            z = points[p, 2] * scale[2] * factor + 1000.0
            i, j, k = math.floor(x), math.floor(y), math.floor(z)
            u, v, w = x - i, y - j, z - k
            u, v, w = u * u * (3 - 2 * u), v * v * (3 - 2 * v), w * w * (3 - 2 * w)
            s = seed + octave * 17
            c00 = _corner(i, j, k, s) * (1 - u) + _corner(i + 1, j, k, s) * u
            c10 = _corner(i, j + 1, k, s) * (1 - u) + _corner(i + 1, j + 1, k, s) * u
            c01 = _corner(i, j, k + 1, s) * (1 - u) + _corner(i + 1, j, k + 1, s) * u
            c11 = _corner(i, j + 1, k + 1, s) * (1 - u) + _corner(i + 1, j + 1, k + 1, s) * u
            value += weight * ((c00 * (1 - v) + c10 * v) * (1 - w) + (c01 * (1 - v) + c11 * v) * w)
            total += weight
            weight *= 0.5
            factor *= 2.03
        result[p] = value / total * 2 - 1
    return result


def noise(
    points: FloatArray, frequency: float, seed: int, octaves: int = 2, stretch: tuple[float, float, float] = (1, 1, 1)
) -> FloatArray:
    """Noise in -1..1 (N,) at `points` (N, 3), `frequency` cells per unit, each axis multiplied by `stretch`."""
    scale = (np.array(stretch) * frequency).astype(np.float32)
    return np.asarray(_noise(np.ascontiguousarray(points, np.float32), scale, seed, octaves), np.float32)
