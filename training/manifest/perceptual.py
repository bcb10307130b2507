"""What a picture looks like in 256 bits: ImageHash's `phash`, alike for copies that were resized or encoded anew.

Written into manifests by training.manifest, with the parameters beside it; the clinic makes the same hash of its own
photographs and compares them there.
"""

import io

import imagehash
from PIL import Image, ImageOps, UnidentifiedImageError

from training.errors import CommandError

PARAMETERS = {"library": "ImageHash", "kind": "phash", "hash_size": 16, "highfreq_factor": 4}


def opened(name: str, content: bytes) -> Image.Image:
    """The upright RGB picture in these bytes. Raises CommandError, naming it, for bytes that are no picture."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise CommandError(f"{name} is no picture that can be read; remove it and write the manifest anew") from error


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
