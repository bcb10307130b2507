"""Warnings and plain words follow their rules."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evaluation.findings import Findings
from evaluation.marks import Mark, check_marks
from evaluation.report import evaluate

METHODS = ("edgeconnect", "lafin", "ctsdg", "inclg")
MakeSheet = Callable[..., list[Mark]]


def found(rows: list[Mark], draws: int = 1000) -> Findings:
    return evaluate(check_marks(rows), draws=draws).findings


def codes(findings: Findings) -> set[str]:
    return {caution.code for caution in findings.cautions}


def study(sheet: MakeSheet, cases: int, ranks: Callable[[int], dict[str, int]], readers: int = 2) -> list[Mark]:
    """A balanced study in which every reader gives case n the ranks `ranks(n)`."""
    rows = []
    for case in range(cases):
        turned = METHODS[case % 4 :] + METHODS[: case % 4]
        for reader in range(readers):
            rows += sheet(f"R{reader}", f"VM-{case:02}", ranks(case), methods=turned, sequence=case)
    return rows


def test_a_sound_study_has_no_warning(sheet: MakeSheet) -> None:
    rows = study(sheet, 48, lambda case: {METHODS[case % 4]: 1, METHODS[(case + 1) % 4]: 2})
    assert codes(found(rows)) == set()


def test_ten_cases_are_too_few(published: list[Mark]) -> None:
    cautions = found(published).cautions
    few = [caution for caution in cautions if caution.code == "few-cases"]
    assert [caution.dataset for caution in few] == ["CleftLip10"]
    assert few[0].text == "CleftLip10 has 10 cases: too few for its intervals to be trusted."


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("one-reader", lambda rows: [mark for mark in rows if mark.reader == "R0"]),
        ("missing-sheets", lambda rows: [mark for mark in rows if (mark.reader, mark.case) != ("R1", "VM-03")]),
        ("few-clusters", lambda rows: [mark for mark in rows if mark.case < "VM-24"]),
        ("few-valid", lambda rows: [replace(mark, valid=False, rank=None, reason="other") for mark in rows]),
        ("mostly-nothing-valid", lambda rows: [replace(mark, valid=False, rank=None, reason="other") for mark in rows]),
        (
            "unbalanced-positions",
            lambda rows: [replace(mark, position="ABCD"[METHODS.index(mark.method)]) for mark in rows],
        ),
    ],
)
def test_each_weakness_has_its_warning(sheet: MakeSheet, code: str, change: Callable[[list[Mark]], list[Mark]]) -> None:
    rows = change(study(sheet, 48, lambda case: {METHODS[case % 4]: 1, METHODS[(case + 1) % 4]: 2}))
    assert code in codes(found(rows))


def test_few_draws_and_undefined_draws_are_told(sheet: MakeSheet) -> None:
    rows = study(sheet, 20, lambda case: {"inclg": 1} if case else {"inclg": 1, "lafin": 2})
    findings = found(rows, draws=500)
    assert {"few-draws", "undefined-draws"} <= codes(findings)
    assert "LaFIn has no valid mark in" in next(one.text for one in findings.cautions if one.code == "undefined-draws")


def test_one_mark_apart_is_no_difference(published: list[Mark]) -> None:
    texts = [statement.text for statement in found(published).statements]
    assert (
        "On CleftLip24, INCLG was valid on 24 of 72 sheets, EdgeConnect on 23. One mark apart: no difference can be"
        " claimed." in texts
    )


def test_few_cases_give_a_hint_only(sheet: MakeSheet) -> None:
    rows = study(sheet, 10, lambda case: {"inclg": 1} if case < 9 else {"lafin": 1})
    texts = [statement.text for statement in found(rows).statements]
    assert "On CleftLip10, INCLG was valid on 18 of 20 sheets, LaFIn on 2. With 10 cases, take this as a hint." in texts


def test_more_often_is_said_only_of_a_clear_difference(sheet: MakeSheet) -> None:
    rows = study(sheet, 40, lambda case: {"inclg": 1} if case < 36 else {"lafin": 1})
    clear = [statement.text for statement in found(rows).statements]
    assert clear[0] == (
        "On CleftLip10, INCLG was valid on 72 of 80 sheets, LaFIn on 8. INCLG was valid more often than every other"
        " method."
    )
    rows = study(sheet, 40, lambda case: {"inclg": 1} if case < 22 else {"lafin": 1})
    close = [statement.text for statement in found(rows).statements]
    assert close[0].endswith("The interval of the difference includes 0: no difference can be claimed.")


def test_a_rival_that_is_no_clear_difference_away_is_named_though_another_is_nearer(sheet: MakeSheet) -> None:
    def ranks(case: int) -> dict[str, int]:
        placed = [("inclg", case < 24), ("lafin", case < 18), ("ctsdg", case >= 23)]
        return {method: place for place, method in enumerate((name for name, valid in placed if valid), start=1)}

    text = found(study(sheet, 40, ranks)).statements[0].text

    assert text.startswith("On CleftLip10, INCLG was valid on 48 of 80 sheets, LaFIn on 36. Against CTSDG the interval")


def test_equal_counts_are_named_together(sheet: MakeSheet) -> None:
    rows = study(sheet, 40, lambda case: {METHODS[case % 4]: 1})
    first = found(rows).statements[0]
    assert first.text == (
        "On CleftLip10, EdgeConnect, LaFIn, CTSDG and INCLG were each valid on 20 of 80 sheets: no difference."
    )


def test_readers_who_always_agree_are_said_to(sheet: MakeSheet) -> None:
    rows = study(sheet, 40, lambda case: {METHODS[case % 4]: 1})
    assert found(rows).statements[-1].text == (
        "Readers mostly agreed: two of them gave the same verdict on 100 % of CleftLip10 results, far more than chance"
        " would give."
    )


def test_the_headline_is_about_the_largest_data_set(published: list[Mark]) -> None:
    assert found(published).headline == "INCLG was ranked first most often; on 24 cases validity was close"


def test_no_sentence_speaks_of_winners_or_significance(published: list[Mark]) -> None:
    findings = found(published)
    words = " ".join([findings.headline, *(one.text + one.basis for one in findings.statements)]).lower()
    assert "winner" not in words
    assert "significant" not in words
