"""Asks the worker for the four inpaintings of a mask, and keeps asking until each is done, failed or given up.

From the case page (`run`, `retry`) and the relay (`publish_pending`, `redispatch_expired`); to the queue. What is to be
done stands in the database; what lies on the broker is only a copy of it and may be lost or doubled at any time.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases.models import Mask
from clinic.inpainting.identity import current_worker, platform_key
from clinic.inpainting.models import ATTEMPTS, OPEN_STATES, Checkpoint, InpaintingJob, JobState, OutboxEntry
from clinic.inpainting.orders import Blanked, Sender, blanked, forget_secrets, issue
from clinic.inpainting.queue import UNREACHABLE, send_order
from clinic.inpainting.refusals import InpaintingRefusal
from clinic.vault.errors import VaultError
from inference.broker import VISIBILITY_SECONDS
from inference.contract import METHODS
from inference.keys import KeyFileError

# How long a worker may take from the moment its order was published, waiting in the queue included.
LEASE = timedelta(seconds=VISIBILITY_SECONDS)
# No more orders than this lie on the broker at once, so that a long queue does not eat up the leases.
IN_FLIGHT = 8

# Why a job was given up; every other reason is a status of the worker's outcome.
NO_ANSWER = "no-answer"
CASE_UNREADABLE = "case-unreadable"

CASE_ERASED_AT = "mask__crop__photograph__case__case_key__erased_at"

logger = logging.getLogger(__name__)


@transaction.atomic
def run(mask: Mask, by: User) -> list[InpaintingJob]:
    """Queue one job per method for `mask`, with sealed orders, in one transaction; asking again changes nothing.

    Returns the four jobs in the order of the methods. Raises `InpaintingRefusal` when a checkpoint, a worker or the
    signing key is missing, and `VaultError` when the case cannot be opened.
    """
    Mask.objects.select_for_update().get(pk=mask.pk)
    checkpoints = _active_checkpoints()
    jobs, fresh = [], []
    for method in METHODS:
        job, created = InpaintingJob.objects.get_or_create(
            mask=mask, method=method, checkpoint=checkpoints[method], defaults={"requested_by": by}
        )
        jobs.append(job)
        fresh += [job] if created else []
    if fresh:
        sender, view = _sender(), blanked(mask)
        for job in fresh:
            issue(job, view, sender)
        record(by, Act.JOBS_SENT, mask, jobs=len(fresh))
        transaction.on_commit(publish_quietly)
    return jobs


@transaction.atomic
def retry(job: InpaintingJob, by: User) -> InpaintingJob:
    """Give a failed or dead job another round of attempts. Raises `InpaintingRefusal` for a job in any other state."""
    locked = InpaintingJob.objects.select_for_update().get(pk=job.pk)
    if locked.state not in (JobState.FAILED, JobState.DEAD):
        raise InpaintingRefusal("JOB-UNDER-WAY", "This job is under way or done. Wait for its answer.")
    locked.last_attempt = locked.attempt + ATTEMPTS
    _try_again(locked, blanked(locked.mask), _sender())
    record(by, Act.JOB_RETRIED, locked, attempt=locked.attempt)
    transaction.on_commit(publish_quietly)
    return locked


def publish_pending() -> int:
    """Put waiting orders on the queue, oldest first, up to the limit in flight; return how many.

    Raises one of `queue.UNREACHABLE` when the broker does not take an order: it stays in the outbox.
    """
    published = 0
    while _publish_next():
        published += 1
    return published


def publish_quietly() -> None:
    """Publish now rather than at the relay's next round; if the broker is away, that round will do."""
    try:
        publish_pending()
    except UNREACHABLE as problem:
        logger.warning("broker not reachable (%s): the relay will publish", type(problem).__name__)


def redispatch_expired() -> int:
    """Give every job whose lease ran out its next attempt, or up after the last; return how many jobs it touched."""
    touched = 0
    while _redispatch_next():
        touched += 1
    return touched


@transaction.atomic
def _publish_next() -> bool:
    now = timezone.now()
    if InpaintingJob.objects.filter(state=JobState.DISPATCHED, lease_until__gt=now).count() >= IN_FLIGHT:
        return False
    waiting = OutboxEntry.objects.filter(published_at=None, expires_at__gt=now, job__state=JobState.QUEUED)
    waiting = waiting.filter(**{f"job__{CASE_ERASED_AT}": None})
    # Several relays may run: each takes an entry that no other holds (SQLite locks the whole file instead).
    entry = waiting.select_for_update(of=("self",), skip_locked=True).order_by("id").first()
    if entry is None:
        return False
    send_order(bytes(entry.order))
    entry.published_at = now
    entry.save(update_fields=["published_at"])
    InpaintingJob.objects.filter(id=entry.job_id, attempt=entry.attempt, state=JobState.QUEUED).update(
        state=JobState.DISPATCHED, lease_until=now + LEASE, updated_at=now
    )
    return True


@transaction.atomic
def _redispatch_next() -> bool:
    job = _late(timezone.now()).select_for_update(of=("self",), skip_locked=True).first()
    if job is None:
        return False
    if job.attempt >= job.last_attempt:
        _give_up(job, NO_ANSWER)
        return True
    try:
        view = blanked(job.mask)
    except VaultError:
        _give_up(job, CASE_UNREADABLE)
        return True
    _try_again(job, view, _sender())
    return True


def _late(now: datetime) -> QuerySet[InpaintingJob]:
    """Jobs whose lease ran out, whose order expired before the broker ever took it, or whose case was erased."""
    never_sent = OutboxEntry.objects.filter(
        job=OuterRef("pk"), attempt=OuterRef("attempt"), published_at=None, expires_at__lte=now
    )
    return InpaintingJob.objects.filter(
        Q(state=JobState.DISPATCHED, lease_until__lte=now)
        | Q(Exists(never_sent), state=JobState.QUEUED)
        | Q(**{f"{CASE_ERASED_AT}__isnull": False}, state__in=OPEN_STATES)
    ).order_by("created_at")


def _try_again(job: InpaintingJob, view: Blanked, sender: Sender) -> None:
    forget_secrets(job)
    job.attempt += 1
    job.state, job.lease_until, job.failure = JobState.QUEUED, None, ""
    job.save(update_fields=["attempt", "last_attempt", "state", "lease_until", "failure", "updated_at"])
    issue(job, view, sender)


def _give_up(job: InpaintingJob, reason: str) -> None:
    forget_secrets(job)
    job.state, job.lease_until, job.failure = JobState.DEAD, None, reason
    job.save(update_fields=["state", "lease_until", "failure", "updated_at"])
    record(None, Act.JOB_STOPPED, job, reason=reason, attempt=job.attempt)


def _active_checkpoints() -> dict[str, Checkpoint]:
    checkpoints = {checkpoint.method: checkpoint for checkpoint in Checkpoint.objects.filter(active=True)}
    missing = [method for method in METHODS if method not in checkpoints]
    if missing:
        names = ", ".join(missing)
        raise InpaintingRefusal(
            "NO-CHECKPOINT", f"No checkpoint for {names}. Ask the operator to run manage.py install_checkpoints."
        )
    return checkpoints


def _sender() -> Sender:
    try:
        return Sender(platform_key(), current_worker())
    except KeyFileError as problem:
        raise InpaintingRefusal("NO-PLATFORM-KEY", f"Orders cannot be signed: {problem}.") from None
