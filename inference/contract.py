"""What crosses the queue between platform and worker, as fixed-size bytes: the order and the outcome.

From `clinic.inpainting` and `inference.worker`, which fill these classes; to `inference.envelope`, which seals and
signs the bytes. Every order is as long as every other, and so is every outcome: the length tells nothing, and there is
no image format to parse. All numbers are big-endian; the byte tables stand in docs/privacy.md.
"""

import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

METHODS = ("inclg", "edgeconnect", "lafin", "ctsdg")
SIZE = 256

SUITE = 1
DIGEST_LENGTH = 32
NONCE_LENGTH = 32
KEY_LENGTH = 32
KEY_ID_LENGTH = 8

_ORDER_MAGIC = b"VMJ1"
_OUTCOME_MAGIC = b"VMR1"
_ORDER_HEADER = struct.Struct(">4sBBH16sIQQ8s8s")
_OUTCOME_HEADER = struct.Struct(">4sBBH16sI32s32s8s")
_ORDER_OPENING = struct.Struct(">32s32s32sQHH")
_OUTCOME_OPENING = struct.Struct(">32sI")
_PIXELS_LENGTH = SIZE * SIZE * 3
_HOLE_LENGTH = SIZE * SIZE // 8

ORDER_HEADER_LENGTH = _ORDER_HEADER.size
OUTCOME_HEADER_LENGTH = _OUTCOME_HEADER.size
ORDER_LENGTH = _ORDER_OPENING.size + _HOLE_LENGTH + _PIXELS_LENGTH
OUTCOME_LENGTH = _OUTCOME_OPENING.size + _PIXELS_LENGTH

Pixels = NDArray[np.uint8]
Hole = NDArray[np.bool_]


class ContractError(ValueError):
    """Bytes or values that are no order and no outcome."""


class OutcomeStatus(IntEnum):
    """How an attempt ended. A failure is one of these and never a text: an exception's words could carry pixels."""

    PAINTED = 1
    CHECKPOINT_MISSING = 2
    CHECKPOINT_REFUSED = 3
    OUT_OF_MEMORY = 4
    TIMED_OUT = 5
    ENGINE_FAILED = 6


@dataclass(frozen=True)
class OrderHeader:
    """The readable part of an order. `job` is random; times are whole seconds since 1970; key ids name public keys."""

    job: uuid.UUID
    attempt: int
    method: str
    issued: int
    expires: int
    worker_key_id: bytes
    platform_key_id: bytes


@dataclass(frozen=True, eq=False)
class Order:
    """The sealed part of an order: crop (uint8 256x256x3, zero under the hole), hole (bool 256x256, True = fill)."""

    nonce: bytes
    result_key: bytes
    checkpoint: bytes
    seed: int
    hole: Hole
    pixels: Pixels


@dataclass(frozen=True)
class OutcomeHeader:
    """The readable part of an outcome; `order_digest` is SHA-256 of the whole sealed order it answers."""

    status: OutcomeStatus
    job: uuid.UUID
    attempt: int
    order_digest: bytes
    checkpoint: bytes
    worker_key_id: bytes


@dataclass(frozen=True, eq=False)
class Outcome:
    """The sealed part of an outcome: the order's nonce, the time it took, and the picture (black after a failure)."""

    nonce: bytes
    milliseconds: int
    pixels: Pixels


def pack_order_header(header: OrderHeader) -> bytes:
    """Return the 60 bytes of an order's header. Raises `ContractError` for an unknown method or a bad number."""
    if header.method not in METHODS:
        raise ContractError(f"unknown method {header.method!r}")
    return _pack(
        _ORDER_HEADER,
        _ORDER_MAGIC,
        SUITE,
        METHODS.index(header.method),
        0,
        header.job.bytes,
        header.attempt,
        header.issued,
        header.expires,
        _exactly(KEY_ID_LENGTH, header.worker_key_id),
        _exactly(KEY_ID_LENGTH, header.platform_key_id),
    )


def unpack_order_header(data: bytes) -> OrderHeader:
    """Read 60 bytes as an order's header. Raises `ContractError` for anything else."""
    magic, suite, slot, reserved, job, attempt, issued, expires, worker, platform = _unpack(_ORDER_HEADER, data)
    if (magic, suite, reserved) != (_ORDER_MAGIC, SUITE, 0) or slot >= len(METHODS):
        raise ContractError("these bytes are not the header of an order")
    return OrderHeader(uuid.UUID(bytes=job), attempt, METHODS[slot], issued, expires, worker, platform)


def pack_order(order: Order) -> bytes:
    """Return an order's plaintext, always `ORDER_LENGTH` bytes.

    Raises `ContractError` unless every pixel under the hole is zero: the lip must not leave the platform, so this is
    checked at the last door as well as done by `inference.canonical.blank`.
    """
    _require_picture(order.pixels)
    _require_hole(order.hole)
    if order.pixels[order.hole].any():
        raise ContractError("an order must be blanked: pixels under the hole are not zero")
    opening = _pack(
        _ORDER_OPENING,
        _exactly(NONCE_LENGTH, order.nonce),
        _exactly(KEY_LENGTH, order.result_key),
        _exactly(DIGEST_LENGTH, order.checkpoint),
        order.seed,
        SIZE,
        SIZE,
    )
    return opening + np.packbits(order.hole).tobytes() + order.pixels.tobytes()


