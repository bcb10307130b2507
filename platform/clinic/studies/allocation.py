"""Who reads what, in which order, and which method stands at which letter: drawn once, by a keyed generator.

From cases, methods and readers of a study (clinic.studies.opening) to planned sheets that clinic.studies.blinding
seals. Pure: no database. Within a reader every method stands equally often at A, B, C and D, up to one, over all scored
cases and over those of each data set; the next reader sees the same case with the letters moved on by one row of the
same Latin square, so positions also balance over readers, case by case.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from clinic.studies.keyed import Keyed
from clinic.studies.models import SheetKind
from clinic.studies.williams import square

UNTOUCHED, BROKEN = "untouched", "broken"
CONTROL_ARMS = (UNTOUCHED, BROKEN)

Arrangement = tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """What is to be read: ids of cases (the scored ones by data set), methods, and how often repeats come."""

    scored: tuple[tuple[str, ...], ...]
    training: tuple[str, ...]
    control: tuple[str, ...]
    methods: tuple[str, ...]
    readers: int
    readers_per_case: int
    repeat_share: float
    repeat_distance: int


@dataclass(frozen=True)
class Sheet:
    """One planned sheet: `methods` in the order of the letters; `sequence` counts from 1 within the reader."""

    reader: int
    sequence: int
    case: str
    kind: SheetKind
    repeat: int
    methods: Arrangement


def plan(design: Design, seed: bytes) -> list[Sheet]:
    """All sheets of all readers, in each reader's own order.

    Scored cases go to `readers_per_case` of the readers (all of them: crossed), as evenly as the numbers allow;
    training and control sheets go to everyone. The same design and seed always give the same plan.
    """
    drawn = [Keyed(seed, "cases", str(number)).shuffled(group) for number, group in enumerate(design.scored)]
    places = {case: place for place, case in enumerate(chain.from_iterable(drawn))}
    sheets: list[Sheet] = []
    for reader in range(design.readers):
        own = [[case for case in group if _reads(places[case], reader, design)] for group in drawn]
        sheets += _list_of(reader, own, design, seed)
    return sheets


def wanted_repeats(share: float, cases: int) -> int:
    """How many hidden repeats a reader of so many scored cases gets; half a one counts as one."""
    return int(share * cases + 0.5)


def room_for_repeats(distance: int, cases: int) -> int:
    """How many cases come early enough in a reader's list to be repeated `distance` sheets later."""
    return max(0, cases - distance + 1)


def _reads(place: int, reader: int, design: Design) -> bool:
    """Whether the case at this place goes to this reader: a case's readers are neighbours on a wheel that turns on."""
    return (reader - place * design.readers_per_case) % design.readers < design.readers_per_case


def _list_of(reader: int, groups: Sequence[Sequence[str]], design: Design, seed: bytes) -> list[Sheet]:
    """One reader's sheets: training first, then the others in an own order, with the hidden repeats among them."""
    draw = Keyed(seed, "order", str(reader))
    letters = _Letters(design.methods, reader, seed)
    scored = [
        Sheet(reader, 0, case, SheetKind.SCORED, 0, methods)
        for number, group in enumerate(groups)
        for case, methods in zip(group, letters.of_group(number, len(group)), strict=True)
    ]
    order = draw.shuffled(scored)
    again = _repeats(order, design, draw, letters.onwards("repeats"))
    apart = _Letters(design.methods, reader, seed).onwards("training")
    training = [Sheet(reader, 0, case, SheetKind.TRAINING, 0, next(apart)) for case in design.training]
    control = [Sheet(reader, 0, case, SheetKind.CONTROL, 0, _control_arms(design, draw)) for case in design.control]
    anywhere = [(draw.below(len(order) + 1), sheet) for sheet in control]
    whole = training + _woven(order, again + anywhere)
    return [replace(sheet, sequence=number) for number, sheet in enumerate(whole, start=1)]


class _Letters:
    """Orders of the methods over the letters, for one reader.

    Whole blocks of cases get a square of their own each. What a data set leaves over takes the next rows of one common
    square, round and round: any run of neighbouring rows is balanced up to one, so data sets and the whole are too.
    Every square is the same for all readers but for the row at which each begins.
    """

    def __init__(self, methods: Sequence[str], reader: int, seed: bytes) -> None:
        self._methods, self._reader, self._seed = methods, reader, seed
        self._common = self._square("common")
        self._taken = 0

    def of_group(self, number: int, size: int) -> Iterator[Arrangement]:
        """As many orders as a data set has cases."""
        blocks, left = divmod(size, len(self._common))
        for block in range(blocks):
            yield from self._square(f"{number}/{block}")
        for _ in range(left):
            yield self._next_common()

    def onwards(self, stream: str) -> Iterator[Arrangement]:
        """Orders without end: first the rows that the common square has left, then whole blocks."""
        while self._taken % len(self._common):
            yield self._next_common()
        for block in count():
            yield from self._square(f"{stream}/{block}")

    def _next_common(self) -> Arrangement:
        self._taken += 1
        return self._common[(self._taken - 1) % len(self._common)]

    def _square(self, label: str) -> list[Arrangement]:
        draw = Keyed(self._seed, "letters", label)
        named, rows = draw.shuffled(self._methods), draw.shuffled(square(len(self._methods)))
        begin = self._reader % len(rows)
        return [tuple(named[entry] for entry in row) for row in rows[begin:] + rows[:begin]]


def _control_arms(design: Design, draw: Keyed) -> Arrangement:
    """A control sheet: the untouched face and a broken fill among as many real results as fill the letters."""
    real = draw.shuffled(design.methods)[: len(design.methods) - len(CONTROL_ARMS)]
    return tuple(draw.shuffled([*CONTROL_ARMS, *real]))


def _repeats(
    order: Sequence[Sheet], design: Design, draw: Keyed, letters: Iterator[Arrangement]
) -> list[tuple[int, Sheet]]:
    """Hidden repeats as (number of first readings before it, sheet), each in other letters than the first time."""
    distance = design.repeat_distance
    able = draw.shuffled(list(enumerate(order))[: room_for_repeats(distance, len(order))])
    wanted = min(wanted_repeats(design.repeat_share, len(order)), len(able))
    repeats: list[tuple[int, Sheet]] = []
    for _ in range(wanted):
        methods = next(letters)
        chosen = next((pair for pair in able if pair[1].methods != methods), None)
        if chosen is None:
            break
        able.remove(chosen)
        place, sheet = chosen
        earliest = place + distance
        gap = earliest + draw.below(len(order) - earliest + 1)
        repeats.append((gap, replace(sheet, repeat=1, methods=methods)))
    return repeats


def _woven(order: Sequence[Sheet], inserted: Sequence[tuple[int, Sheet]]) -> list[Sheet]:
    """The first readings in their order, with each inserted sheet after as many of them as it names."""
    whole: list[Sheet] = []
    for place in range(len(order) + 1):
        whole += [sheet for gap, sheet in inserted if gap == place]
        whole += order[place : place + 1]
    return whole
