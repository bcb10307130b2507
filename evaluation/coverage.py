"""How often do the bootstrap intervals hold the truth? Simulated studies with known truth, many times over.

`python -m evaluation coverage` prints the table of docs/statistics.md, "Coverage". Cases differ in difficulty, readers
in leniency, methods in quality; the readers are the same in every repetition, as the intervals take them to be.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.analyses.preference import PARTS, sums_of
from evaluation.resampling import percentile_intervals, ratio, resample
from evaluation.sheets import Floats, Sheets

METHODS = ("edgeconnect", "lafin", "ctsdg", "inclg")
# Log odds of being valid on a case of middle difficulty, per method; leniency per reader; spread of difficulty.
QUALITY = np.array([-1.0, -1.5, -1.2, -0.6])
LENIENCY = np.array([-0.4, 0.0, 0.4])
DIFFICULTY = 1.2
TRUTH_CASES = 400_000
DESIGNS = (10, 24, 48)
QUANTITIES = ("validity", "average_rank", "penalised_rank")


@dataclass(frozen=True)
class Coverage:
    """The share of intervals that hold the truth, over methods and repetitions, and how many there were."""

    cases: int
    quantity: str
    held: int
    intervals: int

    @property
    def share(self) -> float:
        """Between 0 and 1; a good 95 % interval has 0.95."""
        return self.held / self.intervals


def simulated(cases: int, generator: np.random.Generator, readers: int = len(LENIENCY)) -> Sheets:
    """One study: every reader reads every case, with all four methods; more readers repeat the same leniencies."""
    difficulty = generator.normal(0, DIFFICULTY, size=(cases, 1, 1))
    odds = QUALITY + np.resize(LENIENCY, readers)[:, np.newaxis] - difficulty
    score = odds + generator.logistic(size=(cases, readers, len(METHODS)))
    valid = (score > 0).reshape(-1, len(METHODS))
    order = np.argsort(np.argsort(-score, axis=2), axis=2).reshape(-1, len(METHODS))
    count = cases * readers
    nothing = np.zeros(count, dtype=np.int64)
    return Sheets(
        dataset="simulated",
        methods=METHODS,
        cases=tuple(f"C{number}" for number in range(cases)),
        readers=tuple(f"R{number}" for number in range(readers)),
        sides=("",),
        phases=("",),
        study=nothing,
        case=np.repeat(np.arange(cases), readers),
        reader=np.tile(np.arange(readers), cases),
        side=nothing,
        phase=nothing,
        # The valid results are those with the highest scores, so that their ranks run from 1 without a gap.
        rank=np.where(valid, order + 1, 0),
        place=np.tile(np.arange(len(METHODS)), (count, 1)),
        repeat=nothing,
        seconds=np.full(count, np.nan),
        sequence=np.full(count, np.nan),
    )


def truth(generator: np.random.Generator) -> dict[str, Floats]:
    """The true figures (4) of each quantity, from very many cases."""
    sums = {name: values.sum(axis=0) for name, values in sums_of(simulated(TRUTH_CASES, generator)).items()}
    return {key: sums[above] / sums[below] for key, (above, below) in PARTS.items() if key in QUANTITIES}


def coverage(cases: int, *, repetitions: int, draws: int, seed: int) -> list[Coverage]:
    """Simulate `repetitions` studies of so many cases, and count the intervals that hold the truth."""
    generator = np.random.default_rng(seed)
    true = truth(generator)
    held, intervals = dict.fromkeys(QUANTITIES, 0), dict.fromkeys(QUANTITIES, 0)
    for _ in range(repetitions):
        sums = resample(sums_of(simulated(cases, generator)), seed=int(generator.integers(1 << 31)), draws=draws)
        for key in QUANTITIES:
            above, below = (sums.draws[name] for name in PARTS[key])
            found = percentile_intervals(ratio(above, np.broadcast_to(below, above.shape)))
            for value, interval in zip(true[key], found, strict=True):
                if interval.low is not None and interval.high is not None:
                    held[key] += interval.low <= value <= interval.high
                    intervals[key] += 1
    return [Coverage(cases, key, held[key], intervals[key]) for key in QUANTITIES]


def table(found: Sequence[Coverage]) -> str:
    """The results as a Markdown table."""
    lines = ["| cases x readers | figure | coverage |", "| --- | --- | ---: |"]
    lines.extend(
        f"| {one.cases} x {len(LENIENCY)} | {one.quantity.replace('_', ' ')} | {one.share:.1%} |" for one in found
    )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the coverage of several designs; returns the exit code."""
    options = parser().parse_args(arguments)
    found = [
        one
        for cases in DESIGNS
        for one in coverage(cases, repetitions=options.repetitions, draws=options.draws, seed=options.seed)
    ]
    sys.stdout.write(table(found))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation coverage", description="How often the intervals of simulated studies hold the truth."
    )
    result.add_argument("--repetitions", type=int, default=500, help="studies to simulate of each design (500)")
    result.add_argument("--draws", type=int, default=2000, help="bootstrap draws of each study (2000)")
    result.add_argument("--seed", type=int, default=1, help="another seed simulates other studies (1)")
    return result
