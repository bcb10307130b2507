"""What training draws: mirrored faces that are still right, holes of the kinds asked for."""

import numpy as np
import pytest

from training.data.faces import Faces, displaced, mirrored, recoloured
from training.holes import block, draw_hole, strokes
from training.holes.parted import parted
from training.landmarks.points import MIRRORED
from training.settings import HoleShares
from training.synthetic.cleft import Cleft, Side
from training.synthetic.person import person
from training.synthetic.photograph import photograph


def test_a_mirror_seen_twice_shows_the_face_itself(faces: Faces) -> None:
    image, points = faces.images[0], faces.landmarks[0]
    twice = mirrored(*mirrored(image, points))
    assert np.array_equal(twice[0], image)
    assert np.allclose(twice[1], points)


def test_in_a_mirror_the_left_eye_takes_the_right_ones_numbers(faces: Faces) -> None:
    _, points = mirrored(faces.images[0], faces.landmarks[0])
    assert sorted(MIRRORED.tolist()) == list(range(68))
    assert points[36, 0] < points[45, 0]
    assert points[0, 0] < points[16, 0]
    assert points[48, 0] < points[54, 0]
    assert points[36, 0] == 255 - faces.landmarks[0][45, 0]


def test_recolouring_keeps_shape_and_range(faces: Faces) -> None:
    changed = recoloured(faces.images[1], np.random.default_rng(0), 0.1)
    assert changed.dtype == np.uint8
    ratio = changed.astype(float).mean() / faces.images[1].mean()
    assert 0.8 < ratio < 1.2
    assert ratio != 1


def test_a_block_covers_a_quarter_and_strokes_less_than_most(faces: Faces) -> None:
    rng = np.random.default_rng(1)
    assert all(block(rng, 64).mean() == 0.25 for _ in range(10))
    assert all(0.005 < strokes(rng, 128).mean() < 0.7 for _ in range(30))


def test_shares_choose_the_kind(faces: Faces) -> None:
    points = faces.landmarks[0].astype(np.float64)
    only_blocks = HoleShares(clinical=0, block=1)
    rng = np.random.default_rng(2)
    assert {draw_hole(points, only_blocks, rng, 256).mean() for _ in range(5)} == {0.25}
    clinical = draw_hole(points, HoleShares(), rng, 256)
    rows = np.nonzero(clinical)[0]
    assert points[27, 1] < rows.mean() < points[8, 1]


def test_a_hole_placed_as_a_cleft_parts_the_lip_ends_higher(faces: Faces) -> None:
    points = faces.landmarks[0].astype(np.float64)

    def lower_end(parted: float) -> float:
        shares, rng = HoleShares(parted=parted), np.random.default_rng(3)
        return float(np.mean([np.nonzero(draw_hole(points, shares, rng, 256))[0].max() for _ in range(60)]))

    eyes = np.linalg.norm(points[45] - points[36])
    assert lower_end(0.0) - lower_end(1.0) > 0.02 * eyes


@pytest.mark.parametrize("sides", [("left",), ("right",), ("left", "right")])
def test_landmarks_part_as_the_renderer_parts_them(sides: tuple[Side, ...]) -> None:
    moved, predicted = [], []
    for seed in range(3):
        clefts = tuple(Cleft(side, 0.6) for side in sides)
        cleft, whole = (photograph(person(seed), size=(96, 96), clefts=each) for each in (clefts, ()))
        eyes = np.linalg.norm(whole.landmarks[45] - whole.landmarks[36])
        moved.append((cleft.landmarks - whole.landmarks) / eyes)
        rngs = [np.random.default_rng(number) for number in range(60)]
        guesses = [parted(whole.landmarks.astype(np.float64), clefts, rng) for rng in rngs]
        predicted.append((np.mean(guesses, 0) - whole.landmarks) / eyes)
    lip = list(range(50, 53)) + list(range(61, 64))
    error = np.linalg.norm(np.mean(predicted, 0) - np.mean(moved, 0), axis=1)
    assert np.linalg.norm(np.mean(moved, 0), axis=1)[lip].mean() > 0.04
    assert error[lip].mean() < 0.03
    assert error.max() < 0.06


def test_displacing_moves_nose_and_mouth_and_leaves_the_border(faces: Faces) -> None:
    moved = displaced(faces.images[0], faces.landmarks[0], np.random.default_rng(0))
    changed = np.abs(moved.astype(int) - faces.images[0]).max(axis=2)
    assert moved.shape == faces.images[0].shape
    assert moved.dtype == np.uint8
    assert changed.max() > 20
    assert changed[:8].max() <= 1
