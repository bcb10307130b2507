"""A program that tries to guess the method from everything but the filled lip, and a clock that listens for it.

From clinic.studies.evidence to two figures of the blinding audit. What a guesser could lean on is the letter, the
length, the chunks, the headers, the surround, the token and the time an answer took; none of them may help.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clinic.studies.evidence import Evidence, PictureFacts

RELABELLINGS = 49
PERMUTATIONS = 4999
MOST_TIMED = 200  # cases; more would only cost memory
ROUNDING = 1e-12
SEED = 9

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Guess:
    """The best of the guessing rules: its rate, the rate under random labels, and how many deviations lie between."""

    rate: float
    chance: float
    deviations: float


@dataclass(frozen=True)
class Timing:
    """How the methods' answer times differ: chance of so wide a spread, and slowest to fastest mean."""

    p: float
    ratio: float


@dataclass(frozen=True)
class _Shown:
    """Scored sheets as arrays, n sheets of m letters: method and case (n x m), and one n x m table per fact."""

    arm: Integers
    case: Integers
    facts: dict[str, Integers]


def best_guess(evidence: Evidence) -> Guess:
    """Learn from all other cases which method goes with each fact, guess, and keep the rule that did best.

    Chance is measured, not assumed: the same rule guesses again with the methods of every sheet relabelled at random.
    """
    shown = _shown(evidence)
    if shown.arm.size == 0:
        return Guess(0.0, 0.0, 0.0)
    draws = np.random.default_rng(SEED)
    relabelled = [draws.permuted(shown.arm, axis=1) for _ in range(RELABELLINGS)]
    guesses = []
    for fact in shown.facts.values():
        rate = _rate(shown.arm, shown.case, fact)
        by_chance = np.array([_rate(arm, shown.case, fact) for arm in relabelled])
        spread = max(float(by_chance.std()), 1 / shown.arm.size)
        guesses.append(Guess(rate, float(by_chance.mean()), (rate - float(by_chance.mean())) / spread))
    return max(guesses, key=lambda guess: guess.deviations)


def timing(evidence: Evidence) -> Timing:
    """Permutation test within cases on the spread of mean log times; needs six cases or so to see anything at all."""
    table = _times(evidence)
    if table.size == 0:
        return Timing(1.0, 1.0)
    logs = np.log(table)
    seen = logs.mean(axis=0).std()
    draws = np.random.default_rng(SEED)
    shuffled = draws.permuted(np.repeat(logs[np.newaxis], PERMUTATIONS, axis=0), axis=2)
    more = int((shuffled.mean(axis=1).std(axis=1) >= seen - ROUNDING).sum())
    means = table.mean(axis=0)
    return Timing((more + 1) / (PERMUTATIONS + 1), float(means.max() / means.min()))


def _rate(arm: Integers, case: Integers, fact: Integers) -> float:
    """The share guessed right when each case is left out of what its guesses are learnt from."""
    arms, cases, facts = int(arm.max()) + 1, int(case.max()) + 1, int(fact.max()) + 1
    own = fact.ravel() * cases + case.ravel()
    everywhere = np.bincount(fact.ravel() * arms + arm.ravel(), minlength=facts * arms).reshape(facts, arms)
    in_case = np.bincount(own * arms + arm.ravel(), minlength=facts * cases * arms).reshape(-1, arms)
    learnt = everywhere[fact.ravel()] - in_case[own]
    right = (learnt.argmax(axis=1) == arm.ravel()) & learnt.any(axis=1)
    return float(right.mean())


def _shown(evidence: Evidence) -> _Shown:
    pictures = {(picture.case, picture.arm): picture for picture in evidence.pictures}
    arms, cases, facts = [], [], []
    for sheet in evidence.sheets:
        seen = [pictures.get((sheet.case, arm)) for arm in sheet.arms]
        whole = len(sheet.arms) == len(sheet.positions) == len(sheet.tokens) and len(set(sheet.arms)) == len(sheet.arms)
        if sheet.kind == "scored" and whole and all(seen):
            arms.append(sheet.arms)
            cases.append([sheet.case] * len(sheet.arms))
            told = zip(seen, sheet.positions, sheet.tokens, strict=True)
            facts.append([_facts(picture, position, token) for picture, position, token in told if picture])
    names = facts[0][0] if facts else {}
    return _Shown(
        _coded(arms), _coded(cases), {name: _coded([[one[name] for one in row] for row in facts]) for name in names}
    )


def _facts(picture: PictureFacts, position: str, token: str) -> dict[str, Hashable]:
    return {
        "letter": position,
        "length": picture.length,
        "chunks": picture.chunks,
        "headers": picture.headers,
        "surround": picture.outside > 0,
        "token": token[:1],
        "token end": token[-1:],
    }


def _coded(rows: Sequence[Sequence[Hashable]]) -> Integers:
    """The same table with a whole number for each different entry."""
    codes: dict[Hashable, int] = {}
    return np.array([[codes.setdefault(entry, len(codes)) for entry in row] for row in rows], dtype=np.int64)


def _times(evidence: Evidence) -> npt.NDArray[np.float64]:
    """Seconds by scored case and method, for the methods that all of them show."""
    scored = {sheet.case for sheet in evidence.sheets if sheet.kind == "scored"}
    by_case: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for picture in evidence.pictures:
        if picture.case in scored:
            by_case[picture.case][picture.arm] = picture.seconds
    methods = sorted(set.intersection(*(set(times) for times in by_case.values()))) if by_case else []
    rows = [[times[method] for method in methods] for times in by_case.values()]
    return np.array(rows[:MOST_TIMED], dtype=np.float64)
