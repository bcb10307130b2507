"""The one canonicaliser: how a photograph and a mask become the 256 x 256 pair of every method, and the way back.

From photographs on disk (inference.cli) or in the vault (clinic.cases); to engine, order and result.
It loads Pillow and numpy and no torch, so the clinic may import it: crop, blanking and compositing exist only here.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from inference.contract import SIZE

Pixels = NDArray[np.uint8]
Hole = NDArray[np.bool_]

WHITE_FROM = 128


class CanonicalError(ValueError):
    """A picture, a mask or a square that cannot be brought to canonical form; the message says what to do."""


def upright(photo: Image.Image) -> Pixels:
    """The photograph as height x width x 3 RGB bytes, turned as its EXIF orientation says.

    Raises CanonicalError for pictures of more than 8 bits a channel, which would have to be guessed down.
    """
    _refuse_deep(photo)
    turned = ImageOps.exif_transpose(photo)
    return np.asarray((turned or photo).convert("RGB"), dtype=np.uint8)


def grey(mask: Image.Image) -> Pixels:
    """A mask file's picture as height x width bytes; transparent parts count as black, that is as not hidden."""
    _refuse_deep(mask)
    turned = ImageOps.exif_transpose(mask) or mask
    if turned.has_transparency_data:
        opaque = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", opaque.size, "black"), opaque)
    return np.asarray(turned.convert("L"), dtype=np.uint8)


def square(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """The square of a height x width x 3 photograph as the canonical 256 x 256 x 3 crop (Lanczos).

    Raises CanonicalError unless the whole square lies inside the photograph.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise CanonicalError(f"a photograph is height x width x 3 bytes, not {pixels.dtype} {pixels.shape}")
    cut = _cut(pixels, left, top, side)
    if side == SIZE:
        return cut.copy()
    return np.asarray(Image.fromarray(cut).resize((SIZE, SIZE), Image.Resampling.LANCZOS), dtype=np.uint8)


def square_hole(mask: Pixels, left: int, top: int, side: int) -> Hole:
    """The same square of a height x width grey mask as a 256 x 256 hole (True = hole).

    The mask is averaged over each canonical pixel's area first and binarised once, afterwards: a canonical pixel is
    hole where at least half of the light that falls on it is white. Raises CanonicalError as `square` does.
    """
    if mask.dtype != np.uint8 or mask.ndim != 2:
        raise CanonicalError(f"a mask is height x width bytes, not {mask.dtype} {mask.shape}")
    cut = _cut(mask, left, top, side)
    return binarise(np.asarray(Image.fromarray(cut).resize((SIZE, SIZE), Image.Resampling.BOX), dtype=np.uint8))


def binarise(mask: Pixels) -> Hole:
    """True (hole) where a grey mask is 128 or brighter; any shape."""
    return np.asarray(mask >= WHITE_FROM)


def checked_hole(hole: Hole) -> Hole:
    """The hole, if it is 256 x 256 booleans, not empty and not all-covering; else CanonicalError says what to do."""
    if hole.dtype != np.bool_ or hole.shape != (SIZE, SIZE):
        raise CanonicalError(f"a hole is {SIZE} x {SIZE} booleans, not {hole.dtype} {hole.shape}")
    if not hole.any():
        raise CanonicalError(
            "the mask is empty within the square: paint the region to replace in white (128 or brighter)"
        )
    if hole.all():
        raise CanonicalError("the mask covers the whole square: leave the part of the face to keep in black")
    return hole


def blank(crop: Pixels, hole: Hole) -> Pixels:
    """The canonical crop with every byte under the hole set to zero; what leaves for a worker or enters a network."""
    _check_crop(crop)
    return np.where(checked_hole(hole)[..., None], np.uint8(0), crop)


def composite(crop: Pixels, hole: Hole, filled: Pixels) -> Pixels:
    """The filled picture's bytes inside the hole and the crop's own bytes everywhere else (all 256 x 256 x 3)."""
    _check_crop(crop)
    _check_crop(filled)
    return np.where(checked_hole(hole)[..., None], filled, crop)


def _check_crop(crop: Pixels) -> None:
    if crop.dtype != np.uint8 or crop.shape != (SIZE, SIZE, 3):
        raise CanonicalError(f"a canonical crop is {SIZE} x {SIZE} x 3 bytes, not {crop.dtype} {crop.shape}")


def _cut(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """The square itself, in the picture's own pixels."""
    height, width = pixels.shape[:2]
    if side < 1 or left < 0 or top < 0 or left + side > width or top + side > height:
        raise CanonicalError(
            f"the square at ({left}, {top}) of side {side} does not lie inside the {width} x {height} picture"
        )
    return pixels[top : top + side, left : left + side]


def _refuse_deep(picture: Image.Image) -> None:
    if picture.mode.startswith(("I", "F")):
        raise CanonicalError("the picture has more than 8 bits a channel: save it with 8 and try again")
