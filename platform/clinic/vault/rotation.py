"""Rotation of the vault key: a new key joins the ring, every case key is wrapped anew, the old keys are dropped.

Driven by `manage.py rotate_vault_key`, which may be killed and started again at any point. Blobs are not rewritten.
"""

from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from clinic.vault.errors import VaultError
from clinic.vault.models import CaseKey
from clinic.vault.providers import read_key_file, replace_key_file

BATCH = 200


def begin() -> str:
    """Add a new key to the ring, unless an unfinished rotation has done so, and return its id."""
    path = _key_file()
    ring = read_key_file(path)
    if len(ring.keys) == 1:
        ring = ring.with_new_key()
        replace_key_file(path, ring)
    return ring.current_id


@transaction.atomic
def rewrap_batch(size: int = BATCH) -> int:
    """Wrap up to `size` case keys with the newest key; return how many it did, 0 when all are done."""
    ring = read_key_file(_key_file())
    stale = CaseKey.objects.select_for_update().filter(erased_at=None).exclude(kek_id=ring.current_id)[:size]
    for case_key in stale:
        plain = ring.unwrap(case_key.kek_id, bytes(case_key.wrapped), case_key.id.bytes)
        case_key.wrapped, case_key.kek_id = ring.wrap(plain, case_key.id.bytes), ring.current_id
        case_key.save(update_fields=["wrapped", "kek_id"])
    return len(stale)


@transaction.atomic
def retire() -> int:
    """Drop every key but the newest from the ring; return how many. Raises `VaultError` while one is still needed."""
    # A case admitted just now may have read the older ring: wait for it, and hold others off until the ring is written.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE vault_casekey IN SHARE ROW EXCLUSIVE MODE")
    path = _key_file()
    ring = read_key_file(path)
    left = CaseKey.objects.filter(erased_at=None).exclude(kek_id=ring.current_id).count()
    if left:
        raise VaultError(f"{left} case keys still need an older vault key: run manage.py rotate_vault_key again")
    replace_key_file(path, ring.newest_only())
    return len(ring.keys) - 1


def _key_file() -> Path:
    if settings.VAULT_KEY_PROVIDER != "file":
        raise VaultError("only the file provider's keys are rotated here; rotate others where they are kept")
    return Path(settings.VAULT_KEY_FILE)
