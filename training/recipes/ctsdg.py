"""CTSDG's recipe: texture and structure generated together, each stream also answering for its own projection.

Terms as published (Guo et al. 2021), `bands` our own. One discriminator judges picture and edges; its edge detector
learns from Canny's edges.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.networks.ctsdg import CTSDG, Generated
from inference.networks.edges import luminance
from inference.networks.inpainting import composited
from training.batches import Batch
from training.discriminators import TwoBranchDiscriminator
from training.losses import reconstruction
from training.recipes.adversary import frozen
from training.recipes.recipe import Recipe, Turn, weighted
from training.settings import Settings


class CTSDGRecipe(Recipe):
    """One generator with two streams, one discriminator with two branches."""

    network: CTSDG
    weights: ClassVar[Mapping[str, float]] = {
        "hole": 6.0,
        "valid": 0.5,
        "bands": 0.5,
        "intermediate": 1.0,
        "adversarial": 0.0,
    }

    def __init__(self, settings: Settings) -> None:
        self.network = CTSDG(**settings.network)
        self.judge = TwoBranchDiscriminator(settings.discriminator_width)
        self.players = nn.ModuleDict({"generator": self.network, "discriminator": self.judge})

    def turns(self, batch: Batch, weights: Mapping[str, float]) -> Iterator[Turn]:
        answer = self.network.generate(batch.image, batch.hole, gray=batch.gray, edge=batch.known_edge)
        output = (answer.image + 1) / 2
        filled = composited(output, batch.image, batch.hole)
        parts = {
            **reconstruction(output, filled, batch.image, batch.hole),
            "intermediate": projections(answer, batch),
        }
        if weights["adversarial"]:
            yield self._judging(batch, filled)
            with frozen(self.judge):
                scores, detected = self.judge(filled * 2 - 1, luminance(batch.image))
            parts["adversarial"] = cross_entropy(scores, torch.ones_like(scores)) + cross_entropy(detected, batch.edge)
        yield Turn("generator", weighted(parts, weights), parts)

    def _judging(self, batch: Batch, filled: Tensor) -> Turn:
        gray = luminance(batch.image)
        real, real_edges = self.judge(batch.image * 2 - 1, gray, batch.edge)
        fake, fake_edges = self.judge(filled.detach() * 2 - 1, gray)
        scores = cross_entropy(real, torch.ones_like(real)) + cross_entropy(fake, torch.zeros_like(fake))
        edges = cross_entropy(real_edges, batch.edge) + cross_entropy(fake_edges, batch.edge)
        return Turn("discriminator", scores + edges, {"judge": scores, "judge_edges": edges})


def projections(answer: Generated, batch: Batch) -> Tensor:
    """How far each stream's projection is from the truth: cross entropy of edges plus L1 in [-1, 1]."""
    picture = (answer.projected_image - (batch.image * 2 - 1)).abs().mean()
    return cross_entropy(answer.projected_edge, batch.edge) + picture


def cross_entropy(probability: Tensor, target: Tensor) -> Tensor:
    """Mean binary cross entropy of probabilities, kept off 0 and 1 so that low precision cannot make it infinite."""
    return F.binary_cross_entropy(probability.float().clamp(1e-4, 1 - 1e-4), target.float())
