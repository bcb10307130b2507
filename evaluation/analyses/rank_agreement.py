"""How far readers agree on the order: Kendall's W per case, and ordinal alpha over all penalised ranks.

W compares the orders that the readers of one case gave, corrected for the ties among invalid results, and is averaged
over cases (Kendall 1948). Alpha takes every method of every case as a unit and its penalised ranks as ordinal values
(Krippendorff 2011).
"""

import numpy as np

from evaluation.estimates import Row, coefficient, row
from evaluation.resampling import CaseSums, per_case, percentile_interval, ratio
from evaluation.sheets import Floats, Integers, Sheets

# Draws of alpha are computed a slice at a time, which keeps memory flat when many values occur.
SLICE = 1 << 22


def concordance(sheets: Sheets) -> Floats:
    """Kendall's W of each case (c); NaN with fewer than two readers, or where every reader found all alike."""
    cases, methods = len(sheets.cases), len(sheets.methods)
    ranks = sheets.penalised_rank
    readers = per_case(sheets.case, cases, np.ones(sheets.count))[:, 0]
    totals = per_case(sheets.case, cases, ranks)
    tied = (methods - sheets.valid_count).astype(np.float64)
    ties = per_case(sheets.case, cases, tied**3 - tied)[:, 0]
    spread = ((totals - totals.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    most = readers**2 * (methods**3 - methods) - readers * ties
    return np.where(readers >= 2, ratio(12 * spread, most), np.nan)


def coincidences(values: Integers, case: Integers, cases: int) -> Floats:
    """Per-case coincidences of value pairs (c x v x v), from the value (0 to v - 1) on each sheet and method (n x m).

    A unit is one method of one case; each ordered pair of its readers counts 1 / (readers - 1).
    """
    methods, kinds = values.shape[1], int(values.max()) + 1
    unit = case[:, np.newaxis] * methods + np.arange(methods)
    size = cases * methods * kinds
    counts = np.bincount((unit * kinds + values).ravel(), minlength=size).reshape(cases, methods, kinds)
    readers = counts.sum(axis=2)
    weight = ratio(np.ones(readers.shape), np.maximum(readers - 1, 0).astype(np.float64))
    weight = np.where(readers >= 2, weight, 0)
    products = np.einsum("cm,cmv,cmw->cvw", weight, counts, counts)
    itself = np.einsum("cm,cmv->cv", weight, counts)
    diagonal = np.arange(kinds)
    products[:, diagonal, diagonal] -= itself
    return np.asarray(products, dtype=np.float64)


def ordinal_alpha(coincidence: Floats) -> Floats:
    """Krippendorff's alpha for ordered values, from coincidences (b x v x v); NaN where only one value occurs."""
    margin = coincidence.sum(axis=2)
    reached = np.cumsum(margin, axis=1) - margin / 2
    distance = (reached[:, :, np.newaxis] - reached[:, np.newaxis, :]) ** 2
    total = margin.sum(axis=1)
    observed = (coincidence * distance).sum(axis=(1, 2))
    expected = ratio((margin[:, :, np.newaxis] * margin[:, np.newaxis, :] * distance).sum(axis=(1, 2)), total - 1)
    return 1 - ratio(observed, expected)


def sums_of(sheets: Sheets) -> dict[str, Floats]:
    """Per-case sums: W and whether it exists (c x 2); coincidences of the penalised ranks that occur (c x v*v)."""
    concordant = concordance(sheets)
    known = ~np.isnan(concordant)
    _, values = np.unique(sheets.doubled_penalised_rank, return_inverse=True)
    cases = len(sheets.cases)
    pairs = coincidences(values.reshape(sheets.rank.shape), sheets.case, cases)
    return {
        "concordance": np.column_stack([np.where(known, concordant, 0), known]),
        "coincidences": pairs.reshape(cases, -1),
    }


def rank_agreement_rows(sheets: Sheets, sums: CaseSums) -> dict[str, list[Row]]:
    """Agreement on ranks; no rows where no case has two readers who tell results apart."""
    total = sums.total("concordance")
    if total[1] == 0:
        return {}
    drawn_w = ratio(*sums.draws["concordance"].T)
    coincidence, drawn = sums.total("coincidences"), sums.draws["coincidences"]
    kinds = round(len(coincidence) ** 0.5)
    alpha = ordinal_alpha(coincidence.reshape(1, kinds, kinds))[0]
    slices = np.array_split(drawn.reshape(-1, kinds, kinds), max(1, drawn.size // SLICE))
    drawn_alpha = np.concatenate([ordinal_alpha(part) for part in slices])
    estimates = (
        coefficient(total[0] / total[1], percentile_interval(drawn_w)),
        coefficient(float(alpha), percentile_interval(drawn_alpha)),
    )
    return {"rank_agreement": [row((sheets.dataset,), ("kendall_w", "ordinal_alpha"), estimates)]}
