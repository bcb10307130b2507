"""Takes one sealed outcome in: checks that everything agrees, then changes one job's state once.

From the task `clinic.record`; to the vault and a Result. The broker may drop, double, delay or forge what arrives here,
and the worker may answer anything: what is pasted lies inside the hole and nowhere else.
"""

import hmac
import uuid
from enum import StrEnum

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone

from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases import pictures
from clinic.inpainting.dispatch import publish_quietly
from clinic.inpainting.models import OPEN_STATES, InpaintingJob, JobState, OutboxEntry, Result
from clinic.inpainting.orders import forget_secrets, reply_secret
from clinic.inpainting.results import seal_composite
from clinic.vault.errors import VaultError
from inference.canonical import composite
from inference.contract import Outcome, OutcomeHeader, OutcomeStatus
from inference.envelope import EnvelopeError, open_outcome, peek_outcome


class Verdict(StrEnum):
    """What became of an outcome; all but the first two leave the job as it was and are audited with this word."""

    PAINTED = "painted"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    MALFORMED = "malformed"
    UNKNOWN_JOB = "unknown-job"
    OLD_ATTEMPT = "old-attempt"
    REVOKED_WORKER = "revoked-worker"
    WRONG_WORKER = "wrong-worker"
    WRONG_ORDER = "wrong-order"
    WRONG_CHECKPOINT = "wrong-checkpoint"
    BAD_SIGNATURE = "bad-signature"
    UNREADABLE = "unreadable"
    WRONG_NONCE = "wrong-nonce"


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


def accept(sealed: bytes) -> Verdict:
    """Record the outcome in `sealed` if it answers the present attempt of a job that waits for it.

    Never raises for bad bytes: it returns, and audits, the reason. A database or disk that is away does raise, and
    then nothing has changed.
    """
    job: InpaintingJob | None = None
    try:
        header = _peeked(sealed)
        with transaction.atomic():
            job = _locked_job(header.job)
            verdict = _take(sealed, header, job)
    except _Refused as refused:
        verdict = refused.verdict
        record(None, Act.OUTCOME_REFUSED, job, reason=verdict.value)
    transaction.on_commit(publish_quietly)
    return verdict


def _take(sealed: bytes, header: OutcomeHeader, job: InpaintingJob) -> Verdict:
    entry = _entry(header, job)
    outcome = _opened(sealed, header, entry)
    painted = header.status is OutcomeStatus.PAINTED
    # The one change of state, whatever has happened since the checks: no row means that another was quicker.
    changed = InpaintingJob.objects.filter(id=job.id, state__in=OPEN_STATES, attempt=header.attempt).update(
        state=JobState.DONE if painted else JobState.FAILED,
        failure="" if painted else header.status.name.lower().replace("_", "-"),
        lease_until=None,
        updated_at=timezone.now(),
    )
    if not changed:
        raise _Refused(Verdict.DUPLICATE)
    if painted:
        _store(job, outcome)
    forget_secrets(job)
    record(None, Act.RESULT_RECORDED, job, status=header.status.value, attempt=header.attempt)
    return Verdict.PAINTED if painted else Verdict.FAILED


def _store(job: InpaintingJob, outcome: Outcome) -> None:
    crop = pictures.canonical(job.mask.crop)
    whole = composite(crop, pictures.hole(job.mask), outcome.pixels)
    result = Result(job=job, seconds=outcome.milliseconds / 1000)
    result.sealed = seal_composite(result, whole)
    result.save(force_insert=True)


def _peeked(sealed: bytes) -> OutcomeHeader:
    try:
        return peek_outcome(sealed)
    except EnvelopeError:
        raise _Refused(Verdict.MALFORMED) from None


def _locked_job(job_id: uuid.UUID) -> InpaintingJob:
    # Copies of one outcome queue up here, and each sees what the one before it did.
    related = ("checkpoint", "mask__crop__photograph__case__case_key")
    jobs = InpaintingJob.objects.select_for_update(of=("self",)).select_related(*related)
    try:
        return jobs.get(id=job_id)
    except ObjectDoesNotExist:
        raise _Refused(Verdict.UNKNOWN_JOB) from None


def _entry(header: OutcomeHeader, job: InpaintingJob) -> OutboxEntry:
    """Return the order that this outcome must answer, or refuse it."""
    if header.attempt != job.attempt:
        raise _Refused(Verdict.OLD_ATTEMPT)
    if job.state not in OPEN_STATES:
        raise _Refused(Verdict.DUPLICATE)
    entry: OutboxEntry = job.outbox.select_related("worker", "secret").get(attempt=job.attempt)
    entry.job = job
    if entry.worker.revoked_at:
        raise _Refused(Verdict.REVOKED_WORKER)
    return entry


def _opened(sealed: bytes, header: OutcomeHeader, entry: OutboxEntry) -> Outcome:
    """Return the outcome once worker, signature, order, checkpoint and nonce all agree with `entry`."""
    if header.worker_key_id != entry.worker.identity.key_id:
        raise _Refused(Verdict.WRONG_WORKER)
    if not hmac.compare_digest(header.order_digest, bytes(entry.order_digest)):
        raise _Refused(Verdict.WRONG_ORDER)
    if header.checkpoint.hex() != entry.job.checkpoint.sha256:
        raise _Refused(Verdict.WRONG_CHECKPOINT)
    try:
        secret = reply_secret(entry)
        outcome = open_outcome(sealed, bytes(entry.worker.signing_key), secret.private_key)
    except EnvelopeError as problem:
        raise _Refused(Verdict(problem.refusal.value)) from None
    except VaultError:
        raise _Refused(Verdict.UNREADABLE) from None
    if not hmac.compare_digest(outcome.nonce, secret.nonce):
        raise _Refused(Verdict.WRONG_NONCE)
    return outcome