def unpack_order(data: bytes) -> Order:
    """Read `ORDER_LENGTH` bytes as an order. Raises `ContractError` for anything else."""
    if len(data) != ORDER_LENGTH:
        raise ContractError(f"an order has {ORDER_LENGTH} bytes, not {len(data)}")
    opening, rest = data[: _ORDER_OPENING.size], data[_ORDER_OPENING.size :]
    nonce, result_key, checkpoint, seed, height, width = _unpack(_ORDER_OPENING, opening)
    if (height, width) != (SIZE, SIZE):
        raise ContractError(f"an order is {SIZE} x {SIZE}, not {height} x {width}")
    bits = np.frombuffer(rest[:_HOLE_LENGTH], np.uint8)
    hole = np.unpackbits(bits).reshape(SIZE, SIZE).astype(np.bool_)
    return Order(nonce, result_key, checkpoint, seed, hole, _picture(rest[_HOLE_LENGTH:]))


def pack_outcome_header(header: OutcomeHeader) -> bytes:
    """Return the 100 bytes of an outcome's header. Raises `ContractError` for a number or a digest out of range."""
    return _pack(
        _OUTCOME_HEADER,
        _OUTCOME_MAGIC,
        SUITE,
        header.status,
        0,
        header.job.bytes,
        header.attempt,
        _exactly(DIGEST_LENGTH, header.order_digest),
        _exactly(DIGEST_LENGTH, header.checkpoint),
        _exactly(KEY_ID_LENGTH, header.worker_key_id),
    )


def unpack_outcome_header(data: bytes) -> OutcomeHeader:
    """Read 100 bytes as an outcome's header. Raises `ContractError` for anything else."""
    magic, suite, status, reserved, job, attempt, order, checkpoint, worker = _unpack(_OUTCOME_HEADER, data)
    known = {known.value for known in OutcomeStatus}
    if (magic, suite, reserved) != (_OUTCOME_MAGIC, SUITE, 0) or status not in known:
        raise ContractError("these bytes are not the header of an outcome")
    return OutcomeHeader(OutcomeStatus(status), uuid.UUID(bytes=job), attempt, order, checkpoint, worker)


def pack_outcome(outcome: Outcome) -> bytes:
    """Return an outcome's plaintext, always `OUTCOME_LENGTH` bytes, whatever the status."""
    _require_picture(outcome.pixels)
    opening = _pack(_OUTCOME_OPENING, _exactly(NONCE_LENGTH, outcome.nonce), outcome.milliseconds)
    return opening + outcome.pixels.tobytes()


def unpack_outcome(data: bytes) -> Outcome:
    """Read `OUTCOME_LENGTH` bytes as an outcome. Raises `ContractError` for anything else."""
    if len(data) != OUTCOME_LENGTH:
        raise ContractError(f"an outcome has {OUTCOME_LENGTH} bytes, not {len(data)}")
    nonce, milliseconds = _unpack(_OUTCOME_OPENING, data[: _OUTCOME_OPENING.size])
    return Outcome(nonce, milliseconds, _picture(data[_OUTCOME_OPENING.size :]))


def no_picture() -> Pixels:
    """Return the black 256x256x3 picture that stands in an outcome when nothing was painted."""
    return np.zeros((SIZE, SIZE, 3), np.uint8)


def _exactly(length: int, value: bytes) -> bytes:
    # struct pads and cuts byte strings in silence; a short key or digest must be an error instead.
    if len(value) != length:
        raise ContractError(f"a key, nonce or digest of {length} bytes has {len(value)}")
    return value


def _pack(layout: struct.Struct, *values: int | bytes) -> bytes:
    try:
        return layout.pack(*values)
    except struct.error as problem:
        raise ContractError(f"a number does not fit its field: {problem}") from None


def _unpack(layout: struct.Struct, data: bytes) -> tuple[Any, ...]:
    if len(data) != layout.size:
        raise ContractError(f"expected {layout.size} bytes, not {len(data)}")
    return layout.unpack(data)


def _picture(data: bytes) -> Pixels:
    return np.frombuffer(data, np.uint8).reshape(SIZE, SIZE, 3)


def _require_picture(pixels: Pixels) -> None:
    if pixels.dtype != np.uint8 or pixels.shape != (SIZE, SIZE, 3):
        raise ContractError(f"a picture is uint8 {SIZE} x {SIZE} x 3, not {pixels.dtype} {pixels.shape}")


def _require_hole(hole: Hole) -> None:
    if hole.dtype != np.bool_ or hole.shape != (SIZE, SIZE):
        raise ContractError(f"a hole is bool {SIZE} x {SIZE}, not {hole.dtype} {hole.shape}")
