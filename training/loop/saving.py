"""A run's state on the disk: written whole or not at all, and read back only by a run with the same settings.

Between training.loop.run and the file `state.pt` in a run's folder; read by training.loop.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from inference.checkpoint import SUFFIX, CheckpointError, load
from training.errors import CommandError
from training.loop.origin import LICENCE
from training.loop.run import Run
from training.settings import Settings

STATE = "state.pt"
# What may change between two sittings of one run: it decides no weight.
FREE = {"save_every", "show_every"}


def save_state(run: Run, folder: Path) -> None:
    """Write the state beside the old one, then put it in its place: an interruption leaves one whole file."""
    file = folder / STATE
    partial = file.with_suffix(".partial")
    with partial.open("wb") as stream:
        torch.save(run.state(), stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)


def resume(run: Run, folder: Path, start: Path | None = None) -> bool:
    """Take up the folder's state, if there is one.

    Raises CommandError for a state that is another run's, or of one that did not begin with `start`, where it is given.
    """
    file = folder / STATE
    if not file.exists():
        return False
    state = read_state(file)
    if differing := differences(state["settings"], run.settings):
        raise CommandError(f"{file} is of a run with another {differing[0]}; take its settings, or another folder")
    if start is not None and str(start.resolve()) != state.get("start", str(start.resolve())):
        began = f"with {state['start']}" if state["start"] else "without --start"
        raise CommandError(f"{file} is of a run that began {began}; leave --start out to go on, or take another folder")
    run.restore(state)
    return True


def begin(run: Run, earlier: Path) -> None:
    """Begin with the players of the finished run in this folder, or with the network of a checkpoint.

    Raises CommandError where they do not fit.
    """
    if earlier.suffix == SUFFIX:
        begin_with_checkpoint(run, earlier)
        return
    file = earlier / STATE
    if not file.exists():
        raise CommandError(f"--start {earlier}: holds no {STATE}; give the folder of a run that `train` finished")
    state = read_state(file)
    steps = sum(phase["steps"] for phase in state["settings"]["phases"])
    if state["step"] < steps:
        raise CommandError(f"--start {earlier}: stands at step {state['step']} of {steps}; let that run finish first")
    try:
        run.begin_from(state)
    except RuntimeError as error:
        raise CommandError(f"--start {earlier}: its networks are not this run's; take the method and widths") from error


def begin_with_checkpoint(run: Run, file: Path) -> None:
    """Begin with a checkpoint's network; its judges, which no checkpoint holds, begin anew."""
    try:
        found = load(file)
    except CheckpointError as error:
        raise CommandError(f"--start {file}: {error}") from error
    card = found.card
    if (card.method, card.config) != (run.settings.method, run.recipe.network.config):
        raise CommandError(f"--start {file}: its network is not this run's; take the method and widths")
    before = card.settings.get("conditions", {}).get("began_from", [])
    origin = {
        "checkpoint": card.sha256,
        "manifest": card.manifest_digest,
        "licence": card.licence.removeprefix(LICENCE),
        "command": card.command,
        "commits": [card.commit],
    }
    run.begin_with(found.network.state_dict(), [*before, origin])


def read_state(file: Path) -> dict[str, Any]:
    """The state in the file. Raises CommandError for a damaged file and for one of an older version."""
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch.load raises a dozen kinds for files that are not its own; the user's answer to all is the same.
        raise CommandError(f"{file} cannot be read as a run's state; move it away to begin anew") from error
    if not isinstance(state, dict) or not {"settings", "origin", "recent"} <= state.keys():
        raise CommandError(f"{file} was written by an older version; move it away to begin anew")
    return state


def differences(saved: Mapping[str, Any], settings: Settings) -> list[str]:
    """The names of settings that differ and matter, in alphabetical order."""
    now = settings.as_dict()
    return sorted(name for name in saved.keys() | now.keys() if name not in FREE and saved.get(name) != now.get(name))
