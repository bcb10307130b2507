"""Marks in the list mode of iMRMC: one line `readerID,caseID,modalityID,score` per mark.

iMRMC analyses reader studies with several readers and cases (https://github.com/DIDSR/iMRMC). Higher scores are better:
the verdict as 1 or 0, or the number of places below the penalised rank. Case codes carry their data set in front.
"""

from collections.abc import Iterator, Mapping
from itertools import chain

from evaluation.exports.streams import csv_table
from evaluation.sheets import Sheets

HEAD = ("readerID", "caseID", "modalityID", "score")


def validity_list(sheets: Mapping[str, Sheets]) -> Iterator[bytes]:
    """Verdicts, 1 for valid; every scored first reading by data set."""
    return list_mode(sheets, ranked=False)


def rank_list(sheets: Mapping[str, Sheets]) -> Iterator[bytes]:
    """Penalised ranks turned round: number of methods minus penalised rank, 0 at worst."""
    return list_mode(sheets, ranked=True)


def list_mode(sheets: Mapping[str, Sheets], *, ranked: bool) -> Iterator[bytes]:
    """One data set after the other."""
    return csv_table(HEAD, chain.from_iterable(lines(one, ranked=ranked) for one in sheets.values()))


def lines(sheets: Sheets, *, ranked: bool) -> Iterator[tuple[str, str, str, str]]:
    """The lines of one data set."""
    scores = len(sheets.methods) - sheets.penalised_rank if ranked else sheets.valid
    for sheet in range(sheets.count):
        case = f"{sheets.dataset}:{sheets.cases[sheets.case[sheet]]}"
        for method, score in zip(sheets.methods, scores[sheet].tolist(), strict=True):
            yield sheets.readers[sheets.reader[sheet]], case, method, f"{score:g}"
