"""Every recipe learns; a run that was cut off ends where the uninterrupted one would have."""

from pathlib import Path

import pytest
import torch

from training.batches import batches
from training.faces import Faces
from training.loop import Run, train
from training.recipes import RECIPES
from training.settings import Settings, SettingsError, settings_from

METHODS = sorted(RECIPES)


def tiny(method: str, steps: int = 16, **phase: object) -> Settings:
    """A run that takes seconds: the smallest network, half-size pictures."""
    phases = [{"steps": steps, "size": 128, "batch": 2, "rate": 3e-3, "rate_end": 1e-3, **phase}]
    return settings_from(
        {
            "method": method,
            "seed": 3,
            "network": {"width": 0.0625},
            "discriminator_width": 0.0625,
            "discriminator_attention": False,
            "precision": "fp32",
            "phases": phases,
            "save_every": 3,
        }
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_recipe_learns_to_fill_holes(method: str, faces: Faces) -> None:
    settings = tiny(method)
    run = Run(settings)
    losses = [run.learn(batch, *settings.phase_at(run.step))["hole"] for batch in batches(faces, settings, workers=0)]
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


@pytest.mark.parametrize("method", METHODS)
def test_with_a_judge_every_player_moves(method: str, faces: Faces) -> None:
    settings = tiny(method, steps=1, weights={"adversarial": 0.1} | edge_weights(method))
    run = Run(settings)
    before = {name: parameter.clone() for name, parameter in run.recipe.players.named_parameters()}
    log = run.learn(next(batches(faces, settings, workers=0)), settings.phases[0], 0.0)
    moved = {
        name.split(".")[0] for name, value in run.recipe.players.named_parameters() if (value != before[name]).any()
    }
    assert moved == set(run.recipe.players)
    assert log["judge"] > 0


def edge_weights(method: str) -> dict[str, float]:
    return {"edge_adversarial": 0.1} if method == "edgeconnect" else {}


def test_a_run_cut_off_and_resumed_ends_with_the_same_bits(faces: Faces, tmp_path: Path) -> None:
    settings = tiny("lafin", steps=7)
    whole = train(settings, faces, tmp_path / "whole", workers=0)
    with pytest.raises(KeyboardInterrupt):
        train(settings, CutOff(faces, after=10), tmp_path / "cut", workers=0)
    resumed = train(settings, faces, tmp_path / "cut", workers=0)
    for one, other in zip(whole.average.state_dict().values(), resumed.average.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    players = zip(whole.recipe.players.state_dict().values(), resumed.recipe.players.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in players)


class CutOff(Faces):
    """Faces whose user presses Ctrl C after so many looks at one."""

    def __init__(self, faces: Faces, after: int) -> None:
        super().__init__(faces.images, faces.landmarks, faces.manifest_digest)
        object.__setattr__(self, "left", after)

    def __len__(self) -> int:
        object.__setattr__(self, "left", self.left - 1)
        if self.left < 0:
            raise KeyboardInterrupt
        return len(self.images)


def test_a_batch_depends_on_seed_and_step_alone(faces: Faces) -> None:
    settings = tiny("ctsdg", steps=5)
    straight = list(batches(faces, settings, workers=0))
    resumed = next(batches(faces, settings, start=3, workers=0))
    assert all(torch.equal(value, vars(straight[3])[name]) for name, value in vars(resumed).items())
    assert not torch.equal(straight[2].image, straight[3].image)


def test_a_term_the_recipe_does_not_know_is_refused_by_name(faces: Faces) -> None:
    settings = tiny("inclg", steps=1, weights={"styel": 1.0})
    with pytest.raises(SettingsError, match="'styel'"):
        Run(settings).learn(next(batches(faces, settings, workers=0)), settings.phases[0], 0.0)
