"""Numbers that no run could use, each refused in one line before anything is built.

Part of training.settings.reading, which knows the types already; the recipes refuse what depends on their networks.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from training.settings.schedule import Phase

# From the first (included) to the last, which is included as well unless the third says not.
Range = tuple[float, float, bool]
ANY = float("inf")

SETTINGS: dict[str, Range] = {
    "seed": (0, 2**63 - 1, True),
    "discriminator_width": (0.01, 1, True),
    "accumulate": (1, ANY, False),
    "weight_decay": (0, ANY, False),
    "average": (0, 1, False),
    "colour": (0, 1, True),
    "displaced": (0, 1, True),
    "shrunk": (0, 1, True),
    "channels": (0, 1, True),
    "save_every": (1, ANY, False),
    "show_every": (0, ANY, False),
}
PHASES: dict[str, Range] = {
    "steps": (1, ANY, False),
    "size": (1, ANY, False),
    "batch": (1, ANY, False),
    "rate": (1e-12, ANY, False),
    "rate_end": (0, ANY, False),
    "discriminator_rate": (0, ANY, False),
    "factor": (0, ANY, False),
}


def out_of_range(settings: Any) -> Iterator[str]:
    """Every complaint about the numbers of these Settings, naming the key."""
    yield from _complaints(settings, SETTINGS, "")
    if not all(0 <= beta < 1 for beta in settings.betas):
        yield f"betas: {list(settings.betas)} must lie from 0 to below 1"
    for number, phase in enumerate(settings.phases):
        yield from _complaints(phase, PHASES, f"phases[{number}].")
        yield from _of_phase(phase, settings.accumulate, f"phases[{number}]")


def _of_phase(phase: Phase, parts: int, place: str) -> Iterator[str]:
    if parts > 0 and phase.batch % parts:
        yield f"{place}: a batch of {phase.batch} has no {parts} equal parts"
    if min(phase.weights.values(), default=0) < 0:
        yield f"{place}.weights: a weight must not be negative"
    if not _rising((0, *phase.milestones)):
        yield f"{place}.milestones: steps of the phase, each after the one before"


def _rising(steps: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(steps))


def _complaints(holder: Any, ranges: dict[str, Range], place: str) -> Iterator[str]:
    for name, (low, high, closed) in ranges.items():
        value = getattr(holder, name)
        if value is None:
            continue
        if not (low <= value <= high if closed else low <= value < high):
            upper = f"to {high}" if closed else f"to below {high}"
            allowed = f"is not {low} or more" if high == ANY else f"must lie from {low} {upper}"
            yield f"{place}{name}: {value} {allowed}"
