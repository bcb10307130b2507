"""Asks whether any photograph of the platform looks like a picture that the networks learnt from.

From training's manifests (perceptual hashes, and nothing else of its pictures) and the vault, whose photographs are
opened in memory one at a time, to counts; hashes of photographs are never stored and never leave this module.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinic.cases.models import Photograph
from clinic.cases.pictures import canonical, photograph
from clinic.vault.errors import VaultError

# Of 256 bits. Copies that were resized, encoded anew or made brighter differ in at most 22, copies that lost two
# pixels at each edge in at most 32; among 20,503 pairs of different people the closest differ in 48.
THRESHOLD = 36

Hash = Callable[[Image.Image], imagehash.ImageHash]


class ManifestError(ValueError):
    """A manifest that photographs cannot be compared with; the message says what to do."""


@dataclass(frozen=True)
class Listed:
    """What a manifest says its pictures look like: how they were hashed, one row of bits per hash, and how many."""

    described: dict[str, Any]
    bits: NDArray[np.uint8]
    pictures: int

    @property
    def hashed(self) -> Hash:
        """The hash that the manifest's pictures were given."""
        sizes = {name: self.described[name] for name in ("hash_size", "highfreq_factor")}
        return partial(imagehash.phash, **sizes)


@dataclass(frozen=True)
class Likeness:
    """One photograph's answer: the fewest bits by which it differs from any listed picture; None if it did not open."""

    row: Photograph
    distance: int | None


def read_listed(path: Path) -> Listed:
    """The hashes of a manifest of training's. Raises `ManifestError` for a file that holds none of a known kind."""
    try:
        table = json.loads(path.read_bytes())
        described = dict(table["perceptual"])
        if (described["library"], described["kind"]) != ("ImageHash", "phash"):
            raise ManifestError(f"{path} hashes its pictures by {described['kind']}, which is not known here")
        entries = table.get("pictures", table["files"])
        hashes = [entry["perceptual"] for entry in entries if entry.get("perceptual")]
        bits = [np.packbits(imagehash.hex_to_hash(text).hash.ravel()) for texts in hashes for text in texts]
        stacked = np.stack(bits)
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ManifestError):
            raise
        words = f"{path} says nothing of what its pictures look like; write it anew with training's manifest command"
        raise ManifestError(words) from error
    return Listed(described, stacked, len(hashes))


def compare(rows: Iterable[Photograph], listed: Listed) -> Iterator[Likeness]:
    """Open each photograph in memory and find the listed picture that it differs from least."""
    for row in rows:
        try:
            distance = min(_nearest(view, listed) for view in _views(row))
        except VaultError:
            yield Likeness(row, None)
        else:
            yield Likeness(row, distance)


def _views(row: Photograph) -> Iterator[Image.Image]:
    """The photograph whole, its central square, and every crop that was chosen of it: a copy may be of any of them."""
    whole = Image.fromarray(photograph(row))
    yield whole
    side = min(whole.size)
    left, top = (whole.width - side) // 2, (whole.height - side) // 2
    yield whole.crop((left, top, left + side, top + side))
    for crop in row.crops.all():
        yield Image.fromarray(canonical(crop))


def _nearest(view: Image.Image, listed: Listed) -> int:
    own = np.packbits(listed.hashed(view).hash.ravel())
    if own.shape != listed.bits.shape[1:]:
        raise ManifestError("the manifest's hashes are of several lengths; write it anew")
    return int(np.bitwise_count(listed.bits ^ own).sum(axis=1, dtype=np.int64).min())
