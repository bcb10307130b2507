"""Our side of Tables III and IV: PSNR, SSIM and FID of whole composites, per group of masks.

From checkpoints and held-out faces to the figures that training.measures.paper_tables sets beside the papers', and to
training.measures.report, which prints all that was measured.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.data.faces import Faces
from training.holes.files import GROUPS
from training.measures.ablation import Trained
from training.measures.fillers import BATCH, Fill, by_network
from training.measures.frechet import Frechet
from training.measures.questions import REGULAR, Question, questions_of
from training.measures.scores import Figures, figures

Ours = dict[tuple[str, str, str], float]


@dataclass(frozen=True)
class Measured:
    """What a filler reached on one kind of hole; `distance` is the FID, None without Inception weights."""

    figures: Figures
    distance: float | None

    @property
    def cells(self) -> dict[str, float]:
        """The measures that the papers print."""
        found = {name: float(self.figures.values[name].mean()) for name in ("psnr", "ssim")}
        return found if self.distance is None else found | {"fid": self.distance}


# Fillers by name, for each group of holes.
ByGroup = Mapping[str, Mapping[str, Measured]]


def by_group(fills: Mapping[str, Fill], faces: Faces, limit: int, frechet: Frechet | None) -> ByGroup:
    """Every filler on every group of irregular masks, over at most `limit` faces."""
    return {group: _measured(fills, questions_of(faces, group, limit), frechet, group) for group in GROUPS}


def table_three(measured: ByGroup, methods: Collection[str]) -> Ours:
    """Our cells of Table III."""
    return {
        (name, group, measure): value
        for group, fillers in measured.items()
        for name in methods
        for measure, value in fillers[name].cells.items()
    }


def table_four(
    trained: Sequence[Trained], faces: Faces, limit: int, frechet: Frechet | None, batch: int = BATCH
) -> Ours:
    """Every variant on the regular mask, the mean over its seeds."""
    questions = questions_of(faces, REGULAR, limit)
    fills = {f"{one.variant} {one.seed}": by_network(one.checkpoint.network, batch) for one in trained}
    measured = _measured(fills, questions, frechet, REGULAR)
    found: Ours = {}
    for variant in {one.variant for one in trained}:
        seeds = [measured[f"{one.variant} {one.seed}"].cells for one in trained if one.variant == variant]
        found |= {(variant, REGULAR, name): float(np.mean([one[name] for one in seeds])) for name in seeds[0]}
    return found


def _measured(
    fills: Mapping[str, Fill], questions: Sequence[Question], frechet: Frechet | None, group: str
) -> dict[str, Measured]:
    if frechet is not None:
        frechet.truths(question.truth for question in questions)
    found = {}
    for name, fill in fills.items():
        witness = None if frechet is None else frechet.see
        reached = figures(fill, questions, name=f"{name}, {group}", witness=witness, quiet=False)
        found[name] = Measured(reached, None if frechet is None else frechet.distance())
    return found
