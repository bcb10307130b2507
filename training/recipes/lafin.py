"""LaFIn's recipe: a landmark detector and a generator guided by landmarks, in one run or each in its own stage.

Terms as published (Yang et al. 2019), `hole`, `rim`, `valid` and `bands` our own. In one run a share `guided` of each
batch is guided by true landmarks, the rest by the detector's, so that the generator learns to live with the detector's
errors; the published stage `inpaint` follows true ones alone (`guided` = 1).
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from inference.networks.inpainting import composited
from inference.networks.lafin import LaFIn
from inference.networks.landmark_map import landmark_map
from training.data.batches import Batch
from training.losses.terms import Areas, landmark_distance, whole_pixels
from training.recipes.adversary import Match, turns_of
from training.recipes.discriminators import PatchDiscriminator
from training.recipes.picture import PICTURE_TERMS, picture_terms
from training.recipes.recipe import Recipe, Turn
from training.settings import Settings


class LaFInRecipe(Recipe):
    """Detector, generator, and a discriminator that sees the picture with its landmark map."""

    network: LaFIn
    stages = ("", "landmarks", "inpaint")
    weights: ClassVar[Mapping[str, float]] = {
        **PICTURE_TERMS,
        "variation": 0.1,
        "landmarks": 1.0,
        "guided": 0.5,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def build(self, settings: Settings) -> None:
        self.network = LaFIn(**settings.network)
        self.judge = PatchDiscriminator(4, settings.discriminator_width, attention=settings.discriminator_attention)
        self.players = nn.ModuleDict(
            {"detector": self.network.detector, "generator": self.network.generator, "discriminator": self.judge}
        )

    def turns(self, batch: Batch, weights: Mapping[str, float], areas: Areas) -> Iterator[Turn]:
        truth = batch.landmarks
        if self.settings.whole_landmarks:
            truth = whole_pixels(truth, batch.image.shape[3])
        predicted = truth
        if self.settings.stage != "inpaint":
            predicted = self.network.detect(batch.image, batch.hole)
            scale = 256 / batch.image.shape[3]
            distance = landmark_distance(predicted * scale, truth * scale)
            yield Turn(("detector",), weights["landmarks"] * distance, {"landmarks": distance})
        if self.settings.stage != "landmarks":
            guided = round(len(predicted) * weights["guided"])
            guide = torch.cat((truth[:guided], predicted.detach()[guided:]))
            yield from self._paint(batch, truth, guide, weights, areas)

    def _paint(
        self, batch: Batch, truth: Tensor, guide: Tensor, weights: Mapping[str, float], areas: Areas
    ) -> Iterator[Turn]:
        """The generator's turn and its judge's, along the guide; the judge always sees the true landmarks."""
        output = self.network.fill(batch.image, batch.hole, guide)
        filled = composited(output, batch.image, batch.hole)
        bare = "bare-area" in self.settings.faults
        parts = picture_terms(output, filled, batch, weights, areas, self.critic, bare=bare)
        size = batch.image.shape[3]
        drawn = landmark_map(truth, size, size)
        seen = output if self.settings.contest.shown == "output" else filled
        real, fake = torch.cat((batch.image, drawn), 1), torch.cat((seen, drawn), 1)
        yield from turns_of(Match(self.judge, real, fake, "generator"), parts, weights, self.settings)
