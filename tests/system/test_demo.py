"""The demo as one process after another tells it: tables come out, and nothing of a picture is left in the open.

The story runs once, with two patients, in a data folder and a temporary folder of its own. The same patients are then
drawn again from their seeds, so that it is known which bytes must not be found.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from PIL import Image

from clinic.config.demo.patients import HEIGHT, SEED, WIDTH
from inference.card import Card
from inference.checkpoint import save
from inference.contract import METHODS
from inference.engine import WEIGHTS
from inference.networks import NETWORKS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PATIENTS = 2
PATIENCE_SECONDS = 500
WINDOW = 24
FOUR_THINGS = {f"VERMILION_{name}" for name in ("BROKER_URL", "WORKER_KEYS", "PLATFORM_KEY", "CHECKPOINTS")}
CANARY = "a-secret-that-no-worker-is-told-0145"

# Everything that the vault of the demo opens, as raw bytes: photographs, crops, holes and results.
OPEN_ALL = """
import sys
import django
django.setup()
from clinic.cases import pictures
from clinic.cases.models import Case
from clinic.inpainting.results import picture, results_of
for case in Case.objects.order_by("created_at"):
    mask = case.current_mask
    opened = [pictures.photograph(case.photograph), pictures.canonical(mask.crop), pictures.hole(mask)]
    for pixels in [*opened, *(picture(result) for result in results_of(case).values())]:
        sys.stdout.buffer.write(pixels.tobytes())
"""


@dataclass(frozen=True)
class Patient:
    """A patient drawn again from the seed: the files as they were uploaded, and what the vault holds of them."""

    photograph_file: bytes
    mask_file: bytes
    photograph: NDArray[np.uint8]
    crop: NDArray[np.uint8]
    hole: NDArray[np.bool_]
    results: tuple[NDArray[np.uint8], ...]


@dataclass
class Told:
    """The story as it was told: what it printed and left behind, and what was overheard meanwhile."""

    data: Path
    temporary: Path
    exit_code: int = -1
    printed: str = ""
    worker_environment: dict[str, str] = field(default_factory=dict)
    messages: dict[str, bytes] = field(default_factory=dict)


def checkpoints(folder: Path) -> Path:
    """The checkpoints that ship, or, before they do, four tiny networks that have learnt nothing."""
    if all((WEIGHTS / f"{method}.safetensors").exists() for method in METHODS):
        return WEIGHTS
    for method in METHODS:
        torch.manual_seed(0)
        network = NETWORKS[method](width=0.0625)
        card = Card(method, network.config, None, {}, "none", {}, "MIT", "none", 0)
        save(folder / f"{method}.safetensors", network.state_dict(), card)
    return folder


def environment(data: Path, **more: str) -> dict[str, str]:
    """What the story's processes are told."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "VERMILION_DATA": str(data), "VERMILION_SECRET_KEY": CANARY, **more}


def overhear(told: Told) -> None:
    """Read what lies on the broker now, and the environment of the GPU worker once it runs."""
    for message in (told.data / "broker").glob("*.msg"):
        try:
            told.messages.setdefault(message.name.partition(".")[0], message.read_bytes())
        except FileNotFoundError:
            continue  # taken between the two looks
    if not told.worker_environment:
        told.worker_environment = next(worker_environments(told.data), {})


def worker_environments(data: Path) -> Iterator[dict[str, str]]:
    """The environments of running GPU workers whose keys lie in this data folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"inference\0worker" in (process / "cmdline").read_bytes():
                entries = (process / "environ").read_text().strip("\0").split("\0")
                found = dict(entry.split("=", 1) for entry in entries if "=" in entry)
                if found.get("VERMILION_WORKER_KEYS", "").startswith(str(data)):
                    yield found
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Run the demo to its end, listening to its broker."""
    story = Told(tmp_path_factory.mktemp("demo") / "data", tmp_path_factory.mktemp("temporary"))
    weights = checkpoints(tmp_path_factory.mktemp("checkpoints"))
    command = [sys.executable, "manage.py", "demo", "--no-serve", "--patients", str(PATIENTS)]
    surroundings = environment(story.data, VERMILION_CHECKPOINTS=str(weights), TMPDIR=str(story.temporary))
    printed = tmp_path_factory.mktemp("printed") / "story.txt"
    with printed.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=stream, stderr=stream)
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                overhear(story)
                time.sleep(0.02)
        finally:
            process.terminate()
            story.exit_code = process.wait(30)
    story.printed = printed.read_text()
    return story


