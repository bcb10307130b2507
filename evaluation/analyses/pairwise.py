"""Which methods differ? Two at a time: exact McNemar tests on validity, Nemenyi's test on ranks.

McNemar's test takes the readers' majority per case, Nemenyi's the mean of the within-case ranks of
`evaluation.analyses.overall` (Demsar 2006, Journal of Machine Learning Research 7, section 3.2.2).
"""

import math
from dataclasses import dataclass

from scipy.stats import binomtest, studentized_range

from evaluation.analyses.overall import case_ranks, majority
from evaluation.analyses.wins import pairs
from evaluation.resampling import CONFIDENCE
from evaluation.sheets import Sheets
from evaluation.significance import SignificanceTest, holm


@dataclass(frozen=True)
class MeanRanks:
    """Mean within-case rank per method, and how far apart two must be to differ at the 5 % level."""

    dataset: str
    methods: tuple[str, ...]
    ranks: tuple[float, ...]
    critical_difference: float


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value from the numbers of cases on which just one of two methods was valid."""
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def validity_pairs(sheets: Sheets) -> list[SignificanceTest]:
    """Exact McNemar tests of every two methods, Holm's adjustment over all of them."""
    valid = majority(sheets)
    compared = pairs(sheets.methods)
    counts = [
        (int((valid[:, one] & ~valid[:, other]).sum()), int((valid[:, other] & ~valid[:, one]).sum()))
        for one, other in compared
    ]
    p_values = [mcnemar(*count) for count in counts]
    return [
        SignificanceTest(
            key="mcnemar",
            title="Validity, exact McNemar test",
            dataset=sheets.dataset,
            subject=named(sheets, pair),
            statistic=None,
            degrees=None,
            p=p,
            adjusted_p=adjusted,
            note=f"Majority valid on {only_one} cases for the first alone, on {only_other} for the second alone.",
        )
        for pair, (only_one, only_other), p, adjusted in zip(compared, counts, p_values, holm(p_values), strict=True)
    ]


def mean_ranks(sheets: Sheets) -> MeanRanks:
    """Mean ranks with their critical difference."""
    methods, cases = len(sheets.methods), len(sheets.cases)
    quantile = float(studentized_range.ppf(CONFIDENCE, methods, math.inf)) / math.sqrt(2)
    ranks = case_ranks(sheets).mean(axis=0)
    return MeanRanks(
        dataset=sheets.dataset,
        methods=sheets.methods,
        ranks=tuple(float(rank) for rank in ranks),
        critical_difference=quantile * math.sqrt(methods * (methods + 1) / (6 * cases)),
    )


def nemenyi(difference: float, methods: int, cases: int) -> float:
    """p-value of two mean ranks that lie `difference` apart."""
    error = math.sqrt(methods * (methods + 1) / (12 * cases))
    return float(studentized_range.sf(abs(difference) / error, methods, math.inf))


def rank_pairs(sheets: Sheets) -> list[SignificanceTest]:
    """Nemenyi's test of every two methods; it is corrected for the number of pairs by itself."""
    found = mean_ranks(sheets)
    compared = pairs(sheets.methods)
    differences = [found.ranks[one] - found.ranks[other] for one, other in compared]
    p_values = [nemenyi(difference, len(sheets.methods), len(sheets.cases)) for difference in differences]
    return [
        SignificanceTest(
            key="nemenyi",
            title="Ranks, Nemenyi test",
            dataset=sheets.dataset,
            subject=named(sheets, pair),
            statistic=difference,
            degrees=None,
            p=p,
            adjusted_p=p,
            note=f"Difference of mean ranks; the critical difference is {found.critical_difference:.3f}.",
        )
        for pair, difference, p in zip(compared, differences, p_values, strict=True)
    ]


def named(sheets: Sheets, pair: tuple[int, int]) -> str:
    """Two methods as a test names them: `inclg against edgeconnect`."""
    return " against ".join(sheets.methods[index] for index in pair)
