"""What the loop asks of a recipe: the players, and whose turn it is to learn from which loss.

One recipe per method stands beside this file; training.loop runs any of them and knows none.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from inference.networks.inpainting import InpaintingNetwork
from training.batches import Batch
from training.settings import Settings, SettingsError


@dataclass(frozen=True)
class Turn:
    """One backward pass: the player whose weights move, the loss, and its parts for the log."""

    player: str
    loss: Tensor
    parts: Mapping[str, Tensor]


class Recipe(ABC):
    """A method's way of learning. `network` is what the checkpoint will hold; `players` also names its adversaries."""

    #: Every loss weight the recipe knows, with its default; a phase may change any of them, 0 leaves the term out.
    weights: ClassVar[Mapping[str, float]]
    network: InpaintingNetwork
    players: nn.ModuleDict

    @abstractmethod
    def __init__(self, settings: Settings) -> None:
        """Build the network and its adversaries with fresh weights."""

    @abstractmethod
    def turns(self, batch: Batch, weights: Mapping[str, float]) -> Iterator[Turn]:
        """Yield the turns of one step in order; the loop steps the player's optimiser between them."""

    def weights_of(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The recipe's weights with a phase's changes. Raises SettingsError for a term the recipe does not know."""
        for term in changes:
            if term not in self.weights:
                raise SettingsError(
                    f"weights: unknown term {term!r}; this recipe knows {', '.join(sorted(self.weights))}"
                )
        return {**self.weights, **changes}


def weighted(parts: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The sum of parts, each times its weight."""
    total = sum(weights[name] * part for name, part in parts.items())
    assert isinstance(total, Tensor)
    return total
