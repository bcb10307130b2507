"""FAN, the detector of the published methods (Bulat and Tzimiropoulos 2017), through the package face-alignment.

Its two weight files are given by path; the package's own downloads are never reached.
"""

import importlib
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.errors import CommandError

ALIGNER, FINDER = "2DFAN4-11f355bf06.pth.tar", "s3fd-619a316812.pth"
DOWNLOADS = "https://www.adrianbulat.com/downloads/python-fan/"
# The package asks for opencv-python, which would overwrite opencv-python-headless: all else it needs is there.
INSTALL = "pip install --no-deps face-alignment==1.5.0"


class Fan:
    """A `training.landmarks.Detector` on the CPU or a GPU; `weights` is the folder with both files."""

    def __init__(self, weights: Path | None, device: str) -> None:
        folder = weights or Path("fan")
        for name in (ALIGNER, FINDER):
            if not (folder / name).is_file():
                raise CommandError(
                    f"{folder / name} is missing; download {DOWNLOADS}{name} into the folder of --weights"
                )
        try:
            api: Any = importlib.import_module("face_alignment.api")
        except ModuleNotFoundError as error:
            raise CommandError(f"the detector fan is not installed; {INSTALL}") from error
        try:
            self.aligner = _with_weights(api, folder / ALIGNER)(
                api.LandmarksType.TWO_D,
                device=device,
                flip_input=False,
                compile=False,
                face_detector_kwargs={"path_to_detector": str(folder / FINDER)},
            )
        except (RuntimeError, pickle.UnpicklingError, EOFError, KeyError) as error:
            raise CommandError(f"{folder} does not hold FAN's weights as published: {error}") from error

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Of the largest face."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # The package warns where no face is found; here that is an answer.
            points, _, boxes = self.aligner.get_landmarks_from_image(picture, return_bboxes=True)
        if points is None:
            return None
        areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in boxes]
        return np.asarray(points[int(np.argmax(areas))], np.float32)


def _with_weights(api: Any, file: Path) -> Any:
    """The package's aligner, reading its network from this file where it would have asked the internet."""

    class FromFile(api.FaceAlignment):  # type: ignore[misc]
        def _load_native(self, network_name: str, network_size: int, device: str, dtype: torch.dtype) -> Any:
            network = api.FAN(network_size)
            network.load_state_dict(torch.load(file, map_location=device, weights_only=True))
            return network.to(device, dtype=dtype).eval()

    return FromFile
