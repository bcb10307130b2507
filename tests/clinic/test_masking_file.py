"""Rosa imports a mask made elsewhere: white is the hole, and what does not fit is refused rather than bent."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from clinic.accounts.models import User
from clinic.cases import masking
from clinic.cases.models import Case, Crop, Mask
from clinic.cases.refusals import MaskRefusal


@pytest.fixture
def crop(admitted: Case, rosa: User) -> Crop:
    """A square of 256 px, so that a mask as large as the photograph maps point for point."""
    return masking.choose_crop(admitted.photograph, 30, 20, 256, by=rosa)


def written(pixels: NDArray[np.uint8], kind: str = "PNG", mode: str = "L") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind)
    return file.getvalue()


def small() -> NDArray[np.uint8]:
    pixels = np.zeros((256, 256), np.uint8)
    pixels[140:190, 90:165] = 255
    return pixels


def large(left: int = 120, top: int = 160) -> NDArray[np.uint8]:
    """A mask of the photograph's 400 x 300."""
    pixels = np.zeros((300, 400), np.uint8)
    pixels[top : top + 50, left : left + 75] = 255
    return pixels


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_a_mask_of_256_is_taken_as_it_is_in_any_mode(mode: str, crop: Crop) -> None:
    assert np.array_equal(masking.read_mask_file(written(small(), mode=mode), crop), small() > 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_mask_as_large_as_the_photograph_is_cut_by_the_crop(kind: str, crop: Crop) -> None:
    hole = masking.read_mask_file(written(large(), kind), crop)

    expected = np.zeros((256, 256), np.bool_)
    expected[140:190, 90:165] = True
    assert np.array_equal(hole, expected)


def test_a_grey_rim_is_settled_at_one_half(crop: Crop) -> None:
    pixels = small()
    pixels[139, 90:165], pixels[190, 90:165] = 127, 128

    hole = masking.read_mask_file(written(pixels), crop)

    assert not hole[139].any()
    assert hole[190, 90:165].all()


def test_importing_stores_nothing(crop: Crop) -> None:
    masking.read_mask_file(written(small()), crop)

    assert not Mask.objects.exists()


def test_a_hole_that_leaves_the_crop_is_refused(crop: Crop) -> None:
    with pytest.raises(MaskRefusal) as refusal:
        masking.read_mask_file(written(large(left=10)), crop)

    assert refusal.value.code == "MASK-OUTSIDE"


def test_a_mask_of_another_size_is_refused_with_both_sizes(crop: Crop) -> None:
    with pytest.raises(MaskRefusal, match=r"512 × 512 .* 400 × 300, or 256 × 256") as refusal:
        masking.read_mask_file(written(np.zeros((512, 512), np.uint8)), crop)

    assert refusal.value.code == "MASK-SIZE"


def test_a_black_mask_is_refused(crop: Crop) -> None:
    with pytest.raises(MaskRefusal, match="nothing in it is white") as refusal:
        masking.read_mask_file(written(small() * 0), crop)

    assert refusal.value.code == "MASK-EMPTY"


def test_a_photograph_taken_for_a_mask_is_refused(crop: Crop, portrait: bytes) -> None:
    with pytest.raises(MaskRefusal, match="not black and white") as refusal:
        masking.read_mask_file(portrait, crop)

    assert refusal.value.code == "MASK-GREY"


@pytest.mark.parametrize("content", [b"GIF89a" + bytes(50), b"no picture at all"], ids=["gif", "text"])
def test_a_file_that_is_no_picture_is_refused(content: bytes, crop: Crop) -> None:
    with pytest.raises(MaskRefusal) as refusal:
        masking.read_mask_file(content, crop)

    assert refusal.value.code == "MASK-FILE"


def test_an_empty_file_is_no_mask(crop: Crop) -> None:
    with pytest.raises(MaskRefusal) as refusal:
        masking.read_mask_file(b"", crop)

    assert refusal.value.code == "MASK-BYTES"
