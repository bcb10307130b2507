"""The command `train`: one recipe on one folder of faces, from its first step to a checkpoint with its card.

From `python -m training train` through training.loop to inference.checkpoint; interrupted, the same command goes on.
"""

import argparse
import shlex
import subprocess
from pathlib import Path

import torch

from inference.checkpoint import Card, save
from training.errors import CommandError
from training.faces import read_faces
from training.loop import Run, train
from training.recipes import RECIPES
from training.settings import Settings, read_settings

NAME = "train"
SUMMARY = "train one method on a folder of synthetic faces"

LICENCE = "MIT; trained on CC0 synthetic faces only"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `train`."""
    parser.add_argument(
        "settings", metavar="SETTINGS", type=Path, help="a TOML file, such as training/recipes/inclg-compact.toml"
    )
    parser.add_argument("faces", metavar="FACES", type=Path, help="a folder written by `synth --kind face`")
    parser.add_argument(
        "out", metavar="OUT", type=Path, help="the run's folder: state, log and, at the end, the checkpoint"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that draw batches (default 1; 0 draws in this one)"
    )


def run(arguments: argparse.Namespace) -> None:
    """Train to the end and write `<method>.safetensors` with its card into the run's folder."""
    settings = read_settings(arguments.settings)
    if settings.method not in RECIPES:
        raise CommandError(f"method: {settings.method!r} is none of {', '.join(RECIPES)}")
    faces = read_faces(arguments.faces)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    finished = train(settings, faces, arguments.out, device=arguments.device, workers=arguments.workers)
    path = arguments.out / f"{settings.method}.safetensors"
    card = save(
        path, finished.average.state_dict(), card_of(finished, settings, faces.manifest_digest, command(arguments))
    )
    print(f"{path} ({card.sha256})")


def card_of(run: Run, settings: Settings, manifest_digest: str, command: str) -> Card:
    """The card of a finished run, its metrics still to be measured."""
    return Card(
        method=settings.method,
        config=run.recipe.network.config,
        manifest_digest=manifest_digest,
        settings=settings.as_dict(),
        commit=revision(),
        metrics={},
        licence=LICENCE,
        command=command,
        seed=settings.seed,
    )


def command(arguments: argparse.Namespace) -> str:
    """The command line that repeats this run from the repository's root."""
    parts = ["python", "-m", "training", NAME, str(arguments.settings), str(arguments.faces), str(arguments.out)]
    return shlex.join(parts)


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
