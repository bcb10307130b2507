"""A photograph is rebuilt from its pixels: upright, in plain RGB, without anything else that was in the file."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from clinic.accounts.models import User
from clinic.cases import masking, pictures
from clinic.cases.intake import admit
from clinic.cases.rebuild import rebuild
from clinic.vault.models import SealedObject

CANARY = b"Maria-Canary-1971"
ORIENTATION = 0x0112
FACTS = {"side": "left", "severity": "complete", "phase": "pre-op", "dataset": "CleftLip10"}


def scene() -> Image.Image:
    """A picture of which no turn or mirror equals another: four corners of four colours, wider than high."""
    pixels = np.full((300, 400, 3), 128, np.uint8)
    pixels[:100, :150] = (220, 30, 30)
    pixels[:100, 250:] = (30, 220, 30)
    pixels[200:, :150] = (30, 30, 220)
    return Image.fromarray(pixels)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def rebuilt(content: bytes, purpose: str = "photograph") -> NDArray[np.uint8]:
    return np.asarray(rebuild(content, purpose)[1])


def close(a: NDArray[np.uint8], b: NDArray[np.uint8], least: float = 0.97) -> bool:
    """Equal but for what JPEG blurs along edges."""
    same = np.abs(a.astype(int) - b.astype(int)).max(axis=2) < 24
    return a.shape == b.shape and bool(same.mean() > least)


# What a camera stores for each orientation, so that turning it as told gives the scene.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", STORED)
def test_orientation_is_applied_once(orientation: int, kind: str) -> None:
    turn = STORED[orientation]
    stored = scene() if turn is None else scene().transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    assert close(rebuilt(written(stored, kind, exif=exif)), np.asarray(scene()))


def test_transparent_pixels_become_white_paper() -> None:
    image = Image.new("RGBA", (300, 300), (200, 10, 10, 0))

    assert (rebuilt(written(image, "PNG")) == 255).all()


def test_transparent_pixels_of_a_mask_become_black() -> None:
    image = Image.new("RGBA", (300, 300), (255, 255, 255, 0))

    assert (rebuilt(written(image, "PNG"), "mask") == 0).all()


def test_a_palette_with_transparency_is_read() -> None:
    image = Image.new("P", (300, 300), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])

    assert (rebuilt(written(image, "PNG", transparency=0)) == (10, 200, 30)).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_high_byte(kind: str) -> None:
    deep = np.full((300, 300), 0xC3A7, np.uint16)

    assert (rebuilt(written(Image.fromarray(deep), kind)) == 0xC3).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_becomes_three_equal_channels(mode: str) -> None:
    pixels = rebuilt(written(Image.new("L", (300, 300), 255).convert(mode), "PNG"))

    assert pixels.shape == (300, 300, 3)
    assert (pixels == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(kind: str) -> None:
    image = Image.new("RGB", (300, 300), (200, 40, 40)).convert("CMYK")

    red, green, blue = rebuilt(written(image, kind))[150, 150]

    assert red > 150
    assert max(green, blue) < 90


def test_a_profile_of_plain_srgb_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert np.abs(rebuilt(written(scene(), "PNG", icc_profile=profile)).astype(int) - np.asarray(scene())).max() <= 1


def test_a_profile_that_gives_colours_another_meaning_is_applied() -> None:
    # Says that the file's numbers are linear light: 128 is then a much brighter grey than in sRGB.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    curve = profile.index(b"para")
    profile[curve : curve + 16] = b"para" + bytes(4) + b"\0\0\0\0" + (1 << 16).to_bytes(4, "big")

    assert rebuilt(written(scene(), "PNG", icc_profile=bytes(profile)))[150, 200].min() > 170


def test_a_broken_profile_is_ignored() -> None:
    assert np.array_equal(rebuilt(written(scene(), "PNG", icc_profile=b"no profile" * 20)), np.asarray(scene()))


def with_notes(kind: str) -> bytes:
    """A photograph with the canary in every place where this kind of file can carry words."""
    exif, text = Image.Exif(), CANARY.decode()
    for tag in (0x010E, 0x013B, 0x8298, 0x9C9B):
        exif[tag] = text
    exif.get_ifd(0x8769)[0x927C] = CANARY
    exif.get_ifd(0x8825)[0x001D] = text
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY
    options: dict[str, object] = {"exif": exif, "icc_profile": profile}
    if kind == "JPEG":
        options |= {"comment": CANARY, "xmp": b"<x:xmpmeta>" + CANARY}
    if kind == "PNG":
        notes = PngInfo()
        notes.add_text("Author", text)
        notes.add_text("Comment", text, zip=True)
        notes.add_itxt("XML:com.adobe.xmp", text)
        options["pnginfo"] = notes
    return written(scene(), kind, **options) + CANARY


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.django_db
def test_no_note_of_the_file_reaches_anything_stored(
    kind: str, rosa: User, unsealed: Callable[[], list[bytes]]
) -> None:
    content = with_notes(kind)
    assert CANARY in content

    case = admit(owner=rosa, upload=content, **FACTS)
    masking.choose_crop(case.photograph, 0, 0, 300, by=rosa)

    objects = unsealed()
    assert len(objects) == 4
    for plaintext in objects:
        assert CANARY not in plaintext
        assert b"\0".join(bytes([letter]) for letter in CANARY) not in plaintext


@pytest.fixture
def unsealed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[bytes]]:
    """Every plaintext that was handed to the vault during the test."""
    handed: list[bytes] = []
    for module in ("clinic.cases.intake", "clinic.cases.masking"):
        true_seal = sys.modules[module].seal

        def seal(*args: object, true_seal: Callable[..., SealedObject] = true_seal, **options: object) -> SealedObject:
            handed.append(bytes(args[2]))  # type: ignore[call-overload]
            return true_seal(*args, **options)

        monkeypatch.setattr(f"{module}.seal", seal)
    return lambda: handed


@pytest.mark.django_db
def test_bytes_behind_the_picture_are_gone(rosa: User) -> None:
    case = admit(owner=rosa, upload=written(scene(), "JPEG") + b"<script>alert(1)</script>PK\x03\x04", **FACTS)

    assert b"script" not in pictures.preview(case.photograph)


def bounded(code: str) -> subprocess.CompletedProcess[str]:
    program = f"from clinic.cases import rebuild\nrebuild.bounded()\n{code}"
    return subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)


def test_the_reader_of_uploads_cannot_take_a_gigabyte() -> None:
    assert "MemoryError" in bounded("bytearray(2**30)").stderr


def test_the_reader_of_uploads_cannot_write_a_file(tmp_path: Path) -> None:
    answer = bounded(f"open({str(tmp_path / 'copy')!r}, 'wb', buffering=0).write(b'pixels')")

    assert "File too large" in answer.stderr
    assert (tmp_path / "copy").read_bytes() == b""


def test_the_reader_of_uploads_gets_no_environment(monkeypatch: pytest.MonkeyPatch, portrait: bytes) -> None:
    seen = {}

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(options)
        return subprocess.CompletedProcess(command, 1, b"", b"")

    monkeypatch.setenv("VERMILION_SECRET_KEY", "hush")
    monkeypatch.setattr(subprocess, "run", run)
    from_apart = sys.modules["clinic.cases.apart"]
    with pytest.raises(from_apart.DecodeError):
        from_apart.decode(portrait, "photograph")

    assert set(seen["env"]) == {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
