"""Every analysis of one data set, on one set of bootstrap draws.

`evaluation.report` calls `analyse` for each data set and sorts what comes back into tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.analyses import agreement, preference, rank_agreement, wins, worth
from evaluation.analyses.blinding_index import blinding_rows
from evaluation.analyses.intra_reader import intra_reader_rows
from evaluation.analyses.order_effects import order_effects
from evaluation.analyses.overall import overall_tests
from evaluation.analyses.pairwise import MeanRanks, mean_ranks, rank_pairs, validity_pairs
from evaluation.analyses.times import time_rows
from evaluation.estimates import Row
from evaluation.guesses import Guess
from evaluation.resampling import resample
from evaluation.sheets import Sheets
from evaluation.significance import SignificanceTest


@dataclass(frozen=True)
class Analysis:
    """What was found in one data set: table rows by table key, tests, and mean ranks for their figure."""

    rows: dict[str, list[Row]]
    tests: list[SignificanceTest]
    mean_ranks: MeanRanks


def analyse(sheets: Sheets, repeated: Sheets, guesses: Iterable[Guess], *, seed: int, draws: int) -> Analysis:
    """Analyse the scored first readings of a data set; `repeated` holds its hidden repeats as well."""
    order_rows, order_tests = order_effects(sheets)
    guess_rows, guess_tests = blinding_rows(sheets, guesses)
    rows = resampled_rows(sheets, seed=seed, draws=draws)
    rows |= preference.naive_rows(sheets)
    rows |= intra_reader_rows(repeated, seed=seed, draws=draws)
    rows |= order_rows | guess_rows | time_rows(sheets)
    tests = overall_tests(sheets, seed=seed, draws=draws)
    tests += validity_pairs(sheets) + rank_pairs(sheets) + order_tests + guess_tests
    return Analysis(rows, tests, mean_ranks(sheets))


def resampled_rows(sheets: Sheets, *, seed: int, draws: int) -> dict[str, list[Row]]:
    """Every table whose intervals come from drawing cases; all share the draws."""
    chosen_sets, choices = worth.choices_of(sheets)
    parts = (
        preference.sums_of(sheets),
        preference.group_sums(sheets),
        wins.sums_of(sheets),
        agreement.sums_of(sheets),
        rank_agreement.sums_of(sheets),
        choices,
    )
    sums = resample({name: table for part in parts for name, table in part.items()}, seed=seed, draws=draws)
    return {
        **preference.main_rows(sheets, sums),
        **preference.group_rows(sheets, sums),
        **wins.win_rows(sheets, sums),
        **wins.difference_rows(sheets, sums),
        **worth.worth_rows(sheets, chosen_sets, sums),
        **agreement.agreement_rows(sheets, sums),
        **rank_agreement.rank_agreement_rows(sheets, sums),
    }
