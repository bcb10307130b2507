"""The figures of a filler over many questions, one value a question, and what may be said of their mean.

From training.measures.questions and a filler, by training.measures.distances, to the tables beside this file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.measures.distances import (
    Floats,
    absolute,
    hole_psnr,
    hole_similarity,
    jump,
    landmark_error,
    mean_similarity,
    normalised,
    psnr,
    similarity,
)
from training.measures.fillers import Answer, Fill
from training.measures.questions import Blanked, Image, Question

DRAWS = 2000
CONFIDENCE = 0.95

Witness = Callable[[Image], None]


@dataclass(frozen=True)
class Interval:
    """A mean with the middle 95 % of its bootstrap draws, over `count` questions."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def text(self) -> str:
        """As tables print it."""
        return f"{self.mean:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class Figures:
    """Every measure's value for every question, by name, each an array of N; NaN where a method has no such figure."""

    values: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def mean(self, measure: str) -> float | None:
        """The mean over all questions; None where the method has no such figure."""
        values = self.values[measure]
        return None if np.isnan(values).any() else float(values.mean())

    @property
    def seam(self) -> float:
        """The mean jump across the rims of the filled pictures over that of the truths along the same rims."""
        return float(self.values["jump"].mean() / max(self.values["true_jump"].mean(), 1e-9))

    def of(self, chosen: NDArray[np.bool_]) -> "Figures":
        """The figures of some of the questions."""
        return Figures({name: values[chosen] for name, values in self.values.items()})


def figures(
    fill: Fill, questions: Sequence[Question], *, name: str = "", witness: Witness | None = None, quiet: bool = True
) -> Figures:
    """Ask a filler every question and measure each answer; `witness` sees every filled picture."""
    answers = fill(Blanked(questions))
    rows = []
    for question, answer in zip(
        questions, tqdm(answers, desc=name, total=len(questions), unit="hole", disable=quiet), strict=True
    ):
        rows.append(row(question, answer))
        if witness is not None:
            witness(answer.picture)
    return Figures({name: np.array([one[name] for one in rows]) for name in rows[0]})


def row(question: Question, answer: Answer) -> dict[str, float]:
    """All figures of one answer: dB, SSIM to 1, L1 in percent, jumps in bytes, landmarks in pixels and percent."""
    filled, truth, hole = answer.picture, question.truth, question.hole
    near = similarity(filled, truth)
    error = float("nan") if answer.landmarks is None else landmark_error(answer.landmarks, question.landmarks)
    return {
        "hole_psnr": hole_psnr(filled, truth, hole),
        "hole_ssim": hole_similarity(near, hole),
        "hole_l1": absolute(filled[hole], truth[hole]),
        "psnr": psnr(filled, truth),
        "ssim": mean_similarity(near),
        "l1": absolute(filled, truth),
        "jump": jump(filled, hole),
        "true_jump": jump(truth, hole),
        "landmarks": error,
        "landmarks_normalised": normalised(error, question.landmarks),
    }


def interval(values: Floats, seed: int = 0) -> Interval:
    """The mean of one value a person, and its bootstrap 95 % interval: people are drawn again with replacement."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(DRAWS, len(values)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values[drawn].mean(axis=1), (tail, 1 - tail))
    return Interval(float(values.mean()), float(low), float(high), len(values))
