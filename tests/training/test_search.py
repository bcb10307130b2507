"""Rosa searches learning settings, is interrupted, and goes on where the search stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.trial import TrialState

from training import search as searching
from training.cli import main
from training.faces import Faces
from training.search import Machine, Space, parted, search, table
from training.settings import Settings

Tiny = Callable[..., Settings]
SPACE = Space(batch=(1, 2))


def test_two_trials_and_two_more_are_four(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    settings = tiny("lafin", 2)
    learning, held = parted(faces, 0.2)
    first = search(settings, learning, held, tmp_path, 2, SPACE, Machine(workers=0))
    values = {one.number: one.value for one in first.trials}
    again = search(settings, learning, held, tmp_path, 4, SPACE, Machine(workers=0))
    done = again.get_trials(states=[TrialState.COMPLETE])
    assert len(done) == 4
    assert {one.number: one.value for one in done if one.number in values} == values
    assert len({tuple(one.params.values()) for one in done}) == 4
    assert set(done[0].params) == {"batch", "decay", "landmarks", "rate"}
    rows = table(again).splitlines()[2:]
    assert [float(row.split(" | ")[1]) for row in rows] == sorted((round(one.value, 2) for one in done), reverse=True)


def test_a_trial_cut_off_goes_on_with_its_values(
    faces: Faces, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny("edgeconnect", 1)
    learning, held = parted(faces, 0.2)

    def cut(*given: object) -> float:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(searching, "held_out_psnr", cut)
        with pytest.raises(KeyboardInterrupt):
            search(settings, learning, held, tmp_path, 1, SPACE, Machine(workers=0))
    study = search(settings, learning, held, tmp_path, 1, SPACE, Machine(workers=0))
    begun, done = study.trials
    assert (begun.state, done.state) == (TrialState.FAIL, TrialState.COMPLETE)
    assert begun.params == done.params
    assert "landmarks" not in done.params
    assert len(list(tmp_path.glob("trial-*"))) == 1


def test_held_out_faces_are_not_learnt_from(faces: Faces) -> None:
    learning, held = parted(faces, 0.5)
    assert len(learning) + len(held) == len(faces)
    assert not {image.tobytes() for image in learning.images} & {image.tobytes() for image in held.images}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--trials", "0"], "--trials is 1 or more"),
        (["--trials", "1", "--rate", "1e-3", "1e-5"], "LOW HIGH"),
        (["--trials", "1", "--batches", "0"], "a batch is 1 or more"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(
    options: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = Path(__file__).parents[2] / "training" / "recipes" / "inclg-compact.toml"
    assert main(["search", str(recipe), str(tmp_path), str(tmp_path / "out"), *options]) == 2
    assert named in capsys.readouterr().err
