"""Two processes that torchrun starts learn together what one learns from the whole batch."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.cli import main

ROOT = Path(__file__).parents[2]
RECIPE = """
method = "edgeconnect"
seed = 5
precision = "fp32"
discriminator_width = 0.0625
[network]
width = 0.0625
[[phases]]
steps = 10
size = 64
batch = BATCH
rate = 1e-6
weights = { adversarial = 0.1, matching = 0.1, edge_adversarial = 0.1, edge_matching = 0.1 }
"""


def arguments(folder: Path, faces: Path, batch: int = 4) -> list[str]:
    """The command `train` for this batch, its recipe written beside the run."""
    folder.mkdir()
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.replace("BATCH", str(batch)))
    return ["train", str(recipe), str(faces), str(folder / "run"), "--threads", "1", "--workers", "0"]


def losses(folder: Path) -> dict[str, float]:
    """The row of the tenth step: the mean of every part over ten steps."""
    with (folder / "run" / "log.csv").open(newline="", encoding="utf-8") as stream:
        rows = [(int(step), part, float(value)) for step, part, value in csv.reader(stream)]
    assert [step for step, _, _ in rows] == [10] * len(rows)
    return {part: value for _, part, value in rows}


def weights(folder: Path) -> torch.Tensor:
    """The weights of all players as one vector."""
    players = torch.load(folder / "run" / "state.pt", weights_only=True)["players"]
    return torch.cat([value.flatten() for name, value in players.items() if name.endswith("weight")])


def gradients(folder: Path) -> torch.Tensor:
    """The mean gradients that Adam remembers, of all players, as one vector."""
    optimisers = torch.load(folder / "run" / "state.pt", weights_only=True)["optimisers"].values()
    return torch.cat([kept["exp_avg"].flatten() for one in optimisers for kept in one["state"].values()])


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_from_the_whole_batch(drawn_folder: Path, tmp_path: Path) -> None:
    one, two, less = (tmp_path / name for name in ("one", "two", "less"))
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "training"]
    done = subprocess.run(
        [*start, *arguments(two, drawn_folder)], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr
    assert main(arguments(one, drawn_folder)) == 0
    assert main(arguments(less, drawn_folder, batch=2)) == 0
    assert losses(two) == pytest.approx(losses(one), rel=1e-3)
    assert losses(less) != pytest.approx(losses(one), rel=1e-3)
    same, other = (torch.cosine_similarity(gradients(run), gradients(one), dim=0) for run in (two, less))
    assert same > 0.999
    assert other < 0.99
    # Adam's first steps are as large as the rate whatever the gradient: rounding turns a few that are nearly nothing.
    near, far = (float((weights(run) - weights(one)).abs().mean()) for run in (two, less))
    assert near < 0.1 * far
