"""A contact sheet: what was given, what each filler made of it, and the truth, one person a row.

From questions and fillers to one picture that a person looks at before believing a figure.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from training.measures import Fill, Image, Question

GAP = 6
HEAD = 26
GREY = 112
INK = (28, 28, 28)
PAPER = 247


def contact_sheet(questions: Sequence[Question], fills: Mapping[str, Fill]) -> Image:
    """One row per question of 256 x 256 pictures, with a heading over each column."""
    columns = ["given", *fills, "truth"]
    rows = [_row(question, fills) for question in questions]
    width = len(columns) * (256 + GAP) + GAP
    sheet = np.full((HEAD + len(rows) * (256 + GAP) + GAP, width, 3), PAPER, np.uint8)
    for column, name in enumerate(columns):
        _write(sheet, name, GAP + column * (256 + GAP))
        for row, pictures in enumerate(rows):
            top, left = HEAD + row * (256 + GAP), GAP + column * (256 + GAP)
            sheet[top : top + 256, left : left + 256] = pictures[column]
    return sheet


def _row(question: Question, fills: Mapping[str, Fill]) -> list[Image]:
    given = question.image.copy()
    given[question.hole] = GREY
    return [given, *(fill(given, question.hole) for fill in fills.values()), question.truth]


def _write(sheet: Image, text: str, left: int) -> None:
    cv2.putText(sheet, text, (left, HEAD - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
