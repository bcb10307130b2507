"""Simulated readers: they see what a surgeon sees, and know what no surgeon can, the face without its cleft.

From the pictures of a sheet, as they leave for the browser, to a submitted sheet. Readers differ in strictness and in
steadiness; the methods are as unknown to them as to anyone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinic.accounts.models import User
from clinic.cases.pictures import hole
from clinic.studies.models import Reading, Reason, Study
from clinic.studies.presentation import result_picture
from clinic.studies.reading import next_for, open_reading, submit

Pixels = NDArray[np.uint8]

UNSTEADINESS = 0.12  # spread of a reader's factor on what is seen
BLURRED = 0.6  # share of the truth's contrast below which a picture is called blurry


@dataclass(frozen=True)
class SimulatedReader:
    """A surgeon of nobody: accepts a mean difference from the truth of `strictness` grey levels inside the hole."""

    user: User
    strictness: float
    seed: int


def read_all(reader: SimulatedReader, study: Study, truths: Mapping[UUID, Pixels]) -> Iterator[Reading]:
    """Judge and submit every sheet of this reader, yielding each; `truths` has the face without cleft by case."""
    rng = np.random.default_rng(reader.seed)
    while (sheet := next_for(reader.user, study)) is not None:
        open_reading(sheet)
        seconds = round(float(rng.uniform(20, 70)))
        yield submit(sheet, judge(sheet, reader, truths, rng), sheet.revision, seconds=seconds)


def judge(
    sheet: Reading, reader: SimulatedReader, truths: Mapping[UUID, Pixels], rng: np.random.Generator
) -> list[dict[str, object]]:
    """The four entries of a sheet as the page sends them: near enough to the truth is valid, the nearest first."""
    mask, truth = sheet.study_case.mask, truths[sheet.study_case.case_id]
    assert mask is not None
    inside = hole(mask)
    seen = {placement.position: _decoded(result_picture(placement).body) for placement in sheet.placements.all()}
    errors = {letter: _difference(shown, truth, inside) * rng.normal(1, UNSTEADINESS) for letter, shown in seen.items()}
    accepted = sorted((letter for letter in seen if errors[letter] < reader.strictness), key=lambda one: errors[one])
    return [_entry(letter, accepted, shown, truth, inside) for letter, shown in seen.items()]


def _entry(
    letter: str, accepted: Sequence[str], shown: Pixels, truth: Pixels, inside: NDArray[np.bool_]
) -> dict[str, object]:
    if letter in accepted:
        return {"position": letter, "valid": True, "reason": "", "rank": accepted.index(letter) + 1}
    blurred = _contrast(shown, inside) < BLURRED * _contrast(truth, inside)
    reason = Reason.BLURRY if blurred else Reason.MISMATCH
    return {"position": letter, "valid": False, "reason": reason.value, "rank": None}


def _difference(shown: Pixels, truth: Pixels, inside: NDArray[np.bool_]) -> float:
    """Mean absolute difference inside the hole, in grey levels of 255."""
    return float(np.abs(shown[inside].astype(float) - truth[inside]).mean())


def _contrast(picture: Pixels, inside: NDArray[np.bool_]) -> float:
    """Mean step between neighbours inside the hole, in grey levels."""
    grey = picture.mean(axis=2)
    steps = np.abs(np.diff(grey, axis=1, append=grey[:, -1:])) + np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    return float(steps[inside].mean())


def _decoded(png: bytes) -> Pixels:
    with Image.open(BytesIO(png)) as picture:
        return np.asarray(picture, dtype=np.uint8)
