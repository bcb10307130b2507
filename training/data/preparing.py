"""Turns pictures as distributed into arrays to train on: the central square at 256 x 256, and 68 landmarks.

From a folder with a manifest to `images.npy`, `landmarks.npy` and a manifest of their own, which training.data.faces
reads. A run that was cut off goes on behind the last picture that was written whole.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.data.journal import Journal
from training.data.pictures import SPLITS, Picture
from training.errors import CommandError
from training.landmarks import Choice, detector
from training.manifest import Manifest, heading, read_listed, write_table
from training.manifest.perceptual import central_square, fingerprints, opened
from training.synthetic.dataset import in_order

SIDE = 256
LAST = SIDE - 1


@dataclass(frozen=True)
class Job:
    """One picture to prepare: where it lies, what its manifest says of it, who finds its landmarks."""

    folder: Path
    picture: Picture
    sha256: str
    choice: Choice


@dataclass(frozen=True)
class Prepared:
    """One picture's line for the journal and, where a face was found, its pixels and landmarks at 256 x 256."""

    entry: dict[str, Any]
    image: NDArray[np.uint8] | None
    landmarks: NDArray[np.float32] | None


def prepare(manifest: Manifest, pictures: Sequence[Picture], choice: Choice, out: Path, kind: str) -> "Preparation":
    """Begin, or go on with, a folder of arrays. Raises CommandError where `out` holds another preparation.

    It may not lie among the pictures either: their folder would hold files that its manifest does not list.
    """
    if out.resolve().is_relative_to(manifest.folder):
        raise CommandError(f"{out} lies among the pictures of {manifest.folder}; choose a folder beside them")
    listed = pictures[0].landmarks is not None
    settings = {
        "kind": kind,
        "of": manifest.digest,
        "detector": "listed" if listed else choice.name,
        "weights": "" if listed else choice.digest,
        "list": hashlib.sha256(json.dumps([(one.name, one.split) for one in pictures]).encode()).hexdigest(),
    }
    return Preparation(manifest, pictures, choice, Journal.opened(out, settings))


@dataclass
class Preparation:
    """The pictures of a folder on their way into arrays; `journal` knows how far they are."""

    manifest: Manifest
    pictures: Sequence[Picture]
    choice: Choice
    journal: Journal

    @property
    def done(self) -> int:
        """How many pictures have been looked at."""
        return len(self.journal.entries)

    def rest(self, workers: int) -> Iterator[Prepared]:
        """Prepare what is left over `workers` processes, writing each picture before the next is taken."""
        left = [
            Job(self.manifest.folder, picture, self.manifest.listed[picture.name], self.choice)
            for picture in self.pictures[self.done :]
        ]
        for made in in_order(work, left, workers):
            self.journal.append(made.entry, made.image, made.landmarks)
            yield made

    def finish(self) -> int:
        """Close the arrays and write their manifest; returns how many faces they hold."""
        entries = self.journal.entries
        kept = [entry for entry in entries if entry["face"]]
        if not kept:
            raise CommandError(f"no face was found in {self.manifest.folder}; choose another detector")
        digests = self.journal.finish(len(kept))
        content = self.manifest.content
        table = {
            **heading(content["licence"], content["source"]),
            **self.journal.settings,
            "splits": splits_of(kept),
            "skipped": [entry["name"] for entry in entries if not entry["face"]],
            "files": [{"name": name, "sha256": digest} for name, digest in digests.items()],
            "pictures": [{key: entry[key] for key in ("name", "sha256", "perceptual")} for entry in kept],
        }
        write_table(self.journal.folder, table)
        self.journal.forget()
        return len(kept)


def work(job: Job) -> Prepared:
    """Prepare one picture. Raises CommandError, naming it, where it is changed or no picture."""
    picture = job.picture
    upright = opened(picture.name, read_listed(job.folder, picture.name, job.sha256))
    entry = {"name": picture.name, "split": picture.split, "sha256": job.sha256, "perceptual": fingerprints(upright)}
    if picture.landmarks is not None:
        points: NDArray[np.float32] | None = np.array(picture.landmarks, np.float32)
    else:
        points = detector(job.choice)(np.asarray(upright))
    if points is None:
        return Prepared({**entry, "face": False}, None, None)
    image, landmarks = squared(upright, points)
    return Prepared({**entry, "face": True}, image, landmarks)


def squared(picture: Image.Image, points: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The central square at 256 x 256 (BICUBIC) and its landmarks, clipped to 0..255, as INCLG's code takes them.

    (pixel - offset) x 256 / side, without that code's rounding to whole pixels.
    """
    box = central_square(picture)
    image = picture.crop(box).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    moved = (points - np.array(box[:2], np.float32)) * np.float32(SIDE / (box[2] - box[0]))
    return np.asarray(image), np.clip(moved, 0, LAST).astype(np.float32)


def splits_of(kept: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    """The first row of each split and the one behind its last; entries come split by split."""
    found = {}
    for split in SPLITS:
        rows = [row for row, entry in enumerate(kept) if entry["split"] == split]
        if rows:
            found[split] = [rows[0], rows[-1] + 1]
    return found
