"""How long does an evaluation take, and how much memory? `python -m evaluation bench` prints the table of the notes.

Simulated marks files of growing size are written, read, checked and evaluated with the draws of the command line;
docs/statistics.md, "Scale", holds the figures of one machine. Figures, no verdict.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.coverage import simulated
from evaluation.marks import Mark, read_marks, write_marks
from evaluation.report import DEFAULT_DRAWS, evaluate
from evaluation.sheets import Sheets

SIZES = (1_000, 10_000, 24_000, 100_000)
KIB = 1024


@dataclass(frozen=True)
class Cost:
    """What one size costs: processor seconds to read and to evaluate, peak memory of the process so far in MiB."""

    sheets: int
    cases: int
    reading: float
    evaluating: float
    peak: float


def cost(sheets: int, readers: int, draws: int) -> Cost:
    """Read and evaluate a simulated file of about so many sheets, each case read by `readers`."""
    cases = sheets // readers
    content = write_marks(marks_of(simulated(cases, np.random.default_rng(1), readers)))
    started = time.process_time()
    marks = read_marks(content)
    read = time.process_time()
    evaluate(marks, draws=draws)
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB
    return Cost(cases * readers, cases, read - started, done - read, peak)


def marks_of(sheets: Sheets) -> Iterator[Mark]:
    """The rows of simulated sheets."""
    for number in range(sheets.count):
        case, reader = sheets.cases[sheets.case[number]], sheets.readers[sheets.reader[number]]
        for place, method in enumerate(sheets.methods):
            rank = int(sheets.rank[number, place])
            yield Mark(
                study="Simulated",
                dataset=sheets.dataset,
                case=case,
                phase="pre-op",
                side="left",
                reader=reader,
                reading=f"{case}-{reader}",
                repeat=0,
                kind="scored",
                # Each method stands equally often at each letter.
                position=chr(ord("A") + (place + number) % len(sheets.methods)),
                method=method,
                checkpoint="",
                valid=rank > 0,
                reason="",
                rank=rank or None,
                seconds=30.0,
                sequence=number // len(sheets.readers) + 1,
                submitted_at="",
                revisions=0,
            )


def table(found: Sequence[Cost], readers: int) -> str:
    """The costs as a Markdown table."""
    lines = [
        "| sheets | cases x readers | reading, s | evaluating, s | together, s | peak memory, MiB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines.extend(
        f"| {one.sheets:,} | {one.cases:,} x {readers} | {one.reading:.1f} | {one.evaluating:.1f}"
        f" | {one.reading + one.evaluating:.1f} | {one.peak:.0f} |"
        for one in found
    )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the costs of growing files; returns the exit code."""
    options = parser().parse_args(arguments)
    found = [cost(sheets, options.readers, options.draws) for sheets in sorted(options.sheets)]
    sys.stdout.write(table(found, options.readers))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation bench", description="Processor time and memory of evaluations of growing size."
    )
    result.add_argument("--sheets", type=int, nargs="+", default=SIZES, help="numbers of sheets to try")
    result.add_argument("--readers", type=int, default=3, help="readers of each case (3)")
    result.add_argument("--draws", type=int, default=DEFAULT_DRAWS, help=f"bootstrap draws ({DEFAULT_DRAWS})")
    return result
