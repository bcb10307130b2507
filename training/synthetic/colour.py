"""Turn sRGB colours of 0..255 into linear light and back, and step smoothly between two values.

From and to every block that paints: skin, eyes, hair, cleft, backdrop, photograph.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float32]


def linear(srgb: ArrayLike) -> FloatArray:
    """Linear light in 0..1 of sRGB values in 0..255 (any shape)."""
    value = np.asarray(srgb, np.float32) / 255
    return np.where(value < 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(light: ArrayLike) -> FloatArray:
    """sRGB in 0..1 of linear light, clipped to 0..1 (any shape)."""
    value = np.clip(np.asarray(light, np.float32), 0, 1)
    return np.where(value < 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055).astype(np.float32)


def step(start: float, end: float, value: ArrayLike) -> FloatArray:
    """0 before `start`, 1 after `end` (either may be the larger), smooth between."""
    share = np.clip((np.asarray(value, np.float32) - start) / (end - start), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def mix(first: FloatArray, second: ArrayLike, share: FloatArray) -> FloatArray:
    """`first` (N, 3) where `share` (N,) is 0, `second` (N, 3) or (3,) where it is 1."""
    return np.asarray(first + (np.asarray(second, np.float32) - first) * share[:, None], np.float32)
