"""Plain tables made into frozen dataclasses, every key and type checked; and changes from the command line.

From parsed TOML to training.settings, which says which tables there are.
"""

import copy
import dataclasses
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from training.errors import CommandError

T = TypeVar("T")


class SettingsError(CommandError):
    """A settings file that cannot be obeyed; the message names the key and says what is allowed."""


def changed(table: Mapping[str, Any], change: str) -> dict[str, Any]:
    """The table with one `key=value`: dots lead into tables, numbers into lists (`phases.0.batch=1`).

    The value is TOML; what is not TOML counts as text. Raises SettingsError where the key leads nowhere.
    """
    key, sign, text = change.partition("=")
    *path, last = key.strip().split(".")
    if not sign or not last:
        raise SettingsError(f"--set {change}: write it as key=value, such as network.gated=false")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        value = text
    whole = copy.deepcopy(dict(table))
    place: Any = whole
    for part in path:
        if isinstance(place, list):
            if not part.isdecimal() or int(part) >= len(place):
                raise SettingsError(f"--set {change}: {part!r} is none of 0 to {len(place) - 1}")
            place = place[int(part)]
        elif isinstance(place, dict):
            place = place.setdefault(part, {})
        else:
            break
    if not isinstance(place, dict):
        raise SettingsError(f"--set {change}: {key.strip()} leads to no single setting")
    place[last] = value
    return whole


def filled(kind: type[T], values: object, place: str) -> T:
    """A dataclass of this kind out of a parsed table, which a refusal calls by its place.

    Raises SettingsError for an unknown key, a missing one or a value of another type.
    """
    if not isinstance(values, Mapping):
        raise SettingsError(f"{place}: must be a table")
    expected = typing.get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key, value in values.items():
        if key not in known:
            raise SettingsError(f"{place}: unknown key {key!r}; known are {', '.join(sorted(known))}")
        if not _fits(value, expected[key]):
            raise SettingsError(f"{place}: {key} cannot be {value!r}")
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    try:
        return kind(**{**values, **lists})
    except TypeError as error:
        raise SettingsError(f"{place}: {error}") from error


def _fits(value: object, expected: Any) -> bool:
    """Whether a plain value is what a field of plain type expects; whole numbers count as fractions, never as yes."""
    parts = typing.get_args(expected)
    if isinstance(expected, types.UnionType):
        return any(_fits(value, one) for one in parts)
    if typing.get_origin(expected) is tuple:
        wanted = parts[:1] * len(value) if isinstance(value, list | tuple) and parts[-1] is ... else parts
        return isinstance(value, list | tuple) and len(value) == len(wanted) and all(map(_fits, value, wanted))
    if typing.get_origin(expected) is Mapping:
        return isinstance(value, Mapping) and all(_fits(one, parts[1]) for one in value.values())
    if expected is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if expected in (bool, str, types.NoneType):
        return isinstance(value, expected)
    return True
