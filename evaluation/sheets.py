"""Marks as arrays: one row per sheet, one column per method.

Every statistic starts here. A sheet is one reader on one case; sheets of one case are correlated, so `case` is what
resampling draws. Marks are gone through once, sheet by sheet, so that they need not all be in memory.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from sys import intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.marks import Marks
from evaluation.methods import in_order
from evaluation.schema import Mark

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
# What a sheet has by name: the index of it, and the names beside the index.
NAMED = {"case": "cases", "reader": "readers", "side": "sides", "phase": "phases"}


@dataclass(frozen=True)
class Sheets:
    """The scored sheets of one data set.

    n sheets, m methods in the papers' order. `case`, `reader`, `side`, `phase` (n) index the names beside them,
    `study` numbers the studies; `rank` (n x m) is 0 where the result is invalid; `place` (n x m) is the position on
    screen from 0; `seconds` and `sequence` (n) are NaN where not recorded.
    """

    dataset: str
    methods: tuple[str, ...]
    cases: tuple[str, ...]
    readers: tuple[str, ...]
    sides: tuple[str, ...]
    phases: tuple[str, ...]
    study: Integers
    case: Integers
    reader: Integers
    side: Integers
    phase: Integers
    rank: Integers
    place: Integers
    repeat: Integers
    seconds: Floats
    sequence: Floats

    @property
    def count(self) -> int:
        """Number of sheets."""
        return len(self.case)

    @cached_property
    def valid(self) -> Booleans:
        """n x m: was the result judged valid?"""
        return np.asarray(self.rank > 0)

    @cached_property
    def valid_count(self) -> Integers:
        """n: k, the number of valid results on each sheet."""
        return np.asarray(self.valid.sum(axis=1), dtype=np.int64)

    @cached_property
    def doubled_penalised_rank(self) -> Integers:
        """n x m: twice the penalised rank, a whole number.

        Invalid results share the middle of the places left, (k + 1 + m) / 2 of m methods (docs/statistics.md).
        """
        shared = self.valid_count[:, np.newaxis] + 1 + len(self.methods)
        return np.where(self.valid, 2 * self.rank, shared)

    @property
    def penalised_rank(self) -> Floats:
        """n x m: the rank, or the shared middle place of an invalid result."""
        return self.doubled_penalised_rank / 2

    def pick(self, chosen: Booleans | Integers) -> "Sheets":
        """The same data set with only the sheets of a mask (n), or with its sheets in an order; names stay."""
        columns = ("study", "case", "reader", "side", "phase", "rank", "place", "repeat", "seconds", "sequence")
        return replace(self, **{column: getattr(self, column)[chosen] for column in columns})


def scored_sheets(marks: Marks) -> dict[str, Sheets]:
    """What the main tables count: the scored sheets of repeat 0, by data set in the order of the names."""
    return first_readings(repeated_sheets(marks))


def repeated_sheets(marks: Marks) -> dict[str, Sheets]:
    """Every scored sheet, hidden repeats with them, by data set in the order of the names."""
    return by_dataset(mark for mark in marks.rows if mark.kind == "scored")


def first_readings(repeated: Mapping[str, Sheets]) -> dict[str, Sheets]:
    """The sheets of repeat 0 of each data set that has any, with the names that they hold and no others."""
    chosen = {dataset: (sheets, sheets.repeat == 0) for dataset, sheets in repeated.items()}
    return {
        dataset: sheets if first.all() else without_idle_names(sheets.pick(first))
        for dataset, (sheets, first) in chosen.items()
        if first.any()
    }


def without_idle_names(sheets: Sheets) -> Sheets:
    """The same sheets, with names that no sheet holds left out."""
    held = {one: np.unique(getattr(sheets, one), return_inverse=True) for one in ("study", *NAMED)}
    changed: dict[str, Any] = {one: index.astype(np.int64) for one, (_, index) in held.items()}
    for one, many in NAMED.items():
        changed[many] = tuple(getattr(sheets, many)[number] for number in held[one][0])
    return replace(sheets, **changed)


@dataclass
class Gathered:
    """The sheets of one data set on their way into arrays, in the order in which they come."""

    methods: tuple[str, ...]
    names: dict[str, list[str]] = field(default_factory=lambda: {one: [] for one in ("study", *NAMED)})
    rank: "array[int]" = field(default_factory=lambda: array("b"))
    place: "array[int]" = field(default_factory=lambda: array("b"))
    repeat: "array[int]" = field(default_factory=lambda: array("q"))
    seconds: "array[float]" = field(default_factory=lambda: array("d"))
    sequence: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, rows: Sequence[Mark]) -> None:
        """Take in one sheet, a mark for each method."""
        first, by_method = rows[0], {mark.method: mark for mark in rows}
        for one, values in self.names.items():
            values.append(intern(getattr(first, one)))
        self.rank.extend(by_method[method].rank or 0 for method in self.methods)
        self.place.extend(ord(by_method[method].position) - ord("A") for method in self.methods)
        self.repeat.append(first.repeat)
        self.seconds.append(recorded(first.seconds))
        self.sequence.append(recorded(first.sequence))

    def as_arrays(self, dataset: str) -> Sheets:
        """All of them, ordered by study, case, reader and repeat."""
        shape = (len(self.repeat), len(self.methods))
        found = {one: indexed(values) for one, values in self.names.items()}
        sheets = Sheets(
            dataset=dataset,
            methods=self.methods,
            cases=found["case"][0],
            readers=found["reader"][0],
            sides=found["side"][0],
            phases=found["phase"][0],
            study=found["study"][1],
            case=found["case"][1],
            reader=found["reader"][1],
            side=found["side"][1],
            phase=found["phase"][1],
            rank=np.array(self.rank, dtype=np.int64).reshape(shape),
            place=np.array(self.place, dtype=np.int64).reshape(shape),
            repeat=np.array(self.repeat, dtype=np.int64),
            seconds=np.array(self.seconds, dtype=np.float64),
            sequence=np.array(self.sequence, dtype=np.float64),
        )
        return sheets.pick(np.lexsort((sheets.repeat, sheets.reader, sheets.case, sheets.study)))


def by_dataset(marks: Iterable[Mark]) -> dict[str, Sheets]:
    """Arrange checked marks as arrays, data set by data set; the marks of one sheet must follow each other."""
    found: dict[str, Gathered] = {}
    for (dataset, *_), rows in groupby(marks, key=lambda mark: (mark.dataset, mark.study, mark.reading)):
        sheet = list(rows)
        if dataset not in found:
            found[dataset] = Gathered(in_order(mark.method for mark in sheet))
        found[dataset].add(sheet)
    return {dataset: found[dataset].as_arrays(dataset) for dataset in sorted(found)}


def indexed(names: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """The distinct names in order, and which of them each sheet has."""
    distinct, index = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    return tuple(str(name) for name in distinct), index.astype(np.int64)


def recorded(value: float | None) -> float:
    """A number, or NaN where none was recorded."""
    return np.nan if value is None else value
