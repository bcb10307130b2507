"""Files made piece by piece, so that none of them has to lie in memory whole.

Used by the exports beside this module, and by the clinic for what it sends.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO

from evaluation.marks import csv_lines

BLOCK = 1 << 16
IN_MEMORY = 1 << 20  # a file longer than this waits on the disk, without a name


def csv_table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV table, UTF-8, lines ended by LF, in blocks."""
    return blocks(csv_lines(head, lines))


def blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of some 64 KiB: each costs a step of whatever sends or packs them."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def put_by() -> IO[bytes]:
    """A temporary file that can be written and read; it goes when it is closed."""
    return SpooledTemporaryFile(IN_MEMORY)


class Contents(Iterator[bytes]):
    """The whole file from its beginning, block by block; it is closed after the last, or by who stops before."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._file = file

    def __next__(self) -> bytes:
        block = b"" if self._file.closed else self._file.read(BLOCK)
        if not block:
            self.close()
            raise StopIteration
        return block

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def digest(file: IO[bytes]) -> str:
    """SHA-256 of the whole file, in hexadecimal, read block by block; the file stays open."""
    found = sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def written(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """What `write` writes into a file, once it has written all of it."""
    with put_by() as file:
        write(file)
        yield from Contents(file)
