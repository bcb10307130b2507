"""Folders of faces with landmarks; the flip and colour changes that training makes of them.

Written by `python -m training synth` (then held in memory) or `prepare` (then mapped from disk, larger than memory);
read by training.data.batches and training.measures.
"""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.errors import CommandError
from training.holes.files import MaskFiles
from training.landmarks.points import MIRRORED
from training.manifest import Manifest, read_manifest

# Where a cleft draws at what the hole leaves in sight: the tip and wings of the nose, the corners of the mouth.
DRAWN_BY_CLEFTS = (30, 31, 33, 35, 48, 54)


@dataclass(frozen=True)
class Faces:
    """N faces: images uint8 N x 256 x 256 x 3, landmarks float32 N x 68 x 2 in pixels, the manifest's SHA-256.

    masks: the mask files to draw holes from, where a run asks for some. licence: the manifest's.
    """

    images: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    manifest_digest: str
    masks: MaskFiles | None = None
    licence: str = ""

    def __len__(self) -> int:
        return len(self.images)

    def pick(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Any one face: its picture and landmarks."""
        index = int(rng.integers(len(self)))
        return self.images[index], self.landmarks[index]


@dataclass(frozen=True)
class Cleft:
    """A patient with a cleft, the hole drawn over it, and the same person without one (all 256 x 256).

    landmarks: the person's without the cleft, float32 68 x 2 in pixels. side: left, right or bilateral. severity: 0 to
    1, of the worse side.
    """

    image: NDArray[np.uint8]
    hole: NDArray[np.bool_]
    truth: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    side: str
    severity: float


def read_faces(folder: Path, split: str | None = None, *, unasked: str = "train") -> Faces:
    """The faces of a folder written by `synth --kind face`, or of one split of a folder written by `prepare`.

    unasked: which split of the latter where none is asked for. Raises CommandError where the folder holds none, has no
    such split or may not be read, naming the file that is the reason.
    """
    manifest = read_manifest(folder)
    if "splits" in manifest.content:
        return _prepared(manifest, split or unasked)
    if split not in (None, "train"):
        raise CommandError(f"{folder} has no splits; leave {split!r} out, or part it into folders of their own")
    records = _records(manifest)
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda record: _picture(manifest, record, "image"), records))
    landmarks = np.array([record["landmarks"] for record in records], np.float32)
    return Faces(np.stack(images), landmarks, manifest.digest, licence=manifest.content["licence"])


def read_clefts(folder: Path) -> Iterator[Cleft]:
    """All patients of a folder written by `synth --kind cleft`. Raises CommandError where the folder holds none."""
    manifest = read_manifest(folder)
    for record in _records(manifest):
        if "truth" not in record["files"]:
            raise CommandError(f"{folder} holds faces without clefts; make patients with `synth --kind cleft`")
        hole = _picture(manifest, record, "mask")[..., 0] >= 128
        clefts = record["clefts"]
        yield Cleft(
            _picture(manifest, record, "image"),
            hole,
            _picture(manifest, record, "truth"),
            np.array(record["truth_landmarks"], np.float32),
            clefts[0]["side"] if len(clefts) == 1 else "bilateral",
            max(cleft["severity"] for cleft in clefts),
        )


def _records(manifest: Manifest) -> list[dict[str, Any]]:
    """The records of all people in the folder's manifest, in its order."""
    try:
        names = [file["name"] for file in manifest.content["files"] if file["role"] == "landmarks"]
        records = [json.loads(manifest.read(name)) for name in names]
    except (ValueError, KeyError) as error:
        raise _not_of_faces(manifest) from error
    if not records:
        raise _not_of_faces(manifest)
    return records


def _not_of_faces(manifest: Manifest) -> CommandError:
    return CommandError(
        f"{manifest.folder} holds no faces with landmarks; make them with `python -m training synth` or `prepare`"
    )


def _picture(manifest: Manifest, record: dict[str, Any], role: str) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(manifest.read(record["files"][role]["name"]))) as picture:
        pixels = np.asarray(picture.convert("RGB"), np.uint8)
    if pixels.shape != (256, 256, 3):
        raise CommandError(f"{manifest.folder} holds pictures of another size; training takes 256 x 256")
    return pixels


def _prepared(manifest: Manifest, split: str) -> Faces:
    """A split's rows of the arrays that `prepare` wrote: pictures stay on disk until one is picked."""
    splits = manifest.content["splits"]
    if split not in splits:
        raise CommandError(f"{manifest.folder} has no split {split!r}; it has {', '.join(splits)}")
    first, last = splits[split]
    images = np.load(manifest.check("images.npy"), mmap_mode="r")
    landmarks = np.load(io.BytesIO(manifest.read("landmarks.npy")))
    licence = manifest.content["licence"]
    return Faces(images[first:last], landmarks[first:last], manifest.digest, licence=licence)


def mirrored(image: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The face seen in a mirror: x becomes W - 1 - x, and the left eye's points become the right eye's."""
    flipped = landmarks[MIRRORED].copy()
    flipped[:, 0] = image.shape[1] - 1 - flipped[:, 0]
    return np.ascontiguousarray(image[:, ::-1]), flipped


def recoloured(image: NDArray[np.uint8], rng: np.random.Generator, amount: float) -> NDArray[np.uint8]:
    """Brightness and each channel scaled by up to `amount` each way."""
    gain = rng.uniform(1 - amount, 1 + amount) * rng.uniform(1 - amount / 2, 1 + amount / 2, 3)
    return np.clip(image * gain + 0.5, 0, 255).astype(np.uint8)


def displaced(
    image: NDArray[np.uint8], landmarks: NDArray[np.float32], rng: np.random.Generator, reach: float = 0.06
) -> NDArray[np.uint8]:
    """The face with nose and mouth drawn a little out of place, as a cleft draws the tissue beside it.

    Each point of DRAWN_BY_CLEFTS moves its surroundings (a Gaussian of 0.12 eye distances) by a normal draw of spread
    `reach` / 2 eye distances.
    """
    side = image.shape[0]
    unit = float(np.linalg.norm(landmarks[36] - landmarks[45]))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    from_x, from_y = x.copy(), y.copy()
    for point in landmarks[list(DRAWN_BY_CLEFTS)]:
        near = np.exp(-((x - point[0]) ** 2 + (y - point[1]) ** 2) / (2 * (0.12 * unit) ** 2))
        move_x, move_y = rng.normal(0, reach / 2, 2) * unit
        from_x += near * np.float32(move_x)
        from_y += near * np.float32(move_y)
    moved = cv2.remap(image, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return moved.astype(np.uint8)
