"""The figures of the published recipes, typed from the notes on the released codes and on the papers."""

from pathlib import Path
from typing import Any

import pytest

from training.settings import Settings, read_settings

RECIPES = Path(__file__).parents[2] / "training" / "recipes"

PICTURE = {"l1": 1, "perceptual": 0.1, "style": 250}
EDGES = {"edge_adversarial": 1, "edge_matching": 10}
CTSDG = {"missing": 60, "known": 10, "perceptual": 0.1, "style": 250, "intermediate": 1, "adversarial": 0.1}
FILES, HALF_FILES = {"files": 1.0}, {"block": 0.5, "files": 0.5}

# Rate, judge's rate, batch, steps, betas, decay, contest, flip, weights, holes, the byte above which a mask is hole.
FIGURES: dict[str, tuple[Any, ...]] = {
    "inclg": (
        2.92e-4, 2.92e-5, 4, 130_000, (0.0, 0.9), 0.0, "least_squares", False,
        {**PICTURE, "variation": 0.1, "landmarks": 4.6e-4, "adversarial": 0.01}, FILES, 100,
    ),
    "edgeconnect-edge": (1e-4, 1e-5, 8, 2_000_000, (0.0, 0.9), 0.0, "cross_entropy", True, EDGES, FILES, 0),
    "edgeconnect-inpaint": (
        1e-4, 1e-5, 8, 2_000_000, (0.0, 0.9), 0.0, "cross_entropy", True, {**PICTURE, "adversarial": 0.1}, FILES, 0,
    ),
    "edgeconnect-joint": (
        1e-4, 1e-5, 8, 2_000_000, (0.0, 0.9), 0.0, "cross_entropy", True,
        {**EDGES, **PICTURE, "adversarial": 0.1}, FILES, 0,
    ),
    "lafin-landmarks": (
        1e-4, 1e-5, 16, 1_300_000, (0.9, 0.999), 1e-6, "least_squares", True, {"landmarks": 1}, HALF_FILES, 0,
    ),
    "lafin-inpaint": (
        1e-4, 1e-5, 4, 1_300_000, (0.0, 0.9), 0.0, "least_squares", True,
        {**PICTURE, "variation": 0.1, "guided": 1, "adversarial": 0.01}, HALF_FILES, 0,
    ),
    "ctsdg": (2e-4, 2e-5, 6, 300_000, (0.9, 0.999), 0.0, "cross_entropy", False, CTSDG, FILES, 127),
    "ctsdg-finetune": (5e-5, 5e-6, 6, 300_000, (0.9, 0.999), 0.0, "cross_entropy", False, CTSDG, FILES, 127),
}  # fmt: skip


def figures_of(settings: Settings) -> tuple[Any, ...]:
    """What the file says, in the order of FIGURES; our own terms, which it sets to nothing, are left out."""
    (phase,) = settings.phases
    kinds = ("clinical", "strokes", "block", "files", "centre", "nothing")
    holes = {name: getattr(settings.holes, name) for name in kinds}
    return (
        phase.rate, phase.discriminator_rate, phase.batch, phase.steps, settings.betas, settings.weight_decay,
        settings.contest.loss, settings.flip, {name: value for name, value in phase.weights.items() if value},
        {name: share for name, share in holes.items() if share}, settings.holes.threshold,
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_recipes_figures_are_the_published_ones(name: str) -> None:
    settings = read_settings(RECIPES / f"{name}.toml")
    assert figures_of(settings) == FIGURES[name]
    assert (settings.precision, settings.average, settings.colour, settings.displaced) == ("fp32", 0.0, 0.0, 0.0)
    assert settings.network.get("width") == settings.discriminator_width == 1.0
    assert (settings.holes.per_group, settings.holes.held_per_group) == (3300, 200)
    assert settings.phases[0].size == 256


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_recipe_weighs_nothing_else(name: str) -> None:
    """Terms that a published code lacks are set to nothing by name, for the recipes' own defaults would add them."""
    (phase,) = read_settings(RECIPES / f"{name}.toml").phases
    if name not in ("edgeconnect-edge", "lafin-landmarks"):
        assert [phase.weights[term] for term in ("hole", "valid", "bands")] == [0, 0, 0]


def test_inclg_alone_lowers_its_rate_by_steps() -> None:
    for name in FIGURES:
        (phase,) = read_settings(RECIPES / f"{name}.toml").phases
        falling = ((20_000, 40_000, 60_000, 80_000, 100_000, 120_000), 0.78) if name == "inclg" else ((), 1.0)
        assert (phase.milestones, phase.factor, phase.rate_end) == (*falling, None)


def test_the_detector_alone_sees_coarse_pictures_and_channels_of_other_gains() -> None:
    for name in FIGURES:
        settings = read_settings(RECIPES / f"{name}.toml")
        expected = (0.3, 0.2) if name == "lafin-landmarks" else (0.0, 0.0)
        assert (settings.channels, settings.shrunk) == expected


def test_landmarks_are_whole_pixels_where_the_published_codes_store_them_so() -> None:
    whole = {name for name in FIGURES if read_settings(RECIPES / f"{name}.toml").whole_landmarks}
    assert whole == {"inclg", "lafin-landmarks", "lafin-inpaint"}


def test_finetuning_alone_freezes_batch_norms() -> None:
    frozen = {name for name in FIGURES if read_settings(RECIPES / f"{name}.toml").frozen_norm}
    assert frozen == {"ctsdg-finetune"}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_the_judge_sees_raw_output_in_the_published_order(name: str) -> None:
    contest = read_settings(RECIPES / f"{name}.toml").contest
    assert contest.shown == "output"
    assert contest.order == ("generator_first" if name.startswith("ctsdg") else "together")
