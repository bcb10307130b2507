"""What a run is drawn from: shares of folders of faces, shares of kinds of holes.

Two tables of the TOML file, `[[data]]` and `[holes]`; part of training.settings, obeyed by training.data and
training.holes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DATA_KINDS = ("celeba", "folder", "synthetic")


@dataclass(frozen=True)
class HoleShares:
    """How often each kind of hole is drawn; shares need not sum to one.

    files: from the folder `masks` (under FACES), in the groups 0-20, 20-40, 40-60 % by the shares `groups`; `per_group`
    masks of each to train and `held_per_group` to validate; a byte above `threshold` is hole. nothing: no hole at all.
    parted: share of the clinical holes drawn where a cleft would have drawn the lip and the nose, not where they are.
    """

    clinical: float = 1.0
    strokes: float = 0.0
    block: float = 0.0
    files: float = 0.0
    centre: float = 0.0
    nothing: float = 0.0
    masks: str = ""
    groups: tuple[float, ...] = (1.0, 1.0, 1.0)
    per_group: int = 3300
    held_per_group: int = 200
    threshold: int = 100
    parted: float = 0.0

    @property
    def shares(self) -> tuple[float, ...]:
        """Of clinical, strokes, block, files, centre, nothing."""
        return self.clinical, self.strokes, self.block, self.files, self.centre, self.nothing


@dataclass(frozen=True)
class DataShare:
    """One folder of faces among several: kind (what it was made of), path under FACES, how often, which split."""

    kind: str
    path: str
    share: float = 1.0
    split: str = "train"


def complaints(holes: HoleShares, data: Sequence[DataShare]) -> Iterator[str]:
    """Whatever cannot be drawn from, each in one line that names the key."""
    yield from _of_holes(holes)
    for number, source in enumerate(data):
        if source.kind not in DATA_KINDS:
            yield f"data[{number}]: kind {source.kind!r} is none of {', '.join(DATA_KINDS)}"
        if not source.share > 0:
            yield f"data[{number}]: share {source.share} must be above 0"


def _of_holes(holes: HoleShares) -> Iterator[str]:
    for place, shares in (("holes", holes.shares), ("holes.groups", holes.groups)):
        if min(shares, default=0) < 0 or sum(shares) <= 0:
            yield f"{place}: shares must not be negative, and one must be above 0"
    if len(holes.groups) != 3:
        yield "holes.groups: three shares are needed, for 0-20, 20-40 and 40-60 % of hole"
    if not 0 <= holes.threshold < 255:
        yield f"holes.threshold: {holes.threshold} is a byte that some byte is above, 0 to 254"
    if not 0 <= holes.parted <= 1:
        yield f"holes.parted: {holes.parted} is a share, 0 to 1"
    if holes.files and not holes.masks:
        yield "holes.masks: name the folder of mask files, for files is above 0"
    if min(holes.per_group, holes.held_per_group) < 1:
        yield "holes: per_group and held_per_group are 1 or more"
