"""The terms by which three of the recipes measure a filled picture against the truth.

Used by inclg, edgeconnect and lafin beside this file; ctsdg shares the compact ones.
"""

from collections.abc import Mapping

from torch import Tensor

from training.data.batches import Batch
from training.losses.terms import Areas, l1_per_area, masked_l1, pyramid_l1, rim_of, total_variation
from training.losses.vgg import Critic

# Compact ones (`hole`, `rim`, `valid`, `bands`) are our own; the others are published.
PICTURE_TERMS: Mapping[str, float] = {
    "hole": 6.0,
    "rim": 0.0,
    "valid": 0.5,
    "bands": 0.5,
    "l1": 0.0,
    "perceptual": 0.0,
    "style": 0.0,
    "variation": 0.0,
}


def compact_terms(
    output: Tensor, filled: Tensor, batch: Batch, weights: Mapping[str, float], areas: Areas
) -> dict[str, Tensor]:
    """`hole` (always, for the log), `rim` and `valid` of the raw output, `bands` of the filled picture.

    `rim` divides by the whole hole as `hole` does, so its weight is what a pixel at the outline counts for in addition.
    """
    image, hole = batch.image, batch.hole
    parts = {"hole": masked_l1(output, image, hole, areas.hole(hole))}
    if weights["rim"]:
        parts["rim"] = masked_l1(output, image, rim_of(hole), areas.hole(hole))
    if weights["valid"]:
        known = len(hole) * hole[0].numel() - areas.hole(hole)
        parts["valid"] = masked_l1(output, image, 1 - hole, known)
    if weights["bands"]:
        parts["bands"] = pyramid_l1(filled, image, hole, areas)
    return parts


def picture_terms(
    output: Tensor,
    filled: Tensor,
    batch: Batch,
    weights: Mapping[str, float],
    areas: Areas,
    critic: Critic | None,
    *,
    bare: bool,
) -> dict[str, Tensor]:
    """Every term of PICTURE_TERMS that has a weight, of an output and its composite, both N x 3 x H x W in [0, 1].

    bare as in l1_per_area. Style compares what lies in the hole, everything else around it black, as published.
    """
    image, hole = batch.image, batch.hole
    parts = compact_terms(output, filled, batch, weights, areas)
    if weights["l1"]:
        parts["l1"] = l1_per_area(output, image, hole, areas, bare=bare)
    if critic is not None and weights["perceptual"]:
        parts["perceptual"] = critic.perceptual(critic(output), critic.truth(image))
    if critic is not None and weights["style"]:
        parts["style"] = critic.style(critic(output * hole), critic.truth(image * hole))
    if weights["variation"]:
        parts["variation"] = total_variation(filled)
    return parts
