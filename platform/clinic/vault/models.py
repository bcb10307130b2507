"""The two rows behind every sealed object: the wrapped key of a case, and what is known of each blob.

Written and read by `clinic.vault.store` alone; other apps point at `SealedObject` and at `CaseKey`, never into them.
"""

import uuid

from django.db import models
from django.db.models import Q

from clinic.vault.vml1 import Kind

# Random 96-bit nonces stay safe far beyond this; the cap leaves a wide margin and is a plain number to refuse at.
MAX_WRAPS = 2**24


class CaseKey(models.Model):
    """One key per case, wrapped by the key-encryption key. Erasure empties it and leaves the row as a tombstone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField(max_length=60)
    kek_id = models.CharField(max_length=64, db_index=True)
    wraps = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wraps__lte=MAX_WRAPS), name="case_key_wraps_capped"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(wrapped=b""), name="case_key_erased_means_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"case key {self.id}"


class SealedObject(models.Model):
    """One VML1 blob on disk; its id is the name of the file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_key = models.ForeignKey(CaseKey, on_delete=models.PROTECT, related_name="objects_sealed")
    kind = models.PositiveSmallIntegerField(choices=[(kind.value, kind.name.lower()) for kind in Kind])
    version = models.PositiveIntegerField(default=1)
    plaintext_length = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(version__gte=1), name="sealed_object_version_from_one")]

    def __str__(self) -> str:
        return f"sealed {Kind(self.kind).name.lower()} {self.id}"
