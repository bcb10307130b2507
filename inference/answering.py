"""Turns one sealed order into one sealed outcome; what paints in between is handed in.

From `inference.worker`, which brings keys, clock and engine; and back to it. Knows neither the queue nor torch, so the
rules of the trust border can be read, and tested, on their own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from inference.attempts import start_once
from inference.contract import Order, OrderHeader, Outcome, OutcomeHeader, OutcomeStatus, Pixels, no_picture
from inference.envelope import digest, open_order, seal_outcome
from inference.keys import WorkerKeys


@dataclass(frozen=True, eq=False)
class Painted:
    """What a painter made of an order: uint8 256x256x3, and the network's own time."""

    pixels: Pixels
    seconds: float


Paint = Callable[[OrderHeader, Order], Painted]

_LONGEST_MILLISECONDS = 2**32 - 1


class PaintError(Exception):
    """A painter gave up; `status` is all that the platform will learn of it."""

    def __init__(self, status: OutcomeStatus) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(frozen=True)
class Desk:
    """What a worker needs to answer: its own keys, the platform's public key, and a folder for start markers."""

    keys: WorkerKeys
    platform: Ed25519PublicKey
    started: Path


def answer(sealed: bytes, desk: Desk, paint: Paint) -> bytes | None:
    """Return the sealed outcome of `sealed`, or None if this attempt was started before.

    A `PaintError` becomes a failed outcome with its status. Raises `EnvelopeError` for an order that is not the
    platform's, not for this worker, or expired: nothing can be answered then.
    """
    header, order = open_order(sealed, desk.keys, desk.platform, int(time.time()))
    if not start_once(desk.started, header):
        return None
    try:
        status, painted = OutcomeStatus.PAINTED, paint(header, order)
    except PaintError as problem:
        status, painted = problem.status, Painted(no_picture(), 0.0)
    milliseconds = min(int(painted.seconds * 1000), _LONGEST_MILLISECONDS)
    reply = OutcomeHeader(
        status, header.job, header.attempt, digest(sealed), order.checkpoint, desk.keys.identity.key_id
    )
    return seal_outcome(reply, Outcome(order.nonce, milliseconds, painted.pixels), desk.keys, order.result_key)
