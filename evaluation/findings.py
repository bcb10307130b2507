"""What an evaluation found, free of any output format.

`evaluation.report` fills it in; the printers, the figures and the exports read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.analyses.pairwise import MeanRanks
from evaluation.estimates import Table
from evaluation.sheets import Sheets
from evaluation.significance import SignificanceTest


@dataclass(frozen=True)
class Counts:
    """How much one data set holds; `nothing_valid` counts the sheets on which every result was invalid."""

    dataset: str
    cases: int
    readers: int
    sheets: int
    nothing_valid: int


@dataclass(frozen=True)
class Origin:
    """Where the figures come from, printed with every output: enough to make them again."""

    studies: tuple[str, ...]
    software: str
    marks_sha256: str
    seed: int
    draws: int
    tie_rule: str


@dataclass(frozen=True)
class Caution:
    """What the data cannot carry: one bold sentence, one that says what to do instead."""

    code: str
    dataset: str
    text: str
    advice: str


@dataclass(frozen=True)
class Statement:
    """A finding in plain words, and the figures it rests on."""

    dataset: str
    text: str
    basis: str


@dataclass(frozen=True)
class Findings:
    """Everything computed from one marks file. `sheets` and `mean_ranks` are for the figures."""

    origin: Origin
    counts: tuple[Counts, ...]
    headline: str
    cautions: tuple[Caution, ...]
    statements: tuple[Statement, ...]
    tables: tuple[Table, ...]
    tests: tuple[SignificanceTest, ...]
    mean_ranks: tuple[MeanRanks, ...]
    sheets: Mapping[str, Sheets]

    def table(self, key: str) -> Table:
        """One table by its key."""
        return next(table for table in self.tables if table.heading.key == key)
