"""The commands of `python -m training`, one module each.

From the command line to the module that offers the command: NAME, SUMMARY, `add_arguments` and `run`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol

from training.commands import ablate, bench, landmarks, manifest, masks, measure, prepare, search, train
from training.errors import CommandError
from training.manifest.borders import outside_vaults
from training.synthetic import command as synth


class Command(Protocol):
    """A module that offers one command; `run` raises CommandError for whatever it cannot do."""

    NAME: str
    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> None: ...


COMMANDS: tuple[Command, ...] = (synth, manifest, masks, landmarks, prepare, train, measure, search, ablate, bench)


class OneLineParser(argparse.ArgumentParser):
    """A parser that refuses in one line, as the commands do."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop with exit code 2."""
        self.exit(2, f"error: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command of the registry."""
    parser = OneLineParser(prog="python -m training", description="Train and feed the four networks.")
    choices = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        chosen = choices.add_parser(command.NAME, help=command.SUMMARY, description=command.SUMMARY)
        command.add_arguments(chosen)
        chosen.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 2 after a refusal in one line on stderr, 130 when interrupted."""
    arguments = build_parser().parse_args(argv)
    try:
        for given in vars(arguments).values():
            if isinstance(given, Path):
                outside_vaults(given)
        arguments.run(arguments)
    except CommandError as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 2
    except OSError as error:
        # A full disk or a folder that may not be written: the path and the reason are all that helps.
        print(f"error: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it stopped", file=sys.stderr)
        return 130
    return 0
