"""The command `train`: one recipe on one folder of faces, from its first step to a checkpoint with its card.

From `python -m training train` through training.loop to inference.checkpoint; interrupted, the same command goes on.
"""

import argparse
from pathlib import Path
from typing import Any

import torch

from inference.checkpoint import Card, save
from training.commands.choosing import add_settings, repeated, settings_of
from training.data.opening import open_data
from training.loop import Run, train
from training.loop.origin import licence_of
from training.loop.processes import joined

NAME = "train"
SUMMARY = "train one method on a folder of faces"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `train`."""
    add_settings(parser)
    parser.add_argument(
        "faces", metavar="FACES", type=Path, help="a folder of faces, or the one under which [[data]] lies"
    )
    parser.add_argument(
        "out", metavar="OUT", type=Path, help="the run's folder: state, log and, at the end, the checkpoint"
    )
    parser.add_argument(
        "--start",
        metavar="RUN",
        type=Path,
        help="the folder of a finished run, or a checkpoint, that this one begins with",
    )
    parser.add_argument("--tensorboard", action="store_true", help="write OUT/tensorboard as well as OUT/log.csv")


def run(arguments: argparse.Namespace) -> None:
    """Train to the end and write `<method>.safetensors` with its card into the run's folder."""
    settings = settings_of(arguments)
    faces = open_data(settings, arguments.faces)
    command = repeated(NAME, arguments, *(("--start", str(arguments.start)) if arguments.start else ()))
    with joined(arguments.device) as (processes, device):
        finished = train(
            settings,
            faces,
            arguments.out,
            device=device,
            workers=arguments.workers,
            processes=processes,
            start=arguments.start,
            board=arguments.tensorboard,
            command=command,
        )
        if not processes.first:
            return
    path = arguments.out / f"{settings.method}.safetensors"
    card = save(path, finished.average.state_dict(), card_of(finished))
    print(f"{path} ({card.sha256})")


def card_of(run: Run) -> Card:
    """The card of a finished run, its metrics still to be measured; every revision that it ran by is named."""
    return Card(
        method=run.settings.method,
        config=run.recipe.network.config,
        manifest_digest=run.origin["manifest"],
        settings=run.settings.as_dict() | {"conditions": conditions(run)},
        commit=", ".join(run.origin["commits"]),
        metrics={},
        licence=licence_of([*run.history, run.origin]),
        command=run.origin["command"],
        seed=run.settings.seed,
    )


def conditions(run: Run) -> dict[str, Any]:
    """What decided the weights beside the settings.

    The recipe's remarks, every loss weight of each phase, the mask files, the machine, the runs before this one.
    """
    return {
        **run.recipe.remarks,
        "weights": [run.recipe.weights_of(phase.weights) for phase in run.settings.phases],
        "masks": run.origin["masks"],
        "device": run.device.type,
        "processes": run.processes.world,
        "torch": str(torch.__version__),
        "began_from": run.history,
    }
