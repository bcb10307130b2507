"""Paints orders: finds the checkpoint that an order names by digest, loads it once, keeps it, and runs it.

From `inference.worker`; through `inference.engine`. Whatever goes wrong becomes one status: the text of an exception
stays on this machine, and even here only its type is logged.
"""

import logging
from pathlib import Path

import torch
from billiard.exceptions import SoftTimeLimitExceeded

from inference import checkpoint as checkpoints
from inference.answering import Painted, PaintError
from inference.checkpoint import CheckpointError
from inference.contract import Order, OrderHeader, OutcomeStatus
from inference.engine import Engine

logger = logging.getLogger(__name__)


class Painter:
    """The engines of one folder of checkpoints, by digest. Callable as `inference.answering.Paint`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engines: dict[str, Engine] = {}

    def __call__(self, header: OrderHeader, order: Order) -> Painted:
        """Return the picture. Raises `PaintError`, and nothing else."""
        try:
            filled = self._engine(header.method, order.checkpoint.hex()).inpaint(order.pixels, order.hole)
        except PaintError:
            raise
        except SoftTimeLimitExceeded:
            raise PaintError(OutcomeStatus.TIMED_OUT) from None
        except (MemoryError, torch.OutOfMemoryError):
            raise PaintError(OutcomeStatus.OUT_OF_MEMORY) from None
        except Exception as problem:
            logger.error("job %s: %s in the engine", header.job, type(problem).__name__)
            raise PaintError(OutcomeStatus.ENGINE_FAILED) from None
        return Painted(filled.image, filled.seconds)

    def _engine(self, method: str, digest: str) -> Engine:
        if digest not in self._engines:
            self._engines[digest] = self._loaded(method, digest)
        return self._engines[digest]

    def _loaded(self, method: str, digest: str) -> Engine:
        path = self._path(method, digest)
        try:
            loaded = checkpoints.load(path, trusted=frozenset({digest}))
        except CheckpointError as problem:
            logger.error("checkpoint %s: %s", digest[:12], problem)
            raise PaintError(OutcomeStatus.CHECKPOINT_REFUSED) from None
        return Engine(loaded, "cuda" if torch.cuda.is_available() else "cpu")

    def _path(self, method: str, digest: str) -> Path:
        for path in sorted(self._folder.glob(f"*{checkpoints.SUFFIX}")):
            try:
                card = checkpoints.read_card(path)
            except CheckpointError as problem:
                logger.warning("%s", problem)
                continue
            if (card.method, card.sha256) == (method, digest):
                return path
        logger.error("no checkpoint %s of %s in %s", digest[:12], method, self._folder)
        raise PaintError(OutcomeStatus.CHECKPOINT_MISSING)
