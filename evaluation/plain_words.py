"""The findings in plain words: fixed sentence templates, chosen by rule.

"More often" is said of two methods only if the interval of their difference leaves out 0. `evaluation.report` prints
the sentences with the figures that each rests on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.cautions import FEW_CASES, FEW_VALID, counted
from evaluation.estimates import Estimate, Row
from evaluation.findings import Statement
from evaluation.methods import label
from evaluation.rounding import decimal
from evaluation.sheets import Integers, Sheets
from evaluation.significance import SignificanceTest, printed_p


@dataclass(frozen=True)
class Evidence:
    """What the sentences about one data set may use."""

    sheets: Sheets
    rows: Mapping[str, Sequence[Row]]
    tests: Sequence[SignificanceTest]

    @property
    def dataset(self) -> str:
        """The data set's name."""
        return self.sheets.dataset

    def difference(self, first: str, second: str, column: str) -> tuple[float, float | None, float | None]:
        """First method minus second in one column of the differences table: value, low, high."""
        for row in self.rows["differences"]:
            estimate = row.cells[column]
            low, high = estimate.interval.low, estimate.interval.high
            if row.labels[1:] == (first, second):
                return estimate.value or 0.0, low, high
            if row.labels[1:] == (second, first):
                return -(estimate.value or 0.0), negated(high), negated(low)
        raise KeyError((first, second))

    def clearly_apart(self, first: str, second: str, column: str) -> bool:
        """Does the interval of their difference leave out 0?"""
        _, low, high = self.difference(first, second, column)
        return low is not None and high is not None and (low > 0 or high < 0)

    def p(self, key: str, subject: str = "all methods") -> str:
        """A p-value as printed, of the test with this key (and subject)."""
        return next(printed_p(test.p) for test in self.tests if test.key == key and test.subject == subject)


def negated(value: float | None) -> float | None:
    """The other sign of a bound."""
    return None if value is None else -value


def statements(evidence: Evidence) -> list[Statement]:
    """The sentences about one data set."""
    found = [on_validity(evidence), on_first_places(evidence), on_penalised_rank(evidence), on_agreement(evidence)]
    return [statement for statement in found if statement]


def by_score(methods: Sequence[str], scores: Integers) -> list[str]:
    """Methods from the highest score down; equal scores keep the papers' order."""
    return [methods[index] for index in np.argsort(-scores, kind="stable")]


def on_validity(evidence: Evidence) -> Statement:
    """Compare the two methods that were valid most often."""
    sheets = evidence.sheets
    valid = dict(zip(sheets.methods, sheets.valid.sum(axis=0).tolist(), strict=True))
    first, second, *_ = by_score(sheets.methods, sheets.valid.sum(axis=0))
    value, low, high = evidence.difference(first, second, "validity")
    basis = (
        f"Difference {decimal(value)}{bounds(low, high)}; overall permutation test p ="
        f" {evidence.p('validity_permutation')}."
    ).replace("= <", "<")
    if valid[first] - valid[second] == 1:
        basis += " Exact McNemar test on sheets: p = 1.0 whatever the pairing."
    return Statement(evidence.dataset, validity_text(evidence, first, second, valid), basis)


def validity_text(evidence: Evidence, first: str, second: str, valid: Mapping[str, int]) -> str:
    """The sentence on validity."""
    sheets = counted(evidence.sheets.count, "sheet")
    gap = valid[first] - valid[second]
    rivals = [method for method in valid if method != first]
    if gap == 0:
        level = [method for method in valid if valid[method] == valid[first]]
        return f"On {evidence.dataset}, {spoken(level)} were each valid on {valid[first]} of {sheets}: no difference."
    others = {valid[method] for method in rivals}
    against = (
        f"each other method on {valid[second]}"
        if len(others) == 1 and len(rivals) > 1
        else f"{label(second)} on {valid[second]}"
    )
    text = f"On {evidence.dataset}, {label(first)} was valid on {valid[first]} of {sheets}, {against}."
    if gap == 1:
        return f"{text} One mark apart: no difference can be claimed."
    level = [method for method in rivals if not evidence.clearly_apart(first, method, "validity")]
    if second in level:
        return f"{text} The interval of the difference includes 0: no difference can be claimed."
    if level:
        return f"{text} Against {spoken(level)} the interval of the difference includes 0: that is no clear difference."
    return f"{text} {strength(evidence, f'{label(first)} was valid more often than every other method.')}"


def strength(evidence: Evidence, claim: str) -> str:
    """A claim, or a hint where cases are few."""
    cases = len(evidence.sheets.cases)
    return f"With {counted(cases, 'case')}, take this as a hint." if cases < FEW_CASES else claim


