"""Case keys: made, unwrapped for a minute at most, counted, erased.

Between the key provider and `clinic.vault.store`. A process remembers an unwrapped key for `CACHE_SECONDS`, yet each
read asks the database whether the key still stands, so an erased case is closed everywhere at once.
"""

import time
import uuid
from dataclasses import dataclass, field
from threading import Lock

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.vault.errors import VaultError
from clinic.vault.models import MAX_WRAPS, CaseKey
from clinic.vault.providers import key_provider

CACHE_SECONDS = 60.0
CACHE_SIZE = 256


@dataclass
class _Cache:
    """Unwrapped keys by (case key id, wrapped form): a rewrapped or erased key misses by itself."""

    entries: dict[tuple[uuid.UUID, bytes], tuple[float, bytes]] = field(default_factory=dict, repr=False)
    lock: Lock = field(default_factory=Lock)

    def get(self, name: tuple[uuid.UUID, bytes]) -> bytes | None:
        with self.lock:
            deadline, key = self.entries.get(name, (0.0, b""))
            return key if time.monotonic() < deadline else None

    def put(self, name: tuple[uuid.UUID, bytes], key: bytes) -> None:
        now = time.monotonic()
        with self.lock:
            self.entries = {other: entry for other, entry in self.entries.items() if entry[0] > now}
            if len(self.entries) >= CACHE_SIZE:
                # The dictionary keeps the order of arrival, so its first entry is the oldest.
                del self.entries[next(iter(self.entries))]
            self.entries[name] = (now + CACHE_SECONDS, key)

    def forget(self, case_key_id: uuid.UUID) -> None:
        with self.lock:
            self.entries = {name: entry for name, entry in self.entries.items() if name[0] != case_key_id}


_cache = _Cache()


@transaction.atomic
def new_case_key() -> CaseKey:
    """Make, wrap and store a fresh case key. Raises `VaultError` when the current KEK has wrapped its fill."""
    # The row goes in before the ring is read: a rotation locks the table before it retires a key (see `rotation`).
    case_key = CaseKey.objects.create(wrapped=b"", kek_id="")
    provider = key_provider()
    if CaseKey.objects.filter(kek_id=provider.current_id).count() >= MAX_WRAPS:
        raise VaultError(f"the vault key has wrapped {MAX_WRAPS} case keys: run manage.py rotate_vault_key")
    case_key.wrapped = provider.wrap(AESGCM.generate_key(bit_length=256), case_key.id.bytes)
    case_key.kek_id = provider.current_id
    case_key.save(update_fields=["wrapped", "kek_id"])
    return case_key


def unwrapped(case_key_id: uuid.UUID) -> bytes:
    """Return the 32 bytes of a case key that still stands. Raises `VaultError` for an erased or unknown one."""
    row = CaseKey.objects.filter(id=case_key_id, erased_at=None).values_list("wrapped", "kek_id").first()
    if row is None:
        _cache.forget(case_key_id)
        raise VaultError(f"case key {case_key_id} was erased")
    wrapped, kek_id = bytes(row[0]), row[1]
    key = _cache.get((case_key_id, wrapped))
    if key is None:
        key = key_provider().unwrap(kek_id, wrapped, case_key_id.bytes)
        _cache.put((case_key_id, wrapped), key)
    return key


def count_wrap(case_key: CaseKey) -> None:
    """Count one more object under `case_key`. Raises `VaultError` at the cap."""
    if not CaseKey.objects.filter(id=case_key.id, wraps__lt=MAX_WRAPS).update(wraps=F("wraps") + 1):
        raise VaultError(f"case key {case_key.id} has wrapped {MAX_WRAPS} object keys: admit the case anew")


def forget_key(case_key: CaseKey) -> None:
    """Empty the row for good; from this transaction's commit on no process opens anything under it."""
    CaseKey.objects.filter(id=case_key.id, erased_at=None).update(wrapped=b"", erased_at=timezone.now())
    _cache.forget(case_key.id)
