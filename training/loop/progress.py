"""What a person sees of a run: the bar, log.csv, pictures of a few samples, and TensorBoard where it is asked for.

From training.loop into the run's folder; only the first of several processes shows anything.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid
from tqdm import tqdm

from inference.networks import composited, filled_white
from training.data.batches import Batch
from training.errors import CommandError
from training.loop.run import Run

try:
    from torch.utils.tensorboard import SummaryWriter
except ImportError:
    SummaryWriter = None  # type: ignore[assignment, misc]

LOG_EVERY = 10
SHOWN = 4


class Progress:
    """The folder's log, pictures and board, from the run's step on; later rows of a run cut off are forgotten."""

    def __init__(self, run: Run, folder: Path, *, board: bool = False) -> None:
        """Raises CommandError for a log that is none, and for a board where TensorBoard is not installed."""
        if board and SummaryWriter is None:
            raise CommandError(
                "TensorBoard is not installed; run `pip install tensorboard`, or leave --tensorboard out"
            )
        self.run, self.folder, self.steps = run, folder, run.settings.steps
        if run.processes.first:
            forget_after(folder / "log.csv", run.step)
        self.bar = tqdm(
            total=self.steps, initial=run.step, desc=run.settings.method, unit="step", mininterval=5,
            disable=not run.processes.first,
        )  # fmt: skip
        self.board: Any = None
        if board and run.processes.first:
            self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=run.step + 1)

    def note(self, log: Mapping[str, float]) -> None:
        """Count a step; of every ten, and of what is left at the end, the mean goes into the log and onto the board.

        What each process notes of its own share of a batch is averaged over all of them.
        """
        self.bar.update()
        self.run.recent.append(log)
        if self.run.step % LOG_EVERY and self.run.step != self.steps:
            return
        log, self.run.recent = self._means(), []
        if not self.run.processes.first:
            return
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in log.items()}, refresh=False)
        write_log(self.folder / "log.csv", self.run.step, log)
        if self.board is not None:
            for name, value in log.items():
                self.board.add_scalar(name, value, self.run.step)

    def _means(self) -> dict[str, float]:
        """Every part's mean over the steps noted since the last row, and over all processes."""
        recent = self.run.recent
        names = sorted({name for log in recent for name in log})
        found = [[log[name] for log in recent if name in log] for name in names]
        means = torch.tensor([sum(values) / len(values) for values in found], device=self.run.device)
        self.run.processes.average([means])
        return dict(zip(names, means.tolist(), strict=True))

    def show(self, batch: Batch) -> None:
        """Write what the averaged network makes of the batch's first samples: given, answered, filled, truth."""
        if not self.run.processes.first:
            return
        grid = sample_grid(self.run, batch)
        target = self.folder / "samples"
        target.mkdir(exist_ok=True)
        Image.fromarray(grid).save(target / f"{self.run.step:07d}.png")
        if self.board is not None:
            self.board.add_image("samples", grid, self.run.step, dataformats="HWC")

    def close(self) -> None:
        """Finish the bar and the board's file."""
        self.bar.close()
        if self.board is not None:
            self.board.close()


def sample_grid(run: Run, batch: Batch) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Four pictures a row, at most four rows, as bytes H x W x 3."""
    image, hole = batch.image[:SHOWN], batch.hole[:SHOWN]
    with torch.inference_mode():
        answer = run.average(image, hole).image
    rows = torch.stack((filled_white(image, hole), answer, composited(answer, image, hole), image), dim=1)
    picture: Tensor = make_grid(rows.flatten(0, 1).clamp(0, 1).float().cpu(), nrow=4)
    pixels: np.ndarray[Any, np.dtype[np.uint8]] = (picture.permute(1, 2, 0) * 255).round().byte().numpy()
    return pixels


def write_log(file: Path, step: int, log: Mapping[str, float]) -> None:
    """Append one row per loss part: step, part, value."""
    with file.open("a", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows((step, name, f"{value:.6g}") for name, value in log.items())


def forget_after(file: Path, step: int) -> None:
    """Drop the rows of steps that a run cut off had logged but not saved: it will write them again.

    Raises CommandError for a file that is no log.
    """
    if not file.exists():
        return
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            kept = [row for row in csv.reader(stream) if len(row) == 3 and int(row[0]) <= step]
    except ValueError as error:
        raise CommandError(f"{file} is not the log of a run; move it away to go on") from error
    partial = file.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(kept)
    partial.replace(file)
