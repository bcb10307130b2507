"""The marks file of an unblinded study: the only place where marks and methods meet.

From submitted readings and the opened arm keys to rows of evaluation.schema and their CSV, which `python -m evaluation`
reads. Refused before unblinding, whoever asks. Rows come in the order of the file a few cases at a time, so that memory
does not grow with the study.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.text import slugify

from clinic.studies.blinding import Arms, arms
from clinic.studies.models import POSITIONS, Mark, MarkHistory, Reading, State, Study, StudyCase
from clinic.studies.refusals import StillBlinded
from evaluation import schema
from evaluation.exports.streams import blocks
from evaluation.guesses import Guess
from evaluation.marks import Marks, stream_marks
from evaluation.spool import spooled

BLINDED = "This study is still blinded. Two people unblind it after it was closed."
CASES_AT_ONCE = 40


def marks_rows(study: Study) -> list[schema.Mark]:
    """Every submitted mark with its method, sorted as the file is. Raises StillBlinded and VaultError."""
    return list(stream_rows(study))


def stream_rows(study: Study) -> Iterator[schema.Mark]:
    """The same rows one by one, in flat memory. Raises StillBlinded and VaultError at once."""
    if study.state != State.UNBLINDED:
        raise StillBlinded(BLINDED)
    opened = _opened(study)
    cases = sorted(study.cases.select_related("case"), key=lambda one: (one.case.dataset, one.case.code))
    return _rows(opened, cases)


def marks_of(study: Study) -> Marks:
    """The same marks, checked as a marks file is, in flat memory. Raises StillBlinded, VaultError and MarksError."""
    return spooled(stream_rows(study))


def guesses(study: Study) -> list[Guess]:
    """What readers took for the new method on their last sheets, as methods. Raises StillBlinded."""
    if study.state != State.UNBLINDED:
        raise StillBlinded(BLINDED)
    found = []
    for reader in study.readers.all():
        opened = arms(reader)
        asked = reader.readings.filter(submitted_at__isnull=False, guess__isnull=False).select_related(
            "study_case__case"
        )
        for one in asked:
            method = opened[one.sequence][POSITIONS.index(one.guess)] if one.guess else None
            found.append(Guess(one.study_case.case.dataset, str(one.pk), method))
    return found


def marks_csv(study: Study) -> bytes:
    """The marks file: UTF-8, columns of evaluation.schema.COLUMNS, the same bytes each time."""
    return b"".join(stream_csv(study))


def stream_csv(study: Study) -> Iterator[bytes]:
    """The marks file in blocks of some 64 KiB. Raises StillBlinded and VaultError at once."""
    return blocks(stream_marks(stream_rows(study)))


def study_code(study: Study) -> str:
    """The study's name in files: its title in plain letters, or its id."""
    return slugify(study.title)[:40] or f"study-{study.pk.hex[:8]}"


@dataclass(frozen=True)
class _Opened:
    """What rows share: the study's code, checkpoints by method, code and arms of each reader by the reader's id."""

    study: str
    checkpoints: Mapping[str, str]
    readers: Mapping[object, tuple[str, Arms]]


def _opened(study: Study) -> _Opened:
    chosen = study.methods.select_related("checkpoint")
    return _Opened(
        study_code(study),
        {one.method: one.checkpoint.sha256[:12] if one.checkpoint else "" for one in chosen},
        {reader.pk: (reader.code, arms(reader)) for reader in study.readers.all()},
    )


def _rows(opened: _Opened, cases: Sequence[StudyCase]) -> Iterator[schema.Mark]:
    """Rows of the cases in their order, sorted within each handful."""
    for start in range(0, len(cases), CASES_AT_ONCE):
        yield from sorted(_rows_of(opened, cases[start : start + CASES_AT_ONCE]), key=schema.sort_key)


def _rows_of(opened: _Opened, cases: Sequence[StudyCase]) -> Iterator[schema.Mark]:
    named = {one.pk: one.case for one in cases}
    submitted = Reading.objects.filter(study_case__in=named, submitted_at__isnull=False)
    corrected = MarkHistory.objects.filter(reading__in=submitted, act=MarkHistory.Act.CORRECTED)
    revisions = dict(corrected.order_by().values_list("reading").annotate(Count("id")))
    facts = ("study_reader", "study_case", "sequence", "repeat", "kind", "seconds", "submitted_at")
    readings = {reading: row for reading, *row in submitted.order_by().values_list("pk", *facts)}
    marks = Mark.objects.filter(reading__in=submitted).order_by()
    for reading, position, valid, reason, rank in marks.values_list("reading", "position", "valid", "reason", "rank"):
        by, of, sequence, repeat, kind, seconds, submitted_at = readings[reading]
        (reader, order), case = opened.readers[by], named[of]
        method = order[sequence][POSITIONS.index(position)]
        yield schema.Mark(
            study=opened.study,
            dataset=case.dataset,
            case=case.code,
            phase=case.phase,
            side=case.cleft_side,
            reader=reader,
            reading=str(reading),
            repeat=repeat,
            kind=kind,
            position=position,
            method=method,
            checkpoint=opened.checkpoints.get(method, ""),
            valid=valid,
            reason=reason,
            rank=rank,
            seconds=float(seconds),
            sequence=sequence,
            submitted_at=submitted_at.isoformat(timespec="seconds"),
            revisions=revisions.get(reading, 0),
        )
