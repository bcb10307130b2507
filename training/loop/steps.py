"""The one training loop: it draws batches, has the run learn from each, saves, shows and resumes, and knows no method.

From settings and faces to a run's folder (`state.pt`, `log.csv`, `samples/`); training.commands.train finishes it.
"""

import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import torch

from training.data.batches import Samples, batches
from training.data.mixture import People
from training.errors import CommandError
from training.loop.origin import gone_on, origin_of
from training.loop.processes import ALONE, Processes
from training.loop.progress import Progress
from training.loop.run import Run, memory_format, placed
from training.loop.saving import begin, resume, save_state
from training.settings import Settings


def train(
    settings: Settings,
    faces: People,
    folder: Path,
    *,
    device: str = "cpu",
    workers: int = 1,
    processes: Processes = ALONE,
    start: Path | None = None,
    board: bool = False,
    command: str = "training.loop.train",
) -> Run:
    """Train to the last step, from the folder's state where there is one; interrupted, it can be called again.

    start: the folder of a finished run whose players this one begins with, or a checkpoint. command: what the card will
    say that made it. Raises CommandError for a folder or a start that is another run's and for a loss that is no number
    any more, SettingsError for settings that do not fit the network or the processes, KeyboardInterrupt after SIGTERM,
    the last step saved.
    """
    run = Run(settings, device, processes)
    folder.mkdir(parents=True, exist_ok=True)
    origin = origin_of(faces, command)
    if resume(run, folder, start):
        run.origin = gone_on(run.origin, origin, folder)
    else:
        run.origin = origin
        if start is not None:
            begin(run, start)
            run.start = str(start.resolve())
    if processes.first:
        for remark in run.recipe.remarks.values():
            print(remark)
    progress = Progress(run, folder, board=board)
    share = (processes.rank, processes.world)
    try:
        with asked_to_stop() as asked:
            for batch in batches(faces, settings, run.step, workers, share):
                layout = memory_format(run.device, settings.channels_last)
                log = run.learn(placed(batch, run.device, layout), *settings.phase_at(run.step))
                refuse_to_diverge(run, log, folder)
                progress.note(log)
                stop = processes.any(asked())
                keep(run, folder, due=stop or due(run.step, settings.save_every, settings.steps))
                if settings.show_every and due(run.step, settings.show_every, settings.steps):
                    progress.show(placed(Samples(faces, settings)[0], run.device, torch.contiguous_format))
                if stop and run.step < settings.steps:
                    raise KeyboardInterrupt
    finally:
        progress.close()
    return run


def due(step: int, every: int, last: int) -> bool:
    """Whether this is one of every so many steps, or the last."""
    return step % every == 0 or step == last


def keep(run: Run, folder: Path, *, due: bool) -> None:
    """Save the state where it is due; the first of several processes writes, the others wait for it."""
    if due:
        if run.processes.first:
            save_state(run, folder)
        run.processes.wait()


def refuse_to_diverge(run: Run, log: Mapping[str, float], folder: Path) -> None:
    """Raises CommandError in every process once a loss of one is no number, before such weights are saved.

    fp16 alone may meet one now and then: its scaler steps over what overflows.
    """
    lost = sorted(name for name, value in log.items() if not math.isfinite(value))
    if run.processes.any(bool(lost)) and not run.scaler.is_enabled():
        raise CommandError(
            f"step {run.step}: the loss {', '.join(lost) or 'of another process'} is no finite number any more; what "
            f"{folder} holds is of an earlier step: take a lower rate or other settings in a new folder"
        )


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """A question that turns true at SIGTERM, so that the step under way is finished and saved first.

    The loader's processes inherit the handler, so a signal to the whole group leaves them at work for that step.
    """
    asked = threading.Event()

    def remember(number: int, frame: FrameType | None) -> None:
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.signal(signal.SIGTERM, remember)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
