"""The command `train`: one recipe on one folder of faces, from its first step to a checkpoint with its card.

From `python -m training train` through training.loop to inference.checkpoint; interrupted, the same command goes on.
"""

import argparse
import subprocess
from pathlib import Path
from typing import Any

import torch

from inference.checkpoint import Card, save
from training.commands.choosing import add_settings, repeated, settings_of
from training.data.mixture import People
from training.data.opening import open_data
from training.loop import Run, train
from training.loop.processes import joined
from training.settings import Settings

NAME = "train"
SUMMARY = "train one method on a folder of faces"

LICENCE = "MIT; trained on faces under {}"


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
        )
        if not processes.first:
            return
    path = arguments.out / f"{settings.method}.safetensors"
    start = ("--start", str(arguments.start)) if arguments.start else ()
    command = repeated(NAME, arguments, *start)
    card = save(path, finished.average.state_dict(), card_of(finished, settings, faces, command))
    print(f"{path} ({card.sha256})")


def card_of(run: Run, settings: Settings, faces: People, command: str) -> Card:
    """The card of a finished run, its metrics still to be measured."""
    return Card(
        method=settings.method,
        config=run.recipe.network.config,
        manifest_digest=faces.manifest_digest,
        settings=settings.as_dict() | {"conditions": conditions(run)},
        commit=revision(),
        metrics={},
        licence=LICENCE.format(faces.licence),
        command=command,
        seed=settings.seed,
    )


def conditions(run: Run) -> dict[str, Any]:
    """What decided the weights beside the settings: the recipe's remarks, the machine, the runs before this one."""
    return {
        **run.recipe.remarks,
        "device": run.device.type,
        "processes": run.processes.world,
        "torch": str(torch.__version__),
        "began_from": run.history,
    }


def revision() -> str:
    """The source's commit, with `+changes` where the working tree differs from it, or `unknown` outside a checkout."""
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--", "training", "inference"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}+changes" if changed.strip() else head
