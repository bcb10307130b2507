"""LaFIn's recipe: a landmark detector and a generator guided by landmarks, each with its own optimiser, in one run.

Terms as published (Yang et al. 2019), `hole`, `valid` and `bands` our own. A share `guided` of each batch is guided by
true landmarks, the rest by the detector's, so that the generator learns to live with the detector's errors.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import nn

from inference.networks.inpainting import composited
from inference.networks.lafin import LaFIn
from inference.networks.landmark_map import landmark_map
from training.batches import Batch
from training.discriminators import PatchDiscriminator
from training.losses import landmark_distance, reconstruction, total_variation
from training.recipes.adversary import judged, pleased
from training.recipes.recipe import Recipe, Turn, weighted
from training.settings import Settings


class LaFInRecipe(Recipe):
    """Detector, generator, and a discriminator that sees the picture with its landmark map."""

    network: LaFIn
    weights: ClassVar[Mapping[str, float]] = {
        "hole": 6.0,
        "valid": 0.5,
        "bands": 0.5,
        "variation": 0.1,
        "landmarks": 1.0,
        "guided": 0.5,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def __init__(self, settings: Settings) -> None:
        self.network = LaFIn(**settings.network)
        self.judge = PatchDiscriminator(4, settings.discriminator_width, attention=settings.discriminator_attention)
        self.players = nn.ModuleDict(
            {"detector": self.network.detector, "generator": self.network.generator, "discriminator": self.judge}
        )

    def turns(self, batch: Batch, weights: Mapping[str, float]) -> Iterator[Turn]:
        size = batch.image.shape[3]
        predicted = self.network.detect(batch.image, batch.hole)
        distance = landmark_distance(predicted * (256 / size), batch.landmarks * (256 / size))
        yield Turn("detector", weights["landmarks"] * distance, {"landmarks": distance})

        guided = round(len(predicted) * weights["guided"])
        guide = torch.cat((batch.landmarks[:guided], predicted.detach()[guided:]))
        output = self.network.fill(batch.image, batch.hole, guide)
        filled = composited(output, batch.image, batch.hole)
        parts = {
            **reconstruction(output, filled, batch.image, batch.hole),
            "variation": total_variation(filled),
        }
        if weights["adversarial"] or weights["matching"]:
            drawn = landmark_map(batch.landmarks, size, size)
            real, fake = torch.cat((batch.image, drawn), 1), torch.cat((filled, drawn), 1)
            loss = judged(self.judge, real, fake)
            yield Turn("discriminator", loss, {"judge": loss})
            parts |= pleased(self.judge, real, fake)
        yield Turn("generator", weighted(parts, weights), parts)
