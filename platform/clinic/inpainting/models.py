"""Rows of the road from a mask to its results: checkpoints, workers, jobs, the outbox and results.

Jobs are made by `dispatch`, finished by `record`; the database is the truth about them and the broker only a hint.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.cases.models import Mask
from clinic.vault.models import SealedObject
from inference.contract import METHODS
from inference.keys import WorkerIdentity

METHOD_CHOICES = [(method, method) for method in METHODS]
ATTEMPTS = 5


class Checkpoint(models.Model):
    """Trained weights of one method, known here by digest and provenance card only; the file lies with the worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    method = models.CharField(max_length=32, choices=METHOD_CHOICES)
    sha256 = models.CharField(max_length=64)
    card = models.JSONField()
    installed_at = models.DateTimeField(auto_now_add=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "sha256"], name="checkpoint_once_per_method"),
            models.UniqueConstraint(fields=["method"], condition=Q(active=True), name="checkpoint_one_active"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.sha256[:12]}"


class Worker(models.Model):
    """An enrolled GPU worker: the two public keys by which orders are sealed to it and outcomes believed from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=64, unique=True)
    signing_key = models.BinaryField(max_length=32, unique=True)
    sealing_key = models.BinaryField(max_length=32, unique=True)
    enrolled_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def identity(self) -> WorkerIdentity:
        """The two public keys as the envelope takes them."""
        return WorkerIdentity(bytes(self.signing_key), bytes(self.sealing_key))


class JobState(models.TextChoices):
    """The road of a job: the first two are under way, DONE has a result, the last two need somebody."""

    QUEUED = "queued", "Queued"
    DISPATCHED = "dispatched", "Sent to the worker"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    DEAD = "dead", "Given up"


OPEN_STATES = (JobState.QUEUED, JobState.DISPATCHED)


class InpaintingJob(models.Model):
    """One mask filled by one method with one checkpoint. Only `attempt` may be answered; older ones are refused."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mask = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="jobs")
    method = models.CharField(max_length=32, choices=METHOD_CHOICES)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveIntegerField(default=1)
    last_attempt = models.PositiveIntegerField(default=ATTEMPTS)
    lease_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=32, blank=True, default="")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created_at", "method"]
        constraints = [
            models.UniqueConstraint(fields=["mask", "method", "checkpoint"], name="job_once_per_mask_and_checkpoint"),
            models.CheckConstraint(condition=Q(attempt__lte=F("last_attempt")), name="job_attempts_capped"),
            models.CheckConstraint(
                condition=Q(state=JobState.DISPATCHED) & Q(lease_until__isnull=False)
                | ~Q(state=JobState.DISPATCHED) & Q(lease_until__isnull=True),
                name="job_leased_exactly_when_dispatched",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[JobState.FAILED, JobState.DEAD]) & ~Q(failure="")
                | ~Q(state__in=[JobState.FAILED, JobState.DEAD]) & Q(failure=""),
                name="job_failure_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="job_by_lease")]

    def __str__(self) -> str:
        return f"{self.method} for mask {self.mask_id}"


class OutboxEntry(models.Model):
    """The sealed order of one attempt, made in the same transaction as the attempt and published afterwards."""

    job = models.ForeignKey(InpaintingJob, on_delete=models.CASCADE, related_name="outbox")
    attempt = models.PositiveIntegerField()
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="+")
    order = models.BinaryField()
    order_digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    secret = models.OneToOneField(SealedObject, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "attempt"], name="outbox_once_per_attempt")]
        indexes = [models.Index(fields=["id"], condition=Q(published_at__isnull=True), name="outbox_unpublished")]

    def __str__(self) -> str:
        return f"order for {self.job_id}, attempt {self.attempt}"


class Result(models.Model):
    """What one method made of one mask: the composite, sealed; equal to the crop outside the hole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField(InpaintingJob, on_delete=models.PROTECT, related_name="result")
    sealed = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="+")
    seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seconds__gte=0), name="result_seconds_not_negative")]

    def __str__(self) -> str:
        return f"result of {self.job_id}"
