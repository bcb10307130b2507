"""Reading and writing marks files; a file with faults is refused whole.

The clinic writes what `evaluation.report` reads. The schema stands in `evaluation.schema`, the rules between rows in
`evaluation.sheet_rules`.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from evaluation.faults import FaultList, MarksError
from evaluation.schema import COLUMNS, READERS, Mark, cells_of, sort_key
from evaluation.sheet_rules import Row, check_sheets

__all__ = ["Mark", "Marks", "MarksError", "check_marks", "read_marks", "stream_marks", "write_marks"]


@dataclass(frozen=True)
class Marks:
    """Checked marks, sorted as the file is. Made by `read_marks`, `check_marks` and `evaluation.spool` only."""

    rows: Collection[Mark]

    @cached_property
    def sha256(self) -> str:
        """Digest of the canonical bytes, the same whether the marks came from rows or from any spelling of the file."""
        digest = hashlib.sha256()
        for line in stream_marks(self.rows):
            digest.update(line)
        return digest.hexdigest()


def read_marks(source: Path | bytes | str) -> Marks:
    """Read a marks file: a path, its bytes, or its text.

    A byte order mark, CRLF lines, spaces around cells, empty lines and any order of rows and columns are accepted.
    Raises `MarksError` naming line, column and rule of the first fault of each kind.
    """
    faults = FaultList()
    rows = list(numbered_rows(io.StringIO(decoded(source, faults), newline=""), faults))
    return settled(rows, faults)


def check_marks(marks: Iterable[Mark]) -> Marks:
    """Check rows that never were a file, such as a study's export, by what they would be once written and read."""
    return read_marks(write_marks(marks))


def write_marks(rows: Iterable[Mark]) -> bytes:
    """The whole marks file, sorted: UTF-8 without a byte order mark, lines ended by LF, the same bytes each time."""
    return b"".join(stream_marks(sorted(rows, key=sort_key)))


def stream_marks(rows: Iterable[Mark]) -> Iterator[bytes]:
    """The marks file line by line, in flat memory. `rows` must come in the order of `sort_key`."""
    return csv_lines(COLUMNS, map(cells_of, rows))


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV table line by line, as every file of an evaluation spells it: UTF-8, lines ended by LF."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(head)
    for cells in rows:
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
    yield line.getvalue().encode()


def settled(rows: Sequence[Row], faults: FaultList) -> Marks:
    """Check the rows against each other and refuse them, or hand them over sorted."""
    check_sheets(rows, faults)
    if not faults and not any(mark.kind == "scored" and mark.repeat == 0 for _, mark in rows):
        faults.add("no scored sheet", 0, "", "the file holds no scored sheet (kind scored, repeat 0) to evaluate")
    faults.refuse()
    return Marks(tuple(sorted((mark for _, mark in rows), key=sort_key)))


def decoded(source: Path | bytes | str, faults: FaultList) -> str:
    """The text of a marks file."""
    try:
        content = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        faults.add("unreadable", 0, "", f"the file cannot be read: {error.strerror or error}")
        content = ""
    faults.refuse()
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add("not UTF-8", line, "", "the file is not UTF-8 text; save it as CSV UTF-8")
    faults.refuse()
    raise AssertionError("unreachable")


def numbered_rows(lines: Iterable[str], faults: FaultList) -> Iterator[Row]:
    """Each readable row with the line it begins on."""
    table = csv.reader(lines, strict=True)
    try:
        head = [cell.strip() for cell in next(table, [])]
        arrange = arrangement(head, faults)
        line = table.line_num + 1
        for cells in table:
            if len(cells) == len(head):
                mark = parsed(line, arrange(cells), faults)
                if mark:
                    yield line, mark
            elif cells:
                faults.add("row length", line, "", f"the row has {len(cells)} cells, the head has {len(head)}")
            line = table.line_num + 1
    except csv.Error as error:
        faults.add("not CSV", table.line_num, "", f"the file is not readable as CSV: {error}")
        faults.refuse()


def arrangement(head: Sequence[str], faults: FaultList) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """What brings the cells of a row into the order of `COLUMNS`; a head with faults is refused at once."""
    if not any(head):
        faults.add("empty", 0, "", f"the file is empty; its first line must name the columns {','.join(COLUMNS)}")
    elif len(head) == 1 and ";" in head[0]:
        faults.add("separator", 1, "", "cells are separated by semicolons; save the file with commas")
    else:
        for index, column in enumerate(head):
            if column not in COLUMNS:
                faults.add("unknown column", 1, column or f"number {index + 1}", "unknown column; remove it")
            elif column in head[:index]:
                faults.add("duplicate column", 1, column, "the column stands twice; keep one")
        missing = [column for column in COLUMNS if column not in head]
        if missing:
            faults.add("missing column", 1, missing[0], f"missing column(s): {', '.join(missing)}")
    faults.refuse()
    first, *others = (head.index(column) for column in COLUMNS)
    return itemgetter(first, *others)


def parsed(line: int, cells: Sequence[str], faults: FaultList) -> Mark | None:
    """One row as a mark, or None with its faults noted."""
    try:
        return Mark(*(READERS[column](cell.strip()) for column, cell in zip(COLUMNS, cells, strict=True)))
    except ValueError:
        for column, cell in zip(COLUMNS, cells, strict=True):
            try:
                READERS[column](cell.strip())
            except ValueError as error:
                faults.add(column, line, column, str(error))
        faults.spoiled.add(tuple(cells[COLUMNS.index(column)].strip() for column in ("study", "dataset", "reading")))
        return None
