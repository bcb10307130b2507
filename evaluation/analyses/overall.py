"""Do the methods differ at all? Overall tests that treat a case, with all its readers, as one block.

Under the null hypothesis the method columns of a case may change places. One quadratic statistic serves validity
counts, majorities and ranks: on 0/1 blocks it is Cochran's Q, on within-case ranks Friedman's statistic with its
correction for ties. Its permutation distribution is drawn for few cases; for many, its chi-square limit is used.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, rankdata

from evaluation.resampling import per_case
from evaluation.sheets import Booleans, Floats, Sheets
from evaluation.significance import SignificanceTest

# Above this the chi-square limit and the permutation distribution cannot be told apart in three places.
MANY_CASES = 200
BLOCK = 1 << 20
ROUNDING = 1e-9


@dataclass(frozen=True)
class BlockTest:
    """The statistic, its degrees of freedom, its p-value by the chi-square limit and by permutation (few cases)."""

    statistic: float
    degrees: int
    limit_p: float
    permutation_p: float | None

    @property
    def p(self) -> float:
        """The better of the two p-values: by permutation where it was drawn."""
        return self.limit_p if self.permutation_p is None else self.permutation_p


def block_test(blocks: Floats, *, seed: int, draws: int) -> BlockTest | None:
    """Test whether columns of `blocks` (c x m) differ, permuting within rows; None if no row has a contrast."""
    cases, methods = blocks.shape
    within = float(((blocks - blocks.mean(axis=1, keepdims=True)) ** 2).sum())
    if within < ROUNDING:
        return None
    spread = float(column_spread(blocks.sum(axis=0)))
    statistic = (methods - 1) * spread / within
    permutation_p = None
    if cases <= MANY_CASES:
        as_extreme = count_as_extreme(blocks, spread, seed=seed, draws=draws)
        permutation_p = (1 + as_extreme) / (1 + draws)
    return BlockTest(statistic, methods - 1, float(chi2.sf(statistic, methods - 1)), permutation_p)


def column_spread(totals: Floats) -> Floats:
    """Sum of squared distances of the column totals (... x m) from their mean."""
    spread: Floats = ((totals - totals.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return spread


def count_as_extreme(blocks: Floats, spread: float, *, seed: int, draws: int) -> int:
    """How many random permutations within rows spread the columns at least as far."""
    generator = np.random.default_rng(seed)
    step = max(1, BLOCK // blocks.size)
    found = 0
    for start in range(0, draws, step):
        copies = np.broadcast_to(blocks, (min(step, draws - start), *blocks.shape))
        totals = generator.permuted(copies, axis=2).sum(axis=1)
        found += int((column_spread(totals) >= spread - ROUNDING).sum())
    return found


def valid_counts(sheets: Sheets) -> Floats:
    """How many readers found each method valid on each case (c x m)."""
    return per_case(sheets.case, len(sheets.cases), sheets.valid)


def majority(sheets: Sheets) -> Booleans:
    """Whether more than half of a case's sheets found each method valid (c x m)."""
    read = per_case(sheets.case, len(sheets.cases), np.ones(sheets.count))
    return np.asarray(2 * valid_counts(sheets) > read)


def case_ranks(sheets: Sheets) -> Floats:
    """Methods ranked within each case by their penalised rank averaged over readers (c x m); ties share the middle."""
    sums = per_case(sheets.case, len(sheets.cases), sheets.doubled_penalised_rank)
    return np.asarray(rankdata(sums, axis=1), dtype=np.float64)


def overall_tests(sheets: Sheets, *, seed: int, draws: int) -> list[SignificanceTest]:
    """The three overall tests of one data set."""
    return [
        described(
            "validity_permutation",
            "Validity, permutation test",
            sheets,
            block_test(valid_counts(sheets), seed=seed, draws=draws),
            "Method columns change places within each case, all readers together.",
        ),
        described(
            "cochran_q",
            "Validity, Cochran's Q",
            sheets,
            block_test(majority(sheets).astype(np.float64), seed=seed, draws=draws),
            "On the readers' majority per case; more than half must find a result valid.",
        ),
        described(
            "friedman",
            "Ranks, Friedman test",
            sheets,
            block_test(case_ranks(sheets), seed=seed, draws=draws),
            "On penalised ranks averaged over the readers of a case.",
        ),
    ]


def described(key: str, title: str, sheets: Sheets, found: BlockTest | None, note: str) -> SignificanceTest:
    """A block test in words."""
    if found is None:
        how = "No case tells the methods apart, so nothing can be tested."
    elif found.permutation_p is None:
        how = f"p by the chi-square limit, since there are more than {MANY_CASES} cases."
    else:
        how = f"p by permutation; by the chi-square limit {found.limit_p:.3f}."
    return SignificanceTest(
        key=key,
        title=title,
        dataset=sheets.dataset,
        subject="all methods",
        statistic=found.statistic if found else None,
        degrees=found.degrees if found else None,
        p=found.p if found else None,
        adjusted_p=None,
        note=f"{note} {how}",
    )
