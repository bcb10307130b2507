"""Adversarial learning as the recipes share it: a judge tells real from fake, a generator learns to please the judge.

Used by the recipes beside this file with the discriminators of training.recipes.discriminators.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.losses.terms import cross_entropy, feature_matching, least_squares
from training.recipes.recipe import Turn, weighted
from training.settings import Settings, SettingsError


@dataclass(frozen=True)
class Match:
    """One judge against one generator: what is real, what is fake, the players' names and their terms' prefix."""

    judge: nn.Module
    real: Tensor
    fake: Tensor
    generator: str
    discriminator: str = "discriminator"
    prefix: str = ""

    def term(self, name: str) -> str:
        """A term's name in the log and among the weights."""
        return f"{self.prefix}{name}"


def turns_of(
    match: Match, parts: Mapping[str, Tensor], weights: Mapping[str, float], settings: Settings
) -> Iterator[Turn]:
    """The turns of a generator with these parts and its judge in the contest's order; without weight its own alone."""
    if not wanted(match, weights):
        yield Turn((match.generator,), weighted(parts, weights), parts)
    elif settings.contest.order == "together":
        yield together([(match, parts)], weights, settings)
    elif settings.contest.order == "judge_first":
        yield judging(match, settings)
        yield pleasing(match, parts, weights, settings)
    else:
        yield pleasing(match, parts, weights, settings)
        yield judging(match, settings)


def judging(match: Match, settings: Settings) -> Turn:
    """The judge's turn; of the fake it sees what was made before any turn of this step."""
    loss, _ = judged(match, settings.contest.loss)
    return Turn((match.discriminator,), loss, {match.term("judge"): loss})


def pleasing(match: Match, parts: Mapping[str, Tensor], weights: Mapping[str, float], settings: Settings) -> Turn:
    """The generator's turn: its own parts and what the judge says of its fake."""
    with frozen(match.judge):
        parts = {**parts, **pleased(match, weights, settings.contest.loss)}
    return Turn((match.generator,), weighted(parts, weights), parts)


def together(
    matches: Sequence[tuple[Match, Mapping[str, Tensor]]], weights: Mapping[str, float], settings: Settings
) -> Turn:
    """One backward pass for all players of all matches: each pleases the judge as it was before it learnt.

    The judge learns from its own loss alone, or (fault `shared-gradient`) from the generator's terms as well. A match
    without adversarial weight has no judge; its generator may be taught by the others alone.
    """
    players: list[str] = []
    losses: list[Tensor] = []
    log: dict[str, Tensor] = {}
    for match, parts in matches:
        if not wanted(match, weights):
            players.append(match.generator)
            log |= parts
            if any(weights[name] for name in parts):
                losses.append(weighted(parts, weights))
            continue
        own, real = judged(match, settings.contest.loss)
        if "shared-gradient" in settings.faults:
            terms = pleased(match, weights, settings.contest.loss, real)
        else:
            with frozen(match.judge):
                terms = pleased(match, weights, settings.contest.loss, real)
        terms = {**parts, **terms}
        players += match.discriminator, match.generator
        losses.append(own + weighted(terms, weights))
        log |= {match.term("judge"): own, **terms}
    if not losses:
        raise SettingsError("weights: one term must be above 0, else nothing is learnt from")
    return Turn(tuple(players), torch.stack(losses).sum(), log)


def wanted(match: Match, weights: Mapping[str, float]) -> bool:
    """Whether any adversarial term has a weight."""
    return bool(weights[match.term("adversarial")] or weights[match.term("matching")])


def judged(match: Match, loss: str) -> tuple[Tensor, list[Tensor]]:
    """The judge's own loss, (real + fake) / 2, and its features of the real; no gradient reaches the fake."""
    real_score, real_features = match.judge(match.real)
    fake_score, _ = match.judge(match.fake.detach())
    return (scored(real_score, 1.0, loss) + scored(fake_score, 0.0, loss)) / 2, real_features


def pleased(
    match: Match, weights: Mapping[str, float], loss: str, real_features: Sequence[Tensor] | None = None
) -> dict[str, Tensor]:
    """The generator's terms: `adversarial` and, where it has a weight, `matching` (features of fake against real)."""
    score, features = match.judge(match.fake)
    parts = {match.term("adversarial"): scored(score, 1.0, loss)}
    if weights[match.term("matching")]:
        real = match.judge(match.real)[1] if real_features is None else real_features
        parts[match.term("matching")] = feature_matching(features, real)
    return parts


def scored(score: Tensor, target: float, loss: str) -> Tensor:
    """How far scores in [0, 1] are from the target, by the contest's loss."""
    return least_squares(score, target) if loss == "least_squares" else cross_entropy(score, target)


@contextmanager
def frozen(judge: nn.Module) -> Iterator[None]:
    """The judge passes gradients on but collects none."""
    judge.requires_grad_(False)
    try:
        yield
    finally:
        judge.requires_grad_(True)
