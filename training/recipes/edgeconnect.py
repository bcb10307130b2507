"""EdgeConnect's recipe: edges first, colours along them, in one run or stage by stage.

Terms as published (Nazeri et al. 2019), `hole`, `rim`, `valid` and `bands` our own. In one run colours do not teach the
edges. Stages: `edge` draws; `inpaint` colours along Canny's edges of the truth; `guided` colours along drawn edges,
which stay as they are; `joint` lets the colours teach the edges. The inpainter learns from the raw drawn map that it
meets at test time; the published code (fault `composited-edges`) taught it from a composited one.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from inference.networks.edgeconnect import EdgeConnect
from inference.networks.edges import luminance
from inference.networks.inpainting import composited
from training.data.batches import Batch
from training.losses.terms import Areas, cross_entropy
from training.recipes.adversary import Match, together, turns_of
from training.recipes.discriminators import PatchDiscriminator
from training.recipes.picture import PICTURE_TERMS, picture_terms
from training.recipes.recipe import Recipe, Turn
from training.settings import Settings

FLOOR = 1e-4


class EdgeConnectRecipe(Recipe):
    """Two generators and two discriminators: one sees gray and edges, the other the picture."""

    network: EdgeConnect
    stages = ("", "edge", "inpaint", "guided", "joint")
    weights: ClassVar[Mapping[str, float]] = {
        "edges": 1.0,
        "edge_adversarial": 0.0,
        "edge_matching": 0.0,
        **PICTURE_TERMS,
        "adversarial": 0.0,
        "matching": 0.0,
    }

    def build(self, settings: Settings) -> None:
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

    def turns(self, batch: Batch, weights: Mapping[str, float], areas: Areas) -> Iterator[Turn]:
        stage = self.settings.stage
        edges = batch.edge if stage == "inpaint" else self._drawn(batch)
        if stage in ("", "edge"):
            yield from turns_of(*self._drawing(batch, edges, weights), weights, self.settings)
        if stage == "joint":
            drawing, colouring = self._drawing(batch, edges, weights), self._colouring(batch, edges, weights, areas)
            yield together([drawing, colouring], weights, self.settings)
        elif stage != "edge":
            yield from turns_of(*self._colouring(batch, edges.detach(), weights, areas), weights, self.settings)

    def _drawn(self, batch: Batch) -> Tensor:
        known = batch.edge if "open-canny" in self.settings.faults else batch.known_edge
        return self.network.edges(batch.image, batch.hole, gray=batch.gray, edge=known)

    def _drawing(self, batch: Batch, edges: Tensor, weights: Mapping[str, float]) -> tuple[Match, dict[str, Tensor]]:
        """The edge generator's match and its own term."""
        parts = {"edges": cross_entropy(edges, batch.edge, FLOOR)}
        gray = luminance(batch.image)
        real, fake = torch.cat((gray, batch.edge), 1), torch.cat((gray, edges), 1)
        return Match(self.edge_judge, real, fake, "edge_generator", "edge_discriminator", "edge_"), parts

    def _colouring(
        self, batch: Batch, edges: Tensor, weights: Mapping[str, float], areas: Areas
    ) -> tuple[Match, dict[str, Tensor]]:
        """The inpainter's match and its own terms, along these edges."""
        if "composited-edges" in self.settings.faults:
            edges = composited(edges, batch.edge, batch.hole)
        output = self.network.fill(batch.image, batch.hole, edges)
        filled = composited(output, batch.image, batch.hole)
        bare = "bare-area" in self.settings.faults
        parts = picture_terms(output, filled, batch, weights, areas, self.critic, bare=bare)
        seen = output if self.settings.contest.shown == "output" else filled
        return Match(self.judge, batch.image, seen, "inpainter"), parts
