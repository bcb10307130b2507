"""`python -m evaluation marks.csv`: print the tables of a marks file.

The output goes to stdout; a file with faults gives messages on stderr, nothing on stdout, and exit code 2.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from evaluation.exports.bundle import bundle
from evaluation.faults import MarksError
from evaluation.figures.gallery import write_figures
from evaluation.guesses import read_guesses
from evaluation.marks import Marks, read_marks
from evaluation.report import DEFAULT_DRAWS, DEFAULT_SEED, PRINTERS, Report, evaluate

REFUSED = 2
LARGEST_SEED = (1 << 32) - 1
FEWEST_DRAWS, MOST_DRAWS = 100, 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = parser().parse_args(arguments)
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
        options.bundle.write_bytes(bundle(marks, report))


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(prog="python -m evaluation", description="Print the tables of a marks file.")
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
