"""EdgeConnect's recipe: edges first, colours along them, both generators learning in one run.

Terms as published (Nazeri et al. 2019), `hole`, `valid` and `bands` our own. The inpainter learns from the raw edge map
that it will meet at test time; the published code taught it from a composited one. Colours do not teach the edges.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional as F

from inference.networks.edgeconnect import EdgeConnect
from inference.networks.edges import luminance
from inference.networks.inpainting import composited
from training.batches import Batch
from training.discriminators import PatchDiscriminator
from training.losses import reconstruction
from training.recipes.adversary import judged, pleased
from training.recipes.recipe import Recipe, Turn, weighted
from training.settings import Settings


class EdgeConnectRecipe(Recipe):
    """Two generators and two discriminators: one sees gray and edges, the other the picture."""

    network: EdgeConnect
    weights: ClassVar[Mapping[str, float]] = {
        "edges": 1.0,
        "edge_adversarial": 0.0,
        "edge_matching": 0.0,
        "hole": 6.0,
        "valid": 0.5,
        "bands": 0.5,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def __init__(self, settings: Settings) -> None:
        self.network = EdgeConnect(**settings.network)
        self.edge_judge = PatchDiscriminator(2, settings.discriminator_width)
        self.judge = PatchDiscriminator(3, settings.discriminator_width)
        self.players = nn.ModuleDict(
            {
                "edge_generator": self.network.edge_generator,
                "edge_discriminator": self.edge_judge,
                "inpainter": self.network.inpainter,
                "discriminator": self.judge,
            }
        )

    def turns(self, batch: Batch, weights: Mapping[str, float]) -> Iterator[Turn]:
        edges = self.network.edges(batch.image, batch.hole, gray=batch.gray, edge=batch.known_edge)
        yield from self._draw(batch, edges, weights)
        yield from self._colour(batch, edges.detach(), weights)

    def _draw(self, batch: Batch, edges: torch.Tensor, weights: Mapping[str, float]) -> Iterator[Turn]:
        parts = {"edges": F.binary_cross_entropy(edges.float().clamp(1e-4, 1 - 1e-4), batch.edge)}
        if weights["edge_adversarial"] or weights["edge_matching"]:
            gray = luminance(batch.image)
            real, fake = torch.cat((gray, batch.edge), 1), torch.cat((gray, edges), 1)
            loss = judged(self.edge_judge, real, fake)
            yield Turn("edge_discriminator", loss, {"edge_judge": loss})
            parts |= {f"edge_{name}": part for name, part in pleased(self.edge_judge, real, fake).items()}
        yield Turn("edge_generator", weighted(parts, weights), parts)

    def _colour(self, batch: Batch, edges: torch.Tensor, weights: Mapping[str, float]) -> Iterator[Turn]:
        output = self.network.fill(batch.image, batch.hole, edges)
        filled = composited(output, batch.image, batch.hole)
        parts = reconstruction(output, filled, batch.image, batch.hole)
        if weights["adversarial"] or weights["matching"]:
            loss = judged(self.judge, batch.image, filled)
            yield Turn("discriminator", loss, {"judge": loss})
            parts |= pleased(self.judge, batch.image, filled)
        yield Turn("inpainter", weighted(parts, weights), parts)
