"""The Frechet inception distance (FID) between filled pictures and true ones, by torchmetrics.

From pictures and a file of Inception weights, which no package of ours brings along, to one number for the tables.
"""

import pickle
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance

from training.errors import CommandError
from training.measures.questions import Image

WEIGHTS = "pt_inception-2015-12-05-6726825d.pth"
SOURCE = "https://github.com/toshas/torch-fidelity/releases"
WHY_NONE = f"no FID: give the Inception weights with --inception FILE ({WEIGHTS} from {SOURCE})"
BATCH = 8


class Frechet:
    """Statistics of the truths, once, and of one filler after the other."""

    def __init__(self, extractor: nn.Module | int, weights: Path | None = None, device: str = "cpu") -> None:
        path = None if weights is None else str(weights)
        self.metric = FrechetInceptionDistance(
            extractor, reset_real_features=False, feature_extractor_weights_path=path
        ).to(device)
        self.device = device
        self.waiting: list[Image] = []
        self.count = 0

    def truths(self, pictures: Iterable[Image]) -> None:
        """Begin anew, with these true pictures (256 x 256 x 3 bytes)."""
        self.metric.reset_real_features = True
        self.metric.reset()
        self.metric.reset_real_features = False
        for picture in pictures:
            self._take(picture, real=True)
        self._learn(real=True)

    def see(self, picture: Image) -> None:
        """Take in one filled picture."""
        self.count += 1
        self._take(picture, real=False)

    def distance(self) -> float | None:
        """The FID of the pictures seen since the last call, then forgotten; None below two, which have no spread."""
        self._learn(real=False)
        seen, self.count = self.count, 0
        found = float(self.metric.compute()) if seen > 1 else None
        self.metric.reset()
        return found

    def _take(self, picture: Image, *, real: bool) -> None:
        self.waiting.append(picture)
        if len(self.waiting) == BATCH:
            self._learn(real=real)

    def _learn(self, *, real: bool) -> None:
        if self.waiting:
            batch = torch.from_numpy(np.stack(self.waiting)).permute(0, 3, 1, 2).to(self.device)
            self.waiting = []
            with torch.inference_mode():
                self.metric.update(batch, real=real)


def inception(weights: Path, device: str = "cpu") -> Frechet:
    """The distance as it is published everywhere: 2048 features of Inception v3 with the weights of this file.

    Raises CommandError where the file is missing or is not those weights. It is read without running code from it
    before the library, which would, may open it.
    """
    try:
        torch.load(weights, weights_only=True, map_location="cpu")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Frechet(2048, weights, device)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, TypeError) as error:
        raise CommandError(f"{weights} does not hold the Inception weights; get {WEIGHTS} from {SOURCE}") from error
