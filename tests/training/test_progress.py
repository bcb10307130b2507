"""Rosa watches a run: means of every ten steps in a log and on a board, and pictures of what it fills."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.data.batches import Samples, batches
from training.data.faces import Faces
from training.errors import CommandError
from training.loop import progress, train
from training.loop.run import Run
from training.settings import Settings

Tiny = Callable[..., Settings]
SMALL = {"size": 64}
GAP = 2  # Pixels between the pictures of a grid.


def rows(folder: Path) -> dict[int, dict[str, float]]:
    """The log: for each step that has a row, its parts."""
    found: dict[int, dict[str, float]] = {}
    with (folder / "log.csv").open(newline="", encoding="utf-8") as stream:
        for step, part, value in csv.reader(stream):
            found.setdefault(int(step), {})[part] = float(value)
    return found


def cells(grid: np.ndarray, side: int) -> np.ndarray:
    """The pictures of a grid: row, column, side, side, 3."""
    whole = side + GAP
    return np.array(
        [
            [grid[y + GAP : y + whole, x + GAP : x + whole] for x in range(0, grid.shape[1] - GAP, whole)]
            for y in range(0, grid.shape[0] - GAP, whole)
        ]
    )


def test_the_log_holds_the_mean_of_every_ten_steps(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    settings = tiny("inclg", 20, phase=SMALL)
    train(settings, faces, tmp_path, workers=0)
    run = Run(settings)
    each = [run.learn(batch, *settings.phase_at(run.step)) for batch in batches(faces, settings, workers=0)]
    for step, parts in rows(tmp_path).items():
        for part, value in parts.items():
            assert value == pytest.approx(np.mean([log[part] for log in each[step - 10 : step]]), rel=1e-4)
    assert sorted(rows(tmp_path)) == [10, 20]


def test_a_row_of_the_picture_is_given_answered_filled_and_true(faces: Faces, tiny: Tiny, tmp_path: Path) -> None:
    settings = tiny("inclg", 4, phase=SMALL, show_every=2)
    run = train(settings, faces, tmp_path, workers=0)
    assert [path.name for path in sorted((tmp_path / "samples").iterdir())] == ["0000002.png", "0000004.png"]
    with Image.open(tmp_path / "samples" / "0000004.png") as picture:
        given, answered, filled, truth = cells(np.asarray(picture), 64).swapaxes(0, 1)
    batch = Samples(faces, settings)[0]
    hole = batch.hole[:, 0].bool().numpy()
    assert np.array_equal(truth, (batch.image * 255).round().byte().permute(0, 2, 3, 1).numpy())
    assert (given[hole] == 255).all()
    assert np.array_equal(given[~hole], truth[~hole])
    with torch.inference_mode():
        answer = run.average(batch.image, batch.hole).image
    assert np.array_equal(answered, (answer * 255).round().byte().permute(0, 2, 3, 1).numpy())
    assert np.array_equal(filled, np.where(hole[..., None], answered, truth))


def test_at_most_four_samples_are_shown(faces: Faces, tiny: Tiny) -> None:
    settings = tiny("inclg", 1, phase={"size": 64, "batch": 6})
    grid = progress.sample_grid(Run(settings), Samples(faces, settings)[0])
    assert cells(grid, 64).shape == (4, 4, 64, 64, 3)


def test_the_board_says_what_the_log_says_also_after_a_run_was_resumed(
    faces: Faces, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="the extra `board` is not installed"
    )
    settings = tiny("inclg", 20, phase=SMALL, show_every=10, save_every=15)

    class CutOff(Run):
        """A run whose machine is switched off before its last step."""

        def learn(self, *given: object) -> dict[str, float]:  # type: ignore[override]
            if self.step == 19:
                raise KeyboardInterrupt
            return super().learn(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("training.loop.steps.Run", CutOff)
        with pytest.raises(KeyboardInterrupt):
            train(settings, faces, tmp_path, workers=0, board=True)
    train(settings, faces, tmp_path, workers=0, board=True)
    board = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    logged = rows(tmp_path)
    for part in logged[20]:
        shown = {event.step: event.value for event in board.Scalars(part)}
        assert shown == {step: pytest.approx(parts[part], rel=1e-4) for step, parts in logged.items()}
    assert [event.step for event in board.Images("samples")] == [10, 20]


def test_a_board_that_is_not_installed_is_refused_before_the_first_step(
    faces: Faces, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SummaryWriter", None)
    with pytest.raises(CommandError, match="pip install tensorboard"):
        train(tiny("inclg", 1, phase=SMALL), faces, tmp_path, workers=0, board=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("average", [0.0, 0.15, 0.999])
def test_the_averaged_weights_follow_by_hand(average: float, faces: Faces, tiny: Tiny) -> None:
    settings = tiny("inclg", 3, phase=SMALL, average=average)
    # (1 + n) / (10 + n) of the old average stays at step n of a phase, but never more than the setting says.
    stays = {0.0: (0.0, 0.0, 0.0), 0.15: (1 / 10, 0.15, 0.15), 0.999: (1 / 10, 2 / 11, 3 / 12)}[average]
    run = Run(settings)
    expected = {name: value.double() for name, value in run.average.state_dict().items()}
    for batch, keep in zip(batches(faces, settings, workers=0), stays, strict=True):
        run.learn(batch, *settings.phase_at(run.step))
        current = run.recipe.network.state_dict()
        expected = {name: keep * value + (1 - keep) * current[name] for name, value in expected.items()}
    for name, value in run.average.state_dict().items():
        assert torch.allclose(value.double(), expected[name], rtol=1e-5, atol=1e-7) or not value.is_floating_point()


def test_a_phase_begins_a_new_average(faces: Faces, tiny: Tiny) -> None:
    settings = tiny("inclg", 2, phase=SMALL)
    settings = replace(settings, phases=(settings.phases[0], replace(settings.phases[0], steps=1)))
    run = Run(settings)
    for batch in batches(faces, settings, workers=0):
        before = {name: p.clone() for name, p in run.average.named_parameters()}
        run.learn(batch, *settings.phase_at(run.step))
    for name, value in run.recipe.network.named_parameters():
        followed = dict(run.average.named_parameters())[name]
        assert torch.allclose(followed, 0.1 * before[name] + 0.9 * value, rtol=1e-5, atol=1e-7)
