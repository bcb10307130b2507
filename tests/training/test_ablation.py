"""Whether landmarks help is said from several seeds, with their spread, in one sentence that can be wrong."""

import pytest

from training.cli import main
from training.commands import ablate
from training.commands.ablate import variant_settings
from training.errors import CommandError
from training.manifest import read_manifest
from training.measures.ablation import VARIANTS, ablation_grid, conclusion, read_ablation, variant_of
from training.measures.questions import CLINICAL, questions_of
from training.settings import settings_from


def test_three_seeds_that_agree_say_that_landmarks_help() -> None:
    assert "help at this size: +0.50 dB" in conclusion("The landmarks", [0.4, 0.5, 0.6])


def test_three_seeds_that_agree_the_other_way_say_that_they_harm() -> None:
    assert "harm at this size: -0.50 dB" in conclusion("The landmarks", [-0.4, -0.5, -0.6])


def test_seeds_that_scatter_say_that_no_difference_shows() -> None:
    assert "make no difference that shows at this size: +0.20 dB" in conclusion("The landmarks", [-0.5, 0.3, 0.8])


def test_one_seed_says_nothing_of_chance() -> None:
    assert "says nothing of chance" in conclusion("The gates", [2.0])


def test_the_table_has_variants_seeds_mean_spread_and_both_conclusions() -> None:
    found = {"baseline": {1: 20.0, 2: 21.0}, "landmarks": {1: 20.4, 2: 21.6}, "gated": {1: 22.0, 2: 23.0}}
    grid = ablation_grid(found, "9 of held")
    assert grid.heads == ("variant", "seed 1, dB", "seed 2, dB", "mean ± spread")
    assert grid.rows[0] == ("baseline", "20.00", "21.00", "20.50 ± 0.71")
    assert [note.split()[1] for note in grid.notes] == ["landmarks", "gates"]


def test_a_seed_that_one_variant_lacks_is_not_compared() -> None:
    grid = ablation_grid({"baseline": {1: 20.0}, "landmarks": {1: 20.4, 2: 29.0}}, "9 of held")
    assert grid.notes == ("The landmarks: +0.40 dB from one seed, which says nothing of chance.",)
    assert grid.rows[0][2] == ""


def test_a_config_belongs_to_its_row_of_table_four() -> None:
    assert [variant_of(dict(config)) for config in VARIANTS.values()] == list(VARIANTS)
    assert variant_of({"width": 0.5}) == "gated"
    assert variant_of({"gated": True, "landmarks": False}) is None


def test_a_variant_changes_seed_and_switches_and_nothing_else() -> None:
    settings = settings_from({"method": "inclg", "network": {"width": 0.125}, "phases": [{"steps": 1}]})
    changed = variant_settings(settings, "baseline", 3)
    assert changed.network == {"width": 0.125, "gated": False, "landmarks": False}
    assert changed.seed == 3
    assert changed.phases == settings.phases


def test_a_folder_without_variants_is_refused_with_the_command_that_makes_them(tmp_path) -> None:
    with pytest.raises(CommandError, match="python -m training ablate"):
        read_ablation(tmp_path)


RECIPE = """
method = "inclg"
[network]
width = 0.125
[[phases]]
steps = 1
size = 32
batch = 1
"""


def test_rosa_trains_two_variants_reads_what_follows_and_trains_none_twice(
    tmp_path, monkeypatch, capsys, faces
) -> None:
    monkeypatch.setattr(ablate, "open_data", lambda settings, folder: faces)
    monkeypatch.setattr(ablate, "face_questions", lambda folder, limit, split: questions_of(faces, CLINICAL)[:limit])
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE)
    command = ["ablate", str(recipe), "faces", str(tmp_path / "out"), "--seeds", "1", "--held", "held", "--limit", "1"]
    command += ["--variants", "baseline", "landmarks", "--workers", "0", "--threads", "1"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "| baseline " in printed
    assert "The landmarks: " in printed
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.safetensors")}
    assert len(before) == 2
    assert main(command) == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before
    capsys.readouterr()
    assert main([*command, "--set", "phases.0.rate=2e-3"]) == 2
    assert "baseline-1/inclg.safetensors was trained with another phases" in capsys.readouterr().err
    assert main([*command, "--seeds", "1", "--variants", "baseline"]) == 0
    assert "| landmarks " not in capsys.readouterr().out


MIXED = """
[[data]]
kind = "synthetic"
path = "more"
share = 1.0
"""


def test_an_ablation_learns_from_the_folders_that_its_recipe_names(tmp_path, monkeypatch, mixed_folder, capsys) -> None:
    seen = []
    monkeypatch.setattr(ablate, "train_variant", lambda arguments, settings, faces, folder: seen.append(faces))
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE + MIXED)
    assert main(["ablate", str(recipe), str(mixed_folder), str(tmp_path / "out"), "--seeds", "1"]) == 0
    assert [len(faces) for faces in seen] == [6, 6, 6]
    assert seen[0].manifest_digest == read_manifest(mixed_folder / "more").digest
    assert main(["ablate", str(recipe), str(mixed_folder / "more"), str(tmp_path / "out")]) == 2
    assert "more/more is no folder" in capsys.readouterr().err


def test_a_setting_is_changed_for_all_variants(tmp_path, monkeypatch, drawn_folder) -> None:
    seen = []
    monkeypatch.setattr(ablate, "train_variant", lambda arguments, settings, faces, folder: seen.append(settings))
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE)
    command = ["ablate", str(recipe), str(drawn_folder), str(tmp_path / "out"), "--set", "phases.0.steps=7"]
    assert main([*command, "--seeds", "1", "2"]) == 0
    assert [settings.steps for settings in seen] == [7] * 6


def test_a_recipe_of_another_method_is_refused(tmp_path, capsys) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(RECIPE.replace("inclg", "lafin"))
    assert main(["ablate", str(recipe), "faces", str(tmp_path / "out")]) == 2
    assert "only INCLG has these switches" in capsys.readouterr().err
