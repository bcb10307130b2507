"""Rosa's mask is kept in versions: each sealed, none ever changed, and never one without a usable hole."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases import masking, pictures
from clinic.cases.models import Case, Crop, Mask
from clinic.cases.refusals import MaskRefusal


@pytest.fixture
def crop(admitted: Case, rosa: User) -> Crop:
    return masking.choose_crop(admitted.photograph, 0, 0, 300, by=rosa)


def lip() -> NDArray[np.bool_]:
    hole = np.zeros((256, 256), np.bool_)
    hole[140:190, 90:165] = True
    hole[140, 90] = False
    return hole


def test_the_hole_comes_back_point_for_point(crop: Crop, rosa: User) -> None:
    mask = masking.save_mask(crop, lip(), rosa)

    assert np.array_equal(pictures.hole(mask), lip())
    assert mask.sealed.plaintext_length == 8192
    assert mask.coverage == pytest.approx((50 * 75 - 1) / 65536)


def test_each_save_makes_the_next_version_and_leaves_the_last_alone(crop: Crop, rosa: User) -> None:
    first = masking.save_mask(crop, lip(), rosa)
    second = masking.save_mask(crop, np.roll(lip(), 9), rosa, "imported")

    assert (first.version, second.version) == (1, 2)
    assert np.array_equal(pictures.hole(first), lip())
    assert Case.objects.get().current_mask == second


def test_the_audit_log_knows_version_coverage_and_source(crop: Crop, rosa: User) -> None:
    mask = masking.save_mask(crop, lip(), rosa)

    entry = AuditEntry.objects.get(act="mask-saved")
    assert (entry.object_id, entry.actor) == (str(mask.id), rosa)
    assert entry.details == {"version": 1, "coverage": 0.0572, "source": "drawn"}


def test_an_empty_hole_is_refused(crop: Crop, rosa: User) -> None:
    with pytest.raises(MaskRefusal, match="The hole is empty") as refusal:
        masking.save_mask(crop, np.zeros((256, 256), np.bool_), rosa)

    assert refusal.value.code == "MASK-EMPTY"
    assert not Mask.objects.exists()


def test_a_hole_that_covers_everything_is_refused(crop: Crop, rosa: User) -> None:
    with pytest.raises(MaskRefusal) as refusal:
        masking.save_mask(crop, np.ones((256, 256), np.bool_), rosa)

    assert refusal.value.code == "MASK-FULL"
    assert not Mask.objects.exists()


@pytest.mark.parametrize("hole", [np.ones((128, 128), np.bool_), np.ones((256, 256), np.uint8)], ids=["small", "bytes"])
def test_anything_but_256_by_256_bits_is_refused(hole: NDArray[np.bool_], crop: Crop, rosa: User) -> None:
    with pytest.raises(MaskRefusal) as refusal:
        masking.save_mask(crop, hole, rosa)

    assert refusal.value.code == "MASK-SHAPE"


def test_the_database_refuses_a_second_mask_of_one_version(crop: Crop, rosa: User) -> None:
    masking.save_mask(crop, lip(), rosa)
    other = masking.save_mask(crop, lip(), rosa)

    with pytest.raises(IntegrityError), transaction.atomic():
        Mask.objects.filter(pk=other.pk).update(version=1)


@pytest.mark.parametrize("change", [{"coverage": 0.0}, {"coverage": 1.0}, {"version": 0}, {"source": "guessed"}])
def test_the_database_refuses_a_mask_that_means_nothing(change: dict[str, object], crop: Crop, rosa: User) -> None:
    mask = masking.save_mask(crop, lip(), rosa)

    with pytest.raises(IntegrityError), transaction.atomic():
        Mask.objects.filter(pk=mask.pk).update(**change)
