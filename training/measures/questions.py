"""The questions that fillers are asked: a picture, its hole, and what should have been under it.

From folders of training.synthetic, through training.data.faces, to training.measures.scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from training.data.faces import Faces, read_clefts, read_faces
from training.errors import CommandError
from training.holes import MaskFiles, centre
from training.holes.files import BOUNDS, GROUPS
from training.holes.irregular import irregular
from training.synthetic.clinical_mask import clinical_hole

Image = NDArray[np.uint8]
Hole = NDArray[np.bool_]
Points = NDArray[np.float32]

SIZE = 256
REGULAR = "regular"
CLINICAL = "clinical"
# Which split of a folder that `prepare` wrote is measured on.
HELD_SPLIT = "test"
KINDS = (CLINICAL, *GROUPS, REGULAR)


@dataclass(frozen=True)
class Asked:
    """What a filler sees: a picture whose hole is black already, and the hole (256 x 256)."""

    image: Image
    hole: Hole


@dataclass(frozen=True)
class Question:
    """A picture with its hole, and the bytes that should have been under it (all 256 x 256).

    landmarks: the true person's, 68 x 2 in pixels. side and severity (0 to 1) only where a cleft lies under the hole.
    """

    image: Image
    hole: Hole
    truth: Image
    landmarks: Points
    side: str = ""
    severity: float = 0.0

    @property
    def asked(self) -> Asked:
        """The question as a filler sees it: nothing under the hole can help it."""
        blanked = self.image.copy()
        blanked[self.hole] = 0
        return Asked(blanked, self.hole)


class Blanked(Sequence[Asked]):
    """Questions as a filler sees them, each blanked when it is looked at, so that many need no memory of their own."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions

    def __len__(self) -> int:
        return len(self.questions)

    @overload
    def __getitem__(self, index: int) -> Asked: ...

    @overload
    def __getitem__(self, index: slice) -> list[Asked]: ...

    def __getitem__(self, index: int | slice) -> Asked | list[Asked]:
        chosen = self.questions[index]
        return chosen.asked if isinstance(chosen, Question) else [question.asked for question in chosen]


def cleft_questions(folder: Path, limit: int | None = None) -> list[Question]:
    """Each patient with the mask drawn over the cleft; the truth is the same person rendered without it."""
    return [
        Question(cleft.image, cleft.hole, cleft.truth, cleft.landmarks, cleft.side, cleft.severity)
        for cleft in read_clefts(folder)
    ][:limit]


def face_questions(
    folder: Path, kind: str = CLINICAL, limit: int | None = None, split: str | None = None
) -> list[Question]:
    """Each held-out face with one hole of this kind, drawn by a generator seeded with the face's place in the folder.

    split: which faces of a folder that `prepare` wrote. Raises CommandError where there are none.
    """
    faces = read_faces(folder, split, unasked=HELD_SPLIT)
    if not len(faces):
        raise CommandError(f"{folder} holds no faces; make some with `python -m training synth --kind face`")
    return questions_of(faces, kind, limit)


def questions_of(faces: Faces, kind: str, limit: int | None = None) -> list[Question]:
    """The same of faces that have been read."""
    pairs = zip(faces.images[:limit], faces.landmarks[:limit], strict=True)
    return [
        Question(image, hole_of(kind, points, number, faces.masks), image, points)
        for number, (image, points) in enumerate(pairs)
    ]


def hole_of(kind: str, landmarks: Points, number: int, masks: MaskFiles | None = None) -> Hole:
    """The hole of this kind for face `number`: always the same one. Mask files, where given, stand for the groups."""
    rng = np.random.default_rng(number)
    if kind == CLINICAL:
        return clinical_hole(landmarks, rng)
    if kind == REGULAR:
        return centre(SIZE)
    group = GROUPS.index(kind)
    if masks is None:
        return irregular(rng, SIZE, BOUNDS[group], BOUNDS[group + 1])
    return masks.hole(group, number % len(masks.groups[group]))


def severity_bounds(questions: Sequence[Question]) -> tuple[float, float]:
    """The two severities that cut the patients into three groups of one size."""
    low, high = np.quantile([question.severity for question in questions], (1 / 3, 2 / 3))
    return float(low), float(high)
