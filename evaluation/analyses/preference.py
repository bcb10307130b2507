"""Valid probability, average rank and what is read beside them: the papers' Tables I and II.

V(m) is the share of sheets on which m was valid; R(m) the mean rank over its valid marks (Tables I and II of the
feasibility paper). R rewards being the only valid result, so the penalised rank and the first-place share stand beside
it. All are ratios of sums over sheets, for `evaluation.resampling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from evaluation.estimates import Row, exact, ratio_estimates, row
from evaluation.resampling import CONFIDENCE, CaseSums, Interval, per_case
from evaluation.sheets import Booleans, Floats, Sheets

# Each table's numerator and denominator, by the key of its heading.
PARTS: Mapping[str, tuple[str, str]] = {
    "validity": ("valid", "sheets"),
    "average_rank": ("rank", "valid"),
    "penalised_rank": ("penalised", "sheets"),
    "first_place": ("first", "sheets"),
}


def sums_of(sheets: Sheets) -> dict[str, Floats]:
    """Per-case sums (c x m, or c x 1 for the sheets) of every numerator and denominator."""
    columns = {
        "sheets": np.ones(sheets.count),
        "valid": sheets.valid,
        "rank": sheets.rank,
        "penalised": sheets.penalised_rank,
        "first": sheets.rank == 1,
    }
    return {name: per_case(sheets.case, len(sheets.cases), values) for name, values in columns.items()}


def figures(key: str, sheets: Sheets, sums: CaseSums, labels: tuple[str, ...], *, prefix: str = "") -> Row:
    """One row of the table `key`: a figure per method."""
    numerator, denominator = PARTS[key]
    return row(labels, sheets.methods, ratio_estimates(sums, prefix + numerator, prefix + denominator))


def main_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """The rows of one data set in the four main tables, by table key."""
    return {key: [figures(key, sheets, sums, (sheets.dataset,))] for key in PARTS}


def naive_rows(sheets: Sheets) -> dict[str, list[Row]]:
    """Wilson intervals of valid probability, as if every sheet were of another case: too narrow."""
    estimates = []
    for count in sheets.valid.sum(axis=0):
        bounds = binomtest(int(count), sheets.count).proportion_ci(CONFIDENCE, method="wilson")
        interval = Interval(float(bounds.low), float(bounds.high))
        estimates.append(exact(float(count), float(sheets.count), interval))
    return {"validity_naive": [row((sheets.dataset,), sheets.methods, estimates)]}


@dataclass(frozen=True)
class Group:
    """Some sheets of a data set: by reader, side or phase, or by k, the number of valid results on the sheet."""

    kind: str
    name: str
    chosen: Booleans

    @property
    def prefix(self) -> str:
        """What the names of the group's sums begin with."""
        return f"{self.kind} {self.name} "


def groups_of(sheets: Sheets) -> list[Group]:
    """Every group a data set falls into; sides and phases only where there are two or more."""
    found = [
        Group("reader", name, sheets.reader == index)
        for index, name in enumerate(sheets.readers)
        if len(sheets.readers) > 1
    ]
    for kind, names, index in (("side", sheets.sides, sheets.side), ("phase", sheets.phases, sheets.phase)):
        if len(names) > 1:
            found.extend(Group(kind, name or "not recorded", index == which) for which, name in enumerate(names))
    found.extend(Group("k", f"k = {k}", sheets.valid_count == k) for k in range(1, len(sheets.methods) + 1))
    return found


def group_sums(sheets: Sheets) -> dict[str, Floats]:
    """Per-case sums of every group, under the group's name."""
    parts: dict[str, Floats] = {}
    for group in groups_of(sheets):
        chosen = group.chosen[:, np.newaxis]
        for name, values in (("sheets", chosen), ("valid", sheets.valid & chosen), ("rank", sheets.rank * chosen)):
            parts[f"{group.prefix}{name}"] = per_case(sheets.case, len(sheets.cases), values)
    return parts


def group_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """Valid probability and average rank by reader, side and phase; average rank by k."""
    rows: dict[str, list[Row]] = {}
    for group in groups_of(sheets):
        for key in ("average_rank",) if group.kind == "k" else ("validity", "average_rank"):
            line = figures(key, sheets, sums, (sheets.dataset, group.name), prefix=group.prefix)
            rows.setdefault(f"{key}_by_{group.kind}", []).append(line)
    return rows
