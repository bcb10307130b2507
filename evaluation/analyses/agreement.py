"""How far readers agree on what is valid: percent agreement, Fleiss' kappa, Gwet's AC1, Krippendorff's alpha.

A unit is one method's result on one case. All four are functions of sums over units, so that cases can be drawn
again; units may have different numbers of readers. Sources: Fleiss 1971 (Psychological Bulletin 76); Gwet 2008
(British Journal of Mathematical and Statistical Psychology 61); Krippendorff 2011 (Computing Krippendorff's
alpha-reliability).
"""

from dataclasses import dataclass

import numpy as np

from evaluation.estimates import Row, coefficient, row
from evaluation.resampling import CaseSums, per_case, percentile_interval, ratio
from evaluation.sheets import Floats, Integers, Sheets

COEFFICIENTS = ("percent_agreement", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha")


def unit_sums(counts: Floats) -> Floats:
    """What one unit adds to the sums: from counts per category (u x q) to u x (4 + 2q) columns.

    Columns: paired (has two readers or more), agreement between its pairs, disagreement for alpha, read at all; then
    the counts of paired units (q), then the shares of all read units (q).
    """
    readers = counts.sum(axis=1, keepdims=True)
    paired = readers >= 2
    alike = (counts**2).sum(axis=1, keepdims=True)
    agreement = np.where(paired, ratio(alike - readers, readers * (readers - 1)), 0)
    disagreement = np.where(paired, ratio(readers**2 - alike, readers - 1), 0)
    shares = np.where(readers > 0, ratio(counts, np.broadcast_to(readers, counts.shape)), 0)
    return np.hstack([paired, agreement, disagreement, readers > 0, counts * paired, shares])


@dataclass(frozen=True)
class Agreement:
    """The four coefficients, each as an array over the rows of the sums; NaN where one does not exist."""

    percent_agreement: Floats
    fleiss_kappa: Floats
    gwet_ac1: Floats
    krippendorff_alpha: Floats


def coefficients(sums: Floats) -> Agreement:
    """The coefficients from sums of `unit_sums` (b x (4 + 2q))."""
    categories = (sums.shape[1] - 4) // 2
    paired, agreement, disagreement, read = sums[:, :4].T
    counts, shares = sums[:, 4 : 4 + categories], sums[:, 4 + categories :]
    values = counts.sum(axis=1)
    observed = ratio(agreement, paired)
    by_chance = (ratio(counts, np.broadcast_to(values[:, np.newaxis], counts.shape)) ** 2).sum(axis=1)
    prevalence = ratio(shares, np.broadcast_to(read[:, np.newaxis], shares.shape))
    gwet_chance = (prevalence * (1 - prevalence)).sum(axis=1) / (categories - 1)
    expected = ratio(values**2 - (counts**2).sum(axis=1), values - 1)
    return Agreement(
        percent_agreement=observed,
        fleiss_kappa=ratio(observed - by_chance, 1 - by_chance),
        gwet_ac1=ratio(observed - gwet_chance, 1 - gwet_chance),
        krippendorff_alpha=1 - ratio(disagreement, expected),
    )


def verdict_counts(sheets: Sheets) -> Integers:
    """How many readers found each method of each case invalid and valid (c x m x 2)."""
    cases = len(sheets.cases)
    valid = per_case(sheets.case, cases, sheets.valid)
    read = per_case(sheets.case, cases, np.ones(sheets.count))
    return np.stack([read - valid, valid], axis=2).astype(np.int64)


def sums_of(sheets: Sheets) -> dict[str, Floats]:
    """Per-case sums over the methods of a case."""
    counts = verdict_counts(sheets)
    cases, methods, _ = counts.shape
    columns = unit_sums(counts.reshape(-1, 2).astype(np.float64))
    return {"agreement": columns.reshape(cases, methods, -1).sum(axis=1)}


def agreement_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """Agreement on validity; no rows where no case has two readers."""
    total = sums.total("agreement")
    if total[0] == 0:
        return {}
    point, drawn = coefficients(total[np.newaxis]), coefficients(sums.draws["agreement"])
    estimates = [
        coefficient(float(getattr(point, name)[0]), percentile_interval(getattr(drawn, name))) for name in COEFFICIENTS
    ]
    return {"agreement": [row((sheets.dataset,), COEFFICIENTS, estimates)]}