@pytest.fixture(scope="module")
def patients(told: Told, tmp_path_factory: pytest.TempPathFactory) -> list[Patient]:
    """The story's patients, drawn again from their seeds, with what the vault opens of each."""
    assert told.exit_code == 0, told.printed
    folder = tmp_path_factory.mktemp("again")
    command = [sys.executable, "-m", "training", "synth", "--kind", "cleft", "--framing", "portrait", "--workers", "1"]
    seeds = ["--n", str(PATIENTS), "--seed", str(SEED), "--size", f"{WIDTH}x{HEIGHT}"]
    subprocess.run([*command, *seeds, str(folder)], cwd=ROOT, env=environment(told.data), check=True)
    vault = subprocess.run(
        [sys.executable, "-c", OPEN_ALL],
        cwd=ROOT,
        env=environment(told.data, DJANGO_SETTINGS_MODULE="clinic.config.settings"),
        stdout=subprocess.PIPE,
        check=True,
    )
    opened = BytesIO(vault.stdout)
    found = [patient(folder, json.loads(record.read_text()), opened) for record in sorted(folder.glob("cleft-*.json"))]
    assert opened.read() == b""
    return found


def patient(folder: Path, record: dict[str, dict[str, dict[str, str]]], opened: BytesIO) -> Patient:
    """Put one patient's files and what the vault opened next together."""

    def pixels(*shape: int) -> NDArray[np.uint8]:
        return np.frombuffer(opened.read(int(np.prod(shape))), np.uint8).reshape(shape)

    files = {role: (folder / file["name"]).read_bytes() for role, file in record["files"].items()}
    return Patient(
        files["image"],
        files["mask"],
        pixels(HEIGHT, WIDTH, 3),
        pixels(256, 256, 3),
        pixels(256, 256).astype(bool),
        tuple(pixels(256, 256, 3) for _ in METHODS),
    )


def windows(*contents: bytes) -> NDArray[np.uint64]:
    """Every stretch of 24 bytes, one after the other, as three numbers, sorted; plain ones are left out."""
    rows = [np.frombuffer(content, np.uint8)[: len(content) // WINDOW * WINDOW] for content in contents]
    cut = np.concatenate(rows).reshape(-1, WINDOW)
    ordered = np.sort(cut[:, :8], axis=1)
    telling = cut[(ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) >= 3].view(np.uint64)
    return telling[np.argsort(telling[:, 0])]


def finds(content: bytes, sought: NDArray[np.uint64]) -> bool:
    """Whether any sought window stands in the content, at whatever place."""
    firsts = sought[:, 0]
    for shift in range(min(8, len(content) - WINDOW)):
        numbers = np.frombuffer(content[shift : len(content) - (len(content) - shift) % 8], np.uint64)
        begin, end = np.searchsorted(firsts, numbers, "left"), np.searchsorted(firsts, numbers, "right")
        for place in np.flatnonzero(begin < end):
            start = shift + 8 * int(place)
            here = content[start : start + WINDOW]
            if any(window.tobytes() == here for window in sought[begin[place] : end[place]]):
                return True
    return False


def everything(patients: Iterable[Patient]) -> NDArray[np.uint64]:
    """What must not be found: uploads, decoded photographs and crops, grey holes and packed ones, results."""
    return windows(*(content for one in patients for content in plain(one)))


def plain(one: Patient) -> list[bytes]:
    """Every open form of a patient's pictures."""
    pictures = [one.photograph, one.crop, *one.results]
    grey = [np.ascontiguousarray(picture[..., channel]) for picture in pictures for channel in range(3)]
    return [one.photograph_file, one.mask_file, *(picture.tobytes() for picture in [*pictures, *grey])]


def holes(patients: Iterable[Patient]) -> list[bytes]:
    """Stretches of holes that nothing else would hold: three packed rows at the widest place, and an edge in grey."""
    found = []
    for one in patients:
        row = int(one.hole.sum(axis=1).argmax())
        found += [np.packbits(one.hole[row - 1 : row + 2]).tobytes(), (one.hole[row] * np.uint8(255)).tobytes()]
    return found


def files_below(*folders: Path) -> list[Path]:
    """Every file in these folders."""
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_a_folder_in_use_is_left_alone(data_folder: Path) -> None:
    (data_folder / "vault").mkdir()
    with pytest.raises(CommandError, match="Point VERMILION_DATA at an empty folder"):
        call_command("demo")


def test_a_demo_without_patients_is_refused(data_folder: Path) -> None:
    with pytest.raises(CommandError, match="--patients is 1 or more"):
        call_command("demo", patients=0)
    assert files_below(data_folder) == []


def test_a_demo_told_to_end_leaves_no_process_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "manage.py", "demo", "--no-serve", "--patients", "1"]
    surroundings = environment(data, VERMILION_CHECKPOINTS=str(checkpoints(tmp_path)), TMPDIR=str(tmp_path))
    with (tmp_path / "story.txt").open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=stream, stderr=stream)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(worker_environments(data)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)

    process.terminate()

    assert process.wait(60) == 143
    assert not any(worker_environments(data))


