"""CTSDG's recipe: texture and structure generated together, each stream also answering for its own projection.

Terms as published (Guo et al. 2021), `hole`, `rim`, `valid` and `bands` our own. One discriminator judges picture and
edges; its edge detector learns from Canny's edges.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from inference.networks.ctsdg import CTSDG, Generated
from inference.networks.edges import folded_gray, luminance
from inference.networks.inpainting import composited
from training.data.batches import Batch
from training.losses.terms import Areas, cross_entropy, least_squares
from training.recipes.adversary import frozen
from training.recipes.discriminators import TwoBranchDiscriminator
from training.recipes.picture import compact_terms
from training.recipes.recipe import Recipe, Turn, weighted
from training.settings import Settings


class CTSDGRecipe(Recipe):
    """One generator with two streams, one discriminator with two branches."""

    network: CTSDG
    vgg = "VGG16"
    orders = ("judge_first", "generator_first")
    weights: ClassVar[Mapping[str, float]] = {
        "hole": 6.0,
        "rim": 0.0,
        "valid": 0.5,
        "bands": 0.5,
        "missing": 0.0,
        "known": 0.0,
        "perceptual": 0.0,
        "style": 0.0,
        "intermediate": 1.0,
        "adversarial": 0.0,
    }

    def build(self, settings: Settings) -> None:
        self.network = CTSDG(**settings.network)
        self.judge = TwoBranchDiscriminator(settings.discriminator_width)
        self.players = nn.ModuleDict({"generator": self.network, "discriminator": self.judge})
        self.generate = self.network.generate
        # Probabilities of low precision reach 0 and 1 exactly.
        self.floor = 0.0 if settings.precision == "fp32" else 1e-4

    def compile(self) -> None:
        """As in every recipe; the generator is not called through `forward`, so it is named here."""
        self.judge.compile()
        self.generate = torch.compile(self.network.generate)

    def turns(self, batch: Batch, weights: Mapping[str, float], areas: Areas) -> Iterator[Turn]:
        known = batch.edge if "open-canny" in self.settings.faults else batch.known_edge
        answer = self.generate(batch.image, batch.hole, gray=batch.gray, edge=known)
        output = (answer.image + 1) / 2
        filled = composited(output, batch.image, batch.hole)
        parts = compact_terms(output, filled, batch, weights, areas)
        parts |= self._published_terms(answer.image, batch, weights)
        parts["intermediate"] = self._projections(answer, batch)
        seen = output if self.settings.contest.shown == "output" else filled
        first = self.settings.contest.order == "generator_first"
        if weights["adversarial"]:
            if not first:
                yield self._judging(batch, seen)
            with frozen(self.judge):
                scores, detected = self.judge(seen * 2 - 1, self._gray(batch))
            pleased = self._scored(scores, 1.0)
            parts["adversarial"] = pleased + cross_entropy(detected, batch.edge, self.floor)
        yield Turn(("generator",), weighted(parts, weights), parts)
        if weights["adversarial"] and first:
            yield self._judging(batch, seen)

    def _published_terms(self, output: Tensor, batch: Batch, weights: Mapping[str, float]) -> dict[str, Tensor]:
        """L1 inside and outside the hole over whole pictures, and VGG's terms of output and composite, in [-1, 1]."""
        truth, parts = batch.image * 2 - 1, {}
        if weights["missing"]:
            parts["missing"] = ((output - truth).abs() * batch.hole).mean()
        if weights["known"]:
            parts["known"] = ((output - truth).abs() * (1 - batch.hole)).mean()
        if self.critic is not None and (weights["perceptual"] or weights["style"]):
            wanted = self.critic.truth(truth)
            found = self.critic(output), self.critic(composited(output, truth, batch.hole))
            parts["perceptual"] = self.critic.perceptual(found[0], wanted) + self.critic.perceptual(found[1], wanted)
            parts["style"] = self.critic.style(found[0], wanted) + self.critic.style(found[1], wanted)
        return parts

    def _judging(self, batch: Batch, seen: Tensor) -> Turn:
        gray = self._gray(batch)
        real, real_edges = self.judge(batch.image * 2 - 1, gray, batch.edge)
        fake, fake_edges = self.judge(seen.detach() * 2 - 1, gray)
        scores = self._scored(real, 1.0) + self._scored(fake, 0.0)
        edges = cross_entropy(real_edges, batch.edge, self.floor) + cross_entropy(fake_edges, batch.edge, self.floor)
        return Turn(("discriminator",), scores + edges, {"judge": scores, "judge_edges": edges})

    def _scored(self, scores: Tensor, target: float) -> Tensor:
        """How far scores are from the target, by the contest's loss."""
        if self.settings.contest.loss == "least_squares":
            return least_squares(scores, target)
        return cross_entropy(scores, target, self.floor)

    def _gray(self, batch: Batch) -> Tensor:
        """The whole truth in gray; with the fault `folded-gray` as that fault makes it."""
        if "folded-gray" in self.settings.faults:
            return folded_gray(batch.image, torch.zeros_like(batch.hole)).to(batch.image.dtype)
        return luminance(batch.image)

    def _projections(self, answer: Generated, batch: Batch) -> Tensor:
        """How far each stream's projection is from the truth: cross entropy of edges plus L1 in [-1, 1]."""
        picture = (answer.projected_image - (batch.image * 2 - 1)).abs().mean()
        return cross_entropy(answer.projected_edge, batch.edge, self.floor) + picture
