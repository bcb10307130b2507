"""Rosa reads how fast training is here: medians with their ranges, loop and reference in turns."""

import re

import pytest

from inference.networks.layers import is_plain
from training.cli import main
from training.commands import bench
from training.data.batches import Batch
from training.loop import Run


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SIZE", 64)
    monkeypatch.setattr(bench, "BATCH", 2)


def numbers(row: str) -> list[float]:
    """The first number of every cell behind the row's name."""
    return [float(re.match(r"[\d.]+", cell.strip())[0]) for cell in row.split("|")[2:-1]]


def test_rosa_reads_a_row_per_method_and_width(capsys) -> None:
    assert main(["bench", "--methods", "inclg", "--widths", "0.125", "--rounds", "2", "--threads", "1"]) == 0
    printed = capsys.readouterr().out
    (row,) = [line for line in printed.splitlines() if line.startswith("| inclg, 0.125 ")]
    loop, plain, drawn, times, over = numbers(row)
    assert times == pytest.approx(loop / plain, rel=0.1, abs=0.02)
    assert over == pytest.approx(drawn / loop, rel=0.1, abs=0.1)


def test_the_reference_alone_computes_every_layer_as_its_paper_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[bool]] = {}

    def noted(run: Run, batch: Batch) -> None:
        seen.setdefault(f"{run.settings.precision}, {run.settings.compile}", []).append(is_plain())

    monkeypatch.setattr(bench, "learn", noted)
    row = bench.line("inclg", 0.125, 2, compiled=True)
    assert seen == {"bf16, False": [False] * 3, "fp32, False": [True] * 3, "bf16, True": [False] * 3}
    assert len(numbers(row)) == len(bench.ways(True)) + len(bench.RATIOS)


def test_the_faster_of_two_loops_is_set_against_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"bf16, False": 2.0, "bf16, True": 1.0, "fp32, False": 4.0}
    monkeypatch.setattr(bench, "learn", lambda run, batch: f"{run.settings.precision}, {run.settings.compile}")
    monkeypatch.setattr(bench, "timed", lambda work: seconds[work()])
    loop, compiled, plain, _, times, _ = numbers(bench.line("inclg", 0.125, 1, compiled=True))
    assert (loop, compiled, plain, times) == (1.0, 2.0, 0.5, 4.0)


def test_the_middle_of_several_turns_is_printed_with_the_slowest_and_the_fastest() -> None:
    assert bench.Speed([3.0, 1.0, 8.0]).text == "3.00 (1.00 to 8.00)"


def test_no_turn_at_all_is_refused(capsys) -> None:
    assert main(["bench", "--rounds", "0"]) == 2
    assert "--rounds is 1 or more" in capsys.readouterr().err
