"""Warnings by rule: where the data cannot carry a conclusion.

Each rule looks at the sheets of one data set and the tables made of them; `evaluation.report` prints the warnings
before the tables.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from evaluation.estimates import Row
from evaluation.findings import Caution
from evaluation.methods import label
from evaluation.sheets import Sheets

Rows = Mapping[str, Sequence[Row]]
Warned = tuple[str, str, str]  # code, what is the matter, what to do instead

# The bootstrap over cases leaves its promised 95 % noticeably below this many (docs/statistics.md, "Coverage").
FEW_CASES = 20
FEW_VALID = 5
FEW_CLUSTERS = 40
FEW_DRAWS = 1000
MANY_UNDEFINED = 0.01


def cautions(sheets: Sheets, rows: Rows, draws: int) -> list[Caution]:
    """Every warning that applies to one data set."""
    rules: tuple[Callable[[Sheets], Iterator[Warned]], ...] = (
        few_cases,
        one_reader,
        missing_sheets,
        mostly_nothing_valid,
        few_valid_marks,
        unbalanced_positions,
        few_clusters,
    )
    found = [warned for rule in rules for warned in rule(sheets)]
    found += [*undefined_draws(sheets, rows), *few_draws(sheets, draws)]
    return [Caution(code, sheets.dataset, text, advice) for code, text, advice in found]


def few_cases(sheets: Sheets) -> Iterator[Warned]:
    """Too few cases for an interval."""
    cases = len(sheets.cases)
    if cases < FEW_CASES:
        yield (
            "few-cases",
            f"{sheets.dataset} has {counted(cases, 'case')}: too few for its intervals to be trusted.",
            "They are printed for completeness. Read the counts, and do not rank the methods on this set.",
        )


def one_reader(sheets: Sheets) -> Iterator[Warned]:
    """Nothing to compare a reader with."""
    if len(sheets.readers) == 1:
        yield (
            "one-reader",
            f"{sheets.dataset} was read by one reader.",
            "Agreement cannot be computed, and another reader may have judged otherwise.",
        )


def missing_sheets(sheets: Sheets) -> Iterator[Warned]:
    """Not every reader read every case."""
    cells = len(sheets.cases) * len(sheets.readers)
    read = len(np.unique(sheets.case * len(sheets.readers) + sheets.reader))
    if read < cells:
        yield (
            "missing-sheets",
            f"{sheets.dataset} lacks {cells - read} of {counted(cells, 'possible sheet')}.",
            "Cases with more readers weigh more in every figure.",
        )


def mostly_nothing_valid(sheets: Sheets) -> Iterator[Warned]:
    """On most sheets no method did well enough."""
    empty = int((sheets.valid_count == 0).sum())
    if 2 * empty > sheets.count:
        yield (
            "mostly-nothing-valid",
            f"On {empty} of {counted(sheets.count, 'sheet')} of {sheets.dataset} nothing was acceptable.",
            "Ranks rest on the remaining sheets only; read valid probability first.",
        )


def few_valid_marks(sheets: Sheets) -> Iterator[Warned]:
    """An average rank that rests on a handful of marks."""
    for method, valid in zip(sheets.methods, sheets.valid.sum(axis=0).tolist(), strict=True):
        if valid < FEW_VALID:
            yield (
                "few-valid",
                f"The average rank of {label(method)} on {sheets.dataset} rests on {counted(valid, 'valid mark')}.",
                "Read its penalised rank, which counts every sheet.",
            )


def unbalanced_positions(sheets: Sheets) -> Iterator[Warned]:
    """A method that a reader saw in one position oftener than in another, by more than one sheet."""
    methods = len(sheets.methods)
    worst = 0
    for reader in range(len(sheets.readers)):
        places = sheets.place[sheets.reader == reader]
        for method in range(methods):
            times = np.bincount(places[:, method], minlength=methods)
            worst = max(worst, int(times.max() - times.min()))
    if worst > 1:
        yield (
            "unbalanced-positions",
            f"Positions on {sheets.dataset} are not balanced: a reader saw a method {worst} times more in one place.",
            "Look at the order effects before comparing methods.",
        )


def few_clusters(sheets: Sheets) -> Iterator[Warned]:
    """Robust intervals want more cases than bootstrap intervals do."""
    cases = len(sheets.cases)
    if FEW_CASES <= cases < FEW_CLUSTERS:
        yield (
            "few-clusters",
            f"Order effects on {sheets.dataset} rest on {counted(cases, 'case')}.",
            f"Their intervals and tests are somewhat too sure of themselves below {FEW_CLUSTERS} cases.",
        )


def undefined_draws(sheets: Sheets, rows: Rows) -> Iterator[Warned]:
    """An average rank that many bootstrap draws do not have."""
    for row in rows["average_rank"]:
        for method, estimate in row.cells.items():
            undefined = estimate.interval.undefined
            if estimate.value is not None and undefined > MANY_UNDEFINED:
                yield (
                    "undefined-draws",
                    f"{label(method)} has no valid mark in {undefined:.0%} of the draws of {sheets.dataset}.",
                    "The interval of its average rank leaves those draws out and is too narrow.",
                )


def few_draws(sheets: Sheets, draws: int) -> Iterator[Warned]:
    """Intervals that another seed would move."""
    if draws < FEW_DRAWS:
        yield (
            "few-draws",
            f"Only {draws} draws were made for {sheets.dataset}.",
            "Another seed would move the intervals; report figures of 10,000 draws.",
        )


def counted(number: int, noun: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
