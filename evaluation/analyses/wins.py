"""Who was placed above whom, and the paired differences between methods.

A result is placed above another if it is valid and the other is invalid or ranked behind it; a sheet on which neither
is valid counts for none. Differences share the bootstrap draws of `evaluation.resampling`, so they are paired by case.
"""

from itertools import combinations

import numpy as np

from evaluation.estimates import Row, coefficient, ratio_estimates, row
from evaluation.resampling import CaseSums, per_case, percentile_interval, ratio
from evaluation.sheets import Floats, Sheets


def sums_of(sheets: Sheets) -> dict[str, Floats]:
    """Per-case counts of wins: one column per ordered pair of methods, row method first (c x m*m)."""
    place = sheets.doubled_penalised_rank
    above = place[:, :, np.newaxis] < place[:, np.newaxis, :]
    return {"wins": per_case(sheets.case, len(sheets.cases), above.reshape(sheets.count, -1))}


def win_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """The win matrix: a row per method, a column per other method; wins out of all sheets."""
    methods = sheets.methods
    shares = ratio_estimates(sums, "wins", "sheets")
    rows = []
    for index, method in enumerate(methods):
        others = [other for other in range(len(methods)) if other != index]
        estimates = [shares[index * len(methods) + other] for other in others]
        rows.append(row((sheets.dataset, method), [methods[other] for other in others], estimates))
    return {"wins": rows}


def pairs(methods: tuple[str, ...]) -> list[tuple[int, int]]:
    """Every two methods as column numbers: the last method (ours) against each other first, then the rest."""
    found = [(second, first) for first, second in combinations(range(len(methods)), 2)]
    return sorted(found, key=lambda pair: (-pair[0], pair[1]))


def difference_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """Paired differences, first method minus second, in valid probability and penalised rank."""
    rows = []
    for first, second in pairs(sheets.methods):
        estimates = []
        for numerator in ("valid", "penalised"):
            total = sums.total(numerator) / sums.total("sheets")
            drawn = ratio(sums.draws[numerator], np.broadcast_to(sums.draws["sheets"], sums.draws[numerator].shape))
            interval = percentile_interval(drawn[:, first] - drawn[:, second])
            estimates.append(coefficient(total[first] - total[second], interval))
        labels = (sheets.dataset, sheets.methods[first], sheets.methods[second])
        rows.append(row(labels, ("validity", "penalised_rank"), estimates))
    return {"differences": rows}
