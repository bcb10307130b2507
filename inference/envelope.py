"""Seals and opens orders and outcomes: HPKE to one reader, and the writer's Ed25519 signature around it.

    sealed = header + HPKE(plaintext, info = header) + Ed25519(label + header + HPKE(...))

From and to `clinic.inpainting` on one side and `inference.worker` on the other, over a broker that neither trusts. The
signature is checked before anything is decrypted, and every length before that.
HPKE is RFC 9180 in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
"""

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from inference.contract import (
    ORDER_HEADER_LENGTH,
    ORDER_LENGTH,
    OUTCOME_HEADER_LENGTH,
    OUTCOME_LENGTH,
    ContractError,
    Order,
    OrderHeader,
    Outcome,
    OutcomeHeader,
    pack_order,
    pack_order_header,
    pack_outcome,
    pack_outcome_header,
    unpack_order,
    unpack_order_header,
    unpack_outcome,
    unpack_outcome_header,
)
from inference.keys import WorkerIdentity, WorkerKeys, platform_key_id

# An encapsulated X25519 key and an AES-GCM tag.
_HPKE_OVERHEAD = 32 + 16
_SIGNATURE_LENGTH = 64
SEALED_ORDER_LENGTH = ORDER_HEADER_LENGTH + _HPKE_OVERHEAD + ORDER_LENGTH + _SIGNATURE_LENGTH
SEALED_OUTCOME_LENGTH = OUTCOME_HEADER_LENGTH + _HPKE_OVERHEAD + OUTCOME_LENGTH + _SIGNATURE_LENGTH

# Clocks of two hosts are allowed to differ by this much.
CLOCK_SKEW_SECONDS = 120

_ORDER_LABEL = b"vermilion order 1"
_OUTCOME_LABEL = b"vermilion outcome 1"
_T = TypeVar("_T")
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class Refusal(StrEnum):
    """Why a sealed message was refused; all that is ever said or stored about it."""

    MALFORMED = "malformed"
    WRONG_READER = "wrong-reader"
    BAD_SIGNATURE = "bad-signature"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"


class EnvelopeError(Exception):
    """A sealed message was refused, for the reason in `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def digest(sealed: bytes) -> bytes:
    """Return SHA-256 of a whole sealed message: how an outcome names the order it answers."""
    return hashlib.sha256(sealed).digest()


def new_result_key() -> tuple[bytes, bytes]:
    """Return a fresh key pair for one job's outcome as 32 raw bytes each: private, public."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal_order(header: OrderHeader, order: Order, platform: Ed25519PrivateKey, worker: WorkerIdentity) -> bytes:
    """Return `SEALED_ORDER_LENGTH` bytes that only `worker` can open. Raises `ContractError` for an unblanked crop."""
    return _seal(
        pack_order_header(header),
        pack_order(order),
        platform,
        X25519PublicKey.from_public_bytes(worker.sealing),
        _ORDER_LABEL,
    )


def open_order(sealed: bytes, keys: WorkerKeys, platform: Ed25519PublicKey, now: int) -> tuple[OrderHeader, Order]:
    """Return the order in `sealed` if the platform signed it for this worker and it has not expired at `now` (seconds).

    Raises `EnvelopeError` otherwise.
    """
    packed, ciphertext, signature = _split(sealed, ORDER_HEADER_LENGTH, SEALED_ORDER_LENGTH)
    header = _parsed(unpack_order_header, packed)
    if (header.worker_key_id, header.platform_key_id) != (keys.identity.key_id, platform_key_id(platform)):
        raise EnvelopeError(Refusal.WRONG_READER)
    _verify(platform, signature, _ORDER_LABEL + packed + ciphertext)
    if not header.issued - CLOCK_SKEW_SECONDS <= now <= header.expires:
        raise EnvelopeError(Refusal.EXPIRED)
    return header, _parsed(unpack_order, _decrypt(ciphertext, keys.sealing, packed))


def seal_outcome(header: OutcomeHeader, outcome: Outcome, keys: WorkerKeys, result_key: bytes) -> bytes:
    """Return `SEALED_OUTCOME_LENGTH` bytes that only the holder of the job's result key can open."""
    return _seal(
        pack_outcome_header(header),
        pack_outcome(outcome),
        keys.signing,
        X25519PublicKey.from_public_bytes(result_key),
        _OUTCOME_LABEL,
    )


def peek_outcome(sealed: bytes) -> OutcomeHeader:
    """Return the header of an outcome, **unverified**: good for finding the job it claims to answer, and no more.

    Raises `EnvelopeError` unless length and layout are exact.
    """
    packed, _, _ = _split(sealed, OUTCOME_HEADER_LENGTH, SEALED_OUTCOME_LENGTH)
    return _parsed(unpack_outcome_header, packed)


def open_outcome(sealed: bytes, worker_signing: bytes, result_private: bytes) -> Outcome:
    """Return the outcome in `sealed` if the worker signed it and it opens with the job's private result key.

    Raises `EnvelopeError` otherwise.
    """
    packed, ciphertext, signature = _split(sealed, OUTCOME_HEADER_LENGTH, SEALED_OUTCOME_LENGTH)
    _verify(Ed25519PublicKey.from_public_bytes(worker_signing), signature, _OUTCOME_LABEL + packed + ciphertext)
    return _parsed(unpack_outcome, _decrypt(ciphertext, X25519PrivateKey.from_private_bytes(result_private), packed))


def _seal(header: bytes, plaintext: bytes, signer: Ed25519PrivateKey, reader: X25519PublicKey, label: bytes) -> bytes:
    ciphertext = _SUITE.encrypt(plaintext, reader, header)
    return header + ciphertext + signer.sign(label + header + ciphertext)


def _split(sealed: bytes, header_length: int, length: int) -> tuple[bytes, bytes, bytes]:
    if len(sealed) != length:
        raise EnvelopeError(Refusal.MALFORMED)
    return sealed[:header_length], sealed[header_length:-_SIGNATURE_LENGTH], sealed[-_SIGNATURE_LENGTH:]


def _verify(key: Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise EnvelopeError(Refusal.BAD_SIGNATURE) from None


def _decrypt(ciphertext: bytes, key: X25519PrivateKey, header: bytes) -> bytes:
    try:
        return _SUITE.decrypt(ciphertext, key, header)
    except (InvalidTag, ValueError):
        raise EnvelopeError(Refusal.UNREADABLE) from None


def _parsed(parse: Callable[[bytes], _T], data: bytes) -> _T:
    try:
        return parse(data)
    except ContractError:
        raise EnvelopeError(Refusal.MALFORMED) from None
