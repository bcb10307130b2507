"""Adds entries to the audit log and verifies them: each entry carries a keyed digest over itself and the one before.

Called in the same transaction as the act it records. The key is kept outside the database, so that whoever owns the
database still cannot rebuild the chain.
"""

import hmac
import json
import re
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from clinic.accounts.models import Hospital, User
from clinic.audit.models import AuditEntry, AuditHead

GENESIS = "0" * 64
ACT = re.compile(r"[a-z]+(-[a-z]+)*")
# Ids, codes, enums, digests and dates; never a sentence, a name or an address.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,79}")

# What each digest covers, the digest before it last.
CHAINED = (
    "seq",
    "at",
    "actor_id",
    "hospital_id",
    "act",
    "object_kind",
    "object_id",
    "details",
    "previous_digest",
)

Detail = str | int | float | bool | None


def record(actor: User | None, act: str, obj: models.Model | None = None, **details: Detail) -> AuditEntry:
    """Append and return one entry; ``actor`` None stands for the system.

    Call it inside the transaction of the act itself. Raises ValueError for an act or a detail that is free text.
    """
    _refuse_free_text(act, details)
    with transaction.atomic():
        head, _ = AuditHead.objects.select_for_update().get_or_create(id=1, defaults={"seq": 0, "digest": GENESIS})
        entry = AuditEntry(
            seq=head.seq + 1,
            at=timezone.now(),
            actor=actor,
            hospital=_hospital(actor, obj),
            act=act,
            object_kind=obj._meta.label_lower if obj is not None else "",
            object_id=str(obj.pk) if obj is not None else "",
            details=details,
            previous_digest=head.digest,
        )
        entry.digest = digest_of(entry)
        entry.save(force_insert=True)
        head.seq, head.digest = entry.seq, entry.digest
        head.save(update_fields=["seq", "digest"])
    return entry


def digest_of(entry: AuditEntry) -> str:
    """Return the keyed SHA-256 digest, in hexadecimal, over every field of ``entry`` and the digest before it."""
    return _keyed([getattr(entry, field) for field in CHAINED])


def verify() -> int | None:
    """Return the first sequence number at which the chain is broken, or None when it is whole.

    A missing entry is reported by the number it should have had, a cut tail by the first number that is gone.
    """
    expected, previous = 1, GENESIS
    for *content, digest in AuditEntry.objects.order_by("seq").values_list(*CHAINED, "digest").iterator(2000):
        if (content[0], content[-1]) != (expected, previous) or not hmac.compare_digest(digest, _keyed(content)):
            return expected
        expected, previous = expected + 1, digest
    head = AuditHead.objects.filter(id=1).first()
    if (head.seq, head.digest) != (expected - 1, previous) if head else expected > 1:
        return expected
    return None


def _keyed(content: list[Any]) -> str:
    """Return the digest over the values of CHAINED, in that order."""
    seq, at, *rest = content
    words = [value if isinstance(value, str | dict) else str(value or "") for value in rest]
    message = json.dumps(
        [seq, at.astimezone(UTC).isoformat(timespec="microseconds"), *words], sort_keys=True, separators=(",", ":")
    )
    return hmac.digest(settings.AUDIT_KEY.encode(), message.encode(), "sha256").hex()


def _hospital(actor: User | None, obj: models.Model | None) -> Hospital | None:
    """Return whose log the entry belongs in: the actor's hospital, else the object's, else nobody's."""
    if actor is not None:
        return actor.hospital
    hospital = getattr(obj, "hospital", None)
    return hospital if isinstance(hospital, Hospital) else None


def _refuse_free_text(act: str, details: dict[str, Detail]) -> None:
    """Raise ValueError unless the act is a code and every detail an id, an enum, a number or a yes or no."""
    if not ACT.fullmatch(act):
        raise ValueError(f"{act!r} is no act. Use lowercase words joined by hyphens.")
    for name, value in details.items():
        if isinstance(value, str) and value and not CODE.fullmatch(value):
            raise ValueError(f"The audit detail {name!r} is free text. Record an id, a code or a number.")
