"""The guesses file: which position each reader took for the new method, on their last sheets.

A CSV with the columns `study,dataset,reading,position`; an empty position is "do not know". Read and written beside a
marks file, which tells what stood at the position, for `evaluation.analyses.blinding_index`.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.faults import FaultList
from evaluation.marks import Marks, csv_lines, decoded

COLUMNS = ("study", "dataset", "reading", "position")
Placed = Mapping[tuple[str, ...], Mapping[str, str]]


@dataclass(frozen=True)
class Guess:
    """On one reading, the method that stood where the reader supposed the new one; None is "do not know"."""

    dataset: str
    reading: str
    method: str | None


def read_guesses(source: Path | bytes | str, marks: Marks) -> list[Guess]:
    """Read guesses and look up the methods guessed. Raises `MarksError` naming line, column and rule of each fault."""
    faults = FaultList()
    table = csv.DictReader(io.StringIO(decoded(source, faults), newline=""))
    missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
    if missing:
        faults.add("missing column", 1, missing[0], f"missing column(s): {', '.join(missing)}")
    faults.refuse()
    sheets = placed(marks)
    found = [guess for line, row in enumerate(table, start=2) if (guess := looked_up(line, row, sheets, faults))]
    faults.refuse()
    return found


def write_guesses(guesses: Iterable[Guess], marks: Marks) -> bytes:
    """The guesses file: sorted, UTF-8, the same bytes each time. Every guess must be of a reading of the marks file."""
    guesses = list(guesses)
    asked = {(one.dataset, one.reading) for one in guesses}
    positions = {
        (mark.dataset, mark.reading, method): (mark.study, mark.dataset, mark.reading, position)
        for mark in marks.rows
        if (mark.dataset, mark.reading) in asked
        for method, position in ((mark.method, mark.position), (None, ""))
    }
    rows = sorted(positions[one.dataset, one.reading, one.method] for one in guesses)
    return b"".join(csv_lines(COLUMNS, rows))


def placed(marks: Marks) -> dict[tuple[str, ...], dict[str, str]]:
    """The method at each position of each reading."""
    sheets: dict[tuple[str, ...], dict[str, str]] = {}
    for mark in marks.rows:
        sheets.setdefault((mark.study, mark.dataset, mark.reading), {})[mark.position] = mark.method
    return sheets


def looked_up(line: int, row: Mapping[str, str | None], sheets: Placed, faults: FaultList) -> Guess | None:
    """One guess, or None with its fault noted."""
    study, dataset, reading, position = cells(row[column] for column in COLUMNS)
    sheet = sheets.get((study, dataset, reading))
    if sheet is None:
        faults.add("unknown reading", line, "reading", f"the marks file has no reading {reading!r} in this data set")
    elif position and position not in sheet:
        faults.add("unknown position", line, "position", f"reading {reading!r} has no position {position!r}")
    else:
        return Guess(dataset, reading, sheet[position] if position else None)
    return None


def cells(values: Iterable[str | None]) -> list[str]:
    """Cells without the spaces around them; a missing one is empty."""
    return [(value or "").strip() for value in values]
