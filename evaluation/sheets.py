"""Marks as arrays: one row per sheet, one column per method.

Every statistic starts here. A sheet is one reader on one case; sheets of one case are correlated, so `case` is what
resampling draws.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from evaluation.marks import Marks
from evaluation.methods import in_order
from evaluation.schema import Mark

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


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

    def pick(self, chosen: Booleans) -> "Sheets":
        """The same data set with only the sheets of a mask (n); names and indices stay."""
        columns = ("study", "case", "reader", "side", "phase", "rank", "place", "repeat", "seconds", "sequence")
        return replace(self, **{column: getattr(self, column)[chosen] for column in columns})


def scored_sheets(marks: Marks) -> dict[str, Sheets]:
    """What the main tables count: the scored sheets of repeat 0, by data set in the order of the names."""
    return by_dataset(mark for mark in marks.rows if mark.kind == "scored" and mark.repeat == 0)


def repeated_sheets(marks: Marks) -> dict[str, Sheets]:
    """Every scored sheet, hidden repeats with them, by data set in the order of the names."""
    return by_dataset(mark for mark in marks.rows if mark.kind == "scored")


def by_dataset(marks: Iterable[Mark]) -> dict[str, Sheets]:
    """Arrange marks as arrays, data set by data set."""
    ordered = sorted(
        marks,
        key=lambda mark: (mark.dataset, mark.study, mark.case, mark.reader, mark.repeat, mark.reading, mark.position),
    )
    return {
        dataset: as_arrays(dataset, list(rows)) for dataset, rows in groupby(ordered, key=lambda mark: mark.dataset)
    }


def as_arrays(dataset: str, rows: Sequence[Mark]) -> Sheets:
    """Arrange the marks of one data set, sheet after sheet, as arrays."""
    methods = in_order(mark.method for mark in rows)
    column = {method: index for index, method in enumerate(methods)}
    heads = rows[:: len(methods)]
    shape = (len(heads), len(methods))
    sheet = np.repeat(np.arange(len(heads)), len(methods))
    method = np.array([column[mark.method] for mark in rows])
    rank = np.zeros(shape, dtype=np.int64)
    rank[sheet, method] = [mark.rank or 0 for mark in rows]
    place = np.zeros(shape, dtype=np.int64)
    place[sheet, method] = [ord(mark.position) - ord("A") for mark in rows]
    cases, case = indexed([mark.case for mark in heads])
    readers, reader = indexed([mark.reader for mark in heads])
    sides, side = indexed([mark.side for mark in heads])
    phases, phase = indexed([mark.phase for mark in heads])
    return Sheets(
        dataset=dataset,
        methods=methods,
        cases=cases,
        readers=readers,
        sides=sides,
        phases=phases,
        study=indexed([mark.study for mark in heads])[1],
        case=case,
        reader=reader,
        side=side,
        phase=phase,
        rank=rank,
        place=place,
        repeat=np.array([mark.repeat for mark in heads], dtype=np.int64),
        seconds=recorded([mark.seconds for mark in heads]),
        sequence=recorded([mark.sequence for mark in heads]),
    )


def indexed(names: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """The distinct names in order, and which of them each sheet has."""
    distinct, index = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    return tuple(str(name) for name in distinct), index.astype(np.int64)


def recorded(values: Sequence[float | None]) -> Floats:
    """Numbers with NaN for what was not recorded."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
