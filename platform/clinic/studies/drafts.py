"""Keep an unfinished sheet on the server, so that it can be taken up again on any machine.

From the reading page, after each act, to the draft on the Reading row; submitted marks are not touched by it.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from clinic.studies import sheet
from clinic.studies.models import Reading
from clinic.studies.reading import judged, require_open, take_revision


def save_draft(
    reading: Reading, entries: object, revision: int, *, seconds: int = 0, paused: bool = False, instead: bool = False
) -> Reading:
    """Store the sheet as it stands and return it with its new revision.

    `entries` may leave letters open; arguments and refusals are those of clinic.studies.reading.submit.
    """
    judgements = sheet.read(entries)
    with transaction.atomic():
        reading = Reading.objects.select_for_update().select_related("study_reader__study").get(pk=reading.pk)
        require_open(reading)
        take_revision(reading, revision, seconds, instead=instead)
        reading.draft, reading.draft_at, reading.paused = sheet.as_json(judgements), timezone.now(), paused
        reading.save(update_fields=["draft", "draft_at", "paused"])
    return reading


def state_of(reading: Reading) -> list[dict[str, Any]]:
    """What an opened sheet shows: the draft if there is one, else what was submitted, else nothing."""
    if reading.draft_at is not None:
        return list(reading.draft)
    return sheet.as_json(judged(reading))
