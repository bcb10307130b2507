"""Marks, dictionary and tables as one XLSX workbook with the same bytes each time.

Cells are written as text or numbers, never as formulas; dates inside the file are fixed.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import IO

import xlsxwriter

from evaluation.exports.dictionary import DICTIONARY
from evaluation.exports.streams import written
from evaluation.findings import Findings
from evaluation.marks import Marks
from evaluation.printing.grid import Grid, facts, grids
from evaluation.schema import COLUMNS, cell_values

# A workbook states when it was made; a fixed date keeps the bytes the same.
MADE = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MOST_ROWS = 1_048_575
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Line = Sequence[str | int | float | None]


def workbook(marks: Marks, findings: Findings) -> Iterator[bytes]:
    """The workbook; raises ValueError for more marks than a worksheet holds."""
    return written(partial(_write, marks, findings))


def _write(marks: Marks, findings: Findings, output: IO[bytes]) -> None:
    if len(marks.rows) > MOST_ROWS:
        raise ValueError(f"a worksheet holds {MOST_ROWS} marks, and there are {len(marks.rows)}; use CSV or Parquet")
    with xlsxwriter.Workbook(output, OPTIONS) as book:
        book.set_properties({"created": MADE, "title": findings.headline, "author": findings.origin.software})
        bold = book.add_format({"bold": True})
        marks_lines = ([plain(value) for value in cell_values(mark)] for mark in marks.rows)
        fill(book.add_worksheet("marks"), COLUMNS, marks_lines, bold)
        dictionary = ((column.name, column.kind, column.allowed, column.meaning) for column in DICTIONARY)
        fill(book.add_worksheet("dictionary"), ("column", "kind", "allowed", "meaning"), dictionary, bold)
        fill(book.add_worksheet("tables"), ("Evaluation of marks", findings.headline), table_lines(findings), bold)


def plain(value: str | int | float | bool | None) -> str | int | float | None:
    """A cell's value: 1 and 0 for a verdict."""
    return int(value) if isinstance(value, bool) else value


def fill(sheet: xlsxwriter.worksheet.Worksheet, head: Line, lines: Iterable[Line], bold: object) -> None:
    """Write a worksheet row by row, its head in bold and kept in sight."""
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, head, bold)
    for number, line in enumerate(lines, start=1):
        sheet.write_row(number, 0, line)


def table_lines(findings: Findings) -> Iterable[Line]:
    """Facts, warnings, then every table under its title, an empty line between."""
    yield from facts(findings)
    yield from ((caution.text, caution.advice) for caution in findings.cautions)
    for grid in grids(findings):
        yield ()
        yield (grid.title, grid.note)
        yield (*grid.label_heads, *grid.heads)
        yield from grid_lines(grid)


def grid_lines(grid: Grid) -> Iterable[Line]:
    """The lines of one table, a figure with its count and interval in one cell."""
    for labels, cells in grid.lines:
        yield (*labels, *(cell.joined() for cell in cells))
