"""Decodes uploads apart from the web process, so that a hostile file can only break a child that knows nothing.

From: `clinic.cases.intake` and `clinic.cases.masking`. To: `clinic.cases.rebuild`, a child with an empty environment.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

WALL_SECONDS = 60


@dataclass(frozen=True)
class Picture:
    """An upright picture rebuilt from its pixels; `png` is lossless, `preview` at most 1280 px (empty for a mask)."""

    width: int
    height: int
    format: str
    png: bytes
    preview: bytes


class DecodeError(Exception):
    """The child refused, or broke; `code` is one of pixels, small, pages, depth, damaged, effort."""

    def __init__(self, code: str, figures: dict[str, int]) -> None:
        super().__init__(code)
        self.code, self.figures = code, figures


def decode(upload: bytes, purpose: str) -> Picture:
    """Return the picture in `upload`; `purpose` is "photograph" (RGB) or "mask" (grey). Raises `DecodeError`."""
    command = [sys.executable, "-I", "-m", "clinic.cases.rebuild", purpose]
    single_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        child = subprocess.run(
            command, input=upload, capture_output=True, timeout=WALL_SECONDS, check=False, env=single_thread
        )
    except subprocess.TimeoutExpired as error:
        raise DecodeError("effort", {}) from error
    line, _, bodies = child.stdout.partition(b"\n")
    if child.returncode != 0 or not line:
        raise DecodeError("effort", {})
    head = json.loads(line)
    if "refused" in head:
        raise DecodeError(head.pop("refused"), head)
    first, second = head["lengths"]
    return Picture(head["width"], head["height"], head["format"], bodies[:first], bodies[first : first + second])
