"""Turns audit entries, which hold codes and numbers, into the rows of the audit page.

Read by clinic.audit.views; names are looked up when the page is shown and never stored in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic.accounts.models import User
from clinic.audit.acts import words
from clinic.audit.models import AuditEntry

SYSTEM = "system"
PERSON = User._meta.label_lower

# The first of these beginnings that fits an act names its icon.
ICONS = (
    ("picture", "eye"),
    ("case-withdrawn", "stop"),
    ("job-stopped", "stop"),
    ("outcome-refused", "stop"),
    ("sign-in-refused", "stop"),
    ("case", "camera"),
    ("crop", "fit"),
    ("mask", "brush"),
    ("job", "server"),
    ("result", "server"),
    ("reading", "check"),
    ("study", "chart"),
    ("lock", "lock"),
    ("unlock", "lock"),
    ("password", "key"),
    ("token", "key"),
    ("person", "person"),
    ("signed-in", "sign-in"),
    ("signed-out", "sign-out"),
)


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it; ``linked`` says whether the chain up to here is proven."""

    seq: int
    at: datetime
    who: str
    icon: str
    did: str
    what: str
    details: str
    linked: bool


def rows(entries: Iterable[AuditEntry], broken_at: int | None) -> list[Row]:
    """Return the rows for ``entries``, whose chain is proven before ``broken_at`` (None: all of it)."""
    entries = list(entries)
    people = {entry.object_id for entry in entries if entry.object_kind == PERSON}
    names = {str(user.id): user.name for user in User.objects.filter(id__in=people)}
    return [
        Row(
            seq=entry.seq,
            at=entry.at,
            who=entry.actor.name if entry.actor else SYSTEM,
            icon=icon(entry.act),
            did=words(entry.act),
            what=what(entry, names),
            details=details(entry),
            linked=broken_at is None or entry.seq < broken_at,
        )
        for entry in entries
    ]


def icon(act: str) -> str:
    """Return the name of the icon that stands before an act."""
    return next((name for start, name in ICONS if act.startswith(start)), "info")


def what(entry: AuditEntry, names: dict[str, str]) -> str:
    """Return what it was done to: its code, the person's name, or its kind and the beginning of its id."""
    if "code" in entry.details:
        return str(entry.details["code"])
    if entry.object_id in names:
        return names[entry.object_id]
    return f"{entry.object_kind.partition('.')[2]} {entry.object_id[:8]}".strip()


def details(entry: AuditEntry) -> str:
    """Return the other details as "name value" pairs."""
    rest = ((name.replace("_", " "), value) for name, value in entry.details.items() if name != "code")
    return ", ".join(f"{name} {value}" for name, value in rest)
