"""Checked marks that do not lie in memory: for the clinic, whose studies may have any number of sheets.

From rows in the order of the file (clinic.studies.export) to `Marks`, a few cases at a time. They wait in a temporary
file without a name, which goes with the object. A file of marks is read by `evaluation.marks` instead.
"""

import marshal
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from tempfile import TemporaryFile
from weakref import finalize

from evaluation.faults import FaultList
from evaluation.marks import Marks, numbered_rows, stream_marks
from evaluation.schema import Mark, cell_values
from evaluation.sheet_rules import Row, check_sheets

ENOUGH = 4096  # marks in one block, or some more: a case is never cut


class Spool(Collection[Mark]):
    """Marks in a temporary file, to be gone through as often as wanted, by several at once."""

    def __init__(self, blocks: Iterable[Sequence[Mark]]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed with the object
        finalize(self, self._file.close)
        self._lengths: list[int] = []
        self._count = 0
        for block in blocks:
            written = marshal.dumps([cell_values(mark) for mark in block])
            self._file.write(written)
            self._lengths.append(len(written))
            self._count += len(block)
        self._file.flush()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Mark]:
        at = 0
        for length in self._lengths:
            yield from (Mark(*cells) for cells in marshal.loads(os.pread(self._file.fileno(), length, at)))
            at += length

    def __contains__(self, mark: object) -> bool:
        return any(one == mark for one in self)


def spooled(rows: Iterable[Mark]) -> Marks:
    """Check rows by what they would be once written and read, and put them by; the rows come in the order of the file.

    The rules are those of `evaluation.marks.check_marks`, asked of a few cases at a time: methods must be published
    ones, so that a handful of sheets tells which there are. Raises `MarksError`.
    """
    faults = FaultList()
    lines = (line.decode() for line in stream_marks(rows))
    marks = Marks(Spool(_checked(numbered_rows(lines, faults), faults)))
    if not any(mark.kind == "scored" and mark.repeat == 0 for mark in marks.rows):
        faults.add("no scored sheet", 0, "", "there is no scored sheet (kind scored, repeat 0) to evaluate")
    faults.refuse()
    return marks


def _checked(rows: Iterable[Row], faults: FaultList) -> Iterator[list[Mark]]:
    """The marks of a few cases at a time, once they have passed."""
    known: dict[str, set[str]] = {}
    for block in _blocks(rows):
        check_sheets(block, faults)
        _check_methods(block, known, faults)
        faults.refuse()
        yield [mark for _, mark in block]
    faults.refuse()


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Whole cases, until there are enough marks."""
    block: list[Row] = []
    for _, case in groupby(rows, key=lambda row: (row[1].study, row[1].dataset, row[1].case)):
        block += case
        if len(block) >= ENOUGH:
            yield block
            block = []
    if block:
        yield block


def _check_methods(block: Sequence[Row], known: dict[str, set[str]], faults: FaultList) -> None:
    """The methods of a data set are the same in every block."""
    there: dict[str, set[str]] = {}
    for _, mark in block:
        if mark.kind == "scored":
            there.setdefault(mark.dataset, set()).add(mark.method)
    for dataset, methods in there.items():
        if known.setdefault(dataset, methods) != methods:
            both = ", ".join(sorted(known[dataset] ^ methods))
            faults.add("missing method", block[0][0], "method", f"not every sheet of {dataset!r} judges {both}")
