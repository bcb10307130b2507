"""Tables as grids of printed cells, which every text format lays out in its own way.

Takes `evaluation.estimates.Table`s; `as_markdown`, `as_latex`, `as_html` and the PDF report draw the grids.
"""

from dataclasses import dataclass

from evaluation.estimates import Estimate, Row, Table
from evaluation.findings import Counts, Findings
from evaluation.methods import NAMES, heading, label
from evaluation.resampling import Interval
from evaluation.rounding import decimal
from evaluation.significance import SignificanceTest, printed_p

INTERVAL_PLACES = 2
# Tables I and II come first; the findings in plain words stand after them.
MAIN = 2
METHOD_LABELS = ("method", "against")
# Words of the figures' keys that are written otherwise.
SPELT = {"ac1": "AC1", "w": "W"}


@dataclass(frozen=True)
class Cell:
    """A printed figure: its text, what it was counted from (may be empty), its interval (may be empty)."""

    text: str
    count: str
    interval: str

    def joined(self) -> str:
        """The cell on one line: `0.319 (23/72) [0.21, 0.44]`."""
        return " ".join(part for part in (self.text, self.count and f"({self.count})", self.interval) if part)


@dataclass(frozen=True)
class Grid:
    """A table ready to lay out: label columns first, then figures."""

    title: str
    note: str
    label_heads: tuple[str, ...]
    heads: tuple[str, ...]
    lines: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]


def grids(findings: Findings) -> list[Grid]:
    """Every table that has rows, in the order of the catalogue; then the tests."""
    return [*(grid(table) for table in findings.tables if table.rows), test_grid(findings.tests)]


def grid(table: Table) -> Grid:
    """Lay a table out; a column that a row does not have stays empty."""
    empty = Cell("", "", "")
    return Grid(
        title=table.heading.title,
        note=table.heading.note,
        label_heads=tuple(name.replace("dataset", "data set").capitalize() for name in table.heading.labels),
        heads=tuple(column_head(column) for column in table.columns),
        lines=tuple(
            (
                row_labels(table, row),
                tuple(cell(row.cells[column]) if column in row.cells else empty for column in table.columns),
            )
            for row in table.rows
        ),
    )


def column_head(column: str) -> str:
    """The head of a column: a method's name, or the figure's name with a capital."""
    words = " ".join(SPELT.get(word, word) for word in column.split("_"))
    return heading(column) if column in NAMES else words[:1].upper() + words[1:]


def row_labels(table: Table, row: Row) -> tuple[str, ...]:
    """The labels of a row, methods by their names."""
    return tuple(
        label(text) if name in METHOD_LABELS else text
        for name, text in zip(table.heading.labels, row.labels, strict=True)
    )


def test_grid(tests: tuple[SignificanceTest, ...]) -> Grid:
    """All significance tests, one a line."""
    return Grid(
        title="Significance tests",
        note="None of them measures how large a difference is; read the intervals.",
        label_heads=("Data set", "Test", "Compared"),
        heads=("Statistic", "Degrees", "p", "Adjusted p", "How"),
        lines=tuple(
            (
                (test.dataset, test.title, subject(test)),
                (
                    Cell(decimal(test.statistic), "", ""),
                    Cell(str(test.degrees or ""), "", ""),
                    Cell(printed_p(test.p), "", ""),
                    Cell("" if test.adjusted_p is None else printed_p(test.adjusted_p), "", ""),
                    Cell(test.note, "", ""),
                ),
            )
            for test in tests
        ),
    )


def subject(test: SignificanceTest) -> str:
    """What a test compared, methods by their names."""
    return " ".join(label(word) for word in test.subject.split(" "))


def cell(estimate: Estimate) -> Cell:
    """Print one figure."""
    count = ""
    if estimate.numerator is not None and estimate.denominator is not None:
        count = f"{estimate.numerator:g}/{estimate.denominator:g}"
    return Cell(estimate.text, count, interval(estimate.interval))


def interval(bounds: Interval) -> str:
    """Print an interval, or nothing where there is none."""
    if bounds.low is None or bounds.high is None:
        return ""
    return f"[{decimal(bounds.low, INTERVAL_PLACES)}, {decimal(bounds.high, INTERVAL_PLACES)}]"


def facts(findings: Findings) -> list[tuple[str, str]]:
    """What is always printed: how much each data set holds, and where the figures come from."""
    held = [(counts.dataset, holding(counts)) for counts in findings.counts]
    origin = findings.origin
    return [
        ("Study", ", ".join(origin.studies)),
        *held,
        ("Tie rule", origin.tie_rule),
        ("Seed, draws", f"{origin.seed}, {origin.draws:,}"),
        ("Software", origin.software),
        ("Marks file", f"sha256 {origin.marks_sha256}"),
    ]


def holding(counts: Counts) -> str:
    """How much a data set holds, in words."""
    size = f"{counts.cases} cases, {counts.readers} readers, {counts.sheets} sheets"
    return f"{size}, nothing valid on {counts.nothing_valid} of them"
