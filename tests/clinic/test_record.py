"""What the platform believes of an outcome: only what the enrolled worker says of the order it was sent."""

import os
import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import connection

from clinic.audit.models import AuditEntry
from clinic.cases import pictures
from clinic.inpainting import dispatch, results
from clinic.inpainting import record as recording
from clinic.inpainting.identity import enrol, revoke
from clinic.inpainting.models import InpaintingJob, JobState, OutboxEntry, Result
from clinic.inpainting.record import Verdict, accept
from clinic.inpainting.tasks import record_outcome
from clinic.vault.store import erase
from inference.answering import Painted, PaintError
from inference.contract import OUTCOME_HEADER_LENGTH, SIZE, Outcome, OutcomeHeader, OutcomeStatus
from inference.envelope import SEALED_OUTCOME_LENGTH, open_order, seal_outcome
from inference.keys import WorkerKeys


@pytest.fixture
def mask(rosa, make_mask, inpaint_all):
    """A mask of Rosa's whose four orders have been sent."""
    mask = make_mask(rosa)
    dispatch.run(mask, rosa)
    dispatch.publish_pending()
    return mask


@pytest.fixture
def entry(mask) -> OutboxEntry:
    """One of the four orders."""
    return OutboxEntry.objects.first()


def forge(grey_worker, entry, *, keys=None, nonce=None, result_key=None, **header) -> bytes:
    """An outcome that is right in everything but what is given."""
    keys = keys or grey_worker.desk.keys
    told, order = open_order(bytes(entry.order), grey_worker.desk.keys, grey_worker.desk.platform, _now(entry))
    honest = OutcomeHeader(
        OutcomeStatus.PAINTED, told.job, told.attempt, bytes(entry.order_digest), order.checkpoint, keys.identity.key_id
    )
    outcome = Outcome(nonce or order.nonce, 500, np.zeros((SIZE, SIZE, 3), np.uint8))
    return seal_outcome(replace(honest, **header), outcome, keys, result_key or order.result_key)


def _now(entry) -> int:
    return int(entry.created_at.timestamp())


def assert_refused(sealed: bytes, reason: str, entry: OutboxEntry) -> None:
    assert accept(sealed) == reason
    assert InpaintingJob.objects.get(id=entry.job_id).state == JobState.DISPATCHED
    assert Result.objects.count() == 0
    assert AuditEntry.objects.filter(act="outcome-refused", details__reason=reason).count() == 1


def test_an_honest_outcome_is_recorded_once(grey_worker, entry):
    sealed = forge(grey_worker, entry)

    assert accept(sealed) == Verdict.PAINTED
    result = Result.objects.get()
    assert (result.job_id, result.seconds) == (entry.job_id, 0.5)
    entry.refresh_from_db()
    assert (entry.secret, bytes(entry.order)) == (None, b"")


def test_fifty_copies_change_one_state_once(grey_worker, entry):
    sealed = forge(grey_worker, entry)

    assert [accept(sealed) for _ in range(50)] == [Verdict.PAINTED] + [Verdict.DUPLICATE] * 49
    assert Result.objects.count() == 1
    assert AuditEntry.objects.filter(act="result-recorded").count() == 1


def test_a_job_that_was_finished_between_the_checks_and_the_update_is_left_alone(grey_worker, entry, monkeypatch):
    check = recording._opened

    def overtaken(*arguments):
        outcome = check(*arguments)
        InpaintingJob.objects.filter(id=entry.job_id).update(state=JobState.DONE, lease_until=None)
        return outcome

    monkeypatch.setattr(recording, "_opened", overtaken)

    assert accept(forge(grey_worker, entry)) == Verdict.DUPLICATE
    assert Result.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_copies_at_once_change_one_state_once(grey_worker, entry):
    sealed = forge(grey_worker, entry)

    def arrive(_):
        try:
            return accept(sealed)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        verdicts = Counter(pool.map(arrive, range(50)))

    assert verdicts == {Verdict.PAINTED: 1, Verdict.DUPLICATE: 49}
    assert Result.objects.count() == 1


def test_the_picture_changes_inside_the_hole_only(grey_worker, mask):
    """T10: whatever a worker returns, every byte outside the hole is the crop's own."""
    noise = np.random.default_rng(3)
    grey_worker.paint = lambda header, order: Painted(noise.integers(0, 256, (SIZE, SIZE, 3), np.uint8), 1.0)
    grey_worker.inpaint_all()

    crop, hole = pictures.canonical(mask.crop), pictures.hole(mask)
    found = results.results_of(mask.crop.photograph.case)
    assert len(found) == 4
    for result in found.values():
        picture = results.picture(result)
        assert (picture[~hole] == crop[~hole]).all()
        assert not (picture[hole] == crop[hole]).all()


