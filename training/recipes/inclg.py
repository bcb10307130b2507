"""INCLG's recipe: picture and landmarks learnt together, from one shared feature.

Terms as published (Chen et al. 2022, equation 8); `hole`, `valid` and `bands` are our own, for networks too small to be
trained by one weight on everything.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from torch import nn

from inference.networks.inclg import INCLG
from inference.networks.inpainting import composited
from training.batches import Batch
from training.discriminators import PatchDiscriminator
from training.losses import landmark_distance, reconstruction, total_variation
from training.recipes.adversary import judged, pleased
from training.recipes.recipe import Recipe, Turn, weighted
from training.settings import Settings


class INCLGRecipe(Recipe):
    """One generator with its landmark branch, one discriminator that sees the picture alone."""

    network: INCLG
    weights: ClassVar[Mapping[str, float]] = {
        "hole": 6.0,
        "valid": 0.5,
        "bands": 0.5,
        "variation": 0.1,
        "landmarks": 4.6e-4,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def __init__(self, settings: Settings) -> None:
        self.network = INCLG(**settings.network)
        self.judge = PatchDiscriminator(3, settings.discriminator_width, attention=settings.discriminator_attention)
        self.players = nn.ModuleDict({"generator": self.network, "discriminator": self.judge})

    def turns(self, batch: Batch, weights: Mapping[str, float]) -> Iterator[Turn]:
        answer = self.network(batch.image, batch.hole)
        filled = composited(answer.image, batch.image, batch.hole)
        parts = {
            **reconstruction(answer.image, filled, batch.image, batch.hole),
            "variation": total_variation(filled),
        }
        if answer.landmarks is not None:
            scale = 256 / batch.image.shape[3]
            parts["landmarks"] = landmark_distance(answer.landmarks * scale, batch.landmarks * scale)
        if weights["adversarial"] or weights["matching"]:
            loss = judged(self.judge, batch.image, filled)
            yield Turn("discriminator", loss, {"judge": loss})
            parts |= pleased(self.judge, batch.image, filled)
        yield Turn("generator", weighted(parts, weights), parts)
