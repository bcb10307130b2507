"""Tests of differences against textbook examples and independent implementations."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import friedmanchisquare
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.multitest import multipletests

from evaluation.analyses.blinding_index import blinding_rows
from evaluation.analyses.clustered_logistic import fit
from evaluation.analyses.order_effects import design_of, order_effects
from evaluation.analyses.overall import block_test, case_ranks, column_spread, majority, overall_tests
from evaluation.analyses.pairwise import mcnemar, mean_ranks, nemenyi, validity_pairs
from evaluation.guesses import Guess
from evaluation.marks import Mark, check_marks
from evaluation.sheets import Sheets, scored_sheets
from evaluation.significance import holm, printed_p


@pytest.fixture
def cleft_lip_24(published: list[Mark]) -> Sheets:
    return scored_sheets(check_marks(published))["CleftLip24"]


def test_on_verdicts_the_block_statistic_is_cochrans_q() -> None:
    verdicts = np.random.default_rng(1).integers(0, 2, size=(30, 4))
    found = block_test(verdicts.astype(float), seed=1, draws=100)
    expected = cochrans_q(verdicts)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.limit_p == pytest.approx(expected.pvalue)


def test_on_ranks_the_block_statistic_is_friedmans_with_ties() -> None:
    scores = np.random.default_rng(2).integers(0, 4, size=(25, 5)).astype(float)
    ranks = np.array([[(row < value).sum() + ((row == value).sum() + 1) / 2 for value in row] for row in scores])
    found = block_test(ranks, seed=1, draws=100)
    expected = friedmanchisquare(*scores.T)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.limit_p == pytest.approx(expected.pvalue)


def test_the_permutation_p_value_is_near_the_one_of_all_permutations() -> None:
    blocks = np.array([[3.0, 1, 0], [2, 2, 0], [3, 0, 1], [1, 0, 0]])
    spread = column_spread(blocks.sum(axis=0))
    arranged = product(*(list(permutations(row)) for row in blocks))
    every = np.array([column_spread(np.array(rows).sum(axis=0)) for rows in arranged])
    exact = float((every >= spread - 1e-9).mean())
    found = block_test(blocks, seed=3, draws=20_000)
    assert found is not None
    assert found.permutation_p == pytest.approx(exact, abs=0.005)


def test_many_cases_use_the_limit() -> None:
    found = block_test(np.random.default_rng(1).integers(0, 3, size=(201, 4)).astype(float), seed=1, draws=100)
    assert found is not None
    assert found.permutation_p is None
    assert found.p == found.limit_p


def test_methods_that_are_always_alike_cannot_be_tested(sheet: Callable[..., list[Mark]]) -> None:
    rows = [mark for case in ("VM-1", "VM-2") for mark in sheet("Sam", case, {})]
    tests = overall_tests(scored_sheets(check_marks(rows))["CleftLip10"], seed=1, draws=100)
    assert [test.p for test in tests] == [None, None, None]
    assert tests[0].note.endswith("No case tells the methods apart, so nothing can be tested.")


def test_a_majority_is_more_than_half(sheet: Callable[..., list[Mark]]) -> None:
    rows = [*sheet("Sam", "VM-1", {"inclg": 1, "lafin": 2}), *sheet("Ruth", "VM-1", {"inclg": 1})]
    sheets = scored_sheets(check_marks(rows))["CleftLip10"]
    assert dict(zip(sheets.methods, majority(sheets)[0].tolist(), strict=True)) == {
        "edgeconnect": False,
        "lafin": False,
        "ctsdg": False,
        "inclg": True,
    }


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (3, 2), (0, 6), (11, 2), (1, 1)])
def test_exact_mcnemar_equals_statsmodels(only_first: int, only_second: int) -> None:
    expected = mcnemar_of_statsmodels([[10, only_first], [only_second, 8]], exact=True).pvalue
    assert mcnemar(only_first, only_second) == pytest.approx(min(1.0, expected))


def test_one_mark_apart_is_no_difference_whatever_the_pairing() -> None:
    assert [mcnemar(only + 1, only) for only in range(24)] == [1.0] * 24


def test_holm_equals_statsmodels() -> None:
    p_values = [0.01, 0.04, 0.03, 0.005, 0.9, 0.03]
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_pairs_are_adjusted_over_all_pairs(cleft_lip_24: Sheets) -> None:
    tests = validity_pairs(cleft_lip_24)
    assert [test.subject for test in tests[:3]] == [
        "inclg against edgeconnect",
        "inclg against lafin",
        "inclg against ctsdg",
    ]
    assert [test.adjusted_p for test in tests] == pytest.approx(holm([test.p or 0 for test in tests]))


def test_critical_differences_of_demsar() -> None:
    # Demsar 2006, table 5a: q at 0.05 is 2.343, 2.569, 2.728 for 3, 4, 5 methods; his example: 4 methods, 14 data sets.
    cases = {3: 2.343, 4: 2.569, 5: 2.728}
    for methods, quantile in cases.items():
        distance = quantile * math.sqrt(methods * (methods + 1) / (6 * 14))
        assert nemenyi(distance, methods, 14) == pytest.approx(0.05, abs=0.0005)
    assert cases[4] * math.sqrt(4 * 5 / (6 * 14)) == pytest.approx(1.25, abs=0.005)


def test_mean_ranks_carry_their_critical_difference(cleft_lip_24: Sheets) -> None:
    found = mean_ranks(cleft_lip_24)
    assert sum(found.ranks) == pytest.approx(10)
    assert found.critical_difference == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 24)), abs=0.001)
    assert case_ranks(cleft_lip_24).shape == (24, 4)


def test_clustered_regression_equals_gee_of_statsmodels(cleft_lip_24: Sheets) -> None:
    design, has_sequence = design_of(cleft_lip_24)
    outcome = cleft_lip_24.valid.ravel().astype(float)
    cluster = np.repeat(cleft_lip_24.case, 4)
    found = fit(design, outcome, cluster)
    expected = GEE(outcome, design, groups=cluster, family=Binomial(), cov_struct=Independence()).fit()
    assert has_sequence
    assert found is not None
    assert found.coefficients == pytest.approx(expected.params, abs=1e-6)
    assert found.covariance == pytest.approx(expected.cov_params(), abs=1e-6)


@pytest.mark.parametrize(("cases", "tested"), [(2, False), (3, False), (4, True), (12, True)])
def test_positions_are_tested_only_where_there_are_cases_enough(cases: int, tested: bool) -> None:
    rng = np.random.default_rng(cases)
    design = np.hstack([np.ones((cases * 12, 1)), rng.normal(size=(cases * 12, 3))])
    found = fit(design, (rng.random(cases * 12) < 0.5).astype(float), np.repeat(np.arange(cases), 12))
    assert found is not None
    wald = found.wald([1, 2, 3])
    assert (wald is not None) == tested
    assert wald is None or wald[0] > 0


def test_a_position_that_always_wins_has_no_finite_odds(sheet: Callable[..., list[Mark]]) -> None:
    rows = []
    for number, case in enumerate(("VM-1", "VM-2", "VM-3", "VM-4")):
        turned = ("inclg", "edgeconnect", "lafin", "ctsdg")[number:] + ("inclg", "edgeconnect", "lafin", "ctsdg")[
            :number
        ]
        rows += sheet("Sam", case, {turned[0]: 1}, methods=turned)
    found, tests = order_effects(scored_sheets(check_marks(rows))["CleftLip10"])
    assert found == {}
    assert [test.p for test in tests] == [None, None]


def test_order_effects_find_a_planted_position(cleft_lip_24: Sheets) -> None:
    generator = np.random.default_rng(5)
    place = np.array([generator.permutation(4) for _ in range(cleft_lip_24.count)])
    valid = generator.random(place.shape) < np.where(place == 0, 0.8, 0.3)
    rank = np.where(valid, valid.cumsum(axis=1), 0)
    rows, tests = order_effects(replace(cleft_lip_24, rank=rank, place=place))
    assert tests[0].p is not None
    assert tests[0].p < 0.001
    high = rows["order_effects"][0].cells["position B"].interval.high
    assert high is not None
    assert high < 1


def test_guesses_at_chance_give_index_zero(cleft_lip_24: Sheets) -> None:
    guesses = [Guess("CleftLip24", f"r{number}", cleft_lip_24.methods[number % 4]) for number in range(40)]
    rows, (test,) = blinding_rows(
        cleft_lip_24, [*guesses, Guess("CleftLip24", "r99", None), Guess("other", "r1", "lafin")]
    )
    assert [cell.text for cell in rows["guesses"][0].cells.values()] == ["0.250"] * 4
    assert rows["guesses"][0].cells["inclg"].denominator == 40
    assert test.statistic == 0
    assert test.p == 1


def test_guesses_that_are_always_right_give_index_one(cleft_lip_24: Sheets) -> None:
    _, (test,) = blinding_rows(cleft_lip_24, [Guess("CleftLip24", f"r{number}", "inclg") for number in range(9)])
    assert test.statistic == 1
    assert test.p == pytest.approx(0.25**9)


def test_p_values_are_printed_with_three_places() -> None:
    assert [printed_p(p) for p in (None, 1.0, 0.0456, 0.001, 0.0009)] == ["–", "1.000", "0.046", "0.001", "< 0.001"]
