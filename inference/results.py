"""Writes the results of one pair into a folder: a picture for each method, and inpainting.json about all of them.

From `python -m inference inpaint`; either everything is written or nothing.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inference.card import Card
from inference.engine import Filled
from inference.photographs import Pair

REPORT = "inpainting.json"


def write_results(folder: Path, pair: Pair, filled: Mapping[str, Filled], cards: Mapping[str, Card]) -> list[Path]:
    """Write `<method>.png` (the canonical composite) for each method and inpainting.json; returns the paths.

    The files are prepared in a temporary folder beside and then moved, so a failure leaves the folder as it was.
    Raises OSError where the folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        prepared = Path(name)
        for method, result in filled.items():
            Image.fromarray(result.image).save(prepared / f"{method}.png")
        report = _report(prepared, pair, filled, cards)
        (prepared / REPORT).write_text(json.dumps(report, indent=2) + "\n")
        folder.mkdir(exist_ok=True)
        return [file.replace(folder / file.name) for file in sorted(prepared.iterdir())]


def _report(folder: Path, pair: Pair, filled: Mapping[str, Filled], cards: Mapping[str, Card]) -> dict[str, Any]:
    """Digests, seconds and landmarks. No file name of the photograph: it may be a patient's."""
    return {
        "photo_sha256": pair.photo_digest,
        "mask_sha256": pair.mask_digest,
        "square": asdict(pair.square),
        "crop_sha256": hashlib.sha256(pair.crop.tobytes()).hexdigest(),
        "hole_sha256": hashlib.sha256(np.packbits(pair.hole).tobytes()).hexdigest(),
        "hole_pixels": int(pair.hole.sum()),
        "methods": {
            method: {
                "picture": f"{method}.png",
                "picture_sha256": hashlib.sha256((folder / f"{method}.png").read_bytes()).hexdigest(),
                "checkpoint_sha256": cards[method].sha256,
                "config": dict(cards[method].config),
                "seconds": round(result.seconds, 3),
                "landmarks": None if result.landmarks is None else np.round(result.landmarks.astype(float), 2).tolist(),
            }
            for method, result in filled.items()
        },
    }
