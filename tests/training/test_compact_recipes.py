"""The compact recipes mean what they meant when the demo's checkpoints were made: the same steps, the same numbers."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from inference.networks.layers import instance_norm
from training.data.batches import batches
from training.data.faces import Faces
from training.loop import Run
from training.settings import Settings, read_settings

COMPACT = sorted((Path(__file__).parents[2] / "training" / "recipes").glob("*-compact*.toml"))
ANSWERS = json.loads((Path(__file__).parent / "compact_answers.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, whatever the machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def shortened(path: Path) -> Settings:
    """The recipe with every phase cut to two steps or one, on the smallest networks, in full precision."""
    settings = read_settings(path)
    phases = tuple(dataclasses.replace(p, steps=2 if n == 0 else 1) for n, p in enumerate(settings.phases))
    network = {**settings.network, "width": 0.0625}
    return dataclasses.replace(settings, phases=phases, network=network, discriminator_width=0.0625, precision="fp32")


def digest(*tensors: torch.Tensor) -> str:
    """SHA-256 of the tensors' bytes."""
    content = hashlib.sha256()
    for tensor in tensors:
        content.update(tensor.detach().contiguous().numpy().tobytes())
    return content.hexdigest()


def kernels() -> str:
    """A digest of what this machine's kernels make of one convolution, one matrix product and one norm."""
    values = torch.linspace(-1, 1, 2 * 8 * 32 * 32).sin().view(2, 8, 32, 32)
    weights = torch.linspace(-1, 1, 8 * 8 * 9).cos().view(8, 8, 3, 3)
    rows = values.flatten(2)
    convolved = torch.nn.functional.conv2d(values, weights)
    return digest(convolved, torch.bmm(rows, rows.transpose(1, 2)), instance_norm(values))


def answer(path: Path, faces: Faces) -> dict[str, object]:
    """The losses of the last step and the digest of all that has learnt."""
    settings = shortened(path)
    run = Run(settings)
    log: dict[str, float] = {}
    for batch in batches(faces, settings, workers=0):
        log = run.learn(batch, *settings.phase_at(run.step))
    learnt = (*run.recipe.players.state_dict().values(), *run.average.state_dict().values())
    return {"losses": log, "digest": digest(*learnt)}


@pytest.mark.parametrize("path", COMPACT, ids=lambda path: path.stem)
def test_a_compact_recipe_trains_as_it_always_did(path: Path, faces: Faces) -> None:
    now, then = answer(path, faces), ANSWERS["recipes"][path.stem]
    # Adam's first steps go by the gradient's sign, which rounding turns where it is nearly nothing.
    assert now["losses"] == pytest.approx(then["losses"], rel=2e-2)
    # Other processors add in another order; where the kernels are the same, so is every bit.
    assert kernels() != ANSWERS["kernels"] or now["digest"] == then["digest"]


def test_an_answer_stands_for_every_compact_recipe() -> None:
    assert set(ANSWERS["recipes"]) == {path.stem for path in COMPACT}
