"""Synthetic clefts: on the patient's own side, under the clinician's mask, and nothing else changed."""

import cv2
import numpy as np
import pytest

from training.synthetic import Cleft, Photograph, clinical_hole, draw_clefts, person, photograph

SIZE = (192, 192)
STRONG = 40  # grey levels of 255 in any channel

PATIENTS = {
    501: (Cleft("left", 0.9),),
    502: (Cleft("right", 0.6),),
    503: (Cleft("left", 0.3),),
    504: (Cleft("left", 0.8), Cleft("right", 0.7)),
    506: (Cleft("right", 1.0),),
    507: (Cleft("left", 0.4), Cleft("right", 0.9)),
}


def pair(seed: int, clefts: tuple[Cleft, ...]) -> tuple[Photograph, Photograph, np.ndarray]:
    who = person(seed)
    patient, truth = photograph(who, size=SIZE, clefts=clefts), photograph(who, size=SIZE)
    return patient, truth, np.abs(patient.image.astype(int) - truth.image.astype(int)).max(2)


@pytest.fixture(scope="module")
def pairs() -> dict[int, tuple[Photograph, Photograph, np.ndarray]]:
    return {seed: pair(seed, clefts) for seed, clefts in PATIENTS.items()}


@pytest.mark.parametrize("seed", PATIENTS)
def test_the_mask_covers_what_the_cleft_changes(pairs, seed: int) -> None:
    patient, _, change = pairs[seed]
    strong = change > STRONG
    assert strong.sum() > 30
    assert (strong & patient.mask).sum() / strong.sum() >= 0.95


@pytest.mark.parametrize("seed", PATIENTS)
def test_far_from_the_mask_the_same_person_stays_the_same(pairs, seed: int) -> None:
    patient, _, change = pairs[seed]
    near = cv2.dilate(patient.mask.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0
    assert change[~near].mean() < 0.8


@pytest.mark.parametrize(("side", "towards"), [("left", 1), ("right", -1)])
def test_the_patients_left_is_the_pictures_right(side: str, towards: int) -> None:
    for seed in (501, 510, 512):
        patient, truth, change = pair(seed, (Cleft("left" if side == "left" else "right", 0.8),))
        columns = np.nonzero(change > STRONG)[1]
        assert (columns.mean() - truth.landmarks[[33, 51, 62], 0].mean()) * towards > 2
        assert patient.info["cleft_side"] == side


def test_a_worse_cleft_changes_more() -> None:
    slight, severe = (pair(501, (Cleft("left", severity),))[2] for severity in (0.15, 0.95))
    assert (severe > STRONG).sum() > 2 * (slight > STRONG).sum()


def test_the_eyes_of_a_patient_keep_their_landmarks_and_the_lip_does_not(pairs) -> None:
    patient, truth, _ = pairs[501]
    assert patient.landmarks[36:48] == pytest.approx(truth.landmarks[36:48], abs=0.05)
    assert np.abs(patient.landmarks[48:] - truth.landmarks[48:]).max() > 2


def test_masks_take_a_clinical_share_of_a_tight_crop() -> None:
    marks = photograph(person(520), size=(256, 256)).landmarks
    shares = [clinical_hole(marks, np.random.default_rng(seed)).mean() for seed in range(60)]
    assert min(shares) > 0.03
    assert max(shares) < 0.14


def test_masks_of_a_healthy_face_lie_over_either_side_of_its_lip() -> None:
    marks = photograph(person(521), size=(256, 256)).landmarks
    offsets = []
    for seed in range(60):
        rows, columns = np.nonzero(clinical_hole(marks, np.random.default_rng(seed)))
        assert marks[30, 1] - 25 < rows.mean() < marks[57, 1]
        offsets.append(columns.mean() - marks[51, 0])
    assert min(offsets) < -6
    assert max(offsets) > 6


def test_masks_cover_the_lip_margin_and_the_sill_of_the_nostril() -> None:
    marks = photograph(person(522), size=(256, 256)).landmarks
    hole = clinical_hole(marks, np.random.default_rng(1), (Cleft("left", 0.8),))
    for point in ((marks[62] + marks[63]) / 2, marks[34]):
        column, row = np.round(point).astype(int)
        assert hole[row, column]


def test_a_mask_is_drawn_at_the_size_asked_for() -> None:
    marks = photograph(person(523), size=(256, 256)).landmarks
    assert clinical_hole(marks / 2, np.random.default_rng(1), size=128).shape == (128, 128)
    assert clinical_hole(marks, np.random.default_rng(1), size=(400, 256)).shape == (256, 400)


def test_patients_have_left_clefts_more_often_and_some_on_both_sides() -> None:
    drawn = [draw_clefts(np.random.default_rng(seed)) for seed in range(300)]
    single = [clefts[0].side for clefts in drawn if len(clefts) == 1]
    assert 1.4 < single.count("left") / single.count("right") < 3
    assert 0.15 < sum(len(clefts) == 2 for clefts in drawn) / 300 < 0.35


def test_a_cleft_in_the_middle_is_refused() -> None:
    with pytest.raises(ValueError, match="left or right"):
        Cleft("middle", 0.5)  # type: ignore[arg-type]


def test_a_severity_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.1"):
        Cleft("left", 1.2)


def test_two_clefts_on_one_side_are_refused() -> None:
    with pytest.raises(ValueError, match="at most one cleft on each side"):
        photograph(person(1), size=(64, 64), clefts=(Cleft("left", 0.4), Cleft("left", 0.5)))
