"""The command `landmarks`: how far a detector's landmarks lie from the true ones, on faces whose landmarks are known.

From a folder of `synth --kind face` and a detector to one table; who prepares photographs learns what to expect of it.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.data.faces import Faces, read_faces
from training.errors import CommandError
from training.landmarks import DETECTORS, Choice, Detector, detector
from training.landmarks.points import PARTS
from training.measures.distances import landmark_error, normalised

NAME = "landmarks"
SUMMARY = "measure a landmark detector on faces with known landmarks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `landmarks`."""
    parser.add_argument("faces", metavar="FACES", type=Path, help="people with landmarks, written by `synth`")
    parser.add_argument("--detector", choices=tuple(DETECTORS), default="dlib", help="of landmarks (default dlib)")
    parser.add_argument("--weights", type=Path, help="dlib's predictor file, or the folder with FAN's two files")
    parser.add_argument("--device", default="cpu", help="for FAN: cpu (default) or cuda")
    parser.add_argument("--limit", type=int, default=500, help="at most so many people (default 500)")


def run(arguments: argparse.Namespace) -> None:
    """Look for every face and print how many were found, and how far off their points are."""
    if arguments.limit < 1:
        raise CommandError(f"--limit is 1 or more, not {arguments.limit}")
    find = detector(Choice(arguments.detector, arguments.weights, arguments.device))
    faces = read_faces(arguments.faces)
    found = errors(find, faces, arguments.limit)
    looked_at = min(arguments.limit, len(faces))
    if not found:
        raise CommandError(f"{arguments.detector} finds none of {looked_at} faces of {arguments.faces}")
    print(table(found, looked_at))


def errors(find: Detector, faces: Faces, limit: int) -> list[NDArray[np.float64]]:
    """Per face that is found: the error of all points, then of each of PARTS, in percent of the eyes' distance."""
    rows = []
    for image, truth in tqdm(list(zip(faces.images, faces.landmarks, strict=True))[:limit], unit="face", mininterval=1):
        points = find(image)
        if points is not None:
            parts = [slice(None), *PARTS.values()]
            rows.append(np.array([normalised(landmark_error(points[p], truth[p]), truth) for p in parts]))
    return rows


def table(found: Sequence[NDArray[np.float64]], looked_at: int) -> str:
    """Markdown: the share found, mean error and spread over faces, and the mean error of each part."""
    rows = np.stack(found)
    spread = f" ± {rows[:, 0].std(ddof=1):.1f}" if len(rows) > 1 else ""
    cells = [f"{len(rows)} of {looked_at}", f"{rows[:, 0].mean():.1f}{spread}", *(f"{e:.1f}" for e in rows.mean(0)[1:])]
    heads = ["found", "error, % of the eyes' distance", *PARTS]
    return "\n".join((f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", f"| {' | '.join(cells)} |"))
