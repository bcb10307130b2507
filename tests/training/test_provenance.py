"""A card says by which settings, from whose faces and by which code its weights were made, and of every run before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inference.checkpoint import load
from training.commands.train import card_of
from training.data.faces import Faces
from training.errors import CommandError
from training.loop import Run, origin, train
from training.recipes.inclg import INCLGRecipe
from training.settings import Settings, read_settings

Tiny = Callable[..., Settings]
OTHERS = "1" * 64
ROOT = Path(__file__).parents[2]
RECIPES, WEIGHTS = ROOT / "training" / "recipes", ROOT / "inference" / "weights"


@pytest.fixture
def begun(faces: Faces, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of four steps that was cut off after the second, its state saved."""

    class LostMachineError(Exception):
        """Stands for what ends a process."""

    class Once(Run):
        def learn(self, *arguments):
            if self.step == 2:
                raise LostMachineError
            return super().learn(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr("training.loop.steps.Run", Once)
        with pytest.raises(LostMachineError):
            train(tiny("inclg", 4, save_every=1), faces, tmp_path / "run", workers=0, command="train here")
    return tmp_path / "run"


def test_a_run_goes_on_with_the_faces_that_it_began_with_or_not_at_all(begun: Path, faces: Faces, tiny: Tiny) -> None:
    others = replace(faces, manifest_digest=OTHERS)
    with pytest.raises(CommandError, match="is of a run on other faces; give those it began with"):
        train(tiny("inclg", 4, save_every=1), others, begun, workers=0)
    finished = train(tiny("inclg", 4, save_every=1), faces, begun, workers=0, command="train there")
    assert card_of(finished).manifest_digest == faces.manifest_digest
    assert card_of(finished).command == "train here"


def test_every_revision_that_a_run_was_trained_by_is_named(
    begun: Path, faces: Faces, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = origin.revision()
    monkeypatch.setattr(origin, "revision", lambda: "later")
    finished = train(tiny("inclg", 4, save_every=1), faces, begun, workers=0)
    assert card_of(finished).commit == f"{first}, later"


def test_a_run_that_has_not_finished_is_no_start(begun: Path, faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="stands at step 2 of 4; let that run finish first"):
        train(tiny("inclg", 1), faces, tmp_path / "next", workers=0, start=begun)


def test_the_shipped_checkpoints_can_be_gone_on_from(faces: Faces, tmp_path: Path) -> None:
    for method in ("inclg", "edgeconnect", "lafin", "ctsdg"):
        steps = ("phases.0.steps=1", "phases.0.batch=2")
        settings = read_settings(RECIPES / f"{method}-compact-further.toml", changes=steps)
        start = WEIGHTS / f"{method}.safetensors"
        run = train(replace(settings, phases=settings.phases[:1]), faces, tmp_path / method, workers=0, start=start)
        before = load(start).card
        (*earlier, last) = card_of(run).settings["conditions"]["began_from"]
        assert earlier == before.settings["conditions"]["began_from"]
        assert last["checkpoint"] == before.sha256
        assert card_of(run).licence.startswith(before.licence)


def test_a_run_goes_on_with_the_start_that_it_began_with_or_none(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    once, more = tiny("inclg", 2), tiny("inclg", 3, phase={"rate": 1e-3})
    train(once, faces, tmp_path / "first", workers=0)
    train(once, faces, tmp_path / "other", workers=0)
    train(more, faces, tmp_path / "second", workers=0, start=tmp_path / "first")
    for start in (tmp_path / "first", None):
        train(more, faces, tmp_path / "second", workers=0, start=start)
    with pytest.raises(CommandError, match=r"began with .*first; leave --start out"):
        train(more, faces, tmp_path / "second", workers=0, start=tmp_path / "other")
    with pytest.raises(CommandError, match="began without --start"):
        train(once, faces, tmp_path / "first", workers=0, start=tmp_path / "other")


def test_a_card_names_the_faces_of_every_stage_and_each_licence_once(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    drawn, research = replace(faces, licence="CC0-1.0"), replace(faces, manifest_digest=OTHERS, licence="research only")
    first, second = tmp_path / "first", tmp_path / "second"
    train(tiny("lafin", 1, stage="landmarks"), research, first, workers=0, command="train the first")
    train(tiny("lafin", 1, stage="inpaint"), drawn, second, workers=0, start=first)
    card = card_of(train(tiny("lafin", 1), drawn, tmp_path / "third", workers=0, start=second))
    history = card.settings["conditions"]["began_from"]
    assert [earlier["manifest"] for earlier in history] == [OTHERS, faces.manifest_digest]
    assert history[0]["command"] == "train the first"
    assert card.licence == "MIT; trained on faces under research only; CC0-1.0"


def test_a_card_holds_every_loss_weight_of_every_phase(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    settings = tiny("inclg", 1, phase={"weights": {"rim": 2.0}})
    (weights,) = card_of(train(settings, faces, tmp_path, workers=0)).settings["conditions"]["weights"]
    assert weights["rim"] == 2.0
    assert weights["hole"] == 6.0
    assert weights.keys() == INCLGRecipe.weights.keys()
