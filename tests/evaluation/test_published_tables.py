"""Tables I and II of the papers come out to the printed digit from any sheets with their margins."""

import json
from fractions import Fraction

import pytest

from evaluation.marks import Mark, check_marks
from evaluation.published import PUBLISHED, arrange
from evaluation.report import evaluate
from evaluation.rounding import half_up

METHODS = ("edgeconnect", "lafin", "ctsdg", "inclg")
TABLE_I = {
    "CleftLip10": (("0.233", 7, 30), ("0.233", 7, 30), ("0.233", 7, 30), ("0.500", 15, 30)),
    "CleftLip24": (("0.319", 23, 72), ("0.222", 16, 72), ("0.264", 19, 72), ("0.333", 24, 72)),
}
TABLE_II = {
    "CleftLip10": (("1.857", 13, 7), ("1.714", 12, 7), ("2.429", 17, 7), ("1.267", 19, 15)),
    "CleftLip24": (("1.696", 39, 23), ("1.813", 29, 16), ("1.947", 37, 19), ("1.208", 29, 24)),
}


@pytest.mark.parametrize("seed", range(20))
def test_any_arrangement_prints_the_published_tables(seed: int) -> None:
    tables = json.loads(evaluate(check_marks(arrange(seed)), draws=100).render("json"))["tables"]
    for dataset in TABLE_I:
        validity, ranks = tables["validity"][dataset], tables["average_rank"][dataset]
        assert tuple(validity) == METHODS
        for method, cell in zip(METHODS, TABLE_I[dataset], strict=True):
            assert (validity[method]["text"], validity[method]["count"], validity[method]["sheets"]) == cell
        for method, cell in zip(METHODS, TABLE_II[dataset], strict=True):
            assert (ranks[method]["text"], ranks[method]["rank_sum"], ranks[method]["count"]) == cell


def test_a_figure_has_exactly_these_keys(published: list[Mark]) -> None:
    tables = json.loads(evaluate(check_marks(published), draws=100).render("json"))["tables"]
    assert set(tables["validity"]["CleftLip10"]["inclg"]) == {"count", "sheets", "text", "low", "high"}
    assert set(tables["average_rank"]["CleftLip10"]["inclg"]) == {"rank_sum", "count", "text", "low", "high"}


def test_arrangements_differ_in_everything_but_the_margins() -> None:
    assert arrange(1) != arrange(2)
    for margins in PUBLISHED:
        for marks in (arrange(1), arrange(2)):
            for method in METHODS:
                valid = [mark for mark in marks if mark.dataset == margins.dataset and mark.method == method]
                assert sum(mark.valid for mark in valid) == margins.valid[method]
                assert sum(mark.rank or 0 for mark in valid) == margins.rank_sum[method]


def test_printed_figures_round_half_up_on_the_fraction() -> None:
    assert half_up(29, 16) == "1.813"
    assert f"{29 / 16:.3f}" == "1.812"
    for numerator, denominator in ((1, 16), (1, 2000), (2999, 2000), (0, 7), (7, 7)):
        exact = Fraction(numerator, denominator) * 1000 + Fraction(1, 2)
        assert half_up(numerator, denominator) == f"{exact.__floor__() / 1000:.3f}"


def test_a_method_never_valid_has_no_average_rank(four_sheets: list[Mark]) -> None:
    rows = [mark for mark in four_sheets if mark.case == "VM-2"]
    ranks = json.loads(evaluate(check_marks(rows), draws=100).render("json"))["tables"]["average_rank"]["CleftLip10"]
    assert ranks["inclg"] == {"rank_sum": 0, "count": 0, "text": "–", "low": None, "high": None}
    assert ranks["edgeconnect"]["text"] == "1.000"


def test_the_penalised_rank_shares_the_places_left(four_sheets: list[Mark]) -> None:
    ranks = json.loads(evaluate(check_marks(four_sheets), draws=100).render("json"))["tables"]["penalised_rank"]
    # INCLG: 1, 2, shares 2-4 (3), shares 1-4 (2.5); LaFIn: 2, 1, 3, 2.5
    assert ranks["CleftLip10"]["inclg"]["rank_sum"] == 8.5
    assert ranks["CleftLip10"]["inclg"]["text"] == "2.125"
    assert ranks["CleftLip10"]["edgeconnect"]["rank_sum"] == 3.5 + 4 + 1 + 2.5
