"""Rosa chooses the square of the photograph that every method receives."""

import io

import numpy as np
import pytest
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases import masking, pictures
from clinic.cases.models import Case, Crop
from clinic.cases.refusals import CropRefusal
from inference import canonical


def test_the_crop_is_what_the_one_canonicaliser_makes_of_the_square(admitted: Case, rosa: User) -> None:
    crop = masking.choose_crop(admitted.photograph, 20, 10, 280, by=rosa)

    original = pictures.photograph(admitted.photograph)
    assert np.array_equal(pictures.canonical(crop), canonical.square(original, 20, 10, 280))
    assert AuditEntry.objects.get(act="crop-chosen").details == {"left": 20, "top": 10, "side": 280}


def test_the_view_to_draw_on_has_the_square_s_own_pixels(admitted: Case, rosa: User) -> None:
    crop = masking.choose_crop(admitted.photograph, 20, 10, 280, by=rosa)

    seen = np.asarray(Image.open(io.BytesIO(pictures.view(crop))))
    assert np.array_equal(seen, pictures.photograph(admitted.photograph)[10:290, 20:300])


def test_the_newest_crop_is_the_current_one_and_starts_without_a_mask(admitted: Case, rosa: User) -> None:
    first = masking.choose_crop(admitted.photograph, 0, 0, 256, by=rosa)
    masking.save_mask(first, np.eye(256, dtype=np.bool_), rosa)
    second = masking.choose_crop(admitted.photograph, 4, 4, 256, by=rosa)

    assert Case.objects.get().current_crop == second
    assert Case.objects.get().current_mask is None


def test_choosing_the_same_square_again_keeps_crop_and_masks(admitted: Case, rosa: User) -> None:
    first = masking.choose_crop(admitted.photograph, 0, 0, 256, by=rosa)
    mask = masking.save_mask(first, np.eye(256, dtype=np.bool_), rosa)

    assert masking.choose_crop(Case.objects.get().photograph, 0, 0, 256, by=rosa) == first
    assert Case.objects.get().current_mask == mask


@pytest.mark.parametrize(
    ("square", "code"),
    [
        ((0, 0, 255), "CROP-SIDE"),
        ((0, 0, 301), "CROP-SIDE"),
        ((0, 0, -256), "CROP-SIDE"),
        ((-1, 0, 256), "CROP-LEFT"),
        ((145, 0, 256), "CROP-LEFT"),
        ((0, -1, 256), "CROP-TOP"),
        ((0, 45, 256), "CROP-TOP"),
    ],
)
def test_a_square_that_does_not_fit_is_refused(
    square: tuple[int, int, int], code: str, admitted: Case, rosa: User
) -> None:
    with pytest.raises(CropRefusal) as refusal:
        masking.choose_crop(admitted.photograph, *square, by=rosa)

    assert refusal.value.code == code
    assert not Crop.objects.exists()


def test_the_square_offered_first_lies_in_the_middle() -> None:
    assert masking.centred_square(400, 300) == (50, 0, 300)
    assert masking.centred_square(300, 401) == (0, 50, 300)
