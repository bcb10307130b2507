"""Photographs and masks become one 256 x 256 pair, and nothing outside the hole ever changes."""

import numpy as np
import pytest
from PIL import Image

from inference import canonical
from inference.canonical import CanonicalError


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)


@pytest.fixture
def hole() -> np.ndarray:
    hole = np.zeros((256, 256), dtype=bool)
    hole[150:200, 90:160] = True
    return hole


def test_a_square_of_canonical_size_is_copied_byte_for_byte(photo):
    crop = canonical.square(photo, 10, 20, 256)
    assert np.array_equal(crop, photo[20:276, 10:266])


def test_any_other_square_is_resized_with_lanczos(photo):
    crop = canonical.square(photo, 50, 0, 300)
    expected = Image.fromarray(photo[:300, 50:350]).resize((256, 256), Image.Resampling.LANCZOS)
    assert np.array_equal(crop, np.asarray(expected))


@pytest.mark.parametrize("box", [(-1, 0, 256), (0, -1, 256), (145, 0, 256), (0, 45, 256), (0, 0, 0), (0, 0, 301)])
def test_a_square_that_leaves_the_photograph_is_refused(photo, box):
    with pytest.raises(CanonicalError, match="does not lie inside the 400 x 300 picture"):
        canonical.square(photo, *box)


def test_a_mask_is_averaged_before_it_is_binarised_once():
    mask = np.zeros((512, 512), dtype=np.uint8)
    mask[0:2, 0:1] = 255  # half of the first canonical pixel: a mean of 127.5, rounded to 128
    mask[0:1, 2:3] = 255  # a quarter of the second
    hole = canonical.square_hole(mask, 0, 0, 512)
    assert hole[0, 0]
    assert hole.sum() == 1


def test_128_is_hole_and_127_is_not():
    assert canonical.binarise(np.array([0, 127, 128, 255], dtype=np.uint8)).tolist() == [False, False, True, True]


def test_a_photograph_is_turned_as_its_camera_says(photo):
    image = Image.fromarray(photo)
    image.getexif()[0x0112] = 6  # the camera was held a quarter turn to the left
    assert np.array_equal(canonical.upright(image), np.rot90(photo, -1))


def test_sixteen_bits_a_channel_are_refused():
    with pytest.raises(CanonicalError, match="more than 8 bits"):
        canonical.upright(Image.new("I;16", (300, 300)))


def test_the_transparent_part_of_a_mask_is_not_hidden():
    mask = Image.new("RGBA", (256, 256), (255, 255, 255, 0))
    mask.paste((255, 255, 255, 255), (10, 10, 20, 20))
    assert canonical.binarise(canonical.grey(mask)).sum() == 100


def test_blanking_leaves_no_byte_of_the_lip(photo, hole):
    crop = canonical.square(photo, 0, 0, 256)
    blanked = canonical.blank(crop, hole)
    assert not blanked[hole].any()
    assert np.array_equal(blanked[~hole], crop[~hole])


def test_two_lips_leave_the_same_blanked_crop(photo, hole):
    crop = canonical.square(photo, 0, 0, 256)
    other = crop.copy()
    other[hole] = 255 - other[hole]
    assert np.array_equal(canonical.blank(crop, hole), canonical.blank(other, hole))


def test_a_result_keeps_every_byte_outside_the_hole(photo, hole):
    crop = canonical.square(photo, 0, 0, 256)
    filled = np.full_like(crop, 7)
    result = canonical.composite(crop, hole, filled)
    assert np.array_equal(result[~hole], crop[~hole])
    assert (result[hole] == 7).all()


def test_an_empty_mask_is_refused():
    with pytest.raises(CanonicalError, match="the mask is empty"):
        canonical.checked_hole(np.zeros((256, 256), dtype=bool))


def test_a_mask_that_covers_everything_is_refused():
    with pytest.raises(CanonicalError, match="covers the whole square"):
        canonical.checked_hole(np.ones((256, 256), dtype=bool))


def test_a_hole_of_another_size_is_refused():
    with pytest.raises(CanonicalError, match="256 x 256 booleans"):
        canonical.checked_hole(np.zeros((128, 128), dtype=bool))


def test_a_filling_of_another_size_is_refused(photo, hole):
    with pytest.raises(CanonicalError, match="256 x 256 x 3 bytes"):
        canonical.composite(canonical.square(photo, 0, 0, 256), hole, photo)
