"""What a picture looks like in 256 bits: ImageHash's `phash`, alike for copies that were resized or encoded anew.

Written into manifests by training.manifest, with the parameters beside it; the clinic makes the same hash of its own
photographs and compares them there.
"""

import io

import imagehash
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from training.errors import CommandError

PARAMETERS = {"library": "ImageHash", "kind": "phash", "hash_size": 16, "highfreq_factor": 4}


def opened(name: str, content: bytes) -> Image.Image:
    """The upright RGB picture in these bytes. Raises CommandError, naming it, for bytes that are no picture."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return _eight_bit(ImageOps.exif_transpose(picture)).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise CommandError(f"{name} is no picture that can be read; remove it and write the manifest anew") from error


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits by its high byte, as the clinic rebuilds it; `convert` would cut it off at 255."""
    if not picture.mode.startswith("I;16"):
        return picture
    return Image.fromarray((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))


def central_square(picture: Image.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest square in the middle."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return left, top, left + side, top + side


def fingerprints(picture: Image.Image) -> list[str]:
    """The hash of the whole picture and, where it is not square, of its central square: 64 hexadecimal digits each."""
    views = [picture]
    if picture.width != picture.height:
        views.append(picture.crop(central_square(picture)))
    return [str(imagehash.phash(view, hash_size=16, highfreq_factor=4)) for view in views]
