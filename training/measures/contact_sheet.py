"""A contact sheet: what was given, what each filler made of it, and the truth, one person a row.

From questions and fillers to one picture that a person looks at before believing a figure; `mouths` shows them large.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from training.measures.fillers import Fill
from training.measures.questions import Image, Question

GAP = 6
HEAD = 26
GREY = 112
INK = (28, 28, 28)
PAPER = 247
SIDE = 256
# A square around the hole, this much larger than the hole is, but no smaller than a quarter of the picture.
MARGIN = 1.3
SMALLEST = SIDE // 4


def contact_sheet(questions: Sequence[Question], fills: Mapping[str, Fill], *, mouths: bool = False) -> Image:
    """One row per question of 256 x 256 pictures, with a heading over each column; `mouths` enlarges the holes."""
    columns = ["given", *fills, "truth"]
    asked = [question.asked for question in questions]
    filled = [[answer.picture for answer in fill(asked)] for fill in fills.values()]
    sheet = np.full((HEAD + len(questions) * (SIDE + GAP) + GAP, len(columns) * (SIDE + GAP) + GAP, 3), PAPER, np.uint8)
    for row, question in enumerate(questions):
        pictures = [_given(question), *(answers[row] for answers in filled), question.truth]
        top = HEAD + row * (SIDE + GAP)
        for column, picture in enumerate(pictures):
            left = GAP + column * (SIDE + GAP)
            sheet[top : top + SIDE, left : left + SIDE] = enlarged(picture, question) if mouths else picture
    for column, name in enumerate(columns):
        _write(sheet, name, GAP + column * (SIDE + GAP))
    return sheet


def enlarged(picture: Image, question: Question) -> Image:
    """The square around the question's hole at 256 x 256, pixels as they are."""
    rows, columns = np.nonzero(question.hole)
    extent = max(np.ptp(rows), np.ptp(columns)) + 1 if len(rows) else SIDE
    side = int(np.clip(extent * MARGIN, SMALLEST, SIDE))
    middle = ((rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2) if len(rows) else (SIDE // 2,) * 2
    top, left = (int(np.clip(place - side // 2, 0, SIDE - side)) for place in middle)
    part = picture[top : top + side, left : left + side]
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST), np.uint8)


def _given(question: Question) -> Image:
    given = question.image.copy()
    given[question.hole] = GREY
    return given


def _write(sheet: Image, text: str, left: int) -> None:
    cv2.putText(sheet, text, (left, HEAD - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
