"""Figures agree with scikit-image, a seam shows, and nobody is measured on what they could see."""

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from inference.networks import NETWORKS
from training.holes.files import BOUNDS, GROUPS
from training.measures.contact_sheet import contact_sheet, enlarged
from training.measures.distances import (
    absolute,
    hole_psnr,
    hole_similarity,
    jump,
    landmark_error,
    mean_similarity,
    normalised,
    psnr,
    similarity,
)
from training.measures.fillers import CLASSICAL, Answer, by_network, kept, telea
from training.measures.questions import KINDS, Question, hole_of, questions_of
from training.measures.scores import figures, interval


@pytest.fixture
def question() -> Question:
    columns = np.linspace(40, 200, 256).astype(np.uint8)
    image = np.repeat(np.tile(columns, (256, 1))[..., None], 3, 2)
    hole = np.zeros((256, 256), bool)
    hole[100:140, 90:150] = True
    points = np.tile(np.linspace(60, 190, 68, dtype=np.float32)[:, None], (1, 2))
    return Question(image, hole, image, points)


@pytest.fixture
def noisy(question: Question) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 9, question.image.shape)
    return np.clip(question.image + noise, 0, 255).astype(np.uint8)


def test_psnr_is_what_scikit_image_says(question: Question, noisy: np.ndarray) -> None:
    assert psnr(noisy, question.truth) == pytest.approx(peak_signal_noise_ratio(question.truth, noisy), abs=1e-9)
    inside = peak_signal_noise_ratio(question.truth[question.hole], noisy[question.hole], data_range=255)
    assert hole_psnr(noisy, question.truth, question.hole) == pytest.approx(inside, abs=1e-9)


def test_ssim_is_what_scikit_image_says(question: Question, noisy: np.ndarray) -> None:
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 2}
    mean, around = structural_similarity(question.truth, noisy, data_range=255, full=True, **options)
    near = similarity(noisy, question.truth)
    assert mean_similarity(near) == pytest.approx(mean, abs=1e-9)
    assert hole_similarity(near, question.hole) == pytest.approx(around[question.hole].mean(), abs=1e-9)


def test_l1_is_a_share_of_the_range(question: Question) -> None:
    assert absolute(question.image, question.image) == 0
    assert absolute(np.zeros_like(question.image), np.full_like(question.image, 255)) == 100


def test_equal_bytes_are_infinitely_good(question: Question) -> None:
    assert hole_psnr(question.image, question.truth, question.hole) == float("inf")
    assert mean_similarity(similarity(question.image, question.truth)) == pytest.approx(1)


def test_a_patch_of_another_brightness_has_a_seam_and_the_truth_has_none(question: Question) -> None:
    level = np.full_like(question.image, 100)
    patched = level.copy()
    patched[question.hole] += 30
    assert jump(level, question.hole) == 0
    assert jump(patched, question.hole) == 30
    assert jump(patched, np.zeros_like(question.hole)) == 0


def test_the_seam_is_one_for_the_truth_and_more_for_a_visible_edge(question: Question) -> None:
    perfect = figures(lambda asked: [Answer(question.truth) for _ in asked], [question])
    dark = figures(lambda asked: [Answer(one.image) for one in asked], [question])
    assert perfect.seam == 1
    assert dark.seam > 10


def test_landmarks_are_measured_in_pixels_and_in_distances_of_the_eyes() -> None:
    truth = np.zeros((68, 2), np.float32)
    truth[45] = 50, 0
    assert landmark_error(truth + np.float32([3, 4]), truth) == pytest.approx(5)
    assert normalised(5, truth) == pytest.approx(10)


@pytest.mark.parametrize("name", sorted(CLASSICAL))
def test_classical_fillers_continue_a_gradient_and_touch_nothing_else(name: str, question: Question) -> None:
    (answer,) = CLASSICAL[name]([question.asked])
    assert np.array_equal(answer.picture[~question.hole], question.image[~question.hole])
    assert hole_psnr(answer.picture, question.truth, question.hole) > 25


def test_a_filler_never_sees_what_lies_under_the_hole(question: Question) -> None:
    seen = []

    def spy(asked):
        seen.extend(one.image[one.hole].max() for one in asked)
        return [Answer(one.image) for one in asked]

    found = figures(spy, [question, question])
    assert seen == [0, 0]
    assert len(found) == 2
    assert found.mean("landmarks") is None


def test_a_network_fills_a_batch_as_it_fills_one_by_one(faces) -> None:
    torch.manual_seed(7)
    network = NETWORKS["inclg"](width=0.125).eval()
    asked = [one.asked for one in questions_of(faces, "clinical")[:3]]
    together, alone = list(by_network(network, 3)(asked)), list(by_network(network, 1)(asked))
    for one, answer, single in zip(asked, together, alone, strict=True):
        assert np.array_equal(answer.picture[~one.hole], one.image[~one.hole])
        assert np.abs(answer.picture.astype(int) - single.picture).max() <= 1
        assert answer.landmarks.shape == (68, 2)
        np.testing.assert_allclose(answer.landmarks, single.landmarks, atol=1e-2)


def test_a_classical_answer_is_computed_once_and_kept(question: Question, tmp_path) -> None:
    calls = []

    def counted(asked):
        calls.append(len(asked))
        return telea(asked)

    first, again = (list(kept("telea", counted, tmp_path)([question.asked])) for _ in range(2))
    assert calls == [1]
    assert np.array_equal(first[0].picture, again[0].picture)


def test_another_hole_is_another_question(question: Question, tmp_path) -> None:
    other = Question(question.image, ~question.hole, question.truth, question.landmarks)
    fill = kept("telea", telea, tmp_path)
    answers = list(fill([question.asked, other.asked]))
    assert not np.array_equal(answers[0].picture, answers[1].picture)


@pytest.mark.parametrize("kind", sorted(GROUPS))
def test_an_irregular_hole_covers_its_groups_share_of_the_picture(kind: str, faces) -> None:
    group = GROUPS.index(kind)
    low, high = BOUNDS[group], BOUNDS[group + 1]
    shares = [hole_of(kind, faces.landmarks[0], number).mean() for number in range(12)]
    assert all(low <= share < high for share in shares)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_face_is_asked_the_same_question_every_time(kind: str, faces) -> None:
    assert np.array_equal(hole_of(kind, faces.landmarks[1], 7), hole_of(kind, faces.landmarks[1], 7))


def test_the_interval_holds_the_mean_and_narrows_with_more_people() -> None:
    few = interval(np.array([20.0, 22.0, 24.0, 26.0]))
    many = interval(np.tile([20.0, 22.0, 24.0, 26.0], 50))
    assert few.low < few.mean == 23 < few.high
    assert many.high - many.low < few.high - few.low
    assert few.count == 4


def test_the_contact_sheet_has_a_row_a_person_and_the_truth_last(question: Question) -> None:
    sheet = contact_sheet([question, question], {"telea": telea})
    assert sheet.shape == (26 + 2 * 262 + 6, 3 * 262 + 6, 3)
    assert np.array_equal(sheet[26 : 26 + 256, 6 + 2 * 262 : 6 + 2 * 262 + 256], question.truth)


def test_a_sheet_of_mouths_shows_the_hole_enlarged(question: Question) -> None:
    marked = question.hole[..., None].repeat(3, 2).astype(np.uint8)
    share, seen = question.hole.mean(), enlarged(marked, question).mean()
    assert seen > 5 * share
    assert enlarged(marked, question).sum() / 3 * (78 / 256) ** 2 == pytest.approx(question.hole.sum(), rel=0.02)
