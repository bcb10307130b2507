"""Marks that the evaluation's tests share: Sam and Ruth read two cases; the published margins in one arrangement."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from evaluation.figures.gallery import Picture, gallery
from evaluation.findings import Findings
from evaluation.marks import Mark, Marks, check_marks
from evaluation.published import arrange
from evaluation.report import Report, evaluate

METHODS = ("inclg", "edgeconnect", "lafin", "ctsdg")
MakeSheet = Callable[..., list[Mark]]


def make_sheet(
    reader: str, case: str, ranks: dict[str, int], methods: tuple[str, ...] = METHODS, **changes: object
) -> list[Mark]:
    """One submitted sheet: the methods in `ranks` are valid, the others are not."""
    repeat = changes.get("repeat", 0)
    marks = [
        Mark(
            study="Feasibility",
            dataset="CleftLip10",
            case=case,
            phase="pre-op",
            side="left",
            reader=reader,
            reading=f"{case}-{reader}-{repeat}",
            repeat=0,
            kind="scored",
            position=chr(ord("A") + place),
            method=method,
            checkpoint="sha256:0123",
            valid=method in ranks,
            reason="" if method in ranks else "blurry",
            rank=ranks.get(method),
            seconds=41.5,
            sequence=1,
            submitted_at="2026-11-09T14:02:00+00:00",
            revisions=0,
        )
        for place, method in enumerate(methods)
    ]
    return [replace(mark, **changes) for mark in marks]


@pytest.fixture
def sheet() -> MakeSheet:
    """Builds one sheet: `sheet("Sam", "VM-1", {"inclg": 1})`."""
    return make_sheet


@pytest.fixture
def four_sheets() -> list[Mark]:
    """Sam and Ruth read two cases; on the second nothing is acceptable to Ruth."""
    ranks = [{"inclg": 1, "lafin": 2}, {"inclg": 2, "lafin": 1, "ctsdg": 3}, {"edgeconnect": 1}, {}]
    places = product(("VM-1", "VM-2"), ("Ruth", "Sam"))
    return [
        mark for (case, reader), order in zip(places, ranks, strict=True) for mark in make_sheet(reader, case, order)
    ]


@pytest.fixture(scope="session")
def published() -> list[Mark]:
    """Both published data sets in one arrangement."""
    return arrange(seed=7)


@pytest.fixture(scope="session")
def marks(published: list[Mark]) -> Marks:
    """The published margins as a checked file."""
    return check_marks(published)


@pytest.fixture(scope="session")
def report(marks: Marks) -> Report:
    """Their evaluation, with few draws."""
    return evaluate(marks, draws=200)


@pytest.fixture(scope="session")
def findings(report: Report) -> Findings:
    """What the evaluation found."""
    return report.findings


@pytest.fixture(scope="session")
def pictures(findings: Findings) -> list[Picture]:
    """Its figures, drawn once for all tests."""
    return list(gallery(findings))
