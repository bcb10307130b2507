"""A run of seconds as a program of its own, for tests that stop it, kill it, or start two of it as one."""

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import torch

from training.faces import Faces
from training.loop import train
from training.processes import joined


def shared() -> ModuleType:
    """The faces and settings of this folder's tests, which are no package."""
    spec = importlib.util.spec_from_file_location("shared", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_here(folder: Path, steps: int, batch: int) -> None:
    """Train EdgeConnect, which has no batch norm, in this process or as one of several."""
    torch.set_num_threads(1)
    tests = shared()
    pictures = [tests.drawn_face(number) for number in range(6)]
    faces = Faces(np.stack([p[0] for p in pictures]), np.stack([p[1] for p in pictures]), "0" * 64)
    weights = {"adversarial": 0.1, "edge_adversarial": 0.1}
    settings = tests.tiny_settings("edgeconnect", steps, phase={"batch": batch, "weights": weights}, save_every=1)
    with joined("cpu") as (processes, device):
        train(settings, faces, folder, device=device, workers=0, processes=processes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("steps", type=int)
    parser.add_argument("batch", type=int)
    given = parser.parse_args()
    try:
        run_here(given.folder, given.steps, given.batch)
    except KeyboardInterrupt:
        sys.exit(130)
