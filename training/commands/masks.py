"""The command `masks`: draw a set of irregular mask files from a seed, or count what a folder of masks holds.

From `python -m training masks` to a folder that the `[holes]` table of a recipe names, or to one line per group.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from training.errors import CommandError
from training.holes.files import GROUPS, SIDE, SPLITS, THRESHOLD, TO_TRAIN, TO_VALIDATE, mask_names, sort_masks
from training.holes.irregular import LICENCE, SOURCE, orders, write_set
from training.manifest import heading, read_manifest, write_table
from training.manifest.own_folder import begun

NAME = "masks"
SUMMARY = "draw irregular mask files, or count those of a folder by share of hole"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `masks`."""
    parser.add_argument("act", choices=("draw", "count"), help="draw a set, or count a folder's masks by group")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="to write into, or to count")
    parser.add_argument("--seed", type=int, default=0, help="of the set to draw (default 0)")
    parser.add_argument("--train", type=int, default=TO_TRAIN, help=f"masks of each group (default {TO_TRAIN})")
    parser.add_argument("--valid", type=int, default=TO_VALIDATE, help=f"to validate with (default {TO_VALIDATE})")
    parser.add_argument("--side", type=int, default=SIDE, help=f"of the drawn masks in pixels (default {SIDE})")
    parser.add_argument(
        "--threshold", type=int, default=THRESHOLD, help=f"bytes above it are hole (default {THRESHOLD})"
    )


def run(arguments: argparse.Namespace) -> None:
    """Draw or count."""
    if arguments.act == "draw":
        draw(arguments)
    else:
        count(arguments.folder, arguments.threshold)


def draw(arguments: argparse.Namespace) -> None:
    """Draw what is missing, then list it; raises CommandError for numbers that make no sense."""
    for name, least in (("seed", 0), ("train", 1), ("valid", 0), ("side", 32)):
        if getattr(arguments, name) < least:
            raise CommandError(f"--{name} is {least} or more, not {getattr(arguments, name)}")
    wanted = orders(arguments.seed, arguments.train, arguments.valid, arguments.side)
    settings = {name: getattr(arguments, name) for name in ("seed", "train", "valid", "side")}
    folder = begun(arguments.folder, settings, "masks")
    files = list(tqdm(write_set(folder, wanted), total=len(wanted), unit="mask", mininterval=1))
    write_table(folder, {**heading(LICENCE, SOURCE), "settings": settings, "files": files})
    read_manifest(folder)
    print(f"{len(files)} masks in {arguments.folder}")


def count(folder: Path, threshold: int) -> None:
    """Print how many masks of each group the folder holds, by split where it keeps splits apart."""
    if not 0 <= threshold <= 254:
        raise CommandError(f"--threshold lies between 0 and 254, not at {threshold}")
    manifest = read_manifest(folder)
    for split in SPLITS:
        names, apart = mask_names(manifest, split)
        found = sort_masks(manifest, names, threshold)
        counted = ", ".join(f"{len(group)} of {label} %" for label, group in zip(GROUPS, found, strict=True))
        left_out = len(names) - sum(map(len, found))
        print(f"{split if apart else 'train and valid together'}: {counted}; {left_out} empty or above 60 %")
        if not apart:
            break
