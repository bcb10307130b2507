"""Marks for REDCap: a data dictionary to set the project up, and a CSV to import.

One record per mark, numbered in the order of the marks file. Field names are those of the marks file.
"""

from collections.abc import Iterator

from evaluation.exports.dictionary import DICTIONARY, Column
from evaluation.exports.streams import csv_table
from evaluation.marks import Marks
from evaluation.schema import KINDS, REASONS, cells_of

FORM = "marks"
HEAD = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
RECORD = "record_id"
CHOICES = {"kind": KINDS, "reason": REASONS}
VALIDATION = {"whole number": "integer", "number": "number"}


def redcap_import(marks: Marks) -> Iterator[bytes]:
    """The records."""
    names = [column.name for column in DICTIONARY]
    return csv_table((RECORD, *names), ((number, *cells_of(mark)) for number, mark in enumerate(marks.rows, start=1)))


def redcap_dictionary() -> Iterator[bytes]:
    """The project's data dictionary."""
    first = field(RECORD, "text", "Number of the mark")
    return csv_table(HEAD, [first, *(described(column) for column in DICTIONARY)])


def described(column: Column) -> list[str]:
    """One column of the marks file as a field of REDCap."""
    if column.name == "valid":
        return field(column.name, "yesno", column.meaning)
    if column.name in CHOICES:
        choices = " | ".join(f"{word}, {word}" for word in CHOICES[column.name])
        return field(column.name, "radio", column.meaning, choices=choices)
    return field(column.name, "text", column.meaning, note=column.allowed, validation=VALIDATION.get(column.kind, ""))


def field(name: str, kind: str, label: str, *, choices: str = "", note: str = "", validation: str = "") -> list[str]:
    """One line of REDCap's data dictionary."""
    line = [name, FORM, "", kind, label, choices, note, validation]
    return line + [""] * (len(HEAD) - len(line))
