"""Figures in decibel agree with an independent implementation, and the sheet shows what was measured."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from training.contact_sheet import contact_sheet
from training.measures import Question, hole_psnr, navier_stokes, score, telea


@pytest.fixture
def question() -> Question:
    columns = np.linspace(40, 200, 256).astype(np.uint8)
    image = np.repeat(np.tile(columns, (256, 1))[..., None], 3, 2)
    hole = np.zeros((256, 256), bool)
    hole[100:140, 90:150] = True
    return Question(image, hole, image)


def test_hole_psnr_is_what_scikit_image_says_of_the_hole(question: Question) -> None:
    rng = np.random.default_rng(0)
    noisy = np.clip(question.image + rng.normal(0, 9, question.image.shape), 0, 255).astype(np.uint8)
    expected = peak_signal_noise_ratio(question.truth[question.hole], noisy[question.hole], data_range=255)
    assert hole_psnr(noisy, question.truth, question.hole) == pytest.approx(expected, abs=1e-9)


def test_equal_bytes_are_infinitely_good(question: Question) -> None:
    assert hole_psnr(question.image, question.truth, question.hole) == float("inf")


@pytest.mark.parametrize("classical", [telea, navier_stokes])
def test_classical_fillers_continue_a_gradient_and_touch_nothing_else(classical, question: Question) -> None:
    blanked = question.image.copy()
    blanked[question.hole] = 0
    filled = classical(blanked, question.hole)
    assert np.array_equal(filled[~question.hole], question.image[~question.hole])
    assert hole_psnr(filled, question.truth, question.hole) > 25


def test_a_filler_never_sees_what_lies_under_the_hole(question: Question) -> None:
    seen = []

    def spy(image, hole):
        seen.append(image[hole].max())
        return image

    found = score(spy, [question, question])
    assert seen == [0, 0]
    assert found.count == 2
    assert found.spread == 0


def test_the_contact_sheet_has_a_row_a_person_and_the_truth_last(question: Question) -> None:
    sheet = contact_sheet([question, question], {"telea": telea})
    assert sheet.shape == (26 + 2 * 262 + 6, 3 * 262 + 6, 3)
    assert np.array_equal(sheet[26 : 26 + 256, 6 + 2 * 262 : 6 + 2 * 262 + 256], question.truth)
