"""Small networks, small cards and a face-like picture for the tests of inference."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import checkpoint
from inference.card import Card
from inference.networks import NETWORKS, InpaintingNetwork

SMALL = 0.125


def small_card(method: str = "edgeconnect", **changed) -> Card:
    """A card for a small network of any method; fields can be replaced."""
    fields = {
        "method": method,
        "config": {"width": SMALL},
        "manifest_digest": "ab" * 32,
        "settings": {"batch": 4},
        "commit": "0123abc",
        "metrics": {"psnr": 24.5},
        "licence": "CC0-1.0",
        "command": "python -m training run edgeconnect",
        "seed": 7,
    }
    return Card(**(fields | changed))


def small_network(method: str = "edgeconnect", **config) -> InpaintingNetwork:
    """A small network with fresh weights, the same in every run."""
    torch.manual_seed(7)
    return NETWORKS[method](**({"width": SMALL} | config))


@pytest.fixture
def make_card():
    return small_card


@pytest.fixture
def make_network():
    return small_network


@pytest.fixture(scope="session")
def saved_once(tmp_path_factory) -> Path:
    """A folder with small checkpoints of two methods, which no test may change."""
    folder = tmp_path_factory.mktemp("weights")
    for method in ("edgeconnect", "lafin"):
        checkpoint.save(folder / f"{method}.safetensors", small_network(method).state_dict(), small_card(method))
    return folder


@pytest.fixture
def weights(saved_once, tmp_path) -> Path:
    """A test's own copy of that folder."""
    return Path(shutil.copytree(saved_once, tmp_path / "weights"))


@pytest.fixture
def crop() -> np.ndarray:
    """A canonical crop, 256 x 256 x 3 bytes: an oval on a gradient."""
    rows, columns = np.mgrid[0:256, 0:256]
    oval = ((rows - 128) / 100) ** 2 + ((columns - 128) / 75) ** 2 < 1
    return np.stack([np.where(oval, 200, rows), np.where(oval, 160, columns), np.where(oval, 140, 90)], -1).astype(
        np.uint8
    )


@pytest.fixture
def hole() -> np.ndarray:
    """A hole over the mouth, 256 x 256 booleans."""
    hole = np.zeros((256, 256), dtype=bool)
    hole[150:200, 90:166] = True
    return hole


@pytest.fixture
def pair(crop, hole) -> tuple[torch.Tensor, torch.Tensor]:
    """The same as tensors: image 1 x 3 x 256 x 256 in [0, 1] and hole 1 x 1 x 256 x 256."""
    image = torch.from_numpy(crop).permute(2, 0, 1).unsqueeze(0).float() / 255
    return image, torch.from_numpy(hole)[None, None].float()
