"""Take all marks of one reader out of a study, with a reason, as when a reader was unblinded by accident.

From the board to Mark rows; the history keeps every sheet, the audit log the act. After unblinding it would be picking
results, so it is refused then.
"""

from django.db import transaction

from clinic.accounts.models import User
from clinic.audit.chain import record
from clinic.studies import sheet
from clinic.studies.models import Mark, MarkHistory, State, StudyReader
from clinic.studies.reading import judged
from clinic.studies.refusals import LifecycleRefusal

REASONS = (
    ("unblinded", "The reader learnt which method was which"),
    ("withdrew", "The reader withdrew consent"),
    ("mistaken", "The wrong person read under this account"),
)


def marks_of(reader: StudyReader) -> int:
    """How many marks of this reader count now."""
    return Mark.objects.filter(reading__study_reader=reader).count()


@transaction.atomic
def strike(reader: StudyReader, by: User, reason: str) -> int:
    """Remove the marks and return how many there were; the sheets become unread again. Raises LifecycleRefusal."""
    if reader.study.state == State.UNBLINDED:
        raise LifecycleRefusal("After unblinding no marks are taken out.")
    if reason not in dict(REASONS):
        raise LifecycleRefusal("Choose a reason from the list. Nothing was removed.")
    gone = marks_of(reader)
    for reading in reader.readings.filter(submitted_at__isnull=False).prefetch_related("marks"):
        MarkHistory.objects.create(
            reading=reading,
            act=MarkHistory.Act.DELETED,
            actor=by,
            revision=reading.revision + 1,
            sheet=sheet.as_json(judged(reading)),
            reason=reason,
        )
        reading.marks.all().delete()
        # The sheet is as on the first day: neither draft nor guess nor time of what was taken out may enter the next.
        reading.revision, reading.submitted_at, reading.seconds = reading.revision + 1, None, 0
        reading.opened_at, reading.draft, reading.draft_at, reading.guess = None, [], None, None
        reading.save(update_fields=["revision", "submitted_at", "seconds", "opened_at", "draft", "draft_at", "guess"])
    record(by, "marks-struck", reader, marks=gone, reason=reason)
    return gone
