"""The one way in which a picture reaches a reader.

From decoded results and blanked inputs (clinic.inpainting, clinic.cases) to PNG bytes that differ in nothing but their
pixels: stored without compression, so that a blurred fill is not shorter than a sharp one, with the same three chunks
and no metadata.
"""

from struct import pack
from zlib import compressobj, crc32

import numpy as np
import numpy.typing as npt

from inference.contract import SIZE

MIME = "image/png"
NEUTRAL = 112  # the stage grey of the reading page, so that a hole reads as "nothing here"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(pixels: npt.NDArray[np.uint8]) -> bytes:
    """PNG bytes of a 256 x 256 x 3 uint8 picture; every picture gives as many bytes in the same chunks."""
    if pixels.shape != (SIZE, SIZE, 3) or pixels.dtype != np.uint8:
        raise ValueError(f"A reader's picture is {SIZE} x {SIZE} x 3 of uint8, not {pixels.shape} of {pixels.dtype}.")
    rows = np.zeros((SIZE, 1 + SIZE * 3), dtype=np.uint8)  # each row begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(SIZE, SIZE * 3)
    stored = compressobj(level=0)
    body = stored.compress(rows.tobytes()) + stored.flush()
    header = pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def blanked(canonical: npt.NDArray[np.uint8], hole: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """What was given to all four methods, for eyes: the crop (256 x 256 x 3) with its hole in neutral grey."""
    given = canonical.copy()
    given[hole] = NEUTRAL
    return given


def _chunk(name: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + name + body + pack(">I", crc32(name + body))
