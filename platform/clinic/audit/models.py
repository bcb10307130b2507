"""The audit log as it is stored: entries that are only ever added, and the head of their chain.

Written by clinic.audit.chain alone; read by the audit page and ``manage.py verify_audit``.
"""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act of one person (or of the system, when ``actor`` is empty), chained to the entry before it."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey("accounts.Hospital", null=True, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default=dict)
    previous_digest = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-seq"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["act", "-seq"]),
            models.Index(fields=["actor", "-seq"]),
            models.Index(fields=["object_id", "-seq"]),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_begins_at_one")]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"


class AuditHead(models.Model):
    """The last link: one row, locked by each writer in turn, which also shows when the tail has been cut off."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_has_one_head")]

    def __str__(self) -> str:
        return f"head at {self.seq}"
