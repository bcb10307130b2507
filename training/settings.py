"""Every setting of a training run, read from one TOML file; an unknown key is an error.

Read by `python -m training train`; the loop and the recipe obey it, and all of it goes into the checkpoint's card.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from training.errors import CommandError

T = TypeVar("T")


class SettingsError(CommandError):
    """A settings file that cannot be obeyed; the message names the key and says what is allowed."""


@dataclass(frozen=True)
class HoleShares:
    """How often each kind of hole is drawn; shares need not sum to one."""

    clinical: float = 1.0
    strokes: float = 0.0
    block: float = 0.0


@dataclass(frozen=True)
class Phase:
    """A stretch of steps at one picture size, with its own rates and changes to the recipe's loss weights."""

    steps: int
    size: int = 256
    batch: int = 4
    rate: float = 1e-3
    rate_end: float = 1e-3
    discriminator_rate: float = 1e-4
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """One run: the network, the holes, the phases, and how the machine is used."""

    method: str
    phases: tuple[Phase, ...]
    seed: int = 0
    network: Mapping[str, Any] = field(default_factory=dict)
    discriminator_width: float = 1.0
    discriminator_attention: bool = True
    holes: HoleShares = HoleShares()
    precision: str = "bf16"
    betas: tuple[float, float] = (0.5, 0.99)
    weight_decay: float = 0.0
    average: float = 0.999
    flip: bool = True
    colour: float = 0.1
    displaced: float = 0.0
    save_every: int = 100

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


def read_settings(path: Path) -> Settings:
    """Read a TOML file. Raises SettingsError for a missing file, a wrong type, an unknown key or an unusable value."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SettingsError(f"{path}: is not TOML ({error})") from error
    return settings_from(table)


def settings_from(table: Mapping[str, Any]) -> Settings:
    """Settings out of a parsed table; phases is a list of tables, holes one table."""
    values = dict(table)
    phases = tuple(_fill(Phase, phase, f"phases[{number}]") for number, phase in enumerate(values.pop("phases", ())))
    if not phases:
        raise SettingsError("phases: at least one [[phases]] table is needed")
    holes = _fill(HoleShares, values.pop("holes", {}), "holes")
    if "betas" in values:
        values["betas"] = tuple(values["betas"])
    settings = _fill(Settings, {**values, "phases": phases, "holes": holes}, "settings")
    if settings.precision not in {"fp32", "bf16", "fp16"}:
        raise SettingsError(f"precision: {settings.precision!r} is none of fp32, bf16, fp16")
    if min(holes.clinical, holes.strokes, holes.block) < 0 or holes.clinical + holes.strokes + holes.block <= 0:
        raise SettingsError("holes: shares must not be negative, and one must be above 0")
    return settings


def _fill(kind: type[T], values: Mapping[str, Any], place: str) -> T:
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in values:
        if key not in known:
            raise SettingsError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    try:
        return kind(**values)
    except TypeError as error:
        raise SettingsError(f"{place}: {error}") from error