@pytest.mark.parametrize("status", [status for status in OutcomeStatus if status is not OutcomeStatus.PAINTED])
def test_a_failure_is_recorded_by_its_name_alone(grey_worker, entry, status):
    def fail(header, order):
        raise PaintError(status)

    grey_worker.paint = fail

    assert accept(grey_worker.outcome(entry)) == Verdict.FAILED
    job = InpaintingJob.objects.get(id=entry.job_id)
    assert (job.state, job.failure) == (JobState.FAILED, status.name.lower().replace("_", "-"))
    assert Result.objects.count() == 0


def test_an_answer_to_an_older_attempt_is_refused(grey_worker, entry):
    sealed = forge(grey_worker, entry)
    InpaintingJob.objects.filter(id=entry.job_id).update(attempt=2)

    assert_refused(sealed, "old-attempt", entry)


def test_an_attempt_that_was_never_ordered_is_refused(grey_worker, entry):
    assert_refused(forge(grey_worker, entry, attempt=2), "old-attempt", entry)


def test_an_answer_for_an_unknown_job_is_refused(grey_worker, entry):
    assert_refused(forge(grey_worker, entry, job=uuid.uuid4()), "unknown-job", entry)


def test_an_answer_to_another_order_is_refused(grey_worker, entry):
    assert_refused(forge(grey_worker, entry, order_digest=os.urandom(32)), "wrong-order", entry)


def test_an_answer_for_another_job_is_refused(grey_worker, entry):
    other = OutboxEntry.objects.exclude(id=entry.id).first()

    assert_refused(forge(grey_worker, entry, job=other.job_id), "wrong-order", entry)


def test_another_checkpoint_is_refused(grey_worker, entry):
    assert_refused(forge(grey_worker, entry, checkpoint=os.urandom(32)), "wrong-checkpoint", entry)


def test_another_nonce_is_refused(grey_worker, entry):
    assert_refused(forge(grey_worker, entry, nonce=os.urandom(32)), "wrong-nonce", entry)


def test_an_answer_under_another_result_key_is_refused(grey_worker, entry):
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()

    assert_refused(forge(grey_worker, entry, result_key=public), "unreadable", entry)


def test_a_worker_with_keys_of_its_own_making_is_refused(grey_worker, entry):
    stranger = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    assert_refused(forge(grey_worker, entry, keys=stranger), "wrong-worker", entry)


def test_a_stranger_under_the_worker_s_name_is_refused(grey_worker, entry):
    stranger = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    name = grey_worker.row.identity.key_id

    assert_refused(forge(grey_worker, entry, keys=stranger, worker_key_id=name), "bad-signature", entry)


def test_another_enrolled_worker_is_refused(grey_worker, entry):
    other = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    enrol("other", other.identity)

    assert_refused(forge(grey_worker, entry, keys=other), "wrong-worker", entry)


def test_a_revoked_worker_is_refused(grey_worker, entry):
    sealed = forge(grey_worker, entry)
    revoke("grey")

    assert_refused(sealed, "revoked-worker", entry)


def test_an_erased_case_takes_no_more_answers(grey_worker, mask, entry):
    sealed = forge(grey_worker, entry)
    erase(mask.crop.photograph.case.case_key)

    assert_refused(sealed, "unreadable", entry)


def test_three_hundred_mutations_change_nothing(grey_worker, entry):
    """T11: in header, body and signature."""
    sealed, chance = forge(grey_worker, entry), random.Random(5)
    spans = [(0, OUTCOME_HEADER_LENGTH), (OUTCOME_HEADER_LENGTH, len(sealed) - 64), (len(sealed) - 64, len(sealed))]
    for number in range(300):
        first, last = spans[number % 3]
        mutated = bytearray(sealed)
        mutated[chance.randrange(first, last)] ^= 1 << chance.randrange(8)
        assert accept(bytes(mutated)) not in (Verdict.PAINTED, Verdict.FAILED)

    assert Result.objects.count() == 0
    assert InpaintingJob.objects.get(id=entry.job_id).state == JobState.DISPATCHED
    assert accept(sealed) == Verdict.PAINTED


@pytest.mark.parametrize("length", [0, 1, 99, 100, 164, SEALED_OUTCOME_LENGTH - 1, SEALED_OUTCOME_LENGTH + 1])
def test_bytes_of_another_length_are_refused(grey_worker, entry, length):
    sealed = forge(grey_worker, entry)

    assert_refused((sealed + b"\0")[:length] if length else b"", "malformed", entry)


@pytest.mark.parametrize("message", [None, 7, "", "AAAA", "!" * 262560, {"a": 1}, ["x"], "A" * 10_000_000])
def test_a_message_that_is_no_outcome_is_dropped(mask, message, caplog):
    record_outcome(message)

    assert "no outcome was dropped" in caplog.text
    assert set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.DISPATCHED}
