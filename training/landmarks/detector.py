"""What a landmark detector is, and which one a choice names.

From `python -m training prepare --detector` to training.data.preparing; each process makes its own.
"""

import functools
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


DETECTORS: Mapping[str, Callable[[Path | None, str], Detector]] = {"dlib": DlibPoints, "fan": Fan}


@functools.cache
def detector(choice: Choice) -> Detector:
    """The chosen detector, made once per process. Raises CommandError, saying what to install or to download."""
    return DETECTORS[choice.name](choice.weights, choice.device)
