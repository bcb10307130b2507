"""Sealed blobs on disk, `blobs/ab/cd/<object id>`; the path is made of the id alone.

Used by `clinic.vault.store` and the sweeper. What lies here is ciphertext, so a stolen disk shows lengths and no more.
"""

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from clinic.vault.errors import VaultError
from clinic.vault.files import write_whole

logger = logging.getLogger(__name__)

# Lies at the top of the vault and says what it is: training refuses any folder at, above or below it.
MARKER = "VERMILION-VAULT"
MEANING = b"Sealed pictures of patients. Nothing in this folder may be read by training, copied or served.\n"


def blob_path(object_id: uuid.UUID) -> Path:
    """Return where the blob of `object_id` lies."""
    name = str(object_id)
    return _root() / name[:2] / name[2:4] / name


def write_blob(object_id: uuid.UUID, content: bytes) -> None:
    """Store `content` durably. Raises `VaultError` when the disk refuses; then nothing is left behind."""
    try:
        _mark()
        write_whole(blob_path(object_id), content)
    except OSError as problem:
        logger.error("blob %s could not be written: %s", object_id, problem.strerror)
        raise VaultError(f"the vault's disk refused a blob: {problem.strerror}") from None


def read_blob(object_id: uuid.UUID, length: int) -> bytes:
    """Return the blob, reading at most one byte beyond `length`. Raises `VaultError` when it is missing."""
    try:
        with blob_path(object_id).open("rb") as file:
            return file.read(length + 1)
    except OSError as problem:
        # A row without its blob means a lost disk or a thief with a broom: an operator must hear of it.
        logger.critical("blob %s cannot be read: %s", object_id, problem.strerror)
        raise VaultError(f"the blob of {object_id} cannot be read: {problem.strerror}") from None


def remove_blob(object_id: uuid.UUID) -> None:
    """Unlink the blob; its absence is no error."""
    blob_path(object_id).unlink(missing_ok=True)


def stored_files() -> Iterator[Path]:
    """Yield every file under the blob root, blobs and leftovers alike."""
    return (path for path in _root().glob("*/*/*") if path.is_file())


def _mark() -> None:
    marker = Path(settings.VAULT_ROOT) / MARKER
    if not marker.exists():
        write_whole(marker, MEANING, replace=True)


def _root() -> Path:
    return Path(settings.VAULT_ROOT) / "blobs"
