"""Odd but lawful studies never stop the evaluation: tiny, lopsided, unanimous, incomplete, untimed."""

import json
import random
from collections.abc import Callable

import pytest

from evaluation.marks import Mark, check_marks
from evaluation.report import PRINTERS, evaluate

METHODS = ("edgeconnect", "lafin", "ctsdg", "inclg", "new-1", "new-2")
MakeSheet = Callable[..., list[Mark]]


def odd_study(sheet: MakeSheet, seed: int) -> list[Mark]:
    """A random study: 2 to 6 methods, 1 to 5 cases, 1 to 3 readers, sheets missing, repeats, times left out."""
    chance = random.Random(seed)
    methods = METHODS[: chance.randint(2, 6)]
    share = chance.choice((0.0, 0.2, 0.6, 1.0))
    rows: list[Mark] = []
    for case in range(chance.randint(1, 5)):
        for reader in range(chance.randint(1, 3)):
            for repeat in range(chance.choice((1, 1, 2))):
                order = chance.sample(methods, len(methods))
                valid = [method for method in order if chance.random() < share]
                rows += sheet(
                    f"R{reader}",
                    f"VM-{case}",
                    {method: rank for rank, method in enumerate(valid, start=1)},
                    methods=tuple(chance.sample(methods, len(methods))),
                    repeat=repeat,
                    seconds=chance.choice((None, 12.0, 60.5)),
                    sequence=chance.choice((None, case)),
                    side=("left", "right", "")[case % 3],
                )
    if len({mark.reading for mark in rows}) == 1:
        rows += sheet("R9", "VM-9", {}, methods=methods)
    return rows


@pytest.mark.parametrize("seed", range(40))
def test_an_odd_study_is_evaluated_all_the_same(sheet: MakeSheet, seed: int) -> None:
    rows = odd_study(sheet, seed)
    report = evaluate(check_marks(rows), draws=100)
    printed = {output_format: report.render(output_format) for output_format in PRINTERS}
    assert all("nan" not in text.replace("nance", "").lower().split() for text in printed.values())
    tables = json.loads(printed["json"])["tables"]
    first = [mark for mark in rows if mark.repeat == 0]
    for method, cell in tables["validity"]["CleftLip10"].items():
        marks = [mark for mark in first if mark.method == method]
        assert (cell["count"], cell["sheets"]) == (sum(mark.valid for mark in marks), len(marks))
        assert 0 <= cell["low"] <= cell["count"] / cell["sheets"] + 1e-9
        assert cell["count"] / cell["sheets"] - 1e-9 <= cell["high"] <= 1


def test_json_holds_no_nan(sheet: MakeSheet) -> None:
    for seed in range(10):
        text = evaluate(check_marks(odd_study(sheet, seed)), draws=100).render("json")
        json.loads(text, parse_constant=lambda word: pytest.fail(f"JSON holds {word}"))
