"""The sweeper: finds blobs without rows (a transaction that failed) and rows without blobs (a loss).

Run daily by `manage.py sweep_vault`. Only files older than a day are removed: a younger one may belong to a transaction
that has not committed yet.
"""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from clinic.vault.blobs import blob_path, stored_files
from clinic.vault.files import is_part
from clinic.vault.models import SealedObject

GRACE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Sweep:
    """What one sweep did: how many stray files it removed, and which live objects have lost their blob."""

    removed: int
    missing: tuple[uuid.UUID, ...]


def sweep() -> Sweep:
    """Remove stray files older than a day and name every object whose blob is gone."""
    oldest_kept = time.time() - GRACE_SECONDS
    strays = [path for path in stored_files() if path.stat().st_mtime < oldest_kept and not _has_row(path)]
    for path in strays:
        path.unlink(missing_ok=True)
    living = SealedObject.objects.filter(case_key__erased_at=None).values_list("id", flat=True).iterator()
    return Sweep(len(strays), tuple(name for name in living if not blob_path(name).exists()))


def _has_row(path: Path) -> bool:
    if is_part(path):
        return False
    try:
        name = uuid.UUID(path.name)
    except ValueError:
        return False
    return SealedObject.objects.filter(id=name, case_key__erased_at=None).exists()
