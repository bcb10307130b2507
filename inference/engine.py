"""Runs one checkpoint on one canonical pair: bytes in, bytes out, all pre- and post-processing in between.

From inference.worker and inference.cli, with checkpoints loaded from a folder; to results and inpainting.json.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference import checkpoint as checkpoints
from inference.canonical import Hole, Pixels, blank, checked_hole, composite
from inference.checkpoint import Checkpoint, CheckpointError
from inference.contract import METHODS

WEIGHTS = Path(__file__).parent / "weights"


class EngineError(RuntimeError):
    """A network that cannot run here, or whose answer is no picture."""


@dataclass(frozen=True)
class Filled:
    """One method's result for one pair.

    image: 256 x 256 x 3 bytes, the method's pixels inside the hole and the crop's own outside. landmarks: 68 x 2 (x, y)
    in pixels, or None. seconds: the network's own time, loading and compositing not counted.
    """

    image: Pixels
    landmarks: NDArray[np.float32] | None
    seconds: float


class Engine:
    """A checkpoint on a device, ready to fill holes; holds no state between two calls."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu", threads: int | None = None) -> None:
        """Move the network to `device` ("cpu", "cuda", "cuda:1"); `threads` limits torch in this whole process.

        Raises EngineError where the device is missing.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        self.card = checkpoint.card
        self.device = _available(device)
        self._network = checkpoint.network.to(self.device)

    def inpaint(self, image: Pixels, hole: Hole) -> Filled:
        """Fill the hole (256 x 256 booleans, True = hole) of a canonical crop (256 x 256 x 3 bytes).

        Pixels under the hole are blanked first. Raises CanonicalError for a pair that is none, EngineError for an
        answer that is no picture.
        """
        picture, hidden = self._tensors(blank(image, hole), checked_hole(hole))
        # Without TF32 and autotuning a GPU gives the same bytes on every run, close to what a CPU gives.
        exact = torch.backends.cudnn.flags(benchmark=False, deterministic=True, allow_tf32=False)
        began = time.perf_counter()
        with torch.inference_mode(), exact:
            answer = self._network(picture, hidden)
            output = answer.image[0].float().cpu()
        seconds = time.perf_counter() - began
        landmarks = None if answer.landmarks is None else answer.landmarks[0].float().cpu().numpy()
        return Filled(composite(image, hole, _bytes(output)), landmarks, seconds)

    def _tensors(self, blanked: Pixels, hole: Hole) -> tuple[Tensor, Tensor]:
        """The pair as 1 x 3 x 256 x 256 in [0, 1] and 1 x 1 x 256 x 256 on the engine's device."""
        picture = torch.from_numpy(blanked).to(self.device).permute(2, 0, 1).unsqueeze(0).float() / 255
        return picture, torch.from_numpy(hole).to(self.device)[None, None].float()


def load_engines(
    folder: Path = WEIGHTS,
    methods: Sequence[str] = METHODS,
    *,
    device: str = "cpu",
    threads: int | None = None,
    trusted: frozenset[str] | None = None,
) -> Mapping[str, Engine]:
    """An engine for every checkpoint of these methods that the folder holds as `<method>.safetensors`, by method.

    Raises CheckpointError where there is none at all, or one that does not load or is another method's.
    """
    engines: dict[str, Engine] = {}
    for method in methods:
        path = folder / f"{method}{checkpoints.SUFFIX}"
        if not path.exists():
            continue
        loaded = checkpoints.load(path, trusted)
        if loaded.card.method != method:
            raise CheckpointError(f"{path.name} is a checkpoint of {loaded.card.method}: name it so")
        engines[method] = Engine(loaded, device, threads)
    if not engines:
        raise CheckpointError(f"no checkpoint of {', '.join(methods)} lies in {folder}: train or convert one into it")
    return engines


def _bytes(output: Tensor) -> Pixels:
    """3 x H x W in [0, 1] as H x W x 3 bytes, truncated as the published codes do, so that p / 255 gives p again."""
    if not torch.isfinite(output).all():
        raise EngineError("the network's answer holds values that are no numbers")
    return (output.clamp(0, 1) * 255).to(torch.uint8).permute(1, 2, 0).numpy()


def _available(device: str) -> torch.device:
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise EngineError(f"the device {device} cannot be used here: {str(error).splitlines()[0]}") from error
    return torch.device(device)
