"""Rosa reads how fast training is here: medians with their ranges, loop and reference in turns."""

import re

import pytest

from training.cli import main
from training.commands import bench


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SIZE", 64)
    monkeypatch.setattr(bench, "BATCH", 2)


def test_rosa_reads_a_row_per_method_and_width(capsys) -> None:
    assert main(["bench", "--methods", "inclg", "--widths", "0.125", "--rounds", "2", "--threads", "1"]) == 0
    printed = capsys.readouterr().out
    (row,) = [line for line in printed.splitlines() if line.startswith("| inclg, 0.125 ")]
    loop, plain, times, drawn, over = (float(re.match(r"[\d.]+", cell.strip())[0]) for cell in row.split("|")[2:-1])
    assert times == pytest.approx(loop / plain, rel=0.1, abs=0.02)
    assert over == pytest.approx(drawn / loop, rel=0.1, abs=0.1)


def test_the_middle_of_several_turns_is_printed_with_the_slowest_and_the_fastest() -> None:
    assert bench.Speed([3.0, 1.0, 8.0]).text == "3.00 (1.00 to 8.00)"


def test_no_turn_at_all_is_refused(capsys) -> None:
    assert main(["bench", "--rounds", "0"]) == 2
    assert "--rounds is 1 or more" in capsys.readouterr().err
