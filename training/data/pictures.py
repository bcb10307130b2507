"""Which pictures of a folder are faces to learn from, in which split, with which landmarks.

From folders as they were distributed, under a manifest, to training.data.preparing: CelebA, any folder of faces, or
synthetic people.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from training.errors import CommandError
from training.manifest import PICTURES, Manifest

SPLITS = ("train", "valid", "test")
# CelebA (Liu et al. 2015): 178 x 218 pixels, eyes aligned; the official partition.
CELEBA_COUNTS = {"train": 162_770, "valid": 19_867, "test": 19_962}
CELEBA_FOLDER = "img_align_celeba"
CELEBA_PARTITION = "list_eval_partition.txt"


@dataclass(frozen=True)
class Picture:
    """A listed file: its split and, where they are known already, its 68 landmarks in its own pixels."""

    name: str
    split: str
    landmarks: tuple[tuple[float, float], ...] | None = None


def celeba(manifest: Manifest, partial: bool) -> list[Picture]:
    """The aligned faces by the official partition, in its order.

    Raises CommandError where the partition is not the official one or pictures are missing, unless `partial` is set.
    """
    where = _celeba_files(manifest)
    pictures, missing = [], []
    for number, line in enumerate(_partition(manifest).splitlines(), 1):
        name, _, code = line.strip().partition(" ")
        if code.strip() not in ("0", "1", "2"):
            raise CommandError(f"{CELEBA_PARTITION}, line {number}: expected a name and 0, 1 or 2, not {line!r}")
        if name in where:
            pictures.append(Picture(where[name], SPLITS[int(code)]))
        else:
            missing.append(name)
    counts = Counter(picture.split for picture in pictures)
    if not partial and (missing or dict(counts) != CELEBA_COUNTS):
        wanted = sum(CELEBA_COUNTS.values())
        example = f", such as {missing[0]}" if missing else ""
        raise CommandError(
            f"{manifest.folder} lacks {wanted - len(pictures)} of CelebA's {wanted} pictures{example}; unpack the "
            "archive again and write the manifest anew, or go on without them by --partial"
        )
    return pictures


def folder(manifest: Manifest, partial: bool) -> list[Picture]:
    """Every picture of a folder; those under train/, valid/ and test/ are of that split, all others to train with."""
    names = [name for name in manifest.listed if Path(name).suffix.lower() in PICTURES]
    first = ((name, name.split("/", 1)[0]) for name in names)
    return [Picture(name, split if split in SPLITS else "train") for name, split in first]


def synthetic(manifest: Manifest, partial: bool) -> list[Picture]:
    """The faces of a folder written by `synth`, whose landmarks are exact."""
    pictures = []
    for file in manifest.content["files"]:
        if file.get("role") == "landmarks":
            record = json.loads(manifest.read(file["name"]))
            points = tuple((float(x), float(y)) for x, y in record["landmarks"])
            pictures.append(Picture(record["files"]["image"]["name"], "train", points))
    return pictures


KINDS: Mapping[str, Callable[[Manifest, bool], list[Picture]]] = {
    "celeba": celeba,
    "folder": folder,
    "synthetic": synthetic,
}


def pictures_of(kind: str, manifest: Manifest, *, partial: bool = False) -> list[Picture]:
    """All pictures of a folder of this kind, split by split. Raises CommandError where it holds none."""
    found = KINDS[kind](manifest, partial)
    if not found:
        raise CommandError(f"{manifest.folder} holds no picture of the kind {kind}")
    return sorted(found, key=lambda picture: SPLITS.index(picture.split))


def _celeba_files(manifest: Manifest) -> dict[str, str]:
    inside = f"{CELEBA_FOLDER}/"
    return {name.rsplit("/", 1)[1]: name for name in manifest.listed if f"/{inside}" in f"/{name}"}


def _partition(manifest: Manifest) -> str:
    for name in manifest.listed:
        if name.rsplit("/", 1)[-1] == CELEBA_PARTITION:
            return manifest.read(name).decode("utf-8", "replace")
    raise CommandError(
        f"{manifest.folder} holds no {CELEBA_PARTITION}; download it with the pictures and write the manifest anew"
    )
