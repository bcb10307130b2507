"""The published recipes say what the published codes do, and each of them learns."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from training.data.batches import batches
from training.data.faces import Faces
from training.loop.run import Run
from training.settings import Settings, SettingsError, read_settings

RECIPES = Path(__file__).parents[2] / "training" / "recipes"
Published = Callable[..., Settings]

# What must fall in a dozen steps.
FALLING: Mapping[str, str] = {
    "ctsdg": "missing",
    "ctsdg-finetune": "missing",
    "edgeconnect-edge": "edge_matching",
    "edgeconnect-inpaint": "l1",
    "edgeconnect-joint": "l1",
    "inclg": "l1",
    "lafin-inpaint": "l1",
    "lafin-landmarks": "landmarks",
}
QUICK = ("phases.0.rate=3e-3", "phases.0.discriminator_rate=1e-4", "vgg.instead=nothing")


def test_every_published_recipe_is_tried() -> None:
    assert {path.stem for path in RECIPES.glob("*.toml") if "-compact" not in path.stem} == set(FALLING)


@pytest.mark.parametrize("name", sorted(FALLING))
def test_a_published_recipe_learns(name: str, faces: Faces, published: Published) -> None:
    settings = published(name, "phases.0.steps=12", "phases.0.milestones=[]", *QUICK)
    run = Run(settings)
    losses = [
        run.learn(batch, *settings.phase_at(run.step))[FALLING[name]] for batch in batches(faces, settings, workers=0)
    ]
    assert sum(losses[-3:]) < sum(losses[:3])


@pytest.mark.parametrize("name", sorted(FALLING))
def test_only_the_stage_of_a_recipe_moves(name: str, faces: Faces, published: Published) -> None:
    moving = {
        "lafin-landmarks": {"detector"},
        "lafin-inpaint": {"generator", "discriminator"},
        "edgeconnect-edge": {"edge_generator", "edge_discriminator"},
        "edgeconnect-inpaint": {"inpainter", "discriminator"},
    }
    settings = published(name, "vgg.instead=nothing")
    run = Run(settings)
    before = {key: parameter.clone() for key, parameter in run.recipe.players.named_parameters()}
    run.learn(next(batches(faces, settings, workers=0)), *settings.phase_at(0))
    moved = {key.split(".")[0] for key, value in run.recipe.players.named_parameters() if (value != before[key]).any()}
    assert moved == moving.get(name, set(run.recipe.players))


def test_inclgs_rate_falls_at_the_published_steps() -> None:
    phase = read_settings(RECIPES / "inclg.toml").phases[0]
    assert phase.rates(19_999) == (phase.rate, phase.discriminator_rate)
    assert phase.rates(20_000) == pytest.approx((phase.rate * 0.78, phase.discriminator_rate * 0.78))
    assert phase.rates(phase.steps - 1)[0] == pytest.approx(phase.rate * 0.78**6)


def test_finetuning_keeps_the_statistics_of_its_batch_norms(faces: Faces, published: Published) -> None:
    settings = published("ctsdg-finetune", "vgg.instead=nothing")
    run = Run(settings)
    norms = [module for module in run.recipe.network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    before = [norm.running_mean.clone() for norm in norms]
    run.learn(next(batches(faces, settings, workers=0)), *settings.phase_at(0))
    assert all(torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, before, strict=True))


@pytest.mark.parametrize(
    ("changes", "gated", "landmarks"),
    [
        (("network.gated=false", "network.landmarks=false"), False, False),
        (("network.gated=false",), False, True),
        ((), True, True),
    ],
)
def test_the_ablation_is_two_switches(
    changes: tuple[str, ...], gated: bool, landmarks: bool, published: Published
) -> None:
    run = Run(published("inclg", *changes, "vgg.instead=nothing"))
    assert run.recipe.network.config == {"width": 0.0625, "gated": gated, "landmarks": landmarks}


def test_a_change_reaches_the_settings() -> None:
    changes = ("phases.0.weights.style=0.1", "phases.0.batch=1", "network.gated=false", "stage=")
    settings = read_settings(RECIPES / "inclg.toml", changes=changes)
    assert settings.phases[0].weights["style"] == 0.1
    assert settings.phases[0].batch == 1
    assert settings.network["gated"] is False


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("network.gated", "key=value"),
        ("phases.1.batch=2", "none of 0 to 0"),
        ("seed.deeper=2", "no single setting"),
        ("phases.0.batch=many", "batch cannot be 'many'"),
        ("sede=2", "'sede'"),
        ("contest.order=first", "'first' is none of"),
        ("faults=['folded-gray']", "no fault of inclg"),
        ("phases.0.steps=0", "1 or more"),
        ("flip=1", "flip cannot be 1"),
    ],
)
def test_a_change_that_cannot_be_made_is_named(change: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(RECIPES / "inclg.toml", changes=[change])
