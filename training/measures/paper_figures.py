"""Our side of Tables III and IV: PSNR, SSIM and FID of whole composites, per group of masks.

From checkpoints and held-out faces to the figures that training.measures.paper_tables sets beside the papers'.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from training.data.faces import Faces
from training.measures.ablation import Trained
from training.measures.fillers import BATCH, Fill, by_network
from training.measures.frechet import Frechet
from training.measures.questions import GROUPS, REGULAR, Question, questions_of
from training.measures.scores import figures

Ours = dict[tuple[str, str, str], float]


def table_three(fills: Mapping[str, Fill], faces: Faces, limit: int, frechet: Frechet | None) -> Ours:
    """Every method on every group of irregular masks, over at most `limit` faces."""
    found: Ours = {}
    for group in GROUPS:
        questions = questions_of(faces, group, limit)
        for method, measured in _cells(fills, questions, frechet, group).items():
            found |= {(method, group, measure): value for measure, value in measured.items()}
    return found


def table_four(
    trained: Sequence[Trained], faces: Faces, limit: int, frechet: Frechet | None, batch: int = BATCH
) -> Ours:
    """Every variant on the regular mask, the mean over its seeds."""
    questions = questions_of(faces, REGULAR, limit)
    fills = {f"{one.variant} {one.seed}": by_network(one.checkpoint.network, batch) for one in trained}
    cells = _cells(fills, questions, frechet, REGULAR)
    found: Ours = {}
    for variant in {one.variant for one in trained}:
        seeds = [cells[f"{one.variant} {one.seed}"] for one in trained if one.variant == variant]
        found |= {(variant, REGULAR, name): float(np.mean([one[name] for one in seeds])) for name in seeds[0]}
    return found


def _cells(
    fills: Mapping[str, Fill], questions: Sequence[Question], frechet: Frechet | None, group: str
) -> dict[str, dict[str, float]]:
    """PSNR, SSIM and, where there are Inception weights, FID per filler."""
    if frechet is not None:
        frechet.truths(question.truth for question in questions)
    found = {}
    for name, fill in fills.items():
        witness = None if frechet is None else frechet.see
        measured = figures(fill, questions, name=f"{name}, {group}", witness=witness, quiet=False)
        cells = {measure: float(measured.values[measure].mean()) for measure in ("psnr", "ssim")}
        distance = None if frechet is None else frechet.distance()
        found[name] = cells if distance is None else cells | {"fid": distance}
    return found
