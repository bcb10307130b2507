"""Marks in the list mode of iMRMC: one line `readerID,caseID,modalityID,score` per mark.

iMRMC analyses reader studies with several readers and cases (https://github.com/DIDSR/iMRMC). Higher scores are better:
the verdict as 1 or 0, or the number of places below the penalised rank. Case codes carry their data set in front.
"""

import csv
import io
from collections.abc import Iterator

from evaluation.marks import Marks
from evaluation.sheets import Sheets, scored_sheets

HEAD = ("readerID", "caseID", "modalityID", "score")


def validity_list(marks: Marks) -> bytes:
    """Verdicts, 1 for valid."""
    return list_mode(marks, ranked=False)


def rank_list(marks: Marks) -> bytes:
    """Penalised ranks turned round: number of methods minus penalised rank, 0 at worst."""
    return list_mode(marks, ranked=True)


def list_mode(marks: Marks, *, ranked: bool) -> bytes:
    """Every scored first reading."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(HEAD)
    for sheets in scored_sheets(marks).values():
        writer.writerows(lines(sheets, ranked=ranked))
    return output.getvalue().encode()


def lines(sheets: Sheets, *, ranked: bool) -> Iterator[tuple[str, str, str, str]]:
    """The lines of one data set."""
    scores = len(sheets.methods) - sheets.penalised_rank if ranked else sheets.valid
    for sheet in range(sheets.count):
        case = f"{sheets.dataset}:{sheets.cases[sheets.case[sheet]]}"
        for method, score in zip(sheets.methods, scores[sheet].tolist(), strict=True):
            yield sheets.readers[sheets.reader[sheet]], case, method, f"{score:g}"
