"""The vault's four verbs: seal, unseal, discard, erase.

Every app above keeps its pictures and secrets through these; what they hand over is sealed in memory and only then
touches the disk. `context` names the place an object belongs to, by convention (case id, id of the owning row) as raw
UUID bytes; a blob or a row moved to another place no longer opens.
"""

from functools import partial

from django.db import transaction

from clinic.vault.blobs import read_blob, remove_blob, write_blob
from clinic.vault.casekeys import count_wrap, forget_key, new_case_key, unwrapped
from clinic.vault.models import CaseKey, SealedObject
from clinic.vault.vml1 import OVERHEAD, Identity, Kind, open_object, seal_object

__all__ = ["discard", "erase", "new_case_key", "seal", "unseal"]


@transaction.atomic
def seal(
    case_key: CaseKey, kind: Kind, plaintext: bytes, *, context: tuple[bytes, ...], version: int = 1
) -> SealedObject:
    """Seal `plaintext` (at most 64 MiB) under `case_key` and return its row.

    Call it inside the transaction of the owning row. The blob reaches the disk first: if the transaction fails, the
    sweeper finds a blob without a row, and never the other way round. Raises `VaultError`.
    """
    sealed = SealedObject(case_key=case_key, kind=kind, version=version, plaintext_length=len(plaintext))
    key = unwrapped(case_key.id)
    count_wrap(case_key)
    write_blob(sealed.id, seal_object(key, _identity(sealed), context, plaintext))
    sealed.save(force_insert=True)
    return sealed


def unseal(sealed: SealedObject, *, context: tuple[bytes, ...]) -> bytes:
    """Return the plaintext of `sealed`, whole and verified, for the same `context` that it was sealed with.

    Raises `VaultError` if the case was erased, or the blob or its row is missing, changed or out of place.
    """
    case_key = unwrapped(sealed.case_key_id)
    blob = read_blob(sealed.id, OVERHEAD + sealed.plaintext_length)
    return open_object(case_key, _identity(sealed), context, blob)


@transaction.atomic
def discard(sealed: SealedObject) -> None:
    """Drop one object that is no longer needed: its row now, its blob once the transaction has committed."""
    object_id = sealed.id
    sealed.delete()
    transaction.on_commit(partial(remove_blob, object_id))


@transaction.atomic
def erase(case_key: CaseKey) -> None:
    """Make everything under `case_key` unreadable, now and in every process, and unlink its blobs after commit.

    The rows stay as tombstones. A wrapped key in an older backup is closed by the next rotation of the vault key.
    """
    forget_key(case_key)
    for object_id in SealedObject.objects.filter(case_key=case_key).values_list("id", flat=True):
        transaction.on_commit(partial(remove_blob, object_id))


def _identity(sealed: SealedObject) -> Identity:
    return Identity(Kind(sealed.kind), sealed.id, sealed.case_key_id, sealed.version, sealed.plaintext_length)
