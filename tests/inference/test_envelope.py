"""Sealed orders and outcomes: who can open them, who believes them, and what a broker sees."""

import random
import uuid
from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from inference import envelope
from inference.contract import ORDER_HEADER_LENGTH, Order, OrderHeader, Outcome, OutcomeHeader, OutcomeStatus
from inference.envelope import (
    CLOCK_SKEW_SECONDS,
    SEALED_ORDER_LENGTH,
    EnvelopeError,
    Refusal,
    new_result_key,
    open_order,
    open_outcome,
    peek_outcome,
    seal_order,
    seal_outcome,
)
from inference.keys import WorkerKeys, platform_key_id

NOW = 1_800_000_000
PLATFORM = Ed25519PrivateKey.generate()
KEYS = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
HEADER = OrderHeader(
    job=uuid.uuid4(),
    attempt=1,
    method="inclg",
    issued=NOW,
    expires=NOW + 3600,
    worker_key_id=KEYS.identity.key_id,
    platform_key_id=platform_key_id(PLATFORM.public_key()),
)


@pytest.fixture
def order(crop, hole) -> Order:
    return Order(b"n" * 32, new_result_key()[1], b"c" * 32, 1, hole, np.where(hole[..., None], np.uint8(0), crop))


@pytest.fixture
def sealed(order) -> bytes:
    return seal_order(HEADER, order, PLATFORM, KEYS.identity)


def refusal(sealed, keys=KEYS, platform=PLATFORM, now=NOW) -> Refusal:
    with pytest.raises(EnvelopeError) as caught:
        open_order(sealed, keys, platform.public_key(), now)
    return caught.value.refusal


def resigned(sealed: bytes, signer: Ed25519PrivateKey = PLATFORM) -> bytes:
    """The same message under a fresh and valid signature."""
    return sealed[:-64] + signer.sign(b"vermilion order 1" + sealed[:-64])


def test_the_worker_opens_what_the_platform_sealed(sealed, order):
    header, opened = open_order(sealed, KEYS, PLATFORM.public_key(), NOW)

    assert header == HEADER
    assert (opened.pixels == order.pixels).all()


def test_a_broker_sees_one_length_and_no_pixel(order, sealed, crop):
    rows = [order.pixels[row, :60].tobytes() for row in range(0, 256, 16)]
    blank = replace(order, pixels=np.zeros_like(crop))

    assert len(sealed) == len(seal_order(HEADER, blank, PLATFORM, KEYS.identity)) == SEALED_ORDER_LENGTH
    assert not any(row in sealed for row in rows)


def test_another_worker_cannot_open_it(sealed):
    other = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    assert refusal(sealed, keys=other) is Refusal.WRONG_READER


def test_another_worker_that_takes_its_name_cannot_open_it_either(order):
    other = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    stolen = seal_order(replace(HEADER, worker_key_id=other.identity.key_id), order, PLATFORM, KEYS.identity)

    assert refusal(stolen, keys=other) is Refusal.UNREADABLE


def test_an_order_signed_by_a_stranger_is_refused_before_it_is_decrypted(order, monkeypatch):
    stranger = Ed25519PrivateKey.generate()
    forged = seal_order(HEADER, order, stranger, KEYS.identity)
    monkeypatch.setattr(envelope, "_decrypt", lambda *_: pytest.fail("decrypted before the signature was checked"))

    assert refusal(forged) is Refusal.BAD_SIGNATURE


def test_an_expired_order_is_refused(sealed):
    open_order(sealed, KEYS, PLATFORM.public_key(), HEADER.expires)

    assert refusal(sealed, now=HEADER.expires + 1) is Refusal.EXPIRED


def test_an_order_from_the_future_is_refused_beyond_the_skew_of_clocks(sealed):
    open_order(sealed, KEYS, PLATFORM.public_key(), NOW - CLOCK_SKEW_SECONDS)

    assert refusal(sealed, now=NOW - CLOCK_SKEW_SECONDS - 1) is Refusal.EXPIRED


def test_a_header_put_on_another_body_is_refused_even_if_it_is_signed(sealed, order):
    other = seal_order(replace(HEADER, attempt=2), order, PLATFORM, KEYS.identity)
    mixed = resigned(other[:ORDER_HEADER_LENGTH] + sealed[ORDER_HEADER_LENGTH:])

    assert refusal(mixed) is Refusal.UNREADABLE


def test_a_signed_order_of_another_layout_is_refused(sealed):
    assert refusal(resigned(b"VMJ2" + sealed[4:])) is Refusal.MALFORMED


@pytest.mark.parametrize("change", [-1, 1])
def test_an_order_of_another_length_is_refused(sealed, change):
    assert refusal((sealed + b"\0")[: len(sealed) + change]) is Refusal.MALFORMED


def test_three_hundred_mutated_orders_are_refused(sealed):
    chance = random.Random(2)
    for number in range(300):
        mutated = bytearray(sealed)
        mutated[chance.randrange(ORDER_HEADER_LENGTH if number % 2 else len(sealed))] ^= 1 << chance.randrange(8)
        refusal(bytes(mutated))


def test_an_outcome_opens_with_its_result_key_and_no_other(crop):
    private, public = new_result_key()
    header = OutcomeHeader(OutcomeStatus.PAINTED, HEADER.job, 1, bytes(32), bytes(32), KEYS.identity.key_id)
    sealed = seal_outcome(header, Outcome(b"n" * 32, 5, crop), KEYS, public)

    assert peek_outcome(sealed) == header
    assert (open_outcome(sealed, KEYS.identity.signing, private).pixels == crop).all()
    with pytest.raises(EnvelopeError, match="unreadable"):
        open_outcome(sealed, KEYS.identity.signing, new_result_key()[0])
    with pytest.raises(EnvelopeError, match="bad-signature"):
        open_outcome(sealed, PLATFORM.public_key().public_bytes_raw(), private)


def test_an_order_s_signature_never_serves_for_an_outcome(crop):
    private, public = new_result_key()
    header = OutcomeHeader(OutcomeStatus.PAINTED, HEADER.job, 1, bytes(32), bytes(32), KEYS.identity.key_id)
    sealed = seal_outcome(header, Outcome(b"n" * 32, 5, crop), KEYS, public)

    with pytest.raises(EnvelopeError, match="bad-signature"):
        open_outcome(resigned(sealed, KEYS.signing), KEYS.identity.signing, private)
