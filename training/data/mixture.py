"""Several folders of faces as one, each drawn from by its share.

From training.data.faces to training.data.batches, which asks for one face at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.data.faces import Faces
from training.holes.files import MaskFiles
from training.manifest import combined


class People(Protocol):
    """Whoever can be learnt from: under which manifest and licence, with which mask files; any one of them."""

    @property
    def manifest_digest(self) -> str: ...

    @property
    def licence(self) -> str: ...

    @property
    def masks(self) -> MaskFiles | None: ...

    def __len__(self) -> int: ...

    def pick(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Any one face: image uint8 256 x 256 x 3, landmarks float32 68 x 2 in pixels."""
        ...


@dataclass(frozen=True)
class Mixture:
    """Faces of several folders; shares (above 0) need not sum to one."""

    parts: Sequence[Faces]
    shares: Sequence[float]
    masks: MaskFiles | None = None

    @property
    def manifest_digest(self) -> str:
        """SHA-256 over the parts' manifests, a line each."""
        return combined([part.manifest_digest for part in self.parts])

    @property
    def licence(self) -> str:
        """Every licence of the parts, once."""
        return "; ".join(dict.fromkeys(part.licence for part in self.parts))

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def pick(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """A folder by its share, then any one face of it."""
        weights = np.array(self.shares, np.float64)
        return self.parts[int(rng.choice(len(self.parts), p=weights / weights.sum()))].pick(rng)
