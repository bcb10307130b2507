"""Synthetic cleft patients for the demo, rendered apart and admitted by the verbs that the pages use.

`python -m training synth` renders them in a process of its own, into a folder that is gone afterwards: the clinic never
imports training, and no picture stays on disk unsealed.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinic.accounts.models import User
from clinic.cases.intake import admit
from clinic.cases.masking import choose_crop, read_mask_file, save_mask
from clinic.cases.models import Case, Mask, Source
from inference import canonical

SEED = 4_000_000
WIDTH, HEIGHT = 1152, 768
COMPLETE_FROM = 0.6
# The square reaches this many outer-eye distances in width; brow to chin then fills most of it.
SQUARE = 2.1
DATASET = "Synthetic10"


@dataclass(frozen=True)
class Patient:
    """A rendered patient: the files that a researcher would choose, and the truth that only simulated readers know."""

    photograph: bytes
    mask: bytes
    truth: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    side: str
    severity: str


@dataclass(frozen=True)
class Admitted:
    """A case with its mask, and the same face without a cleft, cropped alike (256 x 256 x 3)."""

    case: Case
    mask: Mask
    truth: NDArray[np.uint8]


def render(count: int) -> Iterator[Patient]:
    """Render `count` patients and yield each. Raises CalledProcessError where the renderer fails."""
    with TemporaryDirectory(prefix="vermilion-demo-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "training", "synth", "--kind", "cleft", "--framing", "portrait"]
        size = f"{WIDTH}x{HEIGHT}"
        subprocess.run([*command, "--n", str(count), "--seed", str(SEED), "--size", size, name], check=True)
        for record in sorted(folder.glob("cleft-*.json")):
            yield _patient(folder, json.loads(record.read_text(encoding="utf-8")))


def admit_patient(patient: Patient, owner: User, dataset: str) -> Admitted:
    """Upload, crop and mask one patient as a researcher does; raises what these verbs raise."""
    case = admit(
        owner=owner,
        upload=patient.photograph,
        side=patient.side,
        severity=patient.severity,
        phase="pre-op",
        dataset=dataset,
    )
    left, top, side = square_around(patient.landmarks)
    crop = choose_crop(case.photograph, left, top, side, owner)
    mask = save_mask(crop, read_mask_file(patient.mask, crop), owner, Source.IMPORTED)
    return Admitted(case, mask, canonical.square(patient.truth, left, top, side))


def square_around(landmarks: NDArray[np.float64]) -> tuple[int, int, int]:
    """Left, top and side of the square from brow to chin around 68 landmarks, inside the photograph."""
    eyes = float(np.linalg.norm(landmarks[36] - landmarks[45]))
    side = min(math.ceil(SQUARE * eyes), HEIGHT, WIDTH)
    middle = (landmarks[27] + landmarks[33]) / 2 * 0.5 + landmarks[[19, 24, 8]].mean(axis=0) * 0.5
    left = min(max(round(float(middle[0]) - side / 2), 0), WIDTH - side)
    top = min(max(round(float(middle[1]) - side / 2), 0), HEIGHT - side)
    return left, top, side


def _patient(folder: Path, record: dict[str, Any]) -> Patient:
    files = {role: (folder / file["name"]).read_bytes() for role, file in record["files"].items()}
    sides = [cleft["side"] for cleft in record["clefts"]]
    severest = max(cleft["severity"] for cleft in record["clefts"])
    with Image.open(BytesIO(files["truth"])) as truth:
        return Patient(
            photograph=files["image"],
            mask=files["mask"],
            truth=canonical.upright(truth),
            landmarks=np.array(record["landmarks"]),
            side="bilateral" if len(sides) == 2 else sides[0],
            severity="complete" if severest >= COMPLETE_FROM else "incomplete",
        )
