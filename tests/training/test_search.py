"""Rosa searches learning settings, is interrupted, and goes on where the search stopped."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from optuna.trial import TrialState

from training import search as searching
from training.cli import main
from training.commands import search as commanding
from training.data.faces import Faces
from training.data.opening import open_data
from training.errors import CommandError
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


def pictures(*parts: Faces) -> list[bytes]:
    """The pictures of these folders."""
    return [image.tobytes() for part in parts for image in part.images]


def test_held_out_faces_are_not_learnt_from(faces: Faces) -> None:
    learning, (held,) = parted(faces, 0.5)
    assert len(learning) + len(held) == len(faces)
    assert not {*pictures(learning)} & {*pictures(held)}


def test_of_a_mixture_every_folder_holds_faces_out_and_arrays_stay_on_the_disk(mixed_folder: Path, tiny: Tiny) -> None:
    tables = [{"kind": "synthetic", "path": "more", "share": 3.0}, {"kind": "folder", "path": "arrays"}]
    mixture = open_data(tiny("inclg", 1, data=tables), mixed_folder)
    learning, held = parted(mixture, 0.5)
    assert ([len(part) for part in learning.parts], [len(part) for part in held]) == ([3, 2], [3, 1])
    assert learning.shares == [3.0, 1.0]
    for kept, out, whole in zip(learning.parts, held, mixture.parts, strict=True):
        assert sorted(pictures(kept, out)) == sorted(pictures(whole))
    assert isinstance(learning.parts[1].images, np.memmap)
    assert isinstance(held[1].images, np.memmap)


def test_no_more_faces_are_held_out_than_a_trial_can_fill(faces: Faces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "HELD", 2)
    learning, (held,) = parted(faces, 0.5)
    assert (len(learning), len(held)) == (3, 2)


MIXED = """
method = "lafin"
precision = "fp32"
[network]
width = 0.0625
[[phases]]
steps = 1
size = 64
[[data]]
kind = "synthetic"
path = "more"
[[data]]
kind = "folder"
path = "arrays"
"""


def test_a_search_learns_from_the_folders_that_its_recipe_names(
    mixed_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def noted(settings: Settings, faces: object, held: object, *rest: object) -> NoReturn:
        seen.append((faces, held))
        raise CommandError("this is enough")

    monkeypatch.setattr(commanding, "search", noted)
    recipe = tmp_path / "mixed.toml"
    recipe.write_text(MIXED)
    command = ["search", str(recipe), str(mixed_folder), str(tmp_path / "out"), "--trials", "1"]
    assert main(command) == 2
    assert main([*command, "--held", str(mixed_folder / "arrays")]) == 2
    (learning, held), (all_faces, validating) = seen
    assert [len(part) for part in learning.parts] == [5, 2]
    assert [len(part) for part in held] == [1, 1]
    assert [len(part) for part in all_faces.parts] == [6, 3]
    assert [len(part) for part in validating] == [2]


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


def test_trials_of_other_settings_ranges_or_people_are_not_ranked_together(
    faces: Faces, tiny: Tiny, tmp_path: Path
) -> None:
    settings, machine = tiny("edgeconnect", 1), Machine(workers=0)
    learning, held = parted(faces, 0.2)
    search(settings, learning, held, tmp_path, 1, SPACE, machine)
    for differing, changed in (
        ("settings", (tiny("edgeconnect", 2), learning, held, SPACE)),
        ("ranges", (settings, learning, held, Space(batch=(2,)))),
        ("people", (settings, learning, [replace(held[0], manifest_digest="1" * 64)], SPACE)),
    ):
        other, people, out, space = changed
        with pytest.raises(CommandError, match=f"was begun with other {differing}"):
            search(other, people, out, tmp_path, 2, space, machine)
    assert len(search(settings, learning, held, tmp_path, 1, SPACE, machine).trials) == 1
