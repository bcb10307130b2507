"""A generator of draws that only its key can repeat.

From a study's sealed 32-byte seed and labels (what is drawn, for whom) to shuffles for clinic.studies.allocation.
Counter mode of HMAC-SHA256 with rejection sampling: unlike a seeded Mersenne Twister, some draws seen tell nothing
about the others.
"""

from collections.abc import Sequence
from hashlib import sha256
from hmac import digest
from typing import TypeVar

Item = TypeVar("Item")
SEED_BYTES = 32


class Keyed:
    """An endless stream of unbiased draws, fixed by seed and labels."""

    def __init__(self, seed: bytes, *labels: str) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"A seed has {SEED_BYTES} bytes, this one {len(seed)}.")
        parts = [label.encode() for label in labels]
        self._key = digest(seed, b"".join(len(part).to_bytes(4, "big") + part for part in parts), sha256)
        self._counter = 0

    def below(self, limit: int) -> int:
        """A whole number in 0..limit-1, each as likely as any other; limit at least 1."""
        if limit < 1:
            raise ValueError("A draw needs at least one possibility.")
        span = 2**64
        largest = span - span % limit
        while True:
            block = digest(self._key, self._counter.to_bytes(8, "big"), sha256)
            self._counter += 1
            drawn = int.from_bytes(block[:8], "big")
            if drawn < largest:
                return drawn % limit

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """The items in a random order (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
