"""What the clinic's stories share: a vault, masks on invented pictures, checkpoints, and a worker that paints grey."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from celery import Celery
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from clinic.accounts.models import User
from clinic.cases import apart
from clinic.cases.intake import admit
from clinic.cases.models import Case, Crop, Mask, Photograph
from clinic.inpainting import identity, queue
from clinic.inpainting.models import Checkpoint, OutboxEntry, Worker
from clinic.inpainting.record import Verdict, accept
from clinic.studies.blinding import seal_arms
from clinic.studies.models import Mark, Reading, State, Study, StudyCase, StudyMethod, StudyReader, Unblinding
from clinic.studies.protocol import Protocol
from clinic.vault.models import CaseKey
from clinic.vault.providers import create_key_file
from clinic.vault.store import new_case_key, seal
from clinic.vault.vml1 import Kind
from evaluation import schema
from inference.answering import Desk, Paint, Painted, answer
from inference.broker import celery_settings
from inference.contract import METHODS, SIZE, Hole, Order, OrderHeader, Pixels
from inference.keys import WorkerKeys

GREY = 128


@pytest.fixture(autouse=True)
def _keys(data_folder: Path) -> None:
    create_key_file(data_folder / "keys" / "vault.key")
    identity.create_platform_key()


@pytest.fixture(autouse=True)
def broker(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is this test's broker; orders that are published lie there as files."""
    folder = data_folder / "broker"
    app = Celery("clinic", fixups=[], set_as_current=False)
    app.add_defaults(lambda: celery_settings(f"filesystem://{folder}"))
    monkeypatch.setattr(queue, "app", app)
    return folder


def face(seed: int = 0) -> Pixels:
    """A picture of nobody: 256x256x3 bytes of noise, none of them black."""
    return np.random.default_rng(seed).integers(1, 256, (SIZE, SIZE, 3), dtype=np.uint8)


def lip(left: int = 90, right: int = 170) -> Hole:
    """A hole where the lip would be."""
    hole = np.zeros((SIZE, SIZE), np.bool_)
    hole[150:200, left:right] = True
    return hole


MakeMask = Callable[..., Mask]


@pytest.fixture
def make_mask(db: None) -> MakeMask:
    """Store a case with crop and mask, sealed, without the work of a real upload: ``make_mask(rosa, "VM-0145")``."""

    @transaction.atomic
    def made(owner: User, code: str = "VM-0001", pixels: Pixels | None = None, hole: Hole | None = None) -> Mask:
        pixels, hole, key = face() if pixels is None else pixels, lip() if hole is None else hole, new_case_key()
        case = Case.objects.create(
            hospital=owner.hospital,
            owner=owner,
            code=code,
            cleft_side="left",
            severity="complete",
            phase="pre-op",
            dataset="Invented",
            case_key=key,
        )
        photograph = Photograph(case=case, width=SIZE, height=SIZE, format="PNG")
        place = (case.id.bytes, photograph.id.bytes)
        photograph.sealed = seal(key, Kind.PHOTO, pixels.tobytes(), context=place)
        photograph.preview = seal(key, Kind.PRESENTATION, pixels.tobytes(), context=place)
        photograph.save()
        crop = Crop(photograph=photograph, left=0, top=0, side=SIZE, created_by=owner)
        place = (case.id.bytes, crop.id.bytes)
        crop.sealed = seal(key, Kind.CROP, pixels.tobytes(), context=place)
        crop.view = seal(key, Kind.PRESENTATION, pixels.tobytes(), context=place)
        crop.save()
        mask = Mask(crop=crop, version=1, coverage=float(hole.mean()), drawn_by=owner, source="drawn")
        mask.sealed = seal(key, Kind.MASK, np.packbits(hole).tobytes(), context=(case.id.bytes, mask.id.bytes))
        mask.save()
        return mask

    return made


@pytest.fixture
def checkpoints(db: None) -> dict[str, Checkpoint]:
    """One active checkpoint per method, known by digest alone."""
    return {
        method: Checkpoint.objects.create(method=method, sha256=f"{number:064x}", card={"method": method})
        for number, method in enumerate(METHODS, start=1)
    }


def paint_grey(header: OrderHeader, order: Order) -> Painted:
    """Answer any order with a picture that is grey all over, outside the hole as well."""
    return Painted(np.full((SIZE, SIZE, 3), GREY, np.uint8), seconds=0.5)


@dataclass
class FakeWorker:
    """A worker in this process: the true keys, envelope and rules, a painter without a network."""

    desk: Desk
    row: Worker
    paint: Paint = field(default=paint_grey)

    def outcome(self, entry: OutboxEntry) -> bytes:
        """Return the sealed outcome of one order; an attempt is answered once."""
        sealed = answer(bytes(entry.order), self.desk, self.paint)
        assert sealed is not None, "this attempt was answered before"
        return sealed

    def inpaint_all(self) -> list[Verdict]:
        """Answer every order that still waits, at once and without a broker."""
        open_orders = OutboxEntry.objects.filter(job__state__in=("queued", "dispatched")).exclude(secret=None)
        return [accept(self.outcome(entry)) for entry in open_orders]


@pytest.fixture
def grey_worker(db: None, data_folder: Path) -> FakeWorker:
    """An enrolled worker, with the platform's signing key in place."""
    keys = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    identity.create_platform_key()
    row = identity.enrol("grey", keys.identity)
    return FakeWorker(Desk(keys, identity.platform_key().public_key(), data_folder / "started"), row)


