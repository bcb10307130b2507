"""Gather what a reader's browser would get from a study, as facts that the blinding audit can judge.

From an allocated study, through the same functions as the pages (clinic.studies.presentation, clinic.studies.desk), to
Evidence for clinic.studies.leaks. Pictures are examined as bytes and let go; of each only facts are kept, so memory
stays flat.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from json import dumps
from random import sample
from struct import unpack
from time import perf_counter

import numpy as np
from django.db.models import Prefetch
from django.template.loader import render_to_string
from PIL import Image

from clinic.cases.pictures import canonical, hole
from clinic.studies import protocol
from clinic.studies.blinding import arms, digest_of, position_counts
from clinic.studies.desk import desk
from clinic.studies.models import FrozenResult, Placement, Reading, Study, StudyCase
from clinic.studies.presentation import arm_pixels, deliver
from inference.contract import Hole, Pixels

MOST_PAGES = 24


@dataclass(frozen=True)
class PictureFacts:
    """One arm of one case as it is sent: `outside` counts pixels outside the hole that differ from the crop."""

    case: str
    arm: str
    length: int
    chunks: tuple[str, ...]
    mode: str
    size: tuple[int, int]
    headers: tuple[tuple[str, str], ...]
    outside: int
    outside_digest: str
    seconds: float


@dataclass(frozen=True)
class SheetFacts:
    """One sheet: its place in the reader's list, the arms behind the letters and the tokens before them."""

    reader: str
    sequence: int
    case: str
    kind: str
    repeat: int
    arms: tuple[str, ...]
    positions: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Everything one audit looks at; `pages` are whole pages and their JSON as text, `secrets` what none of them may
    hold.
    """

    pictures: tuple[PictureFacts, ...]
    sheets: tuple[SheetFacts, ...]
    pages: tuple[str, ...]
    texts: tuple[str, ...]
    secrets: tuple[str, ...]
    counts: dict[str, dict[str, list[int]]]
    tokens_elsewhere: int
    repeat_distance: int
    sealed_digest: str
    stored_digest: str


def gather(study: Study) -> Evidence:
    """Look at everything. Raises VaultError when a picture cannot be opened: then nothing may open either."""
    agreed = protocol.read(study.protocol)
    sheets = tuple(_sheets(study))
    own = Placement.objects.filter(reading__study_reader__study=study)
    elsewhere = Placement.objects.filter(token__in=own.values("token")).exclude(pk__in=own.values("pk")).count()
    return Evidence(
        pictures=tuple(_pictures(study, sheets)),
        sheets=sheets,
        pages=tuple(_pages(study)),
        texts=(study.title, *agreed.texts()),
        secrets=tuple(_secrets(study)),
        counts=position_counts(study),
        tokens_elsewhere=elsewhere,
        repeat_distance=agreed.repeat_distance,
        sealed_digest=digest_of(study),
        stored_digest=study.allocation_digest,
    )


@dataclass(frozen=True)
class Surround:
    """What every picture of a case must show outside its hole: where (256 x 256) and which bytes."""

    where: Hole
    pixels: bytes

    def of(self, received: Pixels) -> tuple[int, str]:
        """How many pixels of a received picture differ outside the hole, and the digest of what stands there."""
        if received.shape[:2] != self.where.shape:
            return int(self.where.sum()), ""
        there = received[self.where].tobytes()
        differing = 0
        if there != self.pixels:
            apart = np.frombuffer(there, np.uint8) != np.frombuffer(self.pixels, np.uint8)
            differing = int(apart.reshape(-1, 3).any(axis=1).sum())
        return differing, sha256(there).hexdigest()


def facts_of(case: str, arm: str, painted: Callable[[], Pixels], surround: Surround) -> PictureFacts:
    """Open and encode one picture as it would leave, and take the bytes apart again as a browser would."""
    began = perf_counter()
    sent = deliver(painted())
    seconds = perf_counter() - began
    with Image.open(BytesIO(sent.body)) as image:
        mode, size = image.mode, image.size
        received = np.asarray(image if mode == "RGB" else image.convert("RGB"))
    outside, digest = surround.of(received)
    return PictureFacts(
        case=case,
        arm=arm,
        length=len(sent.body),
        chunks=tuple(chunks(sent.body)),
        mode=mode,
        size=size,
        headers=tuple(sorted(sent.headers.items())),
        outside=outside,
        outside_digest=digest,
        seconds=seconds,
    )


def chunks(png: bytes) -> Iterator[str]:
    """The names of a PNG's chunks in order, and "rest" when bytes follow the last one."""
    at = 8
    while at + 8 <= len(png):
        length, name = unpack(">I4s", png[at : at + 8])
        at += 12 + length
        yield name.decode("latin-1")
        if name == b"IEND":
            break
    if at != len(png):
        yield "rest"


def _sheets(study: Study) -> Iterator[SheetFacts]:
    for reader in study.readers.all():
        opened = arms(reader)
        for reading in reader.readings.prefetch_related("placements").order_by("sequence"):
            placements = list(reading.placements.all())
            yield SheetFacts(
                reader=reader.code,
                sequence=reading.sequence,
                case=str(reading.study_case_id),
                kind=reading.kind,
                repeat=reading.repeat,
                arms=opened.get(reading.sequence, ()),
                positions=tuple(placement.position for placement in placements),
                tokens=tuple(placement.token for placement in placements),
            )


def _pictures(study: Study, sheets: tuple[SheetFacts, ...]) -> Iterator[PictureFacts]:
    shown: dict[str, set[str]] = {}
    for sheet in sheets:
        shown.setdefault(sheet.case, set()).update(sheet.arms)
    chosen = StudyCase.objects.filter(study=study).select_related("mask__crop__photograph", "mask__crop__sealed")
    joined = FrozenResult.objects.select_related("result__sealed", "result__job__mask__crop__photograph")
    for one in chosen.select_related("mask__sealed").prefetch_related(Prefetch("results", joined)):
        if one.mask is None:
            continue
        where = ~hole(one.mask)
        surround = Surround(where, canonical(one.mask.crop)[where].tobytes())
        wanted = sorted(shown.get(str(one.pk), ()))
        # In a fresh order each time: the first to be opened always waits a little longer for the disk.
        for arm in sample(wanted, len(wanted)):
            yield facts_of(str(one.pk), arm, partial(arm_pixels, one, arm), surround)


def _pages(study: Study) -> Iterator[str]:
    readings = Reading.objects.filter(study_reader__study=study).select_related(
        "study_case__case", "study_reader__study"
    )
    for reading in readings.order_by("sequence", "study_reader__position")[:MOST_PAGES]:
        page = desk(reading)
        yield render_to_string("studies/reading.html", {"desk": page})
        yield dumps(page.sheet)


def _secrets(study: Study) -> Iterator[str]:
    for one in study.cases.select_related("case").prefetch_related("results__result__job__checkpoint"):
        yield from (one.case.code, str(one.case_id), str(one.pk))
        for frozen in one.results.all():
            job = frozen.result.job
            yield from (str(frozen.result_id), str(job.pk), job.checkpoint.sha256[:12], str(frozen.result.sealed_id))
