"""The columns of a marks file: what each holds, how a cell is read and how it is written.

One row is one reader's verdict on one method's result for one case. `evaluation.marks` reads and writes whole files by
these rules; the clinic's export builds `Mark` rows directly.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the marks file. Codes are pseudonymous; an empty text and None stand for "not recorded"."""

    study: str
    dataset: str
    case: str
    phase: str
    side: str
    reader: str
    reading: str
    repeat: int
    kind: str
    position: str
    method: str
    checkpoint: str
    valid: bool
    reason: str
    rank: int | None
    seconds: float | None
    sequence: int | None
    submitted_at: str
    revisions: int | None


COLUMNS = tuple(column.name for column in fields(Mark))
VALID, SECONDS = COLUMNS.index("valid"), COLUMNS.index("seconds")
cell_values = attrgetter(*COLUMNS)
KINDS = ("scored", "control", "training")
REASONS = ("blank", "blurry", "illogical", "artefact", "mismatch", "other")

# Codes come in runs, four rows to a sheet; a small memory makes reading large files about twice as fast.
remembered = lru_cache(maxsize=4096)
LONGEST_CODE = 200
METHOD_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
DECIMAL_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@remembered
def text(cell: str) -> str:
    """A code or a note that may be empty."""
    if len(cell) > LONGEST_CODE:
        raise ValueError(f"at most {LONGEST_CODE} characters")
    if not cell.isprintable():
        raise ValueError("no line breaks, tabs or control characters")
    if cell[:1] in ("=", "+", "-", "@"):
        raise ValueError(f"may not begin with {cell[0]!r}, which a spreadsheet would run as a formula")
    return cell


@remembered
def code(cell: str) -> str:
    """A code that must be there."""
    if not cell:
        raise ValueError("must not be empty")
    return text(cell)


@remembered
def method_id(cell: str) -> str:
    """A method's id, such as `inclg`."""
    if not METHOD_ID.fullmatch(cell):
        raise ValueError(f"unknown method {cell!r}; an id is small letters and digits, such as inclg")
    return cell


@remembered
def position(cell: str) -> str:
    """A place on the screen, `A` to `Z`."""
    if len(cell) != 1 or not "A" <= cell <= "Z":
        raise ValueError(f"must be one letter from A on, not {cell!r}")
    return cell


def one_of(*words: str) -> Callable[[str], str]:
    """A cell that holds one of a few words."""

    @remembered
    def word(cell: str) -> str:
        if cell not in words:
            choice = ", ".join(word or "empty" for word in words)
            raise ValueError(f"must be one of {choice}, not {cell!r}")
        return cell

    return word


@remembered
def zero_or_one(cell: str) -> bool:
    """A verdict: 1 is valid, 0 is invalid."""
    if cell not in ("0", "1"):
        raise ValueError(f"must be 0 or 1, not {cell!r}")
    return cell == "1"


@remembered
def whole_number(cell: str) -> int:
    """A count from 0."""
    if not WHOLE_NUMBER.fullmatch(cell):
        raise ValueError(f"must be a whole number from 0, not {cell!r}")
    return int(cell)


@remembered
def count_or_empty(cell: str) -> int | None:
    """A count from 0, or nothing."""
    return whole_number(cell) if cell else None


@remembered
def rank_or_empty(cell: str) -> int | None:
    """A rank from 1, or nothing."""
    if cell and (not WHOLE_NUMBER.fullmatch(cell) or int(cell) < 1):
        raise ValueError(f"must be a whole number from 1, or empty, not {cell!r}")
    return int(cell) if cell else None


@remembered
def seconds_or_empty(cell: str) -> float | None:
    """A time in seconds from 0, or nothing."""
    if cell and not DECIMAL_NUMBER.fullmatch(cell):
        raise ValueError(f"must be a number of seconds from 0, or empty, not {cell!r}")
    return float(cell) if cell else None


def moment(cell: str) -> str:
    """A date and time in ISO 8601, or nothing."""
    if cell:
        try:
            datetime.fromisoformat(cell)
        except ValueError:
            raise ValueError(f"must be a date and time such as 2026-11-09T14:02:00Z, or empty, not {cell!r}") from None
    return cell


READERS: dict[str, Callable[[str], Any]] = {
    "study": code,
    "dataset": code,
    "case": code,
    "phase": text,
    "side": text,
    "reader": code,
    "reading": code,
    "repeat": whole_number,
    "kind": one_of(*KINDS),
    "position": position,
    "method": method_id,
    "checkpoint": text,
    "valid": zero_or_one,
    "reason": one_of("", *REASONS),
    "rank": rank_or_empty,
    "seconds": seconds_or_empty,
    "sequence": count_or_empty,
    "submitted_at": moment,
    "revisions": count_or_empty,
}


@remembered
def seconds_text(seconds: float | None) -> str:
    """A time as it stands in the file, with at most three decimal places."""
    if seconds is None:
        return ""
    if not math.isfinite(seconds):
        raise ValueError(f"{seconds} cannot be written as a number of seconds")
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def cells_of(mark: Mark) -> list[str | int | None]:
    """The cells of one row, in the order of `COLUMNS`; None stands for an empty cell."""
    cells: list[str | int | None] = list(cell_values(mark))
    cells[VALID] = int(mark.valid)
    cells[SECONDS] = seconds_text(mark.seconds)
    return cells


def sort_key(mark: Mark) -> tuple[str | int, ...]:
    """The order of the file: study, dataset, case, reader, repeat, position; kind and reading settle what is left."""
    return (mark.study, mark.dataset, mark.case, mark.reader, mark.repeat, mark.position, mark.kind, mark.reading)
