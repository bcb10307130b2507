"""Coefficients of agreement against textbook examples and independent implementations."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import friedmanchisquare, kendalltau
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from evaluation.analyses.agreement import coefficients, sums_of, unit_sums, verdict_counts
from evaluation.analyses.intra_reader import cohen_kappa, intra_reader_rows, tau_b
from evaluation.analyses.rank_agreement import coincidences, concordance, ordinal_alpha
from evaluation.marks import Mark, check_marks
from evaluation.resampling import per_case, resample
from evaluation.sheets import repeated_sheets, scored_sheets

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section E: four observers, twelve units, 0 = missing.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)
# Fleiss' example in many textbooks: fourteen raters put ten subjects into five categories; kappa 0.210.
FOURTEEN_RATERS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def of_units(counts: np.ndarray, name: str) -> float:
    """One coefficient over all units."""
    sums = unit_sums(counts.astype(np.float64)).sum(axis=0, keepdims=True)
    return float(getattr(coefficients(sums), name)[0])


def test_fleiss_kappa_of_the_textbook() -> None:
    assert of_units(FOURTEEN_RATERS, "fleiss_kappa") == pytest.approx(0.210, abs=0.0005)
    assert of_units(FOURTEEN_RATERS, "fleiss_kappa") == pytest.approx(fleiss_kappa(FOURTEEN_RATERS), abs=1e-12)


def test_nominal_alpha_of_krippendorff() -> None:
    counts = np.stack([(value == OBSERVERS).sum(axis=0) for value in range(1, 6)], axis=1)
    assert of_units(counts, "krippendorff_alpha") == pytest.approx(0.743, abs=0.0005)


def test_ordinal_alpha_of_krippendorff() -> None:
    _, unit = np.nonzero(OBSERVERS)
    values = OBSERVERS[OBSERVERS > 0][:, np.newaxis] - 1
    coincidence = coincidences(values, unit, 12).sum(axis=0, keepdims=True)
    assert coincidence.sum() == pytest.approx(40)
    assert ordinal_alpha(coincidence)[0] == pytest.approx(0.815, abs=0.0005)


def test_gwet_ac1_stays_high_where_kappa_falls_below_zero() -> None:
    # Two raters agree on 118 positives and on no negative, and differ on 5 and 2 of 125 subjects.
    counts = np.repeat([[2, 0], [1, 1], [1, 1], [0, 2]], [118, 5, 2, 0], axis=0)
    observed, prevalence = 118 / 125, (2 * 118 + 7) / 250
    by_chance = 2 * prevalence * (1 - prevalence)
    assert of_units(counts, "gwet_ac1") == pytest.approx((observed - by_chance) / (1 - by_chance), abs=1e-12)
    assert of_units(counts, "gwet_ac1") == pytest.approx(0.941, abs=0.0005)
    assert of_units(counts, "fleiss_kappa") < 0


def test_units_with_one_reader_do_not_count_towards_agreement() -> None:
    more = np.vstack([FOURTEEN_RATERS, [[1, 0, 0, 0, 0]]])
    for name in ("percent_agreement", "fleiss_kappa", "krippendorff_alpha"):
        assert of_units(more, name) == pytest.approx(of_units(FOURTEEN_RATERS, name))


def test_the_readers_of_a_study_agree_as_statsmodels_says(published: list[Mark]) -> None:
    sheets = scored_sheets(check_marks(published))["CleftLip24"]
    sums = resample(sums_of(sheets), seed=1, draws=5)
    expected = fleiss_kappa(verdict_counts(sheets).reshape(-1, 2))
    assert coefficients(sums.total("agreement")[np.newaxis]).fleiss_kappa[0] == pytest.approx(expected)


def test_complete_agreement_is_one_and_all_alike_is_undefined() -> None:
    assert of_units(np.array([[3, 0], [0, 3]]), "fleiss_kappa") == 1
    assert of_units(np.array([[3, 0], [0, 3]]), "krippendorff_alpha") == 1
    assert np.isnan(of_units(np.array([[3, 0], [3, 0]]), "fleiss_kappa"))


def test_kendall_w_is_friedmans_statistic_over_its_largest_value(published: list[Mark]) -> None:
    sheets = scored_sheets(check_marks(published))["CleftLip24"]
    found = concordance(sheets)
    compared = 0
    for case in range(len(sheets.cases)):
        ranks = sheets.penalised_rank[sheets.case == case]
        if (ranks == ranks[:, :1]).all():
            assert np.isnan(found[case])
            continue
        statistic = friedmanchisquare(*ranks.T).statistic
        assert found[case] == pytest.approx(statistic / (len(ranks) * (ranks.shape[1] - 1)))
        compared += 1
    assert compared > 10


def test_cohen_kappa_and_tau_b_equal_other_implementations() -> None:
    table = np.array([[20.0, 5.0, 10.0, 15.0]])
    assert cohen_kappa(table)[0] == pytest.approx(0.4, abs=1e-12)  # the textbook's 50 grant proposals
    assert cohen_kappa(table)[0] == pytest.approx(cohens_kappa(table.reshape(2, 2)).kappa)
    generator = np.random.default_rng(4)
    one, other = generator.integers(0, 4, size=(2, 50, 6))
    found = tau_b(one, other)
    for index in range(50):
        expected = kendalltau(one[index], other[index]).statistic
        assert found[index] == pytest.approx(expected, nan_ok=True)


def test_a_reader_is_compared_with_their_own_repeats_only(sheet: Callable[..., list[Mark]]) -> None:
    same, other = {"inclg": 1, "lafin": 2}, {"edgeconnect": 1, "ctsdg": 2}
    rows = [
        *sheet("Ruth", "VM-1", same),
        *sheet("Ruth", "VM-2", other),
        *sheet("Ruth", "VM-1", same, repeat=1),
        *sheet("Ruth", "VM-2", other, repeat=1),
        *sheet("Sam", "VM-1", same),
        *sheet("Sam", "VM-1", other, repeat=1),
        *sheet("Sam", "VM-2", same, repeat=1),
    ]
    found = intra_reader_rows(repeated_sheets(check_marks(rows))["CleftLip10"], seed=1, draws=100)["intra_reader"]
    by_reader = {row.labels[1]: {column: cell.value for column, cell in row.cells.items()} for row in found}
    assert by_reader["Ruth"] == {"percent_agreement": 1.0, "cohen_kappa": 1.0, "kendall_tau_b": 1.0}
    assert by_reader["Sam"]["cohen_kappa"] == -1.0
    assert by_reader["all readers"]["percent_agreement"] == pytest.approx(2 / 3)


def test_without_repeats_there_is_nothing_to_say(four_sheets: list[Mark]) -> None:
    assert intra_reader_rows(repeated_sheets(check_marks(four_sheets))["CleftLip10"], seed=1, draws=100) == {}


def test_sums_per_case_do_not_depend_on_the_order_of_sheets() -> None:
    values = np.arange(12.0).reshape(6, 2)
    case = np.array([0, 1, 0, 1, 2, 2])
    order = np.array([5, 3, 1, 0, 2, 4])
    assert np.array_equal(per_case(case, 3, values), per_case(case[order], 3, values[order]))
    assert [first < second for first, second in pairwise(per_case(case, 3, values)[:, 0])] == [True, True]
