"""How many cases does a study need? Power for a paired difference in valid probability, from a pilot marks file.

`python -m evaluation plan pilot.csv --difference 0.15` draws studies from the pilot's cases, with all their
readers, moves the first method to the difference asked for, and counts how often a paired test finds it.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student

from evaluation.faults import MarksError
from evaluation.marks import read_marks
from evaluation.resampling import CONFIDENCE, Interval, per_case
from evaluation.sheets import Floats, Sheets, scored_sheets

LEVEL = 0.05
DEFAULT_CASES = (10, 20, 40, 80, 160)
DEFAULT_SIMULATIONS = 2000
DEFAULT_SEED = 7
REFUSED = 2


@dataclass(frozen=True)
class Power:
    """Share of simulated studies that found the difference, with the interval that the number of simulations leaves."""

    cases: int
    share: float
    interval: Interval


@dataclass(frozen=True)
class Question:
    """What is planned: does `method` differ from `against` in valid probability, if truly by `difference`?"""

    method: str
    against: str
    difference: float


def shares(pilot: Sheets, method: str) -> Floats:
    """Each case's share of readers who found the method valid (c); raises ValueError for a method not in the pilot."""
    if method not in pilot.methods:
        raise ValueError(f"the pilot has no method {method!r}; it has {', '.join(pilot.methods)}")
    valid = per_case(pilot.case, len(pilot.cases), pilot.valid[:, pilot.methods.index(method)])
    read = per_case(pilot.case, len(pilot.cases), np.ones(pilot.count))
    return np.asarray((valid / read)[:, 0])


def power(pilot: Sheets, question: Question, cases: int, *, simulations: int, seed: int) -> Power:
    """Simulate studies of `cases` cases.

    To reach the difference, cases drawn at random become valid (or invalid) for the first method with all readers,
    which keeps readers alike and does not overstate power. Raises ValueError where no valid probability leads there.
    """
    first, second = shares(pilot, question.method), shares(pilot, question.against)
    target = float(second.mean()) + question.difference
    if not 0 <= target <= 1:
        raise ValueError(f"{question.method} would have to be valid with probability {target:.2f}")
    moved_to = 1.0 if target > first.mean() else 0.0
    room = moved_to - float(first.mean())
    moved = (target - float(first.mean())) / room if room else 0.0
    generator = np.random.default_rng(seed)
    drawn = generator.integers(len(first), size=(simulations, cases))
    changed = generator.random(drawn.shape) < moved
    found = rejects(np.where(changed, moved_to, first[drawn]) - second[drawn])
    bounds = binomtest(int(found.sum()), simulations).proportion_ci(CONFIDENCE, method="wilson")
    return Power(cases, float(found.mean()), Interval(float(bounds.low), float(bounds.high)))


def rejects(differences: Floats) -> Floats:
    """Whether a paired t test over the cases of each study (s x c) finds a difference at the 5 % level (s)."""
    cases = differences.shape[1]
    error = differences.std(axis=1, ddof=1) / math.sqrt(cases)
    critical = float(student.ppf(1 - LEVEL / 2, cases - 1))
    return np.asarray(np.abs(differences.mean(axis=1)) > critical * error)


def table(question: Question, found: Sequence[Power]) -> str:
    """The powers as a Markdown table."""
    head = (
        f"Power to find a difference of {question.difference:+.2f} in valid probability between {question.method} and"
        f" {question.against}, paired by case, at the 5 % level."
    )
    lines = [head, "", "| cases | power | interval of the simulation |", "| ---: | ---: | ---: |"]
    lines.extend(
        f"| {one.cases} | {one.share:.2f} | {one.interval.low:.2f} to {one.interval.high:.2f} |" for one in found
    )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
        pilots = scored_sheets(read_marks(options.pilot))
        pilot = chosen(pilots, options.dataset)
        question = Question(options.method, options.against, options.difference)
        found = [
            power(pilot, question, cases, simulations=options.simulations, seed=options.seed) for cases in options.cases
        ]
    except (MarksError, ValueError) as error:
        for line in str(error).splitlines():
            print(f"{options.pilot}: {line}", file=sys.stderr)
        return REFUSED
    sys.stdout.write(table(question, found))
    return 0


def chosen(pilots: dict[str, Sheets], dataset: str | None) -> Sheets:
    """The data set named, or the only one."""
    if dataset is None and len(pilots) == 1:
        return next(iter(pilots.values()))
    if dataset not in pilots:
        raise ValueError(f"name one of its data sets with --dataset: {', '.join(pilots)}")
    return pilots[dataset]


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation plan", description="Power of a study, simulated from a pilot marks file."
    )
    result.add_argument("pilot", type=Path, help="marks file of the pilot study")
    result.add_argument("--difference", type=float, required=True, help="true difference in valid probability")
    result.add_argument("--method", default="inclg", help="the first method (inclg)")
    result.add_argument("--against", default="edgeconnect", help="the second method (edgeconnect)")
    result.add_argument("--dataset", help="the pilot's data set, where it has several")
    result.add_argument("--cases", type=at_least_two, nargs="+", default=DEFAULT_CASES, help="numbers of cases to try")
    result.add_argument("--simulations", type=at_least_two, default=DEFAULT_SIMULATIONS, help="studies to simulate")
    result.add_argument("--seed", type=int, default=DEFAULT_SEED)
    return result


def at_least_two(text: str) -> int:
    """A whole number from 2 on."""
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"must be a whole number from 2, not {text!r}")
    return int(text)
