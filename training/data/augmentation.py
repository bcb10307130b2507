"""How LaFIn's published code varies its faces: mirrored, channel by channel, now and then coarse.

Called by training.data.batches for each drawn face; the faults of the published versions are switches of
training.settings.faults.
"""

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.faces import mirrored

COARSE = 96
ROWS_SPOILT = 3


def flipped(
    image: NDArray[np.uint8], landmarks: NDArray[np.float32], faults: Collection[str]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The face in a mirror; with the fault `flip-off-by-one` its landmarks lie one pixel to the right of it."""
    image, landmarks = mirrored(image, landmarks)
    if "flip-off-by-one" in faults:
        landmarks[:, 0] += 1
    return image, landmarks


def channel_scaled(
    image: NDArray[np.uint8], rng: np.random.Generator, amount: float, faults: Collection[str]
) -> NDArray[np.uint8]:
    """Each channel scaled by up to `amount` each way; with `colour-on-rows` the top rows end as 1 of 255 instead."""
    gains = rng.uniform(1 - amount, 1 + amount, 3)
    if "colour-on-rows" in faults:
        spoilt = image.copy()
        spoilt[:ROWS_SPOILT] = np.minimum(spoilt[:ROWS_SPOILT], 1)
        return spoilt
    return np.clip(image * gains + 0.5, 0, 255).astype(np.uint8)


def coarsened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The face as if it had been 96 pixels wide: down and back again, bilinear."""
    small = cv2.resize(image, (COARSE, COARSE), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)
