"""Batches are drawn as they always were: who repeats a recorded run sees the same pictures and holes, bit for bit."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from training.batches import Batch, Samples
from training.faces import Faces
from training.settings import read_settings

RECIPES = Path(__file__).parents[2] / "training" / "recipes"

# Taken from the code that trained the first compact checkpoints, over the drawn faces of this folder's conftest.
FIRST_SEEN = {
    "ctsdg": "806a1d354a5d92d8f46d15a6131052d30c9bd826454fde4d57758a8d5e0fd446",
    "edgeconnect": "52b343c8dc12ccc8ea0a8eb3ed8d00fb5579d4218e6e3e5552d680a9104a7732",
    "inclg": "b77d6305f421f76af0bfd4e5e74bc1ce522aac774929cf684d70b93416ec04ce",
    "lafin": "950ffa32b0c797150f5e8febd039833db0e14f1279e6410e3aa7c20a162dca1c",
}


def digest(drawn: Sequence[Batch]) -> str:
    """SHA-256 over the pictures, holes and landmarks of these batches."""
    tensors = (tensor for batch in drawn for tensor in (batch.image, batch.hole, batch.landmarks))
    return hashlib.sha256(b"".join(tensor.numpy().tobytes() for tensor in tensors)).hexdigest()


@pytest.mark.parametrize("method", sorted(FIRST_SEEN))
def test_a_compact_recipe_draws_what_it_always_drew(method: str, faces: Faces) -> None:
    samples = Samples(faces, read_settings(RECIPES / f"{method}-compact.toml"))
    steps = (0, 1, len(samples) - 1)
    assert digest([samples[step] for step in steps]) == FIRST_SEEN[method]
