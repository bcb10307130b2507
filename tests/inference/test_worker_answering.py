"""The worker's rules, without a queue or a network: what it answers, what it drops, what it tells of a failure."""

import os
import time
import uuid

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference import attempts
from inference.answering import Desk, Painted, PaintError, answer
from inference.contract import Order, OrderHeader, OutcomeStatus
from inference.envelope import EnvelopeError, digest, new_result_key, open_outcome, peek_outcome, seal_order
from inference.keys import (
    KeyFileError,
    create_worker_keys,
    platform_key_id,
    read_platform_public,
    read_worker_identity,
    read_worker_keys,
)

PLATFORM = Ed25519PrivateKey.generate()
PRIVATE, PUBLIC = new_result_key()


@pytest.fixture
def desk(tmp_path) -> Desk:
    create_worker_keys(tmp_path)
    return Desk(read_worker_keys(tmp_path / "worker.key"), PLATFORM.public_key(), tmp_path / "started")


@pytest.fixture
def make_order(desk, crop, hole):
    def make(job: uuid.UUID | None = None, attempt: int = 1, issued: int | None = None) -> bytes:
        now = issued or int(time.time())
        header = OrderHeader(
            job or uuid.uuid4(),
            attempt,
            "inclg",
            now,
            now + 60,
            desk.keys.identity.key_id,
            platform_key_id(PLATFORM.public_key()),
        )
        order = Order(b"n" * 32, PUBLIC, b"c" * 32, 1, hole, np.where(hole[..., None], np.uint8(0), crop))
        return seal_order(header, order, PLATFORM, desk.keys.identity)

    return make


def paint_white(header, order):
    return Painted(np.full_like(order.pixels, 255), 0.25)


def never(header, order):
    pytest.fail("this order must not be painted")


def test_an_order_is_answered_with_its_own_digest_nonce_and_checkpoint(desk, make_order):
    sealed = make_order()
    outcome = answer(sealed, desk, paint_white)

    header = peek_outcome(outcome)
    opened = open_outcome(outcome, desk.keys.identity.signing, PRIVATE)
    assert (header.status, header.order_digest, header.checkpoint) == (OutcomeStatus.PAINTED, digest(sealed), b"c" * 32)
    assert (opened.nonce, opened.milliseconds, opened.pixels.min()) == (b"n" * 32, 250, 255)


def test_the_same_attempt_is_never_started_twice(desk, make_order):
    job = uuid.uuid4()
    sealed = make_order(job)
    answer(sealed, desk, paint_white)

    assert answer(sealed, desk, never) is None
    assert answer(make_order(job), desk, never) is None
    assert answer(make_order(job, attempt=2), desk, paint_white) is not None


def test_a_crash_while_painting_still_counts_as_started(desk, make_order):
    def crash(header, order):
        raise KeyboardInterrupt

    sealed = make_order()
    with pytest.raises(KeyboardInterrupt):
        answer(sealed, desk, crash)

    assert answer(sealed, desk, never) is None


def test_a_failure_tells_its_status_and_shows_nothing(desk, make_order):
    def fail(header, order):
        raise PaintError(OutcomeStatus.OUT_OF_MEMORY)

    outcome = answer(make_order(), desk, fail)

    assert peek_outcome(outcome).status is OutcomeStatus.OUT_OF_MEMORY
    assert not open_outcome(outcome, desk.keys.identity.signing, PRIVATE).pixels.any()
    assert len(outcome) == len(answer(make_order(), desk, paint_white))


def test_an_expired_order_leaves_no_marker(desk, make_order):
    with pytest.raises(EnvelopeError, match="expired"):
        answer(make_order(issued=int(time.time()) - 3600), desk, never)
    assert not desk.started.exists()


def test_old_markers_are_swept(desk, make_order):
    answer(make_order(), desk, paint_white)
    answer(make_order(), desk, paint_white)
    oldest = next(desk.started.iterdir())
    os.utime(oldest, (time.time() - attempts.KEEP_SECONDS - 1,) * 2)

    attempts.forget_old(desk.started)

    assert len(list(desk.started.iterdir())) == 1
    assert not oldest.exists()


def test_worker_keys_are_private_and_match_their_public_file(tmp_path):
    identity = create_worker_keys(tmp_path)

    assert (tmp_path / "worker.key").stat().st_mode & 0o777 == 0o600
    assert (
        read_worker_keys(tmp_path / "worker.key").identity == identity == read_worker_identity(tmp_path / "worker.pub")
    )
    assert identity.sealing.hex() not in (tmp_path / "worker.key").read_text()


def test_worker_keys_are_never_overwritten(tmp_path):
    create_worker_keys(tmp_path)

    with pytest.raises(KeyFileError, match="exists already"):
        create_worker_keys(tmp_path)


def test_a_private_key_that_others_may_read_is_refused(tmp_path):
    create_worker_keys(tmp_path)
    (tmp_path / "worker.key").chmod(0o640)

    with pytest.raises(KeyFileError, match="chmod 600"):
        read_worker_keys(tmp_path / "worker.key")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"signing": "00"}', '{"signing": 7}', '{"signing": "zz"}'])
def test_what_is_no_key_file_is_refused(tmp_path, text):
    (tmp_path / "platform.pub").write_text(text)

    with pytest.raises(KeyFileError):
        read_platform_public(tmp_path / "platform.pub")


def test_a_missing_key_file_is_refused(tmp_path):
    with pytest.raises(KeyFileError, match="cannot be read"):
        read_platform_public(tmp_path / "platform.pub")
