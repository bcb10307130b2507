"""Rosa asks for networks that cannot be built or cannot learn: one line says what to change, before the first step."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from training.cli import main
from training.data.batches import batches
from training.data.faces import Faces
from training.loop import Run
from training.loop.processes import Processes
from training.settings import Settings, SettingsError

RECIPES = Path(__file__).parents[2] / "training" / "recipes"
SMALL = ("network.width=0.125", "discriminator_width=0.125", "phases=[{steps=1,size=128,batch=2}]")


def refused(capsys: pytest.CaptureFixture[str], folder: Path, out: Path, method: str, *more: str) -> str:
    changes = [part for change in (*SMALL, *more) for part in ("--set", change)]
    assert main(["train", str(RECIPES / f"{method}-compact.toml"), str(folder), str(out), *changes]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "change", "said"),
    [
        ("inclg", "network.width=2.0", "width lies above 0 and at most at 1, the published size, not at 2.0"),
        ("inclg", "network.width='wide'", "not at 'wide'"),
        ("inclg", "network.folded=true", "unknown key 'folded'; known are gated, landmarks, width"),
        ("inclg", "network.gated=1", "gated is true or false, not 1"),
        ("inclg", "phases.0.size=66", "size 66 does not fit inclg; take a multiple of 4 from 32 on"),
        ("inclg", "phases.0.size=16", "size 16 does not fit inclg"),
        ("ctsdg", "phases.0.size=64", "size 64 does not fit ctsdg; take a multiple of 128 from 32 on"),
        ("ctsdg", "phases.0.batch=1", "at size 128 batch norms need two pictures at once"),
        ("ctsdg", "accumulate=2", "at size 128 batch norms need two pictures at once"),
        ("lafin", "phases=[{steps=1,size=32,batch=1}]", "at size 32 batch norms need two pictures at once"),
    ],
)
def test_one_line_says_what_to_change(capsys, prepared_folder, tmp_path, method: str, change: str, said: str) -> None:
    message = refused(capsys, prepared_folder, tmp_path / "run", method, change)
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    assert said in message


def test_a_folder_that_cannot_be_made_is_named(capsys, prepared_folder, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in refused(capsys, prepared_folder, tmp_path / "file" / "run", "inclg")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--threads", "0"), "--threads is 1 or more"),
        (("--workers", "-1"), "--workers 0 or more"),
        (("--device", "tpu"), "choose cpu or cuda"),
    ],
)
def test_a_machine_that_is_none_is_refused(capsys, prepared_folder, tmp_path, option, said: str) -> None:
    recipe = str(RECIPES / "inclg-compact.toml")
    assert main(["train", recipe, str(prepared_folder), str(tmp_path / "run"), *option]) == 2
    assert said in capsys.readouterr().err


def test_compiling_without_a_compiler_is_refused(capsys, prepared_folder, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = refused(capsys, prepared_folder, tmp_path / "run", "inclg", "compile=true")
    assert "torch needs one of g++, clang++" in message


def test_a_batch_that_no_trial_could_learn_from_is_refused_before_the_first_trial(capsys, prepared_folder, tmp_path):
    changes = [part for change in SMALL for part in ("--set", change)]
    recipe = str(RECIPES / "ctsdg-compact.toml")
    trials = ["--trials", "1", "--batches", "2", "1"]
    assert main(["search", recipe, str(prepared_folder), str(tmp_path / "run"), *changes, *trials]) == 2
    assert "batch norms need two pictures at once" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_batch_that_processes_cannot_share_is_refused(tiny: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="a batch of 6 has no 4 equal parts"):
        Run(tiny("ctsdg", 1, phase={"batch": 6}), processes=Processes(0, 4))
    with pytest.raises(SettingsError, match="at size 128 batch norms need two pictures at once"):
        Run(tiny("ctsdg", 1, phase={"batch": 2}), processes=Processes(0, 2))


def test_a_term_that_no_recipe_knows_is_refused_before_the_first_step(tiny: Callable[..., Settings]) -> None:
    settings = tiny("inclg", 1)
    later = replace(settings.phases[0], weights={"adversaril": 0.1})
    with pytest.raises(SettingsError, match="unknown term 'adversaril'"):
        Run(replace(settings, phases=(*settings.phases, later)))


def test_an_order_that_a_method_does_not_have_is_refused(tiny: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match="'together' is no order of ctsdg; choose judge_first or generator_first"):
        Run(tiny("ctsdg", 1, contest={"order": "together"}))


def test_nothing_to_learn_from_is_refused(faces: Faces, tiny: Callable[..., Settings]) -> None:
    weights = {"hole": 0.0, "valid": 0.0, "bands": 0.0, "variation": 0.0, "landmarks": 0.0}
    settings = tiny("inclg", 1, phase={"weights": weights})
    with pytest.raises(SettingsError, match="must be above 0, else nothing is learnt from"):
        Run(settings).learn(next(batches(faces, settings, workers=0)), settings.phases[0], 0.0)