def test_the_story_ends_well_and_prints_its_tables(told: Told) -> None:
    assert told.exit_code == 0, told.printed
    assert "Valid probability" in told.printed
    assert "Average rank" in told.printed
    for name in ("INCLG", "EdgeConnect", "LaFIn", "CTSDG"):
        assert name in told.printed


def test_the_patients_drawn_again_are_those_in_the_vault(patients: list[Patient]) -> None:
    assert len(patients) == PATIENTS
    for one in patients:
        with Image.open(BytesIO(one.photograph_file)) as image:
            assert (np.asarray(image.convert("RGB")) == one.photograph).all()
        assert one.hole.any()
        for result in one.results:
            assert (result[~one.hole] == one.crop[~one.hole]).all()


def test_a_picture_that_lies_open_would_be_found(patients: list[Patient]) -> None:
    sought, one = everything(patients), patients[1]
    for open_bytes in (one.photograph_file, one.photograph.tobytes(), one.results[2].tobytes()):
        middle = len(open_bytes) // 2
        assert finds(b"a log line, then " + open_bytes[middle : middle + 200] + b" and more", sought)
    assert not finds(os.urandom(200_000), sought)


def test_no_picture_and_no_hole_lies_open_on_disk(told: Told, patients: list[Patient]) -> None:
    sought, bits = everything(patients), holes(patients)
    files = files_below(told.data, told.temporary)
    assert any(path.name == "vermilion.sqlite3" for path in files)
    assert any("vault" in path.parts for path in files)
    for path in files:
        content = path.read_bytes()
        assert not finds(content, sought), path
        assert [number for number, hole in enumerate(bits) if hole in content] == [], path


def test_nothing_is_left_in_the_temporary_folder(told: Told) -> None:
    assert [path for path in files_below(told.temporary) if path.suffix in {".png", ".jpg", ".json", ".msg"}] == []


def test_the_worker_is_told_four_things_and_no_secret(told: Told) -> None:
    overheard = told.worker_environment
    assert {name for name in overheard if name.startswith("VERMILION_")} == FOUR_THINGS
    assert "DJANGO_SETTINGS_MODULE" not in overheard
    for value in overheard.values():
        assert CANARY not in value
        assert "vault" not in value
        assert "sqlite" not in value


def test_what_crosses_the_broker_holds_neither_names_nor_pixels(told: Told, patients: list[Patient]) -> None:
    sought = everything(patients)
    assert len(told.messages) >= 4
    carried = [sealed(content) for content in told.messages.values()]
    assert {len(content) for content in carried} <= {205_080, 196_856}
    for message, content in zip(told.messages.values(), carried, strict=True):
        assert not finds(content, sought)
        assert not finds(message, sought)
        for name in (b"rosa@", b"demo.example", b"Demo Hospital", b"VM-000", b"Synthetic10"):
            assert name not in message
            assert name not in content


def sealed(message: bytes) -> bytes:
    """The sealed bytes in a message of the broker."""
    (encoded,), _, _ = json.loads(base64.b64decode(json.loads(message)["body"]))
    return base64.b64decode(encoded)
