"""In fp16 a run scales its losses, learns what full precision learns, and steps over what overflows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.data.batches import batches
from training.data.faces import Faces
from training.loop import train
from training.loop.run import Run
from training.recipes import RECIPES
from training.settings import Settings

Tiny = Callable[..., Settings]
# CTSDG's pictures are multiples of 128 wide.
SMALL = {method: {"size": 128 if method == "ctsdg" else 64, "weights": {"adversarial": 0.1}} for method in RECIPES}


def begun(settings: Settings, faces: Faces, scale: float = 8.0) -> tuple[Run, dict[str, float]]:
    """A run after its first step, whose losses were scaled by this, with the parts of its loss."""
    run = Run(settings)
    if run.scaler.is_enabled():
        run.scaler.load_state_dict({**run.scaler.state_dict(), "scale": scale})
    return run, run.learn(next(batches(faces, settings, workers=0)), settings.phases[0], 0.0)


def gradient(run: Run) -> torch.Tensor:
    """All gradients as one vector; LaFIn's detector left out, whose batch norms see four numbers each here."""
    players = (player for name, player in run.recipe.players.items() if name != "detector")
    return torch.cat([p.grad.flatten() for player in players for p in player.parameters() if p.grad is not None])


@pytest.mark.parametrize("method", sorted(RECIPES))
def test_half_precision_finds_the_gradient_of_full_precision(method: str, faces: Faces, tiny: Tiny) -> None:
    settings = tiny(method, 1, phase=SMALL[method])
    full, plain = begun(settings, faces)
    half, log = begun(replace(settings, precision="fp16"), faces)
    assert log == pytest.approx(plain, rel=0.05, abs=1e-3)
    assert torch.cosine_similarity(gradient(half), gradient(full), dim=0) > 0.97
    assert float(gradient(half).norm() / gradient(full).norm()) == pytest.approx(1, abs=0.05)


def test_a_step_that_overflows_moves_no_weight_and_halves_the_scale(faces: Faces, tiny: Tiny) -> None:
    settings = tiny("inclg", 1, phase={"size": 64}, precision="fp16")
    fresh = [p.clone() for p in Run(settings).recipe.network.parameters()]
    run, _ = begun(settings, faces, scale=2.0**40)
    assert all(torch.equal(a, b) for a, b in zip(run.recipe.network.parameters(), fresh, strict=True))
    assert run.scaler.get_scale() == 2.0**39
    moved, _ = begun(settings, faces)
    assert not all(torch.equal(a, b) for a, b in zip(moved.recipe.network.parameters(), fresh, strict=True))


def test_a_run_in_half_precision_is_resumed_with_its_scale(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    settings = tiny("inclg", 6, phase={"size": 64}, precision="fp16")
    whole = train(settings, faces, tmp_path / "whole", workers=0)
    halted = replace(settings, phases=(replace(settings.phases[0], steps=3),))
    cut = train(halted, faces, tmp_path / "cut", workers=0)
    resumed = Run(settings)
    resumed.restore(cut.state())
    assert resumed.scaler.state_dict() == cut.scaler.state_dict() != Run(settings).scaler.state_dict()
    assert whole.scaler.get_scale() < 2.0**16, "a first step that overflows is part of this story"
