"""The card of a checkpoint: which method, trained on what, by which command, under which licence.

Written beside every safetensors file by inference.checkpoint and read back before a single weight is; loads no torch.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NoReturn

from inference.contract import METHODS

FORMAT = "vermilion-checkpoint-1"
LARGEST_CARD = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CheckpointError(ValueError):
    """A card or a checkpoint that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Card:
    """Where a checkpoint comes from.

    method: one of the contract's methods. config: what NETWORKS[method] takes. manifest_digest: SHA-256 of the training
    manifest, None only for a converted published file. settings: the recipe's settings. commit: the source's revision.
    metrics: finite numbers by name. licence, command, seed: as trained. sha256: of the safetensors file, set by `save`.
    Raises CheckpointError, naming the field, for values that are none of these.
    """

    method: str
    config: Mapping[str, float | bool]
    manifest_digest: str | None
    settings: Mapping[str, Any]
    commit: str
    metrics: Mapping[str, float]
    licence: str
    command: str
    seed: int
    sha256: str | None = None

    def __post_init__(self) -> None:
        _require(self.method in METHODS, "method", f"one of {', '.join(METHODS)}")
        _require(_is_numbers(self.config), "config", "names with finite numbers or true/false")
        _require(_is_digest_or_none(self.manifest_digest), "manifest_digest", "64 hexadecimal digits or null")
        _require(isinstance(self.settings, Mapping), "settings", "an object")
        _require(_is_numbers(self.metrics), "metrics", "names with finite numbers")
        for name in ("commit", "licence", "command"):
            value = getattr(self, name)
            _require(isinstance(value, str) and value.strip() != "", name, "a text that is not empty")
        _require(type(self.seed) is int and self.seed >= 0, "seed", "a whole number from 0")
        _require(_is_digest_or_none(self.sha256), "sha256", "64 hexadecimal digits")

    def essence(self) -> str:
        """SHA-256 of all fields but `sha256`; the safetensors header carries it, so that a swapped card shows."""
        try:
            content = asdict(replace(self, sha256=None))
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise CheckpointError(f"the card cannot be written as JSON: {error}") from error
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> str:
        """The card as the text of its file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, sort_keys=True, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """The card in this text; raises CheckpointError for anything that is no complete card."""
        try:
            content = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise CheckpointError(f"the card is not JSON: {error}") from error
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise CheckpointError(f'the card does not say "format": "{FORMAT}"')
        expected = {field.name for field in fields(cls)}
        if set(content) != expected:
            raise CheckpointError(
                f"the card's fields differ from a card's: {', '.join(sorted(set(content) ^ expected))}"
            )
        card = cls(**content)
        _require(card.sha256 is not None, "sha256", "64 hexadecimal digits")
        return card


def _require(held: bool, name: str, expected: str) -> None:
    if not held:
        raise CheckpointError(f"the card's {name} must be {expected}")


def _is_numbers(values: object) -> bool:
    return isinstance(values, Mapping) and all(
        isinstance(key, str) and (isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)))
        for key, value in values.items()
    )


def _is_digest_or_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and _SHA256.fullmatch(value) is not None)


def _refuse_constant(name: str) -> NoReturn:
    raise CheckpointError(f"the card holds {name}, which is no number")
