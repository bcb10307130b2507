"""The faults of the published training codes, each a switch: as published, or (by default) as intended.

Named by the setting `faults` or all at once by `--as-published`; read by training.data.batches and the recipes.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What the released code does, and what training does without the fault."""

    methods: tuple[str, ...]
    published: str
    intended: str


FAULTS: Mapping[str, Fault] = {
    "shared-gradient": Fault(
        ("inclg",),
        "the judge also learns from the generator's adversarial term, whose gradient is not cleared",
        "the judge learns from its own loss alone",
    ),
    "bare-area": Fault(
        ("inclg", "edgeconnect", "lafin"),
        "the L1 term is divided by the mean of the hole, so a batch without a hole has an infinite loss",
        "the hole counts as one pixel a picture at least",
    ),
    "loose-masks": Fault(
        ("inclg",),
        "a mask file's byte above 0 is hole in training, above 100 in testing",
        "above 100 in both",
    ),
    "flip-off-by-one": Fault(
        ("lafin",),
        "in a mirrored picture of width W a landmark at x moves to W - x",
        "it moves to W - 1 - x, where its pixel is",
    ),
    "colour-on-rows": Fault(
        ("lafin",),
        "the gain of each channel meets the picture's three top rows instead, which end as 1 of 255",
        "each channel is scaled by its own gain",
    ),
    "open-canny": Fault(
        ("edgeconnect", "ctsdg"),
        "known edges come from the whole picture, so what lies under the hole bends them near its rim",
        "they come from the known region alone, as when a photograph is filled",
    ),
    "composited-edges": Fault(
        ("edgeconnect",),
        "the inpainter learns from drawn edges inside the hole and Canny's outside it, and is tested on drawn ones",
        "it learns from the drawn edges alone, as it is tested",
    ),
    "folded-gray": Fault(
        ("ctsdg",),
        "gray and edges come from bytes that wrapped around at 256",
        "they come from the true gray picture",
    ),
    "thawed-norm": Fault(
        ("ctsdg",),
        "batch norms go on learning while the network is finetuned",
        "they keep the statistics that training found",
    ),
}


def faults_of(method: str) -> tuple[str, ...]:
    """The names of a method's faults, in the table's order."""
    return tuple(name for name, fault in FAULTS.items() if method in fault.methods)
