"""Reads a photograph and a mask from disk and finds the square that both are cut by.

From the paths of `python -m inference inpaint`; to inference.canonical, which does the cutting.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from inference.canonical import (
    CanonicalError,
    Hole,
    Pixels,
    binarise,
    checked_hole,
    grey,
    square,
    square_hole,
    upright,
)
from inference.contract import SIZE

FORMATS = ("JPEG", "PNG", "TIFF")
LARGEST_FILE = 64 << 20
LARGEST_PIXELS = 24_000_000


class PhotographError(ValueError):
    """A picture file that cannot be used; the message names it."""


@dataclass(frozen=True)
class Square:
    """A square of the upright photograph, in its pixels."""

    left: int
    top: int
    side: int


@dataclass(frozen=True)
class Pair:
    """What every method gets, and where it was cut from: crop 256 x 256 x 3 bytes, hole 256 x 256 (True = hole)."""

    crop: Pixels
    hole: Hole
    square: Square
    photo_digest: str
    mask_digest: str


def read_pair(photo_path: Path, mask_path: Path, chosen: Square | None = None) -> Pair:
    """The canonical pair of a photograph and its mask (white = hole), each JPEG, PNG or TIFF.

    The mask has the photograph's size, or 256 x 256 where it was drawn on the canonical crop. Without a chosen square
    it is the largest centred one, moved just as far as a hole near a long side needs. Raises PhotographError for files
    and CanonicalError for pairs that do not fit.
    """
    photo_image, photo_digest = _opened(photo_path)
    mask_image, mask_digest = _opened(mask_path)
    photo, mask = upright(photo_image), grey(mask_image)
    height, width = photo.shape[:2]
    if mask.shape == (height, width):
        where = chosen or largest_square(binarise(mask))
        hole = square_hole(mask, where.left, where.top, where.side)
    elif mask.shape == (SIZE, SIZE):
        where = chosen or centred_square(width, height)
        hole = binarise(mask)
    else:
        raise PhotographError(
            f"{mask_path.name} is {mask.shape[1]} x {mask.shape[0]}: a mask for {photo_path.name} is "
            f"{width} x {height}, or {SIZE} x {SIZE} if it was drawn on the square crop"
        )
    crop = square(photo, where.left, where.top, where.side)
    return Pair(crop, checked_hole(hole), where, photo_digest, mask_digest)


def centred_square(width: int, height: int) -> Square:
    """The largest square in the middle of a picture."""
    side = min(width, height)
    return Square((width - side) // 2, (height - side) // 2, side)


def largest_square(hole: Hole) -> Square:
    """The largest square of a height x width mask, centred, or moved along the long side until the hole lies inside.

    Raises CanonicalError for an empty mask and for a hole longer than the square.
    """
    height, width = hole.shape
    if not hole.any():
        raise CanonicalError("the mask is empty: paint the region to replace in white (128 or brighter)")
    middle = centred_square(width, height)
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    return Square(
        _moved(middle.left, middle.side, int(columns[0]), int(columns[-1]) + 1),
        _moved(middle.top, middle.side, int(rows[0]), int(rows[-1]) + 1),
        middle.side,
    )


def _moved(start: int, side: int, first: int, end: int) -> int:
    """The start nearest to `start` whose `side` pixels reach from `first` to before `end`."""
    if end - first > side:
        raise CanonicalError(
            f"the hole is {end - first} pixels long and the largest square {side}: choose another mask"
        )
    return min(max(start, end - side), first)


def _opened(path: Path) -> tuple[Image.Image, str]:
    """The picture, decoded, and the SHA-256 of its file; size is judged by the header, before any pixel is decoded."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise PhotographError(f"{path.name} is larger than {LARGEST_FILE >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise PhotographError(f"{path.name} cannot be read: {error.strerror}") from error
    try:
        # Pillow's own warning about large pictures would be a second line beside our refusal.
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > LARGEST_PIXELS:
            raise PhotographError(f"{path.name} has more than 24 megapixels: {image.width} x {image.height}")
        image.load()
    except PhotographError:
        raise
    except Image.DecompressionBombError as error:
        raise PhotographError(f"{path.name} has more than 24 megapixels") from error
    except UnidentifiedImageError as error:
        raise PhotographError(f"{path.name} is not a picture of a kind we read: {', '.join(FORMATS)}") from error
    except Exception as error:  # decoders raise almost anything on a damaged file
        raise PhotographError(f"{path.name} is damaged: {error}") from error
    return image, hashlib.sha256(content).hexdigest()
