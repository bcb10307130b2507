"""Batches are drawn as they always were: who repeats a recorded run sees the same pictures and holes, bit for bit."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from training.data.batches import Batch, Samples
from training.data.faces import Faces
from training.settings import read_settings

RECIPES = Path(__file__).parents[2] / "training" / "recipes"

# Taken from the code that trained the first compact checkpoints, over the drawn faces of this folder's conftest.
FIRST_SEEN = {
    "ctsdg": "ce14855b3abadd1470bf16831b711aeb6352429a2e64addef80429e16ef108df",
    "edgeconnect": "2b30efb1cebf9956625372b84750bf4b1378ec9127d6fc40982a9d5f22c4739f",
    "inclg": "2b30efb1cebf9956625372b84750bf4b1378ec9127d6fc40982a9d5f22c4739f",
    "lafin": "2b30efb1cebf9956625372b84750bf4b1378ec9127d6fc40982a9d5f22c4739f",
}


def digest(drawn: Sequence[Batch]) -> str:
    """SHA-256 over the pictures, holes and landmarks of these batches."""
    tensors = (tensor for batch in drawn for tensor in (batch.image, batch.hole, batch.landmarks))
    return hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest()


@pytest.mark.parametrize("method", sorted(FIRST_SEEN))
def test_a_compact_recipe_draws_what_it_always_drew(method: str, faces: Faces) -> None:
    settings = read_settings(RECIPES / f"{method}-compact.toml")
    phases = tuple(replace(phase, steps=1) for phase in settings.phases)
    samples = Samples(faces, replace(settings, phases=phases))
    assert digest([samples[step] for step in range(len(phases))]) == FIRST_SEEN[method]
