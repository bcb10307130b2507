"""Settings come from one TOML file, and whatever is wrong in it is named."""

from pathlib import Path

import pytest

from training.recipes import RECIPES
from training.settings import SettingsError, read_settings

SHIPPED = sorted((Path(__file__).parents[2] / "training" / "recipes").glob("*.toml"))
GOOD = 'method = "inclg"\n[[phases]]\nsteps = 5\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_settings_can_be_obeyed(path: Path) -> None:
    settings = read_settings(path)
    recipe = RECIPES[settings.method](settings)
    assert all(recipe.weights_of(phase.weights) for phase in settings.phases)


def test_every_method_has_compact_settings() -> None:
    assert {read_settings(path).method for path in SHIPPED} == set(RECIPES)


def test_phases_follow_each_other() -> None:
    settings = read_settings(SHIPPED[0])
    first, second = settings.phases[:2]
    assert settings.phase_at(first.steps - 1)[0] is first
    assert settings.phase_at(first.steps) == (second, 0.0)
    with pytest.raises(IndexError):
        settings.phase_at(settings.steps)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("metod = 1\n" + GOOD, "'metod'"),
        (GOOD + "stpes = 3\n", "'stpes'"),
        ("precision = 'int8'\n" + GOOD, "int8"),
        ("method = 'inclg'\n", "phases"),
        (GOOD + "[holes]\nclinical = -1.0\n", "negative"),
        ("method = \n", "TOML"),
        ("[[phases]]\nsteps = 5\n", "method"),
        ("seed = -1\n" + GOOD, "seed: -1 must lie from 0"),
        ("average = 1.0\n" + GOOD, "average: 1.0 must lie from 0 to below 1"),
        ("colour = 1.5\n" + GOOD, "colour: 1.5 must lie from 0 to 1"),
        ("save_every = 0\n" + GOOD, "save_every: 0 is not 1 or more"),
        ("betas = [0.5]\n" + GOOD, "betas cannot be"),
        ("betas = [0.5, 'a']\n" + GOOD, "betas cannot be"),
        ("betas = [0.5, 1.0]\n" + GOOD, "betas: .* below 1"),
        (GOOD + "rate = -1.0\n", r"phases\[0\].rate: -1.0 is not 1e-12 or more"),
        (GOOD + "milestones = [5, 2]\n", "milestones: steps of the phase, each after the one before"),
        (GOOD + "weights = { hole = -1.0 }\n", r"phases\[0\].weights: a weight must not be negative"),
        (GOOD + "weights = { hole = 'x' }\n", "weights cannot be"),
        (GOOD + "weights = { hole = nan }\n", "weights cannot be"),
        (GOOD + "rate = inf\n", "rate cannot be"),
        ("method = 'inclg'\n[phases]\nsteps = 5\n", r"phases: must be a list of tables; write \[\[phases\]\]"),
        ("data = true\n" + GOOD, "data: must be a list of tables"),
        (GOOD + "[holes]\nthreshold = 255\n", "holes.threshold: 255 is a byte that some byte is above, 0 to 254"),
        (GOOD + "[holes]\nclinical = nan\n", "clinical cannot be"),
    ],
)
def test_a_fault_is_named(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        read_settings(tmp_path / "nowhere.toml")
