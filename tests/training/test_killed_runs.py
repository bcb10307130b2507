"""A run that the machine ends, politely or not, goes on by the same command and ends with the same bits."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

ROOT = Path(__file__).parents[2]
STEPS = 40
PATIENCE = 240.0  # Seconds; on a busy machine torch alone takes a minute to load.
pytestmark = pytest.mark.slow

RECIPE = f"""
method = "inclg"
seed = 5
precision = "fp32"
discriminator_width = 0.0625
discriminator_attention = false
save_every = {{save_every}}
[network]
width = 0.0625
[[phases]]
steps = {STEPS}
size = 64
batch = 2
rate = 1e-3
weights = {{{{ adversarial = 0.1 }}}}
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, drawn_folder: Path) -> Path:
    """The folder of a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    process = begin(folder, drawn_folder)
    assert process.wait(PATIENCE) == 0
    return folder / "run"


@pytest.fixture
def disturbed(tmp_path: Path, drawn_folder: Path) -> Callable[..., "subprocess.Popen[bytes]"]:
    """Begins the same command in a folder of this test, saving every so many steps."""
    return lambda save_every=100: begin(tmp_path, drawn_folder, save_every)


def begin(folder: Path, faces: Path, save_every: int = 100) -> "subprocess.Popen[bytes]":
    """The command `train` as a user starts it, in a process group of its own."""
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(save_every=save_every))
    command = [sys.executable, "-m", "training", "train", str(recipe), str(faces), str(folder / "run")]
    with (folder / "said").open("ab") as said:
        return subprocess.Popen(
            [*command, "--threads", "1"], cwd=ROOT, stdout=said, stderr=said, start_new_session=True
        )


def rows_of(run: Path) -> list[list[str]]:
    """The whole rows of the log: step, part, value."""
    if not (run / "log.csv").exists():
        return []
    with (run / "log.csv").open(newline="", encoding="utf-8") as stream:
        return [row for row in csv.reader(stream) if len(row) == 3]


def logged(run: Path) -> list[int]:
    """The steps with rows in the log, each once."""
    return list(dict.fromkeys(int(row[0]) for row in rows_of(run)))


@contextmanager
def ended_after(process: "subprocess.Popen[bytes]", run: Path, step: int) -> Iterator[None]:
    """Wait for this step's rows, do what the block does, and see the process and its helpers gone."""
    try:
        until = time.monotonic() + PATIENCE
        while step not in logged(run):
            assert process.poll() is None, (run.parent / "said").read_text()
            assert time.monotonic() < until, "the run does not come to this step"
            time.sleep(0.02)
        yield
        process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def saved_step(run: Path) -> int:
    """The step of the saved state."""
    return int(torch.load(run / "state.pt", weights_only=True)["step"])


def assert_same(run: Path, other: Path) -> None:
    """Checkpoint, players and optimisers agree to the last bit, and so do the logs."""
    one, two = (load_file(folder / "inclg.safetensors") for folder in (run, other))
    assert one.keys() == two.keys()
    assert [name for name in one if not torch.equal(one[name], two[name])] == []
    states = [torch.load(folder / "state.pt", weights_only=True) for folder in (run, other)]
    for part in ("players", "optimisers", "random", "step"):
        assert flat(states[0][part]) == flat(states[1][part]), part
    assert rows_of(run) == rows_of(other)
    assert logged(run) == list(range(10, STEPS + 1, 10))


def flat(value: object) -> object:
    """Any nest of tensors as something that compares."""
    if isinstance(value, torch.Tensor):
        return value.numpy().tobytes()
    if isinstance(value, dict):
        return {key: flat(each) for key, each in value.items()}
    return [flat(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("whom", ["process", "group"])
def test_a_run_told_to_stop_saves_its_step_and_goes_on_with_the_same_bits(
    whom: str, disturbed: Callable[..., "subprocess.Popen[bytes]"], undisturbed: Path, tmp_path: Path
) -> None:
    process, run = disturbed(), tmp_path / "run"
    with ended_after(process, run, 10):
        (os.kill if whom == "process" else os.killpg)(process.pid, signal.SIGTERM)
    said = (tmp_path / "said").read_text()
    assert process.returncode == 130, said
    assert "the same command goes on where it stopped" in said
    # Nothing was due to be saved before the last step: what is there is the step that was under way.
    assert 10 <= saved_step(run) < STEPS
    assert not (run / "inclg.safetensors").exists()
    assert disturbed().wait(PATIENCE) == 0
    assert_same(run, undisturbed)


def test_a_run_killed_again_and_again_goes_on_with_the_same_bits(
    disturbed: Callable[..., "subprocess.Popen[bytes]"], undisturbed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    for step in (10, 30):
        process = disturbed(save_every=7)
        with ended_after(process, run, step):
            os.kill(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert saved_step(run) % 7 == 0
        assert step - 7 < saved_step(run) < STEPS
    assert disturbed(save_every=7).wait(PATIENCE) == 0
    assert_same(run, undisturbed)