@pytest.fixture
def inpaint_all(grey_worker: FakeWorker, checkpoints: dict[str, Checkpoint]) -> Callable[[], list[Verdict]]:
    """Everything `dispatch.run` needs, and the call that answers all waiting orders in grey."""
    return grey_worker.inpaint_all


UnblindedFrom = Callable[[Iterable[schema.Mark]], Study]


@pytest.fixture
def unblinded_from(rosa: User, ada: User) -> UnblindedFrom:
    """A study in the database whose marks are those of a marks file, unblinded by Rosa and Ada; without pictures."""

    @transaction.atomic
    def made(rows: Iterable[schema.Mark]) -> Study:
        marks, now = _numbered(list(rows)), timezone.now()
        study = Study.objects.create(
            hospital=rosa.hospital, title=marks[0].study, created_by=rosa, key=new_case_key(), state=State.UNBLINDED,
            opened_at=now, closed_at=now, unblinded_at=now, protocol_digest="0" * 64, allocation_digest="0" * 64,
            protocol=Protocol().as_json(),
        )  # fmt: skip
        Unblinding.objects.create(study=study, reason="complete", asked_by=rosa, confirmed_by=ada, confirmed_at=now)
        StudyMethod.objects.bulk_create(StudyMethod(study=study, method=one) for one in {row.method for row in marks})
        cases, readers = _cases_of(study, marks, rosa), _readers_of(study, marks, rosa)
        heads = {row.reading: row for row in marks}
        readings = {
            code: Reading(
                study_reader=readers[row.reader], study_case=cases[row.case], sequence=row.sequence or 0,
                repeat=row.repeat, kind=row.kind, submitted_at=now, seconds=int(row.seconds or 0),
            )
            for code, row in heads.items()
        }  # fmt: skip
        Reading.objects.bulk_create(readings.values())
        verdicts = ("position", "valid", "reason", "rank")
        Mark.objects.bulk_create(
            Mark(reading=readings[row.reading], **{name: getattr(row, name) for name in verdicts}) for row in marks
        )
        return study

    return made


def _numbered(rows: list[schema.Mark]) -> list[schema.Mark]:
    """The rows with each reader's sheets numbered through, as one list over all data sets."""
    numbers: dict[tuple[str, str], int] = {}
    count: Counter[str] = Counter()
    for row in sorted(rows, key=schema.sort_key):
        if (row.reader, row.reading) not in numbers:
            count[row.reader] += 1
            numbers[row.reader, row.reading] = count[row.reader]
    return [replace(row, sequence=numbers[row.reader, row.reading]) for row in sorted(rows, key=schema.sort_key)]


def _cases_of(study: Study, marks: list[schema.Mark], owner: User) -> dict[str, StudyCase]:
    known = {row.case: row for row in marks}
    keys = CaseKey.objects.bulk_create(CaseKey(wrapped=b"-", kek_id="-") for _ in known)
    rows = Case.objects.bulk_create(
        Case(
            hospital=study.hospital, owner=owner, code=code, cleft_side=row.side, severity="complete",
            phase=row.phase, dataset=row.dataset, case_key=key,
        )
        for (code, row), key in zip(known.items(), keys, strict=True)
    )  # fmt: skip
    chosen = StudyCase.objects.bulk_create(StudyCase(study=study, case=case) for case in rows)
    return {one.case.code: one for one in chosen}


def _readers_of(study: Study, marks: list[schema.Mark], person: User) -> dict[str, StudyReader]:
    """Readers R1, R2, ... with their sealed arm keys; surgeons are made for those who lack one."""
    found = {}
    for code in sorted({row.reader for row in marks}, key=lambda code: int(code[1:])):
        user = User.objects.create(
            email=f"{code.lower()}-{study.pk.hex}@ward.example", name=code, role="surgeon", hospital=person.hospital
        )
        reader = StudyReader.objects.create(study=study, user=user, position=int(code[1:]))
        orders: dict[str, list[str]] = {}
        for row in sorted((row for row in marks if row.reader == code), key=lambda row: row.position):
            orders.setdefault(str(row.sequence), []).append(row.method)
        reader.arm_key = seal_arms(study, reader, orders)
        reader.save(update_fields=["arm_key"])
        found[code] = reader
    return found


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A drawn photograph of nobody, 400 x 300, with a red mouth left of the middle and a blue corner."""
    image = Image.new("RGB", (400, 300), (214, 178, 152))
    pen = ImageDraw.Draw(image)
    pen.ellipse((110, 170, 190, 220), fill=(170, 60, 70))
    pen.rectangle((0, 0, 39, 29), fill=(20, 40, 200))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def decoded(portrait: bytes) -> apart.Picture:
    """The portrait as the child process reads it: once for all stories that only need some case."""
    return apart.decode(portrait, "photograph")


@pytest.fixture
def admitted(rosa: User, portrait: bytes, decoded: apart.Picture, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Rosa's case VM-0001, uploaded through the verb that the page uses."""
    with monkeypatch.context() as quick:
        quick.setattr(apart, "decode", lambda upload, purpose: decoded)
        return admit(
            owner=rosa, upload=portrait, side="left", severity="complete", phase="pre-op", dataset="CleftLip10"
        )
