"""Gather what a reader's browser would get from a study, as facts that the blinding audit can judge.

From an allocated study, through the same functions as the pages (clinic.studies.presentation, clinic.studies.desk), to
Evidence for clinic.studies.leaks. Pictures are examined as bytes and let go; of each only facts are kept, so memory
stays flat.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from io import BytesIO
from itertools import groupby
from json import dumps
from operator import itemgetter
from random import sample
from struct import unpack
from time import perf_counter

import numpy as np
from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from PIL import Image

from clinic.cases.pictures import canonical, hole
from clinic.studies import protocol
from clinic.studies.api.sheets import sheet_json
from clinic.studies.blinding import Counts, arms, counts_of, digest_of
from clinic.studies.desk import desk
from clinic.studies.models import FrozenResult, Placement, Reading, SheetKind, Study, StudyCase, StudyReader
from clinic.studies.presentation import arm_pixels, deliver
from inference.contract import Hole, Pixels

MOST_PAGES = 24
PHOTOGRAPH = "photograph"


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
    """One sheet: its place in the reader's list, the arms behind the letters and the tokens before them; `photograph`
    is the token of the photograph before surgery, "" where there is none.
    """

    reader: str
    sequence: int
    case: str
    kind: str
    repeat: int
    arms: tuple[str, ...]
    positions: tuple[str, ...]
    tokens: tuple[str, ...]
    photograph: str = ""


@dataclass(frozen=True)
class Evidence:
    """Everything one audit looks at; `pages` are whole pages and their JSON as text, `secrets` what none of them may
    hold. `pages_unmade` counts sheets without a page, since a picture of theirs has no address.
    """

    pictures: tuple[PictureFacts, ...]
    sheets: tuple[SheetFacts, ...]
    pages: tuple[str, ...]
    texts: tuple[str, ...]
    secrets: tuple[str, ...]
    counts: Counts
    tokens_elsewhere: int
    repeat_distance: int
    sealed_digest: str
    stored_digest: str
    photograph: bool = False
    photographs: tuple[PictureFacts, ...] = ()
    pages_unmade: int = 0


def gather(study: Study) -> Evidence:
    """Look at everything. Raises VaultError when a picture cannot be opened: then nothing may open either."""
    agreed = protocol.read(study.protocol)
    sheets = tuple(_sheets(study))
    own = Placement.objects.filter(reading__study_reader__study=study)
    elsewhere = Placement.objects.filter(token__in=own.values("token")).exclude(pk__in=own.values("pk")).count()
    pages = [_pages(one) for one in _first_sheets(study)]
    return Evidence(
        pictures=tuple(_pictures(study, sheets)),
        sheets=sheets,
        pages=tuple(text for made in pages for text in made),
        pages_unmade=sum(not made for made in pages),
        texts=(study.title, *agreed.texts()),
        secrets=tuple(_secrets(study)),
        counts=_counts(sheets),
        tokens_elsewhere=elsewhere,
        repeat_distance=agreed.repeat_distance,
        photograph=agreed.photograph,
        photographs=tuple(_photographs(study)),
        sealed_digest=digest_of(study),
        stored_digest=study.allocation_digest,
    )


@dataclass(frozen=True)
class Surround:
    """What every picture of a case must show outside its hole: where (256 x 256) and which bytes."""

    where: Hole
    pixels: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 of these bytes, which every picture of the case should have."""
        return sha256(self.pixels).hexdigest()

    def of(self, received: Pixels) -> tuple[int, str]:
        """How many pixels of a received picture differ outside the hole, and the digest of what stands there."""
        if received.shape[:2] != self.where.shape:
            return int(self.where.sum()), ""
        there = received[self.where].tobytes()
        if there == self.pixels:
            return 0, self.digest
        apart = np.frombuffer(there, np.uint8) != np.frombuffer(self.pixels, np.uint8)
        return int(apart.reshape(-1, 3).any(axis=1).sum()), sha256(there).hexdigest()


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
    """Every sheet, by reader and sequence; two queries for each reader, however many sheets there are."""
    for reader in study.readers.all():
        opened, shown = arms(reader), _placements(reader)
        facts = reader.readings.order_by("sequence").values_list(
            "sequence", "study_case", "kind", "repeat", "photograph_token"
        )
        for sequence, case, kind, repeat, photograph in facts:
            placements = shown.get(sequence, [])
            yield SheetFacts(
                reader=reader.code,
                sequence=sequence,
                case=str(case),
                kind=kind,
                repeat=repeat,
                arms=opened.get(sequence, ()),
                positions=tuple(position for _, position, _ in placements),
                tokens=tuple(token for *_, token in placements),
                photograph=photograph or "",
            )


def _placements(reader: StudyReader) -> dict[int, list[tuple[int, str, str]]]:
    """Sequence, letter and token of each picture of a reader, by sequence, letters in their order."""
    own = Placement.objects.filter(reading__study_reader=reader).order_by("reading__sequence", "position")
    rows = own.values_list("reading__sequence", "position", "token")
    return {sequence: list(placements) for sequence, placements in groupby(rows, key=itemgetter(0))}


def _counts(sheets: Iterable[SheetFacts]) -> Counts:
    """Per reader, how often each method stands at each letter on scored first readings."""
    counted = (sheet for sheet in sheets if sheet.kind == SheetKind.SCORED and not sheet.repeat)
    return {
        reader: counts_of(sheet.arms for sheet in own) for reader, own in groupby(counted, key=lambda one: one.reader)
    }


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


def _photographs(study: Study) -> Iterator[PictureFacts]:
    """The photograph of each case that is offered with one, as it is sent."""
    offered = Reading.objects.filter(study_reader__study=study, photograph_token__isnull=False).values("study_case")
    for one in StudyCase.objects.filter(pk__in=offered, mask__isnull=False).select_related("mask__crop__photograph"):
        if one.mask is not None:
            where = ~hole(one.mask)
            surround = Surround(where, canonical(one.mask.crop)[where].tobytes())
            yield facts_of(str(one.pk), PHOTOGRAPH, partial(canonical, one.mask.crop), surround)


def _first_sheets(study: Study) -> QuerySet[Reading]:
    readings = Reading.objects.filter(study_reader__study=study).order_by("sequence", "study_reader__position")
    return readings.select_related("study_case__case", "study_reader__study")[:MOST_PAGES]


def _pages(reading: Reading) -> tuple[str, ...]:
    """A sheet's page, the JSON beside it and that of the API; nothing where a picture's token makes no address."""
    try:
        page, answer = desk(reading), sheet_json(reading)
    except NoReverseMatch:
        return ()
    return render_to_string("studies/reading.html", {"desk": page}), dumps(page.sheet), dumps(answer)


def _secrets(study: Study) -> Iterator[str]:
    for one in study.cases.select_related("case").prefetch_related("results__result__job__checkpoint"):
        yield from (one.case.code, str(one.case_id), str(one.pk))
        for frozen in one.results.all():
            job = frozen.result.job
            yield from (str(frozen.result_id), str(job.pk), job.checkpoint.sha256[:12], str(frozen.result.sealed_id))
