"""What a landmark detector is, and which one a choice names.

From `python -m training prepare --detector` to training.data.preparing; each process makes its own.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.landmarks.dlib_points import DlibPoints
from training.landmarks.fan import Fan


class Detector(Protocol):
    """Finds the landmarks of the largest face in a picture."""

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Float32 68 x 2 (x, y) in pixels of the uint8 RGB picture; None where no face is found."""
        ...


@dataclass(frozen=True)
class Choice:
    """Which detector, where its weights lie (None: the detector's own place), and on which device."""

    name: str
    weights: Path | None = None
    device: str = "cpu"

    @property
    def digest(self) -> str:
        """SHA-256 of the weights named here, of a folder's files a line each; empty for the detector's own.

        Raises OSError where they cannot be read.
        """
        if self.weights is None:
            return ""
        if self.weights.is_file():
            return _sha256(self.weights)
        files = (path for path in self.weights.iterdir() if path.is_file())
        return hashlib.sha256("\n".join(sorted(map(_sha256, files))).encode()).hexdigest()


DETECTORS: Mapping[str, Callable[[Path | None, str], Detector]] = {"dlib": DlibPoints, "fan": Fan}


@functools.cache
def detector(choice: Choice) -> Detector:
    """The chosen detector, made once per process. Raises CommandError, saying what to install or to download."""
    return DETECTORS[choice.name](choice.weights, choice.device)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
