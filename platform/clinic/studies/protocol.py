"""The protocol of a study: everything that is agreed before the first sheet is read.

From the study form (clinic.studies.views) or the demo to the JSON kept with a study; its SHA-256 over the canonical
text is taken at opening (clinic.studies.opening) and travels with every export.
"""

import re
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from json import dumps
from typing import Any

from clinic.studies.refusals import ProtocolRefusal

CROSSED, SPLIT = "crossed", "split"
NO_TIES = "none"
MOST_GUESSES = 20
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Protocol:
    """What a study asks and how it is read.

    `assignment` is crossed (every reader reads every case) or split (each case goes to `readers_per_case` of them);
    `repeat_share` is the part of a reader's cases shown twice, 0..0.5; `repeat_distance` the least number of sheets
    between.
    On the last `guesses` scored sheets a reader is asked which result was the new method's. With `photograph` a sheet
    of a case before surgery offers the crop as it was, its hole not blanked.
    """

    question: str = "Is the filled lip acceptable for planning a repair?"
    assignment: str = CROSSED
    readers_per_case: int = 0
    repeat_share: float = 0.0
    repeat_distance: int = 8
    tie_rule: str = NO_TIES
    corrections: bool = True
    guesses: int = 0
    photograph: bool = False
    instructions: str = "Mark each result valid or invalid, then rank the valid ones; 1 is best."
    consent: str = "My marks are used under a code, never under my name."
    closes_on: str = ""

    def __post_init__(self) -> None:
        if self.assignment not in (CROSSED, SPLIT):
            raise ProtocolRefusal("assignment", "Choose crossed or split.")
        if not 0 <= self.repeat_share <= 0.5:
            raise ProtocolRefusal("repeat_share", "Hidden repeats may be 0 to 50 % of a reader's cases.")
        if self.repeat_distance < 1:
            raise ProtocolRefusal("repeat_distance", "At least one sheet must stand between a case and its repeat.")
        if not 0 <= self.guesses <= MOST_GUESSES:
            raise ProtocolRefusal("guesses", f"Readers may be asked on 0 to {MOST_GUESSES} of their last sheets.")
        if self.tie_rule != NO_TIES:
            raise ProtocolRefusal("tie_rule", "Ranks are without ties.")
        if self.assignment == SPLIT and self.readers_per_case < 1:
            raise ProtocolRefusal("readers_per_case", "Say how many readers each case goes to, at least 1.")
        if self.closes_on and not DAY.fullmatch(self.closes_on):
            raise ProtocolRefusal("closes_on", "Write the closing day as 2026-12-31, or leave it open.")

    def as_json(self) -> dict[str, Any]:
        """The entries as plain JSON values."""
        return asdict(self)

    def texts(self) -> tuple[str, ...]:
        """Every text a reader may see."""
        return (self.question, self.instructions, self.consent)


def read(stored: dict[str, Any]) -> Protocol:
    """The protocol from its stored form; an unknown entry or a wrong kind of value is a ProtocolRefusal."""
    known = {field.name: field.type for field in fields(Protocol)}
    for name, value in stored.items():
        if name not in known:
            raise ProtocolRefusal(name, f"A protocol has no entry {name}.")
        if not _fits(value, known[name]):
            raise ProtocolRefusal(name, f"{name} is not a {known[name]}.")
    return Protocol(**stored)


def _fits(value: object, kind: object) -> bool:
    if kind in (float, "float"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in (int, "int"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind in (bool, "bool") else str)


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of a JSON document in canonical text: sorted keys, no spaces, UTF-8; 64 hexadecimal digits."""
    return sha256(canonical(document)).hexdigest()


def canonical(document: dict[str, Any]) -> bytes:
    """The one text of a JSON document that its digest is taken over."""
    return dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
