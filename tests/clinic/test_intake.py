"""Rosa brings in a photograph: what is stored, and every reason why nothing is."""

import io
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases import apart, pictures
from clinic.cases.intake import admit
from clinic.cases.models import Case
from clinic.cases.refusals import IntakeRefusal
from clinic.vault.models import SealedObject

FACTS = {"side": "left", "severity": "complete", "phase": "pre-op", "dataset": "CleftLip10"}

Refused = Callable[..., IntakeRefusal]


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def plain(width: int = 300, height: int = 280, kind: str = "PNG") -> bytes:
    return written(Image.new("RGB", (width, height), (200, 160, 140)), kind)


def png_of(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of one bit per pixel, all black, with more chunks before its pixels; cheap at any size."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row, deflate = b"\0" * (1 + (width + 7) // 8), zlib.compressobj(9)
    body = b"".join(deflate.compress(row) for _ in range(height)) + deflate.flush()
    parts = [(b"IHDR", header), *chunks, (b"IDAT", body), (b"IEND", b"")]
    lines = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(lines)


@pytest.fixture
def refused(rosa: User) -> Refused:
    """Try to admit and return the refusal, having seen that nothing at all was stored."""

    def attempt(upload: bytes, **facts: str) -> IntakeRefusal:
        with pytest.raises(IntakeRefusal) as refusal:
            admit(owner=rosa, upload=upload, **{**FACTS, **facts})
        assert Case.objects.count() == SealedObject.objects.count() == AuditEntry.objects.count() == 0
        return refusal.value

    return attempt


def test_rosa_admits_a_photograph_with_its_facts(admitted: Case, rosa: User) -> None:
    photograph = admitted.photograph

    assert (admitted.code, admitted.owner, admitted.hospital) == ("VM-0001", rosa, rosa.hospital)
    assert (admitted.cleft_side, admitted.severity, admitted.phase) == ("left", "complete", "pre-op")
    assert (photograph.width, photograph.height, photograph.format) == (400, 300, "PNG")
    assert AuditEntry.objects.get(act="case-admitted").object_id == str(admitted.id)


def test_the_vault_gives_the_pixels_back_as_they_were(admitted: Case, portrait: bytes) -> None:
    original = np.asarray(Image.open(io.BytesIO(portrait)))

    assert np.array_equal(pictures.photograph(admitted.photograph), original)


def test_no_byte_of_the_photograph_lies_open_on_disk(admitted: Case, portrait: bytes, data_folder: Path) -> None:
    pixels = np.asarray(Image.open(io.BytesIO(portrait))).tobytes()
    stored = [path.read_bytes() for path in data_folder.rglob("*") if path.is_file()]

    assert stored
    for content in stored:
        assert portrait[40:72] not in content
        assert pixels[-96:] not in content
        assert b"\x89PNG" not in content


def test_cases_are_numbered_one_after_the_other(admitted: Case, rosa: User) -> None:
    assert admit(owner=rosa, upload=plain(), **FACTS).code == "VM-0002"


def test_each_hospital_numbers_its_own_cases(admitted: Case, max_: User) -> None:
    assert admit(owner=max_, upload=plain(), **FACTS).code == "VM-0001"


def test_rosa_may_bring_her_own_code(rosa: User) -> None:
    assert admit(owner=rosa, upload=plain(), code="WARD-17", **FACTS).code == "WARD-17"


def test_a_code_that_is_taken_is_refused(admitted: Case, rosa: User) -> None:
    with pytest.raises(IntakeRefusal, match="VM-0001 is taken") as refusal:
        admit(owner=rosa, upload=plain(), code="VM-0001", **FACTS)

    assert (refusal.value.code, refusal.value.field) == ("INTAKE-TAKEN", "code")
    assert Case.objects.count() == 1


@pytest.mark.parametrize("code", ["Maria", "VM 12", "vm-12", "VM-", "VM-1234567", "VM-12\n", "=VM-12", "../VM-12"])
def test_a_code_that_could_be_a_name_is_refused(code: str, refused: Refused) -> None:
    assert refused(plain(), code=code).field == "code"


@pytest.mark.parametrize("field", ["side", "severity", "phase"])
def test_a_fact_outside_its_list_is_refused(field: str, refused: Refused) -> None:
    refusal = refused(plain(), **{field: "unknown"})

    assert (refusal.code, refusal.field) == (f"INTAKE-{field.upper()}", field)


@pytest.mark.parametrize("dataset", ["", " ", "a" * 41, "<b>", "=cmd", "Lip\n24"])
def test_a_malformed_data_set_is_refused(dataset: str, refused: Refused) -> None:
    assert refused(plain(), dataset=dataset).code == "INTAKE-DATASET"


def test_an_empty_file_is_refused(refused: Refused) -> None:
    assert refused(b"").code == "INTAKE-EMPTY"


def test_a_file_over_32_megabytes_is_refused_by_its_size(refused: Refused) -> None:
    refusal = refused(plain() + bytes(33 * 2**20))

    assert refusal.code == "INTAKE-SIZE"
    assert "33 MB; the limit is 32" in refusal.message


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + bytes(200),
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(200),
        b"\0\0\0\x18ftypheic" + bytes(200),
        b"BM" + bytes(200),
        b"%PDF-1.7" + bytes(200),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"II+\0\x08\0\0\0" + bytes(200),
        b"PK\x03\x04" + plain(),
    ],
    ids=["gif", "webp", "heic", "bmp", "pdf", "svg", "bigtiff", "zip"],
)
def test_other_kinds_of_file_are_refused_by_their_first_bytes(content: bytes, refused: Refused) -> None:
    assert refused(content).code == "INTAKE-TYPE"


