"""What the loop asks of a recipe: the players, and whose turn it is to learn from which loss.

One recipe per method stands beside this file; training.loop runs any of them and knows none.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from inference.networks.inpainting import InpaintingNetwork
from training.data.batches import Batch
from training.losses.terms import Areas
from training.losses.vgg import FALLBACK_BANDS, read_critic
from training.settings import Settings, SettingsError

SEEN_BY_VGG = ("perceptual", "style")


@dataclass(frozen=True)
class Turn:
    """One backward pass: the players whose weights move, the loss, and its parts for the log."""

    players: tuple[str, ...]
    loss: Tensor
    parts: Mapping[str, Tensor]


class Recipe(ABC):
    """A method's way of learning. `network` is what the checkpoint will hold; `players` also names its adversaries.

    `critic` is the VGG of the perceptual terms, or None; `remarks` is what the card must say beside the settings.
    """

    #: Every loss weight the recipe knows, with its default; a phase may change any of them, 0 leaves the term out.
    weights: ClassVar[Mapping[str, float]]
    #: In which order judge and generator may learn.
    orders: ClassVar[tuple[str, ...]] = ("judge_first", "generator_first", "together")
    #: What `stage` may be; the first is all stages in one run.
    stages: ClassVar[tuple[str, ...]] = ("",)
    vgg: ClassVar[str] = "VGG19"
    network: InpaintingNetwork
    players: nn.ModuleDict

    def __init__(self, settings: Settings) -> None:
        """Build the network and its adversaries with fresh weights. Raises CommandError for unusable settings."""
        if settings.stage not in self.stages:
            known = ", ".join(repr(stage) for stage in self.stages)
            raise SettingsError(f"stage: {settings.stage!r} is none of {known}")
        if settings.contest.order not in self.orders:
            raise SettingsError(
                f"contest.order: {settings.contest.order!r} is no order of {settings.method}; "
                f"choose {' or '.join(self.orders)}"
            )
        self.settings = settings
        self.critic, self.remarks = None, {}
        if any(phase.weights.get(term) for phase in settings.phases for term in SEEN_BY_VGG):
            self.critic, said = read_critic(settings.vgg, self.vgg)
            self.remarks["perceptual"] = said
        for phase in settings.phases:
            self.weights_of(phase.weights)
        self.build(settings)

    @abstractmethod
    def build(self, settings: Settings) -> None:
        """Set `network` and `players`."""

    @abstractmethod
    def turns(self, batch: Batch, weights: Mapping[str, float], areas: Areas) -> Iterator[Turn]:
        """Yield the turns of one step in order; the loop steps the players' optimisers between them.

        The batch may be a part of the step's; areas are the whole step's.
        """

    def weights_of(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The recipe's weights with a phase's changes, and with the fallback where VGG is wanted but absent.

        Raises SettingsError for a term that the recipe does not know.
        """
        for term in changes:
            if term not in self.weights:
                raise SettingsError(
                    f"weights: unknown term {term!r}; this recipe knows {', '.join(sorted(self.weights))}"
                )
        weights = {**self.weights, **changes}
        if self.critic is None and any(weights.get(term) for term in SEEN_BY_VGG):
            weights |= dict.fromkeys(SEEN_BY_VGG, 0.0)
            if self.settings.vgg.instead == "bands":
                weights["bands"] = FALLBACK_BANDS
        return weights

    def place(self, device: torch.device, layout: torch.memory_format) -> None:
        """Move everything to the device, ready to learn; batch norms stay as they are where they are to be frozen."""
        self.players.to(device).to(memory_format=layout).train()
        if self.critic is not None:
            self.critic.to(device).to(memory_format=layout)
        if self.settings.frozen_norm and "thawed-norm" not in self.settings.faults:
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    def compile(self) -> None:
        """Have torch compile every player; results agree to rounding, and the first steps take minutes."""
        for player in self.players.values():
            player.compile()


def weighted(parts: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The sum of parts, each times its weight; parts without weight are for the log alone."""
    total = sum(weights[name] * part for name, part in parts.items() if weights[name])
    if not isinstance(total, Tensor):
        raise SettingsError(f"weights: one of {', '.join(sorted(parts))} must be above 0, else nothing is learnt from")
    return total
