"""What `measure --tables` sets beside the papers: figures by share of hole, Table III and Table IV.

Everything is read before the first hole is filled, so that a missing file is said at once; the tables come from
training.measures.
"""

import argparse
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from training.data.faces import Faces, read_faces
from training.holes.files import read_masks
from training.measures import paper_figures, report
from training.measures.ablation import Trained, read_ablation
from training.measures.fillers import Fill
from training.measures.frechet import WHY_NONE, Frechet, inception
from training.measures.grid import Grid
from training.measures.paper_tables import Fact, paper_table, read_facts
from training.measures.questions import HELD_SPLIT

UNTRAINED = "no figures of ours: train the variants with `python -m training ablate`, then give --ablation"
DRAWN = "holes drawn as irregular masks are"


@dataclass(frozen=True)
class PaperSide:
    """The papers' cells, our faces and their masks, Inception, the ablation's variants, and what notes say of them."""

    facts: list[Fact]
    faces: Faces
    frechet: Frechet | None
    trained: list[Trained]
    limit: int
    batch: int
    people: str
    holes: str

    def grids(self, fills: Mapping[str, Fill], methods: Collection[str]) -> list[Grid]:
        """By share of hole, Table III, Table IV; a figure of ours that is missing is blank, and a note says why."""
        why = [] if self.frechet else [WHY_NONE]
        measured = paper_figures.by_group(fills, self.faces, self.limit, self.frechet)
        three = paper_figures.table_three(measured, methods)
        said = [f"{self.people}, {self.holes}", *why]
        four: paper_figures.Ours = {}
        of_four = [UNTRAINED]
        if self.trained:
            four = paper_figures.table_four(self.trained, self.faces, self.limit, self.frechet, self.batch)
            of_four = [f"{self.people}, mean over seeds, centre block", *why]
        return [
            report.by_share(measured, said),
            paper_table("III", self.facts, three, said),
            paper_table("IV", self.facts, four, of_four),
        ]


def read_paper_side(arguments: argparse.Namespace) -> PaperSide:
    """Read what --paper, --masks, --inception and --ablation name. Raises CommandError for what cannot be used."""
    faces = read_faces(arguments.faces, arguments.split, unasked=HELD_SPLIT)
    changed: dict[str, Any] = {}
    holes = DRAWN
    if arguments.masks:
        changed["masks"] = read_masks(arguments.masks, "valid", held_per_group=arguments.per_group)
        holes = f"holes of the first {arguments.per_group} masks of each group of {arguments.masks}"
    number = min(arguments.limit, len(faces))
    return PaperSide(
        facts=read_facts(arguments.paper),
        faces=replace(faces, **changed),
        frechet=inception(arguments.inception, arguments.device) if arguments.inception else None,
        trained=read_ablation(arguments.ablation, arguments.device) if arguments.ablation else [],
        limit=arguments.limit,
        batch=arguments.batch,
        people=f"Ours: {number} held-out faces of {arguments.faces}, whole composites",
        holes=holes,
    )
