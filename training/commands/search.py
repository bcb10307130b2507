"""The command `search`: find landmark weight, learning rate, weight decay and batch size by trials on held-out faces.

From a settings file, through training.search, to a table of trials; called again, it goes on where it stopped.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from training.commands.choosing import add_settings, settings_of
from training.data.faces import read_faces
from training.data.mixture import Mixture
from training.data.opening import open_data
from training.errors import CommandError
from training.recipes.fit import check_fit
from training.search import Machine, Space, parted, search, table

NAME = "search"
SUMMARY = "search learning settings by trials, resumable"

HELD_SHARE = 0.1
OURS = Space()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `search`."""
    add_settings(parser)
    parser.add_argument(
        "faces", metavar="FACES", type=Path,
        help="a folder of faces, or the one under which [[data]] lies; every tenth is held out",
    )  # fmt: skip
    parser.add_argument("out", metavar="OUT", type=Path, help="the study's folder: search.db and a run a trial")
    parser.add_argument("--trials", type=int, required=True, metavar="N", help="finished trials to have in the end")
    parser.add_argument(
        "--held", type=Path, help="a folder of held-out faces (its split valid), in place of every tenth of FACES"
    )
    for name in ("landmarks", "rate", "decay"):
        low, high = getattr(OURS, name)
        parser.add_argument(
            f"--{name}", nargs=2, type=float, metavar=("LOW", "HIGH"), default=(low, high),
            help=f"range, searched on a logarithmic scale (default {low:g} {high:g})",
        )  # fmt: skip
    parser.add_argument("--batches", nargs="+", type=int, default=OURS.batch, help="batch sizes (default 1 2 4 8)")


def run(arguments: argparse.Namespace) -> None:
    """Run the trials that are missing and print all, the best first."""
    settings = settings_of(arguments)
    if arguments.trials < 1:
        raise CommandError(f"--trials is 1 or more, not {arguments.trials}")
    space = Space(
        landmarks=tuple(arguments.landmarks),
        rate=tuple(arguments.rate),
        decay=tuple(arguments.decay),
        batch=tuple(arguments.batches),
    )
    ranges = (space.landmarks, space.rate, space.decay)
    if any(not 0 < low <= high for low, high in ranges) or min(space.batch) < 1:
        raise CommandError("a range is LOW HIGH with 0 < LOW <= HIGH, and a batch is 1 or more")
    if any(batch % settings.accumulate for batch in arguments.batches):
        raise CommandError(f"--batches: each must divide into {settings.accumulate} parts, as `accumulate` says")
    for batch in arguments.batches:
        check_fit(replace(settings, phases=tuple(replace(phase, batch=batch) for phase in settings.phases)))
    faces = open_data(settings, arguments.faces)
    if arguments.held:
        held = [read_faces(arguments.held, unasked="valid")]
    elif min(map(len, faces.parts if isinstance(faces, Mixture) else [faces])) < 2:
        raise CommandError(f"{arguments.faces} holds one face; give others to hold out with --held")
    else:
        faces, held = parted(faces, HELD_SHARE)
    machine = Machine(arguments.device, arguments.workers)
    study = search(settings, faces, held, arguments.out, arguments.trials, space, machine)
    print(table(study))
