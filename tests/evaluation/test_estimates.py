"""Figures and their intervals: wins, differences, worth, groups, and the bootstrap beneath them."""

import json
from collections.abc import Callable, Mapping

import choix
import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from evaluation.analyses import preference, wins, worth
from evaluation.marks import Mark, check_marks
from evaluation.report import evaluate
from evaluation.resampling import percentile_interval, resample
from evaluation.sheets import Sheets, scored_sheets

Tables = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]


@pytest.fixture
def sheets(published: list[Mark]) -> Sheets:
    return scored_sheets(check_marks(published))["CleftLip24"]


def tables_of(marks: list[Mark]) -> Tables:
    tables: Tables = json.loads(evaluate(check_marks(marks), draws=200).render("json"))["tables"]
    return tables


def test_the_bootstrap_sums_whole_cases() -> None:
    table = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    sums = resample({"one": table, "again": table[:, :1]}, seed=2, draws=500)
    assert np.array_equal(sums.draws["one"][:, 1], 10 * sums.draws["one"][:, 0])
    assert np.array_equal(sums.draws["again"], sums.draws["one"][:, :1])
    assert set(sums.draws["one"][:, 0]) == {a + b + c for a in (1, 2, 4) for b in (1, 2, 4) for c in (1, 2, 4)}
    assert sums.draws["one"][:, 0].mean() == pytest.approx(7, abs=0.2)


def test_a_bootstrap_of_means_has_the_textbook_spread() -> None:
    values = np.random.default_rng(3).normal(size=(400, 1))
    low, high = np.quantile(resample({"x": values}, seed=1, draws=4000).draws["x"][:, 0] / 400, (0.025, 0.975))
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)


def test_an_interval_leaves_out_draws_without_the_figure() -> None:
    interval = percentile_interval(np.array([np.nan, 1.0, 2.0, 3.0]))
    assert (interval.low, interval.high, interval.undefined) == (pytest.approx(1.05), pytest.approx(2.95), 0.25)
    assert percentile_interval(np.array([np.nan])).low is None


def test_sheets_of_one_case_count_as_one_in_the_interval(sheet: Callable[..., list[Mark]]) -> None:
    alone = [mark for case in range(24) for mark in sheet("R0", f"VM-{case:02}", {"inclg": 1} if case % 2 else {})]
    thrice = [
        mark
        for reader in range(3)
        for case in range(24)
        for mark in sheet(f"R{reader}", f"VM-{case:02}", {"inclg": 1} if case % 2 else {})
    ]
    one, three = (tables_of(rows)["validity"]["CleftLip10"]["inclg"] for rows in (alone, thrice))
    assert (one["count"], three["count"]) == (12, 36)
    assert (one["low"], one["high"]) == (three["low"], three["high"])


def test_the_naive_interval_is_wilsons(sheets: Sheets) -> None:
    for method, cell in preference.naive_rows(sheets)["validity_naive"][0].cells.items():
        count = int(sheets.valid[:, sheets.methods.index(method)].sum())
        low, high = proportion_confint(count, 72, method="wilson")
        assert (cell.interval.low, cell.interval.high) == (pytest.approx(low), pytest.approx(high))


def test_only_a_valid_result_is_placed_above_another(four_sheets: list[Mark]) -> None:
    matrix = tables_of(four_sheets)["wins"]["CleftLip10"]
    # INCLG over LaFIn once, LaFIn over INCLG once; over EdgeConnect both twice, and EdgeConnect once back.
    assert matrix["inclg"]["lafin"]["count"] == 1
    assert matrix["lafin"]["inclg"]["count"] == 1
    assert matrix["inclg"]["edgeconnect"]["count"] == 2
    assert matrix["edgeconnect"]["inclg"]["count"] == 1
    assert matrix["inclg"]["ctsdg"]["sheets"] == 4
    assert "inclg" not in matrix["inclg"]


def test_the_best_possible_method_beats_all_on_every_sheet(sheet: Callable[..., list[Mark]]) -> None:
    rows = [mark for case in range(5) for mark in sheet("Sam", f"VM-{case}", {"inclg": 1})]
    tables = tables_of(rows)
    assert [cell["text"] for cell in tables["wins"]["CleftLip10"]["inclg"].values()] == ["1.000"] * 3
    assert tables["penalised_rank"]["CleftLip10"]["inclg"]["text"] == "1.000"
    assert tables["penalised_rank"]["CleftLip10"]["lafin"]["text"] == "3.000"


def test_differences_are_paired_by_case(sheet: Callable[..., list[Mark]]) -> None:
    rows = [
        mark
        for case in range(12)
        for mark in sheet("Sam", f"VM-{case:02}", {"inclg": 1, "lafin": 2} if case % 2 else {"lafin": 1})
    ]
    sums = resample(
        preference.sums_of(found := scored_sheets(check_marks(rows))["CleftLip10"]) | wins.sums_of(found),
        seed=1,
        draws=500,
    )
    by_pair = {row.labels[1:]: row.cells["validity"] for row in wins.difference_rows(found, sums)["differences"]}
    assert by_pair["inclg", "lafin"].value == -0.5
    # EdgeConnect and CTSDG are both never valid: their difference does not vary, as their own figures do not.
    assert by_pair["ctsdg", "edgeconnect"].interval.low == by_pair["ctsdg", "edgeconnect"].interval.high == 0


def test_worth_equals_an_independent_implementation(sheets: Sheets) -> None:
    sets, choices = worth.choices_of(sheets)
    totals = [choices[name].sum(axis=0, keepdims=True) for name in ("choices won", "choices from")]
    found = worth.log_worths(sets, *totals)[0]
    orders = [
        [int(np.flatnonzero(row == place)[0]) for place in range(1, row.max() + 1)]
        for row in sheets.rank
        if row.max() >= 2
    ]
    chosen = [(order[0], order[1:]) for full in orders for start in range(len(full) - 1) for order in [full[start:]]]
    expected = choix.opt_top1(4, chosen, alpha=worth.PENALTY)
    assert found - found.mean() == pytest.approx(expected - expected.mean(), abs=1e-4)


def test_worth_needs_two_valid_results_on_a_sheet(sheet: Callable[..., list[Mark]]) -> None:
    rows = [mark for case in range(5) for mark in sheet("Sam", f"VM-{case}", {"inclg": 1})]
    assert tables_of(rows)["worth"] == {}


def test_groups_add_up_to_the_whole(published: list[Mark]) -> None:
    tables = tables_of(published)
    for group in ("reader", "side"):
        counts = [cells["inclg"]["count"] for cells in tables[f"validity_by_{group}"]["CleftLip24"].values()]
        assert sum(counts) == 24
    by_k = tables["average_rank_by_k"]["CleftLip24"]
    assert sum(cells["inclg"]["rank_sum"] for cells in by_k.values()) == 29
    assert by_k["k = 1"]["inclg"]["text"] == "1.000"
    assert tables["validity_by_phase"] == {}
