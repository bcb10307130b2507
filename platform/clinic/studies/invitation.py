"""The table of invitations: one-time links by which a surgeon who has no password yet comes into a study.

Written by clinic.studies.inviting alone; the links themselves are never stored, only their SHA-256.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Invitation(models.Model):
    """One link to one person for one study; it ends by its use, by being taken back, or with its day."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey("studies.Study", on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.CheckConstraint(name="invitation_expires_later", condition=Q(expires_at__gt=F("invited_at"))),
            models.CheckConstraint(
                name="invitation_ends_once", condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="invitation_waits_once",
                fields=["study", "user"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            ),
        ]

    @property
    def waits(self) -> bool:
        """Whether the link can still be used."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()
