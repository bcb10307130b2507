"""`python -m evaluation marks.csv`: print the tables of a marks file; a verb in place of the file does something else.

The output goes to stdout; a file with faults gives messages on stderr, nothing on stdout, and exit code 2.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import bench, coverage, fetch, planning, published, verify
from evaluation.exports.bundle import Bundle
from evaluation.faults import MarksError
from evaluation.figures.gallery import write_figures
from evaluation.guesses import read_guesses
from evaluation.marks import Marks, read_marks
from evaluation.report import DEFAULT_DRAWS, DEFAULT_SEED, PRINTERS, Report, evaluate

REFUSED = 2
LARGEST_SEED = (1 << 32) - 1
FEWEST_DRAWS, MOST_DRAWS = 100, 100_000


@dataclass(frozen=True)
class Verb:
    """A command of its own: what runs it, and its arguments."""

    run: Callable[[Sequence[str]], int]
    parser: Callable[[], argparse.ArgumentParser]


# A marks file of such a name is reached as ./verify.
VERBS: Mapping[str, Verb] = {
    "verify": Verb(verify.main, verify.parser),
    "plan": Verb(planning.main, planning.parser),
    "coverage": Verb(coverage.main, coverage.parser),
    "sample": Verb(published.main, published.parser),
    "bench": Verb(bench.main, bench.parser),
    "fetch": Verb(fetch.main, fetch.parser),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in VERBS:
        return VERBS[words[0]].run(words[1:])
    return print_tables(parser().parse_args(words))


def print_tables(options: argparse.Namespace) -> int:
    """Print the tables of a marks file; returns the exit code."""
    source = options.marks
    try:
        marks = read_marks(source)
        source = options.guesses
        guesses = read_guesses(source, marks) if source else []
    except MarksError as refusal:
        for fault in refusal.faults:
            print(f"{source}: {fault}", file=sys.stderr)
        return REFUSED
    report = evaluate(marks, seed=options.seed, draws=options.draws, guesses=guesses)
    try:
        write_beside(options, marks, report)
    except OSError as error:
        print(f"{error.filename}: cannot be written: {error.strerror}", file=sys.stderr)
        return REFUSED
    sys.stdout.buffer.write(report.render(options.format).encode())
    return 0


def write_beside(options: argparse.Namespace, marks: Marks, report: Report) -> None:
    """Write the figures and the ZIP where they were asked for."""
    if options.figures:
        write_figures(report.findings, options.figures)
    if options.bundle:
        with options.bundle.open("wb") as file:
            Bundle(lambda: marks, report).write(file)


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation",
        description="Print the tables of a marks file.",
        epilog=f"In place of the file a verb with options of its own: {', '.join(VERBS)}.",
    )
    result.add_argument("marks", type=Path, help="marks file, CSV as docs/statistics.md describes it")
    result.add_argument("--format", choices=list(PRINTERS), default="markdown", help="what to print (markdown)")
    result.add_argument("--figures", type=Path, metavar="DIR", help="write the figures there as SVG and PNG")
    result.add_argument("--guesses", type=Path, metavar="CSV", help="guesses of the new method, for the blinding index")
    result.add_argument("--bundle", type=Path, metavar="ZIP", help="write every export, table and figure into one ZIP")
    result.add_argument(
        "--seed", type=whole_number(0, LARGEST_SEED), default=DEFAULT_SEED, help=f"seed of all draws ({DEFAULT_SEED})"
    )
    result.add_argument(
        "--draws",
        type=whole_number(FEWEST_DRAWS, MOST_DRAWS),
        default=DEFAULT_DRAWS,
        help=f"bootstrap draws, 100 to 100,000 ({DEFAULT_DRAWS})",
    )
    return result


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """What reads an argument that must be a whole number within bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return read


if __name__ == "__main__":
    sys.exit(main())
