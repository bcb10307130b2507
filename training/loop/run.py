"""One run while it trains: players, optimisers, averaged weights, and the step that moves them all.

From a recipe and a batch to the parts of its losses; training.loop calls `learn` and keeps `state` in a file.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from inference.networks.spectral import SpectralConv2d, SpectralConvTranspose2d, settle
from training.data.batches import Batch
from training.loop.processes import ALONE, Processes, learnt_statistics
from training.losses.terms import Areas, areas_of
from training.recipes import RECIPES, Recipe
from training.recipes.fit import check_fit
from training.recipes.recipe import Turn
from training.settings import Phase, Settings

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Run:
    """Everything that changes while training.

    `origin`: what it learns from (training.loop.origin). `history`: the same of the runs that it began from, with their
    settings. `recent`: the losses since the log's last row. `start`: the path of what it began with, or empty.
    """

    def __init__(self, settings: Settings, device: str = "cpu", processes: Processes = ALONE) -> None:
        check_fit(settings, processes.world)
        torch.manual_seed(settings.seed)
        self.settings, self.device, self.processes = settings, torch.device(device), processes
        self.recipe: Recipe = RECIPES[settings.method](settings)
        self.recipe.place(self.device, memory_format(self.device, settings.channels_last))
        self.optimisers = {
            name: Adam(player.parameters(), betas=settings.betas, weight_decay=settings.weight_decay)
            for name, player in self.recipe.players.items()
        }
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=settings.precision == "fp16")
        self.average = copy.deepcopy(self.recipe.network).eval().requires_grad_(False)
        self.spectral = [
            buffer
            for module in self.recipe.players.modules()
            if isinstance(module, SpectralConv2d | SpectralConvTranspose2d)
            for buffer in (module.u, module.v)
        ]
        self.history: list[dict[str, Any]] = []
        self.origin: dict[str, Any] = {}
        self.recent: list[Mapping[str, float]] = []
        self.start = ""
        self.step = 0
        if settings.compile:
            self.recipe.compile()

    def learn(self, batch: Batch, phase: Phase, progress: float) -> dict[str, float]:
        """One step: every turn of the recipe in order. Returns the parts of all losses, of this process's share."""
        weights = self.recipe.weights_of(phase.weights)
        into = round(progress * phase.steps)
        self._set_rates(*phase.rates(into))
        areas = self._areas(batch)
        plays = [self.recipe.turns(piece, weights, areas) for piece in pieces(batch, self.settings.accumulate)]
        log: dict[str, float] = {}
        while (parts := self._take(plays)) is not None:
            log |= parts
        self.step += 1
        self.processes.average(learnt_statistics(self.recipe.players))
        self._follow(into)
        return log

    def _areas(self, batch: Batch) -> Areas:
        own = areas_of(batch.hole)
        return Areas(self.processes.summed(own.holes), own.pictures * self.processes.world)

    def _take(self, plays: Sequence[Iterator[Turn]]) -> dict[str, float] | None:
        """The next turn of every piece, one step of its players; None after the last.

        No weight moves between the pieces, so each sees the same spectral vectors: those of an undivided batch.
        """
        before = [buffer.clone() for buffer in self.spectral] if len(plays) > 1 else []
        log: dict[str, float] = {}
        for number, play in enumerate(plays):
            if number:
                for buffer, value in zip(self.spectral, before, strict=True):
                    buffer.copy_(value)
            turn = self._next(play)
            if turn is None:
                return None
            if not number:
                moving = [self.optimisers[name] for name in turn.players]
                for optimiser in moving:
                    optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(self.scaler.scale(turn.loss / len(plays)))
            for name, part in turn.parts.items():
                log[name] = log.get(name, 0.0) + float(part.detach()) / len(plays)
        self._step(moving)
        return log

    def _next(self, play: Iterator[Turn]) -> Turn | None:
        precision = PRECISIONS[self.settings.precision]
        with torch.autocast(self.device.type, dtype=precision, enabled=precision is not torch.float32):
            return next(play, None)

    def _step(self, moving: Sequence[Adam]) -> None:
        gradients = (p.grad for optimiser in moving for group in optimiser.param_groups for p in group["params"])
        self.processes.average(gradient for gradient in gradients if gradient is not None)
        for optimiser in moving:
            self.scaler.step(optimiser)
        self.scaler.update()

    def _set_rates(self, generators: float, judges: float) -> None:
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = judges if "discriminator" in name else generators

    @torch.no_grad()
    def _follow(self, into: int) -> None:
        """Move the averaged weights a little towards the current ones; counters and running statistics follow alike.

        Every phase begins a new average (`into` counts its steps): weights that suited the last phase's pictures would
        spoil it.
        """
        keep = min(self.settings.average, (1 + into) / (10 + into))
        current = self.recipe.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(current[name], 1 - keep)
            else:
                value.copy_(current[name])

    def state(self) -> dict[str, Any]:
        """All that a later process needs to go on bit for bit."""
        return {
            "step": self.step,
            "settings": self.settings.as_dict(),
            "origin": self.origin,
            "history": self.history,
            "recent": self.recent,
            "start": self.start,
            "players": self.recipe.players.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
            "scaler": self.scaler.state_dict(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a saved state."""
        self.step, self.history = state["step"], state["history"]
        self.origin, self.recent, self.start = state["origin"], state["recent"], state.get("start", "")
        self.recipe.players.load_state_dict(state["players"])
        self.average.load_state_dict(state["average"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        if self.scaler.is_enabled():
            self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["random"])

    def begin_from(self, state: Mapping[str, Any]) -> None:
        """Take the players of another, finished run as this one's first; optimisers and steps begin anew."""
        self.recipe.players.load_state_dict(state["players"])
        self.average.load_state_dict(self.recipe.network.state_dict())
        self.history = [*state["history"], {**state["origin"], "steps": state["step"], "settings": state["settings"]}]

    def begin_with(self, weights: Mapping[str, Tensor], history: Sequence[dict[str, Any]]) -> None:
        """Take a checkpoint's weights as the network's first; `history` is what the card will say of their origin.

        A checkpoint holds spectral layers' weights divided already; their vectors are found anew.
        """
        self.recipe.network.load_state_dict(self.recipe.network.state_dict() | dict(weights))
        settle(self.recipe.network)
        self.average.load_state_dict(self.recipe.network.state_dict())
        self.history = list(history)


def pieces(batch: Batch, count: int) -> list[Batch]:
    """The batch in `count` equal parts, every count-th sample each."""
    if count == 1:
        return [batch]
    return [Batch(**{name: value[number::count] for name, value in vars(batch).items()}) for number in range(count)]


def memory_format(device: torch.device, channels_last: bool | None = None) -> torch.memory_format:
    """As asked for; unasked, channels last on CUDA, where it pays: on the CPU it measured 13 % slower when compact."""
    chosen = device.type == "cuda" if channels_last is None else channels_last
    return torch.channels_last if chosen else torch.contiguous_format


def placed(batch: Batch, device: torch.device, layout: torch.memory_format) -> Batch:
    """The batch on the device, its pictures in this layout."""

    def moved(value: Tensor) -> Tensor:
        return value.to(device, memory_format=layout) if value.ndim == 4 else value.to(device)

    return Batch(**{name: moved(value) for name, value in vars(batch).items()})
