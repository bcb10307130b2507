"""INCLG's recipe: picture and landmarks learnt together, from one shared feature.

Terms as published (Chen et al. 2022, equation 8); `hole`, `rim`, `valid` and `bands` are our own, for networks too
small to be trained by one weight on everything.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from torch import nn

from inference.networks.inclg import INCLG
from inference.networks.inpainting import composited
from training.data.batches import Batch
from training.losses.terms import Areas, landmark_distance, whole_pixels
from training.recipes.adversary import Match, turns_of
from training.recipes.discriminators import PatchDiscriminator
from training.recipes.picture import PICTURE_TERMS, picture_terms
from training.recipes.recipe import Recipe, Turn
from training.settings import Settings


class INCLGRecipe(Recipe):
    """One generator with its landmark branch, one discriminator that sees the picture alone."""

    network: INCLG
    weights: ClassVar[Mapping[str, float]] = {
        **PICTURE_TERMS,
        "variation": 0.1,
        "landmarks": 4.6e-4,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def build(self, settings: Settings) -> None:
        self.network = INCLG(**settings.network)
        self.judge = PatchDiscriminator(3, settings.discriminator_width, attention=settings.discriminator_attention)
        self.players = nn.ModuleDict({"generator": self.network, "discriminator": self.judge})

    def turns(self, batch: Batch, weights: Mapping[str, float], areas: Areas) -> Iterator[Turn]:
        answer = self.players["generator"](batch.image, batch.hole)
        filled = composited(answer.image, batch.image, batch.hole)
        bare = "bare-area" in self.settings.faults
        parts = picture_terms(answer.image, filled, batch, weights, areas, self.critic, bare=bare)
        if answer.landmarks is not None:
            size = batch.image.shape[3]
            truth = whole_pixels(batch.landmarks, size) if self.settings.whole_landmarks else batch.landmarks
            parts["landmarks"] = landmark_distance(answer.landmarks * (256 / size), truth * (256 / size))
        seen = answer.image if self.settings.contest.shown == "output" else filled
        yield from turns_of(Match(self.judge, batch.image, seen, "generator"), parts, weights, self.settings)