def on_first_places(evidence: Evidence) -> Statement | None:
    """Say which method was mostly first when it was valid; nothing if there is none."""
    sheets = evidence.sheets
    valid, first = sheets.valid.sum(axis=0), (sheets.rank == 1).sum(axis=0)
    mostly = np.where((valid >= FEW_VALID) & (2 * first > valid), first, 0)
    if not mostly.any():
        return None
    index = int(np.argmax(mostly))
    text = (
        f"When {label(sheets.methods[index])} was valid it was mostly ranked first: {first[index]} of its"
        f" {counted(int(valid[index]), 'valid mark')} on {evidence.dataset}."
    )
    return Statement(
        evidence.dataset, text, "Average rank rewards being the only valid result; penalised rank does not."
    )


def on_penalised_rank(evidence: Evidence) -> Statement:
    """Compare the two methods placed highest when every sheet counts."""
    sheets = evidence.sheets
    order = by_score(sheets.methods, -sheets.doubled_penalised_rank.sum(axis=0))
    best, next_best = order[:2]
    figures = evidence.rows["penalised_rank"][0].cells
    chance = decimal((len(sheets.methods) + 1) / 2, 2)
    level = [method for method in order[1:] if not evidence.clearly_apart(best, method, "penalised_rank")]
    if not level:
        claim = strength(evidence, f"{label(best)} was placed above every other method.")
    elif next_best in level:
        claim = "The interval of the difference includes 0: neither can be called better."
    else:
        claim = f"Against {spoken(level)} the interval of the difference includes 0: that is no clear difference."
    placed = f"{label(best)} was placed highest, {label(next_best)} next"
    text = f"Counting every sheet of {evidence.dataset}, {placed}. {claim}"
    ranks = ", ".join(f"{label(method)} {decimal(figures[method].value, 2)}" for method in order)
    return Statement(evidence.dataset, text, f"Penalised rank: {ranks} (chance {chance}).")


def on_agreement(evidence: Evidence) -> Statement | None:
    """Say how far readers agreed on what is valid, beside what chance gives."""
    rows = evidence.rows.get("agreement")
    if not rows:
        return None
    agreed, kappa = rows[0].cells["percent_agreement"], rows[0].cells["fleiss_kappa"]
    if agreed.value is None or kappa.value is None:
        return None
    opening, comparison = agreement_words(kappa)
    text = (
        f"{opening}: two of them gave the same verdict on {100 * agreed.value:.0f} % of {evidence.dataset} results,"
        f" {comparison}."
    )
    results = len(evidence.sheets.cases) * len(evidence.sheets.methods)
    basis = (
        f"Fleiss kappa {kappa.text}{bounds(kappa.interval.low, kappa.interval.high)}; {counted(results, 'result')},"
        f" {counted(len(evidence.sheets.readers), 'reader')}."
    )
    return Statement(evidence.dataset, text, basis)


def agreement_words(kappa: Estimate) -> tuple[str, str]:
    """How a kappa is put into words."""
    value, low = kappa.value or 0.0, kappa.interval.low
    if low is None or low <= 0:
        return "Readers often disagreed", "which may be no more than chance would give"
    if value < 0.4:
        return "Readers often disagreed", "a little more than chance would give"
    if value < 0.7:
        return "Readers agreed in part", "clearly more than chance would give"
    return "Readers mostly agreed", "far more than chance would give"


def headline(evidence: Sequence[Evidence]) -> str:
    """One line over everything, about the data set with the most cases."""
    main = max(evidence, key=lambda one: len(one.sheets.cases))
    sheets = main.sheets
    first_places = (sheets.rank == 1).sum(axis=0)
    leader, runner_up, *_ = by_score(sheets.methods, first_places)
    counts = dict(zip(sheets.methods, first_places.tolist(), strict=True))
    ranked = (
        f"{label(leader)} was ranked first most often"
        if counts[leader] > counts[runner_up]
        else "No method was ranked first most often"
    )
    first, second, *_ = by_score(sheets.methods, sheets.valid.sum(axis=0))
    close = not main.clearly_apart(first, second, "validity")
    validity = "validity was close" if close else f"{label(first)} was valid most often"
    return f"{ranked}; on {counted(len(sheets.cases), 'case')} {validity}"


def bounds(low: float | None, high: float | None) -> str:
    """An interval inside a sentence, or nothing."""
    return "" if low is None or high is None else f", 95 % interval {decimal(low, 2)} to {decimal(high, 2)}"


def spoken(methods: Sequence[str]) -> str:
    """The names of several methods in a sentence."""
    return listed([label(method) for method in methods])


def listed(names: Sequence[str]) -> str:
    """`A and B`, `A, B and C`."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
