"""The marks file of an unblinded study: the only place where marks and methods meet.

From submitted readings and the opened arm keys to rows of evaluation.schema and their CSV, which `python -m evaluation`
reads. Refused before unblinding, whoever asks.
"""

from collections.abc import Iterator

from django.utils.text import slugify

from clinic.studies.blinding import arms
from clinic.studies.models import POSITIONS, MarkHistory, Reading, State, Study
from clinic.studies.refusals import StillBlinded
from evaluation import schema
from evaluation.analyses.blinding_index import Guess
from evaluation.marks import write_marks

BLINDED = "This study is still blinded. Two people unblind it after it was closed."


def marks_rows(study: Study) -> list[schema.Mark]:
    """Every submitted mark with its method, sorted as the file is. Raises StillBlinded and VaultError."""
    return sorted(stream_rows(study), key=schema.sort_key)


def stream_rows(study: Study) -> Iterator[schema.Mark]:
    """The rows reader by reader, in flat memory. Raises StillBlinded at once."""
    if study.state != State.UNBLINDED:
        raise StillBlinded(BLINDED)
    return _rows(study)


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
    return write_marks(marks_rows(study))


def study_code(study: Study) -> str:
    """The study's name in files: its title in plain letters, or its id."""
    return slugify(study.title)[:40] or f"study-{study.pk.hex[:8]}"


def _rows(study: Study) -> Iterator[schema.Mark]:
    checkpoints = {one.method: one.checkpoint.sha256[:12] if one.checkpoint else "" for one in study.methods.all()}
    code = study_code(study)
    for reader in study.readers.all():
        opened = arms(reader)
        readings = (
            Reading.objects.filter(study_reader=reader, submitted_at__isnull=False)
            .select_related("study_case__case", "study_reader")
            .prefetch_related("marks", "history")
            .order_by("sequence")
        )
        for reading in readings:
            for place, mark in enumerate(reading.marks.all()):
                method = opened[reading.sequence][place]
                yield _row(code, reading, mark.position, method, checkpoints.get(method, ""))


def _row(code: str, reading: Reading, position: str, method: str, checkpoint: str) -> schema.Mark:
    case = reading.study_case.case
    mark = next(one for one in reading.marks.all() if one.position == position)
    corrected = sum(1 for one in reading.history.all() if one.act == MarkHistory.Act.CORRECTED)
    return schema.Mark(
        study=code,
        dataset=case.dataset,
        case=case.code,
        phase=case.phase,
        side=case.cleft_side,
        reader=reading.study_reader.code,
        reading=str(reading.pk),
        repeat=reading.repeat,
        kind=reading.kind,
        position=position,
        method=method,
        checkpoint=checkpoint,
        valid=mark.valid,
        reason=mark.reason,
        rank=mark.rank,
        seconds=float(reading.seconds),
        sequence=reading.sequence,
        submitted_at=reading.submitted_at.isoformat(timespec="seconds") if reading.submitted_at else "",
        revisions=corrected,
    )
