"""How far a preparation is: one line per picture, and two arrays that grow with the lines.

Written by training.data.preparing. Whatever a killed process left half written is cut off when the folder is opened
again.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from training.errors import CommandError
from training.manifest import NAME as MANIFEST
from training.manifest import read_manifest
from training.manifest.borders import outside_vaults

LINES = "journal.jsonl"
ARRAYS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "images.npy": (np.uint8, (256, 256, 3)),
    "landmarks.npy": (np.float32, (68, 2)),
}


class FinishedError(CommandError):
    """The folder holds the whole of this preparation; `faces` says how many."""

    def __init__(self, folder: Path, faces: int) -> None:
        super().__init__(f"{folder} is prepared already")
        self.faces = faces


@dataclass
class Journal:
    """An open preparation: its folder, its settings, the entries so far; the files are locked while it lives."""

    folder: Path
    settings: dict[str, Any]
    entries: list[dict[str, Any]]
    lines: IO[bytes]
    arrays: dict[str, IO[bytes]] = field(default_factory=dict)

    @classmethod
    def opened(cls, folder: Path, settings: dict[str, Any]) -> "Journal":
        """Begin or go on.

        Raises FinishedError where nothing is left to do, CommandError for a folder of another preparation or at work.
        """
        outside_vaults(folder)
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        if (folder / MANIFEST).exists():
            (folder / LINES).unlink(missing_ok=True)  # Left by a process killed between the manifest and `forget`.
            content = read_manifest(folder).content
            if all(content.get(name) == value for name, value in settings.items()):
                raise FinishedError(folder, len(content["pictures"]))
            raise CommandError(f"{folder} holds something else already; choose another folder or remove this one")
        journal = cls(folder, settings, [], (folder / LINES).open("a+b"))
        try:
            fcntl.flock(journal.lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return journal._caught_up()
        except BlockingIOError as error:
            journal.close()
            raise CommandError(f"{folder} is being prepared by another process; wait for it") from error
        except CommandError:
            journal.close()
            raise

    def append(self, entry: dict[str, Any], image: NDArray[np.uint8] | None, marks: NDArray[np.float32] | None) -> None:
        """Write one picture: its rows first, then the line that vouches for them."""
        for name, row in (("images.npy", image), ("landmarks.npy", marks)):
            if row is not None:
                self.arrays[name].write(row.tobytes())
                self.arrays[name].flush()
        self._write(entry)
        self.entries.append(entry)

    def finish(self, rows: int) -> dict[str, str]:
        """Write the arrays' true headers; returns their SHA-256 by name."""
        digests = {}
        for name, file in self.arrays.items():
            file.seek(0)
            file.write(header(name, rows))
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        return digests

    def forget(self) -> None:
        """Remove the journal; the manifest has taken its place."""
        (self.folder / LINES).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files and let go of the lock; what was written stays."""
        for file in (*self.arrays.values(), self.lines):
            file.close()

    def _caught_up(self) -> "Journal":
        """Read the whole lines, and cut every file off behind the last picture that all of them hold."""
        there = min(self._open(name) for name in ARRAYS)
        rows, end = 0, 0
        for number, (entry, behind) in enumerate(self._whole_lines()):
            if number == 0 and entry != self.settings:
                raise CommandError(
                    f"{self.folder} was begun with other pictures or another detector; choose another folder"
                )
            if number:
                if rows + entry["face"] > there:
                    break
                rows += entry["face"]
                self.entries.append(entry)
            end = behind
        self.lines.truncate(end)
        if end == 0:
            self._write(self.settings)
        for name, file in self.arrays.items():
            file.truncate(len(header(name, 0)) + rows * row_bytes(name))
            file.seek(0, os.SEEK_END)
        return self

    def _open(self, name: str) -> int:
        """Open an array, with a header where it has none; returns how many whole rows it holds."""
        path, start = self.folder / name, header(name, 0)
        if not path.exists() or path.stat().st_size < len(start):
            path.write_bytes(start)
        self.arrays[name] = path.open("r+b")
        return (path.stat().st_size - len(start)) // row_bytes(name)

    def _whole_lines(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Every whole line and the byte behind it."""
        behind = 0
        self.lines.seek(0)
        for line in self.lines:
            behind += len(line)
            if line.endswith(b"\n"):
                yield json.loads(line), behind

    def _write(self, entry: dict[str, Any]) -> None:
        self.lines.write(json.dumps(entry).encode() + b"\n")
        self.lines.flush()


def header(name: str, rows: int) -> bytes:
    """The head of an array of so many rows; numpy leaves room in it, so that its length never changes."""
    kind, shape = ARRAYS[name]
    text = f"{{'descr': {np.lib.format.dtype_to_descr(np.dtype(kind))!r}, 'fortran_order': False, "
    text += f"'shape': {(rows, *shape)!r}, }}"
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117).encode() + b"\n"


def row_bytes(name: str) -> int:
    """Bytes of one row."""
    kind, shape = ARRAYS[name]
    return int(np.prod(shape)) * np.dtype(kind).itemsize
