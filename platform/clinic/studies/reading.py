"""Read a sheet: find the next one, open it, submit it whole, correct it later.

From the reading page to Mark rows and their history. A sheet is stored whole or not at all; a revision number makes
sure that the reader saw what is being replaced, so two windows cannot overwrite each other unseen.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.chain import record
from clinic.studies import protocol, sheet
from clinic.studies.models import POSITIONS, Mark, MarkHistory, Reading, State, Study, StudyReader
from clinic.studies.refusals import SheetRefusal, StaleSheet
from clinic.studies.sheet import Judgement

MOST_SECONDS = 4 * 60 * 60


def next_for(user: User, study: Study) -> Reading | None:
    """The first sheet `user` has not submitted in this study, in the order drawn; None when all are done or it is not
    open.
    """
    if study.state != State.OPEN:
        return None
    return Reading.objects.filter(study_reader__study=study, study_reader__user=user, submitted_at=None).first()


def open_reading(reading: Reading) -> Reading:
    """Note that the reader has begun this sheet; only the first time counts."""
    if reading.opened_at is None:
        with transaction.atomic():
            reading.opened_at = timezone.now()
            reading.paused = False
            reading.save(update_fields=["opened_at", "paused"])
            record(reading.study_reader.user, "reading-opened", reading, sequence=reading.sequence)
    return reading


def submit(reading: Reading, entries: object, revision: int, *, seconds: int = 0, instead: bool = False) -> Reading:
    """Store a whole sheet in one transaction and return it with its new revision.

    `entries` is the page's list of {position, valid, reason, rank}; `revision` the one the page last saw; `seconds` the
    active time on the sheet so far; `instead` says that another window's draft, which the reader was shown, gives way.
    Raises SheetRefusal (open letters, ranks with a gap, study closed) and StaleSheet;
    nothing is stored then. The same sheet sent twice, as after a lost answer, is stored once.
    """
    judgements = sheet.read(entries)
    sheet.check_whole(judgements)
    with transaction.atomic():
        reading = Reading.objects.select_for_update().select_related("study_reader__study").get(pk=reading.pk)
        if reading.submitted_at is not None and reading.revision != revision and judged(reading) == judgements:
            return reading
        require_open(reading)
        take_revision(reading, revision, seconds, instead=instead)
        _store(reading, judgements)
    return reading


def agree(reader: StudyReader) -> None:
    """Note that the reader agrees to the study's consent text; only the first time counts."""
    if reader.agreed_at is None:
        with transaction.atomic():
            reader.agreed_at = timezone.now()
            reader.save(update_fields=["agreed_at"])
            record(reader.user, "study-agreed", reader)


def guess(reading: Reading, position: str) -> None:
    """Keep which letter the reader takes for the new method, "" for "cannot tell"; the first answer stays.

    Raises SheetRefusal where the sheet does not ask, is not submitted, or the study is closed.
    """
    if position not in ("", *POSITIONS):
        raise SheetRefusal("GUESS-LETTER", "Choose one of the four letters, or that you cannot tell.")
    if not reading.asks_guess or reading.submitted_at is None:
        raise SheetRefusal("GUESS-SHEET", "This sheet asks no question.")
    if reading.study_reader.study.state != State.OPEN:
        raise SheetRefusal(
            "STUDY-CLOSED", "This study was closed. Your marks count; the answer is not needed any more."
        )
    Reading.objects.filter(pk=reading.pk, guess=None).update(guess=position)


def judged(reading: Reading) -> list[Judgement]:
    """The submitted judgements of a sheet, by letter; empty before submission."""
    return [Judgement(mark.position, mark.valid, mark.reason, mark.rank) for mark in reading.marks.order_by("position")]


def require_open(reading: Reading) -> None:
    """Refuse to change a sheet of a study that is not open, or a submitted one that may not be corrected."""
    study = reading.study_reader.study
    if study.state != State.OPEN:
        when = timezone.localtime(study.closed_at).strftime("%H:%M on %d %b") if study.closed_at else "before"
        raise SheetRefusal("STUDY-CLOSED", f"This study was closed at {when}. Sheets submitted before that count.")
    if reading.submitted_at and not protocol.read(study.protocol).corrections:
        raise SheetRefusal("SHEET-FINAL", "This sheet is submitted, and the protocol allows no corrections.")


def take_revision(reading: Reading, revision: int, seconds: int, *, instead: bool) -> None:
    """Claim the next revision in one statement: of two windows exactly one wins, the other gets StaleSheet.

    Time on the sheet never runs backwards and never exceeds the time since it was first opened. A draft that another
    one takes the place of (`instead`) stays in the history, as a sheet does that is corrected.
    """
    opened = reading.opened_at or timezone.now()
    longest = min(MOST_SECONDS, int((timezone.now() - opened).total_seconds()) + 1)
    spent = max(reading.seconds, min(seconds, longest))
    claimed = Reading.objects.filter(pk=reading.pk, revision=revision).update(
        revision=F("revision") + 1, seconds=spent, opened_at=opened
    )
    if not claimed:
        raise StaleSheet(Reading.objects.get(pk=reading.pk))
    if instead and reading.draft_at is not None:
        MarkHistory.objects.create(
            reading=reading,
            act=MarkHistory.Act.REPLACED,
            actor=reading.study_reader.user,
            revision=revision,
            sheet=reading.draft,
        )
    reading.revision, reading.seconds, reading.opened_at = revision + 1, spent, opened


def _store(reading: Reading, judgements: Sequence[Judgement]) -> None:
    first = reading.submitted_at is None
    reading.marks.all().delete()
    Mark.objects.bulk_create(
        Mark(reading=reading, position=one.position, valid=one.valid, reason=one.reason, rank=one.rank)
        for one in judgements
    )
    actor = reading.study_reader.user
    MarkHistory.objects.create(
        reading=reading,
        act=MarkHistory.Act.SUBMITTED if first else MarkHistory.Act.CORRECTED,
        actor=actor,
        revision=reading.revision,
        sheet=sheet.as_json(judgements),
    )
    if first:
        reading.submitted_at = timezone.now()
    reading.draft, reading.draft_at, reading.paused = [], None, False
    reading.save(update_fields=["submitted_at", "draft", "draft_at", "paused"])
    record(actor, "reading-submitted" if first else "reading-corrected", reading, revision=reading.revision)
