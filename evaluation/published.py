"""Marks files with the margins of the published tables, in an arrangement of our own.

The papers print sums only; how the marks lay on the sheets was never published. Every file made here has their valid
counts and rank sums (docs/statistics.md), so it must print their Tables I and II to the digit. Serves as sample
and as known answer: `python -m evaluation sample --seed 7 > marks.csv`.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from evaluation.marks import Mark, write_marks
from evaluation.methods import in_order

READERS = ("R1", "R2", "R3")


@dataclass(frozen=True)
class Margins:
    """What the papers print of one data set: per method the number of valid marks and the sum of their ranks."""

    dataset: str
    cases: int
    valid: Mapping[str, int]
    rank_sum: Mapping[str, int]


PUBLISHED = (
    Margins(
        "CleftLip10",
        10,
        {"edgeconnect": 7, "lafin": 7, "ctsdg": 7, "inclg": 15},
        {"edgeconnect": 13, "lafin": 12, "ctsdg": 17, "inclg": 19},
    ),
    Margins(
        "CleftLip24",
        24,
        {"edgeconnect": 23, "lafin": 16, "ctsdg": 19, "inclg": 24},
        {"edgeconnect": 39, "lafin": 29, "ctsdg": 37, "inclg": 29},
    ),
)

# How far the sheets of one case differ, in valid results; readers of real cases agree a little more than by chance.
UNLIKENESS = 1.0
SIDES = ("left", "right", "bilateral")
REASONS = ("blurry", "illogical", "artefact", "mismatch")
Sheet = dict[str, int]  # the rank of each valid method


def arrange(seed: int, published: Sequence[Margins] = PUBLISHED) -> list[Mark]:
    """Marks with the published margins; another seed gives another arrangement with the same margins."""
    chance = random.Random(seed)
    return [mark for margins in published for mark in marks_of(margins, sheets_of(margins, chance), chance)]


def sheets_of(margins: Margins, chance: random.Random) -> list[Sheet]:
    """Sheets whose valid marks and ranks add up to the margins; those of one case lie together and are much alike."""
    methods = in_order(margins.valid)
    choices = [histograms(margins.valid[method], margins.rank_sum[method], len(methods)) for method in methods]
    count = margins.cases * len(READERS)
    while True:
        chosen = dict(zip(methods, (chance.choice(choice) for choice in choices), strict=True))
        sheets = filled(chosen, count, chance)
        if sheets:
            return sorted(sheets, key=lambda sheet: len(sheet) + chance.gauss(0, UNLIKENESS))


def histograms(valid: int, rank_sum: int, places: int) -> list[tuple[int, ...]]:
    """Every way to spread `valid` marks over the ranks from 1 so that the ranks sum to `rank_sum`."""
    spreads = product(range(valid + 1), repeat=places - 1)
    candidates = ((valid - sum(spread), *spread) for spread in spreads)
    return [
        ranks
        for ranks in candidates
        if ranks[0] >= 0 and sum(rank * times for rank, times in enumerate(ranks, start=1)) == rank_sum
    ]


def filled(chosen: Mapping[str, tuple[int, ...]], count: int, chance: random.Random) -> list[Sheet] | None:
    """Deal the ranks out to `count` sheets, or None where these histograms do not fit on sheets."""
    sheets: list[Sheet] = [{} for _ in range(count)]
    room = count
    for place in range(len(chosen)):
        hand = [method for method, times in chosen.items() for _ in range(times[place])]
        if len(hand) > room:
            return None
        room = len(hand)
        dealt = deal(hand, sheets, chance)
        if dealt is None:
            return None
        for sheet, method in zip(sheets, dealt, strict=False):
            sheet[method] = place + 1
    return sheets


def deal(hand: list[str], sheets: Sequence[Sheet], chance: random.Random) -> list[str] | None:
    """Order a hand so that no sheet gets a method twice, by swapping; None where no swap helps."""
    chance.shuffle(hand)
    for here in range(len(hand)):
        if hand[here] not in sheets[here]:
            continue
        swaps = [
            there for there in range(len(hand)) if hand[there] not in sheets[here] and hand[here] not in sheets[there]
        ]
        if not swaps:
            return None
        there = chance.choice(swaps)
        hand[here], hand[there] = hand[there], hand[here]
    return hand


def marks_of(margins: Margins, sheets: Sequence[Sheet], chance: random.Random) -> Iterator[Mark]:
    """Give each sheet a case, a reader and a balanced order on screen."""
    names = chance.sample([f"{margins.dataset}-{number:02}" for number in range(1, margins.cases + 1)], margins.cases)
    orders = {reader: balanced_orders(in_order(margins.valid), margins.cases, chance) for reader in READERS}
    # Cases that are much alike stand together here, so that readers must not go through them in this order.
    turns = random.Random("/".join(names))
    lists = {reader: turns.sample(range(1, margins.cases + 1), margins.cases) for reader in READERS}
    for number, case in enumerate(names):
        side = chance.choice(SIDES)
        readers = chance.sample(READERS, len(READERS))
        for reader, sheet in zip(readers, sheets[number * len(READERS) :], strict=False):
            reading = Mark(
                study="Published margins",
                dataset=margins.dataset,
                case=case,
                phase="pre-op",
                side=side,
                reader=reader,
                reading=f"{case}-{reader}",
                repeat=0,
                kind="scored",
                position="",
                method="",
                checkpoint="",
                valid=False,
                reason="",
                rank=None,
                seconds=float(chance.randint(18, 95)),
                sequence=lists[reader][number],
                submitted_at=f"2026-11-0{reader[1:]}T09:{2 * lists[reader][number]:02}:00+00:00",
                revisions=0,
            )
            yield from judged(reading, sheet, orders[reader][number], chance)


def judged(reading: Mark, sheet: Sheet, order: Sequence[str], chance: random.Random) -> Iterator[Mark]:
    """The marks of one sheet, method by method in their order on screen."""
    for place, method in enumerate(order):
        yield replace(
            reading,
            position=chr(ord("A") + place),
            method=method,
            valid=method in sheet,
            reason="" if method in sheet else chance.choice(REASONS),
            rank=sheet.get(method),
        )


def balanced_orders(methods: Sequence[str], count: int, chance: random.Random) -> list[list[str]]:
    """Orders on screen in which each method stands in each position equally often, or one time more."""
    orders: list[list[str]] = []
    while len(orders) < count:
        first = chance.sample(methods, len(methods))
        square = [first[turn:] + first[:turn] for turn in range(len(first))]
        orders.extend(chance.sample(square, len(square)))
    return orders[:count]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a marks file to stdout; returns the exit code."""
    sys.stdout.buffer.write(write_marks(arrange(parser().parse_args(arguments).seed)))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation sample", description="A marks file with the margins of the published tables."
    )
    result.add_argument("--seed", type=int, default=7, help="another seed arranges the same margins anew (7)")
    return result
