"""Every setting of a training run, read from one TOML file; an unknown key is an error.

Read by `python -m training train`; the loop and the recipe obey it, and all of it goes into the checkpoint's card.
"""

import dataclasses
import operator
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.settings.faults import faults_of
from training.settings.ranges import out_of_range
from training.settings.schedule import Contest, Phase, Vgg
from training.settings.shares import DataShare, HoleShares, complaints
from training.settings.tables import SettingsError, changed, filled

# What a setting may be where it is one of a few words.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "precision": ("fp32", "bf16", "fp16"),
    "contest.loss": ("least_squares", "cross_entropy"),
    "contest.shown": ("filled", "output"),
    "contest.order": ("judge_first", "generator_first", "together"),
    "vgg.instead": ("bands", "nothing"),
}

# Settings that are tables, and those that are lists of tables.
TABLES: Mapping[str, type] = {"holes": HoleShares, "contest": Contest, "vgg": Vgg}
LISTS: Mapping[str, type] = {"phases": Phase, "data": DataShare}


@dataclass(frozen=True)
class Settings:
    """One run: the network, the holes, the phases, and how the machine is used."""

    method: str
    phases: tuple[Phase, ...]
    data: tuple[DataShare, ...] = ()
    seed: int = 0
    network: Mapping[str, Any] = field(default_factory=dict)
    discriminator_width: float = 1.0
    discriminator_attention: bool = True
    stage: str = ""
    faults: tuple[str, ...] = ()
    contest: Contest = field(default_factory=Contest)
    vgg: Vgg = field(default_factory=Vgg)
    whole_landmarks: bool = False
    frozen_norm: bool = False
    holes: HoleShares = field(default_factory=HoleShares)
    precision: str = "bf16"
    accumulate: int = 1
    channels_last: bool | None = None
    compile: bool = False
    betas: tuple[float, float] = (0.5, 0.99)
    weight_decay: float = 0.0
    average: float = 0.999
    flip: bool = True
    colour: float = 0.1
    displaced: float = 0.0
    shrunk: float = 0.0
    channels: float = 0.0
    save_every: int = 100
    show_every: int = 0

    @property
    def steps(self) -> int:
        """The steps of all phases together."""
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> tuple[Phase, float]:
        """The phase that step falls into and how much of it has passed, 0 to 1; IndexError past the last step."""
        for phase in self.phases:
            if step < phase.steps:
                return phase, step / phase.steps
            step -= phase.steps
        raise IndexError("the run has no such step")

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and lists, for the card."""
        return dataclasses.asdict(self)


def read_settings(path: Path, *, changes: Sequence[str] = (), as_published: bool | None = None) -> Settings:
    """Read a TOML file, make `changes` to it (see changed), and take all of the method's faults or none where asked.

    Raises SettingsError for a missing file, a wrong type, an unknown key or an unusable value.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SettingsError(f"{path}: is not TOML ({error})") from error
    for change in changes:
        table = changed(table, change)
    if as_published is not None:
        table["faults"] = faults_of(str(table.get("method", ""))) if as_published else []
    return settings_from(table)


def settings_from(table: Mapping[str, Any]) -> Settings:
    """Settings out of a parsed table; phases is a list of tables; holes, contest and vgg are one table each."""
    values = dict(table)
    for name, kind in LISTS.items():
        if not isinstance(values.get(name, []), list | tuple):
            raise SettingsError(f"{name}: must be a list of tables; write [[{name}]] with two brackets")
        values[name] = tuple(filled(kind, row, f"{name}[{number}]") for number, row in enumerate(values.get(name, ())))
    for name, kind in TABLES.items():
        values[name] = filled(kind, values.get(name, {}), name)
    settings = filled(Settings, values, "settings")
    if not settings.phases:
        raise SettingsError("phases: at least one [[phases]] table is needed")
    for name, allowed in CHOICES.items():
        if (chosen := operator.attrgetter(name)(settings)) not in allowed:
            raise SettingsError(f"{name}: {chosen!r} is none of {', '.join(allowed)}")
    for complaint in (*out_of_range(settings), *complaints(settings.holes, settings.data)):
        raise SettingsError(complaint)
    _check_faults(settings)
    if "folded-gray" in settings.faults:
        settings = dataclasses.replace(settings, network={**settings.network, "folded": True})
    if "loose-masks" in settings.faults:
        settings = dataclasses.replace(settings, holes=dataclasses.replace(settings.holes, threshold=0))
    return settings


def _check_faults(settings: Settings) -> None:
    known = faults_of(settings.method)
    for fault in settings.faults:
        if fault not in known:
            raise SettingsError(f"faults: {fault!r} is no fault of {settings.method}; known are {', '.join(known)}")
