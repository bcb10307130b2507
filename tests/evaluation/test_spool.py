"""Marks that wait in a temporary file are those of the marks file, checked by the same rules, a few cases at a time."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from evaluation import spool
from evaluation.bench import marks_of
from evaluation.coverage import simulated
from evaluation.faults import MarksError
from evaluation.marks import Mark, check_marks
from evaluation.report import evaluate
from evaluation.schema import sort_key
from evaluation.spool import spooled


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block holds a case or two, so that a few marks make many."""
    monkeypatch.setattr(spool, "ENOUGH", 20)


@pytest.fixture
def many() -> list[Mark]:
    """Thirty cases read by three, some of them twice, in the order of the file."""
    rows = list(marks_of(simulated(30, np.random.default_rng(1))))
    again = [replace(mark, repeat=1, reading=f"{mark.reading}-again") for mark in rows[:120]]
    return sorted([*rows, *again], key=sort_key)


def test_they_are_the_marks_of_the_file(many: list[Mark]) -> None:
    put_by, read = spooled(many), check_marks(reversed(many))
    assert tuple(put_by.rows) == read.rows
    assert len(put_by.rows) == 480
    assert put_by.sha256 == read.sha256


def test_they_give_the_same_report(many: list[Mark]) -> None:
    assert evaluate(spooled(many), draws=200).render("json") == evaluate(check_marks(many), draws=200).render("json")


def test_several_go_through_them_at_once(many: list[Mark]) -> None:
    rows = spooled(many).rows
    assert all(one == other for one, other in zip(rows, rows, strict=True))
    assert many[-1] in rows
    assert "nothing" not in rows


SLIPS: dict[str, Callable[[Mark], Mark]] = {
    "begin with": lambda mark: replace(mark, dataset="=1+1"),
    "has no rank": lambda mark: replace(mark, valid=False, rank=9, reason=""),
    "beyond": lambda mark: replace(mark, position="Z"),
    "unknown method": lambda mark: replace(mark, method="other"),
}


@pytest.mark.parametrize("said", SLIPS)
def test_a_slip_in_the_last_sheet_refuses_all(many: list[Mark], said: str) -> None:
    with pytest.raises(MarksError, match=said):
        spooled([*many[:-1], SLIPS[said](many[-1])])


def test_a_method_that_is_gone_after_some_cases_is_missed(many: list[Mark]) -> None:
    methods = ("edgeconnect", "lafin", "ctsdg")
    three = [
        replace(mark, valid=False, rank=None, position="ABC"[methods.index(mark.method)])
        for mark in many[-24:]
        if mark.method in methods
    ]
    with pytest.raises(MarksError, match="not every sheet of 'simulated' judges inclg"):
        spooled([*many[:-24], *three])


def test_without_a_scored_sheet_there_is_nothing_to_evaluate(many: list[Mark]) -> None:
    with pytest.raises(MarksError, match="no scored sheet"):
        spooled(replace(mark, kind="control") for mark in many)
