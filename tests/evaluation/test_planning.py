"""Planning from a pilot: power grows with cases, is the level of the test without a difference, and equals theory."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import nct
from scipy.stats import t as student

from evaluation.coverage import coverage
from evaluation.marks import Mark, check_marks, write_marks
from evaluation.planning import Question, main, power, rejects
from evaluation.sheets import Sheets, scored_sheets


@pytest.fixture
def pilot(published: list[Mark]) -> Sheets:
    return scored_sheets(check_marks(published))["CleftLip24"]


def test_power_grows_with_cases(pilot: Sheets) -> None:
    found = [
        power(pilot, Question("inclg", "edgeconnect", 0.2), cases, simulations=500, seed=1) for cases in (10, 40, 160)
    ]
    assert found[0].share < found[1].share < found[2].share
    assert found[2].share > 0.95


def test_without_a_difference_the_test_keeps_its_level(pilot: Sheets) -> None:
    found = power(pilot, Question("inclg", "edgeconnect", 0.0), 80, simulations=4000, seed=1)
    assert found.share == pytest.approx(0.05, abs=0.015)


def test_the_paired_test_has_the_power_of_theory() -> None:
    cases, effect = 30, 0.5
    differences = np.random.default_rng(2).normal(effect, 1, size=(20_000, cases))
    critical = student.ppf(0.975, cases - 1)
    centre = effect * cases**0.5
    theory = nct.sf(critical, cases - 1, centre) + nct.cdf(-critical, cases - 1, centre)
    assert rejects(differences).mean() == pytest.approx(theory, abs=0.01)


def test_a_difference_nobody_can_reach_is_refused(pilot: Sheets) -> None:
    with pytest.raises(ValueError, match=r"would have to be valid with probability 1\.22"):
        power(pilot, Question("inclg", "edgeconnect", 0.9), 20, simulations=100, seed=1)


def test_the_command_prints_a_table(
    sheet: Callable[..., list[Mark]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pilot = tmp_path / "pilot.csv"
    pilot.write_bytes(
        write_marks(mark for case in range(8) for mark in sheet("Sam", f"VM-{case}", {"inclg": 1} if case % 2 else {}))
    )
    assert main([str(pilot), "--difference", "0.5", "--cases", "20", "40", "--simulations", "200"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Power to find a difference of +0.50 in valid probability between inclg and edgeconnect")
    assert [line.split("|")[1].strip() for line in lines[4:]] == ["20", "40"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dataset", "CleftLip99"], "name one of its data sets with --dataset: CleftLip10, CleftLip24"),
        ([], "name one of its data sets with --dataset: CleftLip10, CleftLip24"),
        (["--dataset", "CleftLip24", "--method", "telea"], "the pilot has no method 'telea'"),
    ],
)
def test_a_question_the_pilot_cannot_answer_is_refused(
    published: list[Mark], options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pilot = tmp_path / "pilot.csv"
    pilot.write_bytes(write_marks(published))
    assert main([str(pilot), "--difference", "0.1", *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err


def test_intervals_of_24_cases_hold_the_truth_about_as_often_as_promised() -> None:
    found = {one.quantity: one.share for one in coverage(24, repetitions=60, draws=400, seed=3)}
    assert 0.86 < found["validity"] <= 1
    assert 0.82 < found["average_rank"] <= 1
