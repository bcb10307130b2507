"""The data dictionary: what each column of the marks file holds.

Goes beside every export; docs/statistics.md prints the same words, and a test keeps the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.exports.streams import csv_table
from evaluation.schema import KINDS, REASONS


@dataclass(frozen=True)
class Column:
    """One column: its name, the kind of value, the values allowed (may be empty), and its meaning."""

    name: str
    kind: str
    allowed: str
    meaning: str


DICTIONARY = (
    Column("study", "text", "", "The study's name or code."),
    Column("dataset", "text", "", "The data set of the case; tables are made for each."),
    Column("case", "text", "", "Pseudonymous code of one patient at one phase, unique in its data set."),
    Column("phase", "text", "pre-op, post-op or empty", "Before or after the operation."),
    Column("side", "text", "left, right, bilateral or empty", "The patient's side of the cleft."),
    Column("reader", "text", "", "Pseudonymous code of the surgeon."),
    Column("reading", "text", "", "Code of the sheet: one reader on one case, once."),
    Column("repeat", "whole number", "0 or more", "0 for the first reading, 1 or more for its hidden repeats."),
    Column("kind", "text", ", ".join(KINDS), "Only scored sheets of repeat 0 enter the main tables."),
    Column("position", "letter", "A, B, C, ...", "Where the result stood on the screen."),
    Column("method", "text", "", "The method's id; hidden from the reader."),
    Column("checkpoint", "text", "may be empty", "Digest of the weights that made the result."),
    Column("valid", "0 or 1", "0, 1", "1 if the reader judged the result valid."),
    Column("reason", "text", f"{', '.join(REASONS)} or empty", "Why an invalid result is invalid, if the reader said."),
    Column("rank", "whole number", "1 to k, or empty", "Place among the k valid results of the sheet; 1 is best."),
    Column("seconds", "number", "0 or more, or empty", "Active time the reader spent on the sheet."),
    Column("sequence", "whole number", "0 or more, or empty", "The sheet's place in the reader's list."),
    Column("submitted_at", "date and time", "ISO 8601, or empty", "When the sheet was submitted."),
    Column("revisions", "whole number", "0 or more, or empty", "How often the mark was changed after submission."),
)


def dictionary_csv() -> Iterator[bytes]:
    """The dictionary as CSV."""
    lines = ((column.name, column.kind, column.allowed, column.meaning) for column in DICTIONARY)
    return csv_table(("column", "kind", "allowed", "meaning"), lines)
