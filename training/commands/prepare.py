"""The command `prepare`: CelebA, any folder of faces or synthetic people as arrays to train on, larger than memory.

From `python -m training prepare` and a folder with a manifest to a folder that `train` and `measure` read; a run that
was cut off goes on where it stopped.
"""

import argparse
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from training.data.journal import FinishedError
from training.data.pictures import KINDS, SPLITS, pictures_of
from training.data.preparing import prepare
from training.errors import CommandError
from training.landmarks import DETECTORS, Choice, detector
from training.manifest import read_manifest

NAME = "prepare"
SUMMARY = "cut pictures to 256 x 256 and find their landmarks, once, for training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `prepare`."""
    parser.add_argument("kind", choices=tuple(KINDS), help="what the pictures are")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the pictures, listed in a manifest")
    parser.add_argument("out", metavar="OUT", type=Path, help="folder for the arrays")
    parser.add_argument("--split", choices=SPLITS, help="only these pictures (default: all, each under its split)")
    parser.add_argument("--detector", choices=tuple(DETECTORS), default="dlib", help="of landmarks (default dlib)")
    parser.add_argument("--weights", type=Path, help="dlib's predictor file, or the folder with FAN's two files")
    parser.add_argument("--device", default="cpu", help="for FAN: cpu (default) or cuda")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--partial", action="store_true", help="go on where pictures of CelebA are missing")


def run(arguments: argparse.Namespace) -> None:
    """Prepare what is left, then write the manifest; prints how many faces there are and how many were skipped."""
    if arguments.workers < 1:
        raise CommandError(f"--workers is 1 or more, not {arguments.workers}")
    manifest = read_manifest(arguments.folder)
    pictures = pictures_of(arguments.kind, manifest, partial=arguments.partial)
    pictures = [picture for picture in pictures if arguments.split in (None, picture.split)]
    if not pictures:
        raise CommandError(f"{arguments.folder} holds no picture of the split {arguments.split}")
    choice = Choice(arguments.detector, arguments.weights, arguments.device)
    if pictures[0].landmarks is None:
        detector(choice)  # What is missing is said before any work is begun.
    try:
        preparation = prepare(manifest, pictures, choice, arguments.out, arguments.kind)
    except FinishedError as finished:
        report(arguments.out, finished.faces, len(pictures))
        return
    with (
        closing(preparation.journal),
        tqdm(total=len(pictures), initial=preparation.done, unit="picture", mininterval=1) as bar,
    ):
        for _ in preparation.rest(arguments.workers):
            bar.update()
        kept = preparation.finish()
    report(arguments.out, kept, len(pictures))


def report(out: Path, kept: int, pictures: int) -> None:
    """Print what the folder holds."""
    print(f"{kept} faces in {out}, {pictures - kept} skipped without a face")
