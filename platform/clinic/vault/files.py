"""Files that are either whole or absent: 0600, synced, and put in place by a rename.

Used for the vault's blobs and for key files; nothing else of the clinic writes to disk.
"""

import os
from pathlib import Path

_PART = ".part"


def write_whole(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write `content` to `path` so that a crash at any instant leaves the old state or the new one, never a part.

    Missing folders are made (0700). Raises `FileExistsError` when `path` exists and `replace` is False, and `OSError`
    when the disk refuses; in either case nothing new is left behind.
    """
    if not replace and path.exists():
        raise FileExistsError(f"{path} exists already")
    _make_folder(path.parent)
    part = path.with_name(f"{path.name}.{os.urandom(4).hex()}{_PART}")
    try:
        _write_synced(part, content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def is_part(path: Path) -> bool:
    """Tell whether `path` is what a crash in `write_whole` left behind."""
    return path.name.endswith(_PART)


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_folder(folder: Path) -> None:
    # A new folder is durable only once its parent is synced, so every level that was missing is.
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
