"""Give every block of a person its own random stream, so that a new feature does not change every face.

From a person's seed to the `draw` functions of shape, skin, eyes, hair, light, camera, backdrop and finish.
"""

import zlib

import numpy as np


def stream(seed: int, block: str) -> np.random.Generator:
    """The generator of one block (`"skin"`, `"light"`...) of the person with this seed (>= 0)."""
    return np.random.default_rng([seed, zlib.crc32(block.encode())])