def test_a_picture_of_more_than_24_megapixels_is_refused_by_its_header(refused: Refused) -> None:
    refusal = refused(png_of(6200, 5000))

    assert refusal.code == "INTAKE-PIXELS"
    assert "It has 31 megapixels; the limit is 24." in refusal.message
    assert refusal.message.endswith("Nothing was stored.")


def test_a_bomb_of_169_megapixels_in_20_kilobytes_is_refused(refused: Refused) -> None:
    bomb = png_of(13_000, 13_000)

    assert len(bomb) < 40_000
    assert refused(bomb).code == "INTAKE-PIXELS"


def test_a_jpeg_that_claims_65535_squared_is_refused(refused: Refused) -> None:
    content = bytearray(plain(kind="JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"

    assert refused(bytes(content)).code == "INTAKE-PIXELS"


def test_a_png_whose_text_unpacks_to_100_megabytes_is_refused(refused: Refused) -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(100 * 2**20), 9)

    assert refused(png_of(300, 300, (b"zTXt", text))).code in {"INTAKE-DAMAGED", "INTAKE-EFFORT"}


def test_a_tiff_whose_directory_points_at_itself_is_refused(refused: Refused) -> None:
    content = bytearray(plain(kind="TIFF"))
    start = struct.unpack("<I", content[4:8])[0]
    entries = struct.unpack("<H", content[start : start + 2])[0]
    end = start + 2 + 12 * entries
    content[end : end + 4] = struct.pack("<I", start)

    assert refused(bytes(content[: end + 4])).code in {"INTAKE-PAGES", "INTAKE-DAMAGED"}


def test_a_thumbnail_is_refused_as_too_small(refused: Refused) -> None:
    refusal = refused(plain(width=255, height=900))

    assert refusal.code == "INTAKE-SMALL"
    assert "255 × 900" in refusal.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_file_cut_short_is_refused(kind: str, refused: Refused) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    content = written(Image.fromarray(noise), kind)

    assert refused(content[: len(content) // 2]).code == "INTAKE-DAMAGED"


def test_a_file_of_several_pages_is_refused(refused: Refused) -> None:
    pages = [Image.new("RGB", (300, 300), shade) for shade in ("white", "grey", "black")]

    refusal = refused(written(pages[0], "TIFF", save_all=True, append_images=pages[1:]))

    assert refusal.code == "INTAKE-PAGES"
    assert "holds 3 pictures" in refusal.message


def test_a_picture_of_floating_point_values_is_refused(refused: Refused) -> None:
    assert refused(written(Image.new("F", (300, 300), 0.5), "TIFF")).code == "INTAKE-DEPTH"


def test_a_photograph_that_is_noise_all_over_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.cases.intake.LARGEST_SEALED", 100)

    assert refused(plain()).code == "INTAKE-NOISE"


def test_a_file_that_takes_too_long_to_read_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "WALL_SECONDS", 0.001)

    assert refused(plain()).code == "INTAKE-EFFORT"


def test_a_file_that_breaks_its_reader_is_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert refused(plain()).code == "INTAKE-EFFORT"
