"""Write to a reader who has sheets left: one short letter, at most one a day.

From the board to Django's e-mail. The letter names neither cases nor methods nor results.
"""

from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPException

from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.chain import record
from clinic.studies.models import State, StudyReader
from clinic.studies.refusals import LifecycleRefusal

BETWEEN = timedelta(hours=20)
LETTER = "{name},\n\n{left} of your sheets wait to be read. Your drafts are kept.\n\n{address}\n"


def remind(reader: StudyReader, by: User, absolute: Callable[[str], str]) -> None:
    """Send the letter and note when; `absolute` turns a path into an address.

    Raises LifecycleRefusal, also when the mail server does not take the letter; then nothing is noted.
    """
    left = reader.readings.filter(submitted_at=None).count()
    if reader.study.state != State.OPEN:
        raise LifecycleRefusal("Only readers of an open study are reminded.")
    if not left:
        raise LifecycleRefusal(f"{reader.user.name} has no sheet left.")
    if reader.reminded_at and timezone.now() - reader.reminded_at < BETWEEN:
        raise LifecycleRefusal(f"{reader.user.name} was reminded within the last day. Wait until tomorrow.")
    try:
        with transaction.atomic():
            reader.reminded_at = timezone.now()
            reader.save(update_fields=["reminded_at"])
            record(by, "reader-reminded", reader, left=left)
            _send(reader.user, left, absolute(reverse("studies:read", args=[reader.study_id])))
    except (OSError, SMTPException) as fault:
        raise LifecycleRefusal(
            f"The mail server did not take the letter to {reader.user.name}. Nothing was noted; try again later, or "
            "have an administrator check the mail settings."
        ) from fault


def _send(user: User, left: int, address: str) -> None:
    send_mail(
        subject=f"{left} sheet{'s' if left > 1 else ''} left to read",
        message=LETTER.format(name=user.name, left=left, address=address),
        from_email=None,
        recipient_list=[user.email],
    )
