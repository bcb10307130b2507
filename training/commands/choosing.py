"""The arguments that `train`, `search` and `ablate` share: a settings file, changes to it, the device.

From the command line to training.settings.
"""

import argparse
import shlex
import shutil
from pathlib import Path

import torch

from training.errors import CommandError
from training.recipes import RECIPES
from training.settings import Settings, read_settings

# What torch's compiler looks for on the CPU.
COMPILERS = ("g++", "clang++")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """SETTINGS and what changes it, --device, --threads and --workers."""
    parser.add_argument(
        "settings", metavar="SETTINGS", type=Path, help="a TOML file, such as training/recipes/inclg-compact.toml"
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="changes",
        help="change a setting, such as network.gated=false or phases.0.batch=1; may be given again",
    )  # fmt: skip
    faults = parser.add_mutually_exclusive_group()
    faults.add_argument(
        "--as-published", action="store_true", default=None, help="with all faults of the published code"
    )
    faults.add_argument(
        "--as-intended", action="store_false", dest="as_published", default=None, help="with none of them (the default)"
    )
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that draw batches (default 1; 0 draws in this one)"
    )


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings as changed, the device made ready. Raises CommandError for what cannot be used."""
    settings = read_settings(arguments.settings, changes=arguments.changes, as_published=arguments.as_published)
    if settings.method not in RECIPES:
        raise CommandError(f"method: {settings.method!r} is none of {', '.join(RECIPES)}")
    if arguments.threads < 1 or arguments.workers < 0:
        raise CommandError("--threads is 1 or more, --workers 0 or more")
    check_device(arguments.device)
    if settings.compile and arguments.device == "cpu" and not any(map(shutil.which, COMPILERS)):
        raise CommandError(f"compile: torch needs one of {', '.join(COMPILERS)} for it; install one or leave it out")
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    return settings


def check_device(device: str) -> None:
    """Raises CommandError for a device that is none or is not there."""
    if device.partition(":")[0] not in ("cpu", "cuda"):
        raise CommandError(f"--device {device}: choose cpu or cuda")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise CommandError(f"--device {device}: torch finds no CUDA device here; leave it out to use the CPU")


def repeated(name: str, arguments: argparse.Namespace, *rest: str) -> str:
    """The command line that repeats this run from the repository's root."""
    parts = ["python", "-m", "training", name, str(arguments.settings), str(arguments.faces), str(arguments.out)]
    for change in arguments.changes:
        parts += "--set", change
    if arguments.as_published is not None:
        parts.append("--as-published" if arguments.as_published else "--as-intended")
    return shlex.join([*parts, *rest])
