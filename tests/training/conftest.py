"""A handful of faces that are cheap to draw, where the renderer would take seconds, and settings of runs as cheap."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from training.cli import main
from training.data.faces import Faces
from training.manifest import entry, heading, write_table
from training.settings import Settings, read_settings, settings_from

RECIPES = Path(__file__).parents[2] / "training" / "recipes"


def drawn_face(number: int) -> tuple[np.ndarray, np.ndarray]:
    """A 256 x 256 picture with 68 landmarks spread over eyes, nose and mouth as on a face."""
    rng = np.random.default_rng(number)
    skin = rng.uniform(120, 220, 3)
    image = np.full((256, 256, 3), rng.uniform(20, 120, 3), np.float64)
    x, y = rng.uniform(120, 136, 2)
    cv2.ellipse(image, (round(x), round(y)), (80, 105), 0, 0, 360, skin.tolist(), -1)
    cv2.ellipse(image, (round(x), round(y + 45)), (30, 10), 0, 0, 360, (skin * [0.9, 0.5, 0.5]).tolist(), -1)
    points = np.zeros((68, 2))
    points[:17] = [[x - 75 + 9.4 * i, y + 100 - abs(i - 8) * 12] for i in range(17)]
    points[17:27] = [[x - 60 + 13 * i, y - 50] for i in range(10)]
    points[27:36] = [[x, y - 30 + 8 * i] for i in range(4)] + [[x - 14 + 7 * i, y + 12] for i in range(5)]
    points[36:48] = [[x - 48 + 6 * i + (36 if i > 5 else 0), y - 30] for i in range(12)]
    angles = np.linspace(np.pi, -np.pi, 12, endpoint=False)
    points[48:60] = np.stack([x + 30 * np.cos(angles), y + 45 - 10 * np.sin(angles)], 1)
    inner = np.linspace(np.pi, -np.pi, 8, endpoint=False)
    points[60:68] = np.stack([x + 24 * np.cos(inner), y + 45 - 4 * np.sin(inner)], 1)
    return image.astype(np.uint8), points.astype(np.float32)


@pytest.fixture(autouse=True)
def subnormal_numbers() -> Iterator[None]:
    """The commands flush subnormal numbers to zero in their process; the tests that come after want them back."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that is refused; returns the one line that it prints."""

    def said(*command: str) -> str:
        capsys.readouterr()
        assert main([*command]) == 2
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
        return line

    return said


@pytest.fixture(scope="session")
def faces() -> Faces:
    pictures = [drawn_face(number) for number in range(6)]
    return Faces(np.stack([p[0] for p in pictures]), np.stack([p[1] for p in pictures]), "0" * 64)


@pytest.fixture(scope="session")
def drawn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same faces as a folder like those of `synth --kind face`: pictures, landmarks, a manifest over both."""
    folder = tmp_path_factory.mktemp("drawn")
    listed = []
    for number in range(6):
        image, points = drawn_face(number)
        picture, record = folder / f"face-{number:06d}.png", folder / f"face-{number:06d}.json"
        Image.fromarray(image).save(picture)
        record.write_text(json.dumps({"files": {"image": {"name": picture.name}}, "landmarks": points.tolist()}))
        roles = {"image": picture, "landmarks": record}
        listed += [{**entry(folder, file.name), "role": role} for role, file in roles.items()]
    write_table(folder, {**heading("CC0-1.0", "drawn here"), "files": listed})
    return folder


@pytest.fixture(scope="session")
def prepared_folder(drawn_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same six faces as `prepare` leaves them: arrays; three to train with, two to validate, one to test."""
    folder = tmp_path_factory.mktemp("prepared")
    images, points = zip(*map(drawn_face, range(6)), strict=True)
    np.save(folder / "images.npy", np.stack(images))
    np.save(folder / "landmarks.npy", np.stack(points))
    splits = {"train": [0, 3], "valid": [3, 5], "test": [5, 6]}
    files = [entry(folder, name) for name in ("images.npy", "landmarks.npy")]
    write_table(folder, {**heading("CC0-1.0", "drawn"), "kind": "folder", "splits": splits, "files": files})
    return folder


@pytest.fixture
def mixed_folder(drawn_folder: Path, prepared_folder: Path, tmp_path: Path) -> Path:
    """A folder over both: `more` holds the drawn people, `arrays` the prepared ones."""
    folder = tmp_path / "mixed"
    shutil.copytree(drawn_folder, folder / "more")
    shutil.copytree(prepared_folder, folder / "arrays")
    return folder


def tiny_settings(method: str, steps: int = 16, *, phase: dict[str, Any] | None = None, **settings: Any) -> Settings:
    """One phase at half size, in full precision, with any settings changed."""
    first = {"steps": steps, "size": 128, "batch": 2, "rate": 3e-3, "rate_end": 1e-3, **(phase or {})}
    table = {
        "method": method,
        "seed": 3,
        "network": {"width": 0.0625},
        "discriminator_width": 0.0625,
        "discriminator_attention": False,
        "precision": "fp32",
        "phases": [first],
        "save_every": 3,
    }
    return settings_from(table | settings)


def published_settings(name: str, *changes: str, as_published: bool | None = None) -> Settings:
    """A published recipe on the smallest networks and drawn blocks, half size, two pictures a batch."""
    small = ("network.width=0.0625", "discriminator_width=0.0625", "phases.0.size=128", "phases.0.batch=2")
    drawn = ("show_every=0", "holes.files=0.0", "holes.masks=", "holes.block=1.0")
    return read_settings(RECIPES / f"{name}.toml", changes=(*small, *drawn, *changes), as_published=as_published)


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Settings]:
    return tiny_settings


@pytest.fixture(scope="session")
def published() -> Callable[..., Settings]:
    return published_settings
