"""Synthetic people: the same seed is the same person, of every kind, at every size, with exact landmarks."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.synthetic import Photograph, person, photograph
from training.synthetic.asset import ASSET_PATH, head
from training.synthetic.shape import KINDS, TALLEST_SKULL, vertices
from training.synthetic.surface import landmarks_of

SEEDS = range(40, 48)

# Mean grey of the nine fields of a 3 x 3 grid; a change here changes every face, and with it every checkpoint's data.
GOLDEN = {
    0: [144.0, 120.0, 115.0, 160.0, 119.0, 136.0, 173.0, 113.0, 139.0],
    1: [125.0, 153.0, 124.0, 141.0, 162.0, 142.0, 105.0, 154.0, 98.0],
    2: [79.0, 84.0, 85.0, 88.0, 87.0, 97.0, 85.0, 76.0, 90.0],
}
GOLDEN_TOLERANCE = 6.0


@pytest.fixture(scope="module")
def faces() -> list[Photograph]:
    return [photograph(person(seed), size=(128, 128)) for seed in SEEDS]


def fields(image: NDArray[np.uint8]) -> list[float]:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return [float(value) for value in cv2.resize(grey, (3, 3), interpolation=cv2.INTER_AREA).ravel()]


def redness(image: NDArray[np.uint8], point: NDArray[np.float64]) -> float:
    column, row = np.round(point).astype(int)
    patch = image[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3).astype(float).mean(0)
    return float(patch[0] / (patch[1] + 1))


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (photograph(person(7), size=(96, 96)) for _ in range(2))
    assert (first.image == second.image).all()
    assert (first.landmarks == second.landmarks).all()


def test_other_seeds_give_other_people() -> None:
    assert person(1) != person(2)
    first, second = (photograph(person(seed), size=(64, 64)).image.astype(int) for seed in (1, 2))
    assert np.abs(first - second).mean() > 10


@pytest.mark.parametrize("seed", GOLDEN)
def test_faces_look_as_they_did_when_the_checkpoints_were_trained(seed: int) -> None:
    assert fields(photograph(person(seed), size=(64, 64)).image) == pytest.approx(GOLDEN[seed], abs=GOLDEN_TOLERANCE)


def test_a_new_block_would_not_change_the_others() -> None:
    infant, adult = person(11, kind="infant"), person(11, kind="adult")
    assert infant.shape != adult.shape
    assert infant.light == adult.light
    assert infant.pose == adult.pose
    assert infant.backdrop == adult.backdrop


def test_half_of_the_people_are_infants_and_all_kinds_appear() -> None:
    kinds = [person(seed).kind for seed in range(200)]
    assert set(kinds) == set(KINDS)
    assert 0.4 < kinds.count("infant") / len(kinds) < 0.6


def test_infants_have_lower_faces_under_their_eyes_than_adults() -> None:
    def chin_below_eyes(kind_seed: int, infant: bool) -> float:
        marks = landmarks_of(vertices(person(kind_seed, kind="infant" if infant else "adult").shape))
        return float((marks[36:48, 2].mean() - marks[8, 2]) / np.linalg.norm(marks[36] - marks[45]))

    infants = np.mean([chin_below_eyes(seed, True) for seed in range(12)])
    adults = np.mean([chin_below_eyes(seed, False) for seed in range(12)])
    assert infants < adults - 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_no_skull_towers_over_the_eyes(kind: str) -> None:
    for seed in range(10):
        points = vertices(person(seed, kind=next(known for known in KINDS if known == kind)).shape)
        marks = landmarks_of(points)
        height = (points[:, 2].max() - marks[27, 2]) / np.linalg.norm(marks[36] - marks[45])
        assert height <= TALLEST_SKULL + 0.01


def test_all_landmarks_lie_in_the_frame(faces: list[Photograph]) -> None:
    for face in faces:
        assert face.landmarks.shape == (68, 2)
        assert (face.landmarks > 0).all()
        assert (face.landmarks < 127).all()


def test_landmarks_keep_their_order_subject_right_first(faces: list[Photograph]) -> None:
    for face in faces:
        marks = face.landmarks
        assert marks[36, 0] < marks[39, 0] < marks[42, 0] < marks[45, 0]
        assert marks[48, 0] < marks[51, 0] < marks[54, 0]
        assert marks[19, 1] < marks[37, 1] < marks[33, 1] < marks[57, 1] < marks[8, 1]


def test_lip_landmarks_lie_on_lips(faces: list[Photograph]) -> None:
    redder = []
    for face in faces:
        marks = face.landmarks
        upper, lower = (marks[51] + marks[62]) / 2, (marks[57] + marks[66]) / 2
        cheeks = [marks[2] * 0.4 + marks[48] * 0.6, marks[14] * 0.4 + marks[54] * 0.6]
        skin = np.mean([redness(face.image, point) for point in cheeks])
        redder += [redness(face.image, upper) > skin, redness(face.image, lower) > skin]
    assert np.mean(redder) > 0.9


def test_pupils_lie_between_the_lids(faces: list[Photograph]) -> None:
    for face in faces:
        for eye in (slice(36, 42), slice(42, 48)):
            column, row = np.round(face.landmarks[eye].mean(0)).astype(int)
            brow = face.landmarks[19 if eye.start == 36 else 24]
            forehead = face.image[int(brow[1]) - 6, int(brow[0])].mean()
            assert face.image[row - 1 : row + 2, column - 1 : column + 2].mean() < forehead


def test_the_same_person_looks_the_same_at_another_size() -> None:
    who = person(14)
    small, large = photograph(who, size=(96, 96)), photograph(who, size=(192, 192))
    assert large.landmarks + 0.5 == pytest.approx(2 * (small.landmarks + 0.5), abs=0.05)
    shrunk = cv2.resize(large.image, (96, 96), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shrunk - small.image).mean() < 6


def test_a_photograph_can_be_wide() -> None:
    wide = photograph(person(3), size=(150, 100), framing="portrait")
    assert wide.image.shape == (100, 150, 3)
    assert wide.mask is None
    assert np.abs(wide.landmarks[:, 0].mean() - 75) < 20


def test_a_portrait_shows_more_than_a_tight_crop() -> None:
    tight, portrait = (photograph(person(5), size=(96, 96), framing=framing) for framing in ("tight", "portrait"))
    assert portrait.info["eye_distance"] < 0.8 * float(tight.info["eye_distance"])


def test_the_baked_head_is_small_and_holds_no_face_units() -> None:
    assert ASSET_PATH.stat().st_size < 8_000_000
    names = " ".join(head().target_rows)
    assert "jawOpen" not in names
    assert "mouthSmile" not in names
    licence = (ASSET_PATH.parent / "CC0-1.0.md").read_text()
    assert "CC0 1.0 Universal" in licence


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="kind is one of infant, child, adult"):
        person(1, kind="toddler")  # type: ignore[arg-type]


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="a seed is 0 or more"):
        person(-1)


def test_a_picture_too_small_to_show_a_face_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 pixels"):
        photograph(person(1), size=(256, 16))


def test_a_framing_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="framing is one of tight, portrait"):
        photograph(person(1), size=(64, 64), framing="loose")  # type: ignore[arg-type]
