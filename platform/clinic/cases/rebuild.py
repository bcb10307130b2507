"""Rebuilds a picture from its pixels alone, in a process of its own that may use little memory and time.

From: `clinic.cases.apart`, which starts `python -I -m clinic.cases.rebuild PURPOSE`, writes the upload to standard
input and reads one line of JSON and two PNG files from standard output. To: nobody else; it knows neither database nor
keys.
"""

import io
import json
import resource
import sys
from typing import NoReturn

import numpy as np
from PIL import Image, ImageCms, ImageOps

MEGAPIXELS = 24
SMALLEST = 256
PREVIEW = 1280
MEMORY = 900 * 2**20
SECONDS = 20
PAPER = {"photograph": (255, 255, 255), "mask": (0, 0, 0)}
SRGB = ImageCms.createProfile("sRGB")


class PictureError(Exception):
    """Why a picture was refused: a code of `clinic.cases.intake` and the figures its message needs."""

    def __init__(self, code: str, **figures: int) -> None:
        super().__init__(code)
        self.code, self.figures = code, figures


def rebuild(upload: bytes, purpose: str) -> tuple[str, Image.Image]:
    """Decode `upload` and return its format and an upright picture that owes the file nothing but its pixels.

    `purpose` is "photograph" (RGB in sRGB, transparent pixels white) or "mask" (grey, transparent pixels black).
    Raises `PictureError`.
    """
    image = opened(upload)
    if purpose == "photograph" and min(image.size) < SMALLEST:
        raise PictureError("small", width=image.width, height=image.height)
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        flat = without_alpha(in_eight_bits(upright), PAPER[purpose])
        return kind, in_srgb(flat, image.info.get("icc_profile")) if purpose == "photograph" else flat.convert("L")
    except (OSError, SyntaxError, ValueError, IndexError, EOFError, TypeError, KeyError) as error:
        raise PictureError("damaged") from error


def opened(upload: bytes) -> Image.Image:
    """Read the header only and refuse by it, before a single pixel is decoded."""
    try:
        image = Image.open(io.BytesIO(upload), formats=("JPEG", "PNG", "TIFF"))
        frames = 1 if image.format in ("JPEG", "MPO") else getattr(image, "n_frames", 1)
    except (OSError, SyntaxError, ValueError, IndexError, EOFError, TypeError, KeyError) as error:
        raise PictureError("damaged") from error
    if image.width * image.height > MEGAPIXELS * 1_000_000:
        raise PictureError("pixels", width=image.width, height=image.height)
    if frames > 1:
        raise PictureError("pages", pages=frames)
    return image


def in_eight_bits(image: Image.Image) -> Image.Image:
    """Bring 16-bit grey to 8 bits by its high byte; refuse 32-bit and floating-point values, whose white is unknown."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise PictureError("depth")
    return image


def without_alpha(image: Image.Image, paper: tuple[int, int, int]) -> Image.Image:
    """Lay a transparent picture on `paper`, so that what was hidden stays hidden; leave others alone."""
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, (*paper, 255)), layer).convert("RGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring the colours to sRGB by the file's own profile; a profile that is broken or of another kind is ignored."""
    if profile and image.mode in ("L", "RGB", "CMYK"):
        try:
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def png(image: Image.Image) -> bytes:
    """Write the bare pixels as a PNG file: a new picture, so that no text, profile or time of the old one follows."""
    bare, file = Image.new(image.mode, image.size), io.BytesIO()
    bare.paste(image)
    bare.save(file, "PNG", compress_level=1)
    return file.getvalue()


def bounded() -> None:
    """Take away what a picture never needs: much memory or time, core files, writing to any file at all."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and its message says the size


def answer(head: dict[str, object], *bodies: bytes) -> NoReturn:
    """Write the one answer of this process and end it."""
    head["lengths"] = [len(body) for body in bodies]
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for body in bodies:
        sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()
    sys.exit(0)


def main(purpose: str) -> NoReturn:
    """Answer for the picture on standard input."""
    bounded()
    try:
        kind, image = rebuild(sys.stdin.buffer.read(), purpose)
        small = image.copy()
        small.thumbnail((PREVIEW, PREVIEW), Image.Resampling.LANCZOS)
        head: dict[str, object] = {"width": image.width, "height": image.height, "format": kind}
        answer(head, png(image), png(small) if purpose == "photograph" else b"")
    except PictureError as error:
        answer({"refused": error.code, **error.figures})
    except MemoryError:
        answer({"refused": "effort"})


if __name__ == "__main__":
    main(sys.argv[1])
