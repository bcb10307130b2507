"""Irregular masks from files, sorted into the groups 0-20, 20-40 and 40-60 % by how much of each is hole.

From a folder with a manifest (the published set, or `python -m training masks draw`) to training.holes.shares and the
measures; the numbers per group are those of the software paper.
"""

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.errors import CommandError
from training.manifest import PICTURES, Manifest, read_manifest
from training.manifest.perceptual import opened

SIDE = 256
GROUPS = ("0-20", "20-40", "40-60")
BOUNDS = (0.0, 0.2, 0.4, 0.6)
SPLITS = ("train", "valid")
# Software paper: 3,300 masks of each group to train, 200 to validate.
TO_TRAIN, TO_VALIDATE = 3300, 200
# As the published test pipelines mean it: grey, then > 100. Their training took every byte above 0.
THRESHOLD = 100


@dataclass(frozen=True)
class MaskFiles:
    """Masks of one split: per group uint8 N x 256 x 32, a bit per pixel (1 = hole), and the manifest's SHA-256."""

    groups: tuple[NDArray[np.uint8], ...]
    manifest_digest: str

    def hole(self, group: int, number: int) -> NDArray[np.bool_]:
        """One mask, 256 x 256, True = hole."""
        return np.unpackbits(self.groups[group][number], axis=1).astype(bool)

    def draw(self, rng: np.random.Generator, shares: Sequence[float], size: int) -> NDArray[np.bool_]:
        """A mask of any group, groups by shares, at size x size."""
        weights = np.array(shares, np.float64)
        group = int(rng.choice(len(GROUPS), p=weights / weights.sum()))
        hole = self.hole(group, int(rng.integers(len(self.groups[group]))))
        if size == SIDE:
            return hole
        smaller = cv2.resize(hole.astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST)
        return smaller.astype(bool)


def group_of(coverage: float) -> int | None:
    """The group of a share of hole: above the lower bound, up to the upper; None for no hole and above 60 %."""
    for group, (low, high) in enumerate(pairwise(BOUNDS)):
        if low < coverage <= high:
            return group
    return None


def binarised(name: str, content: bytes, threshold: int) -> NDArray[np.bool_]:
    """The hole of a mask file: grey, 256 x 256 (BICUBIC), every byte above the threshold. Raises CommandError."""
    grey = opened(name, content).convert("L")
    if grey.size != (SIDE, SIDE):
        grey = grey.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(grey) > threshold


def sort_masks(manifest: Manifest, names: Sequence[str], threshold: int) -> list[list[tuple[str, NDArray[np.uint8]]]]:
    """Per group the names and packed bits of these files; those without hole or with more than 60 % are left out."""
    sorted_masks: list[list[tuple[str, NDArray[np.uint8]]]] = [[] for _ in GROUPS]
    with ThreadPoolExecutor() as pool:
        for name, hole in zip(
            names, pool.map(lambda name: binarised(name, manifest.read(name), threshold), names), strict=True
        ):
            group = group_of(float(hole.mean()))
            if group is not None:
                sorted_masks[group].append((name, np.packbits(hole, axis=1)))
    return sorted_masks


def mask_names(manifest: Manifest, split: str) -> tuple[list[str], bool]:
    """The mask files to choose from, and whether the folder keeps its splits apart as train/ and valid/.

    Where it does not, files come in the order of their digests: an order that no file name and no machine decides.
    """
    names = [name for name in manifest.listed if Path(name).suffix.lower() in PICTURES]
    if any(name.startswith(f"{each}/") for name in names for each in SPLITS):
        return sorted(name for name in names if name.startswith(f"{split}/")), True
    return sorted(names, key=lambda name: manifest.listed[name]), False


def read_masks(
    folder: Path,
    split: str = "train",
    *,
    per_group: int = TO_TRAIN,
    held_per_group: int = TO_VALIDATE,
    threshold: int = THRESHOLD,
) -> MaskFiles:
    """The masks of a split, the same number in each group.

    Raises CommandError where the folder may not be read, or where a group holds too few.
    """
    manifest = read_manifest(folder)
    names, apart = mask_names(manifest, split)
    start = 0 if apart or split == "train" else per_group
    wanted = per_group if split == "train" else held_per_group
    groups = []
    for label, found in zip(GROUPS, sort_masks(manifest, names, threshold), strict=True):
        there = max(len(found) - start, 0)
        if there < wanted:
            raise CommandError(
                f"{folder} holds {there} masks of {label} % for {split}, and {wanted} are wanted; "
                "set a smaller number per group or draw more with `python -m training masks draw`"
            )
        groups.append(np.stack([bits for _, bits in found[start : start + wanted]]))
    return MaskFiles(tuple(groups), manifest.digest)


def encoded(hole: NDArray[np.bool_]) -> bytes:
    """A mask as a PNG file of one bit per pixel, white = hole."""
    file = io.BytesIO()
    Image.fromarray(hole).save(file, "PNG")
    return file.getvalue()
