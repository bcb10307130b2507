"""What the clinic knows of a patient at one phase: the case, its photograph, its crops and its masks.

From: `clinic.cases.intake` and `clinic.cases.masking`, the only writers. To: the inpainting jobs and the studies.
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from clinic.accounts.models import Hospital, Role, User
from clinic.vault.models import CaseKey, SealedObject


class Side(models.TextChoices):
    """The cleft's side as the patient has it, never as the viewer sees it."""

    LEFT = "left", "Left"
    RIGHT = "right", "Right"
    BILATERAL = "bilateral", "Bilateral"


class Severity(models.TextChoices):
    """Whether the cleft reaches the floor of the nose."""

    INCOMPLETE = "incomplete", "Incomplete"
    COMPLETE = "complete", "Complete"


class Phase(models.TextChoices):
    """Before or after the operation."""

    PRE_OP = "pre-op", "Pre-op"
    POST_OP = "post-op", "Post-op"


class Source(models.TextChoices):
    """How the hole of a mask came about."""

    DRAWN = "drawn", "Drawn"
    IMPORTED = "imported", "Imported"


class CaseQuerySet(models.QuerySet["Case"]):
    """Every page starts here, so that nobody meets a foreign case."""

    def visible_to(self, person: User) -> Self:
        """Cases `person` may know of: a researcher's own, an administrator's hospital's (no pictures), else none."""
        if person.role == Role.RESEARCHER:
            return self.filter(owner=person)
        if person.role == Role.ADMINISTRATOR:
            return self.filter(hospital=person.hospital)
        return self.none()

    def pictured_by(self, person: User) -> Self:
        """Cases whose pictures `person` may open: a researcher's own; administrators have no implicit right to look."""
        return self.filter(owner=person) if person.role == Role.RESEARCHER else self.none()


class Case(models.Model):
    """One patient at one phase, under a pseudonymous code such as VM-0145."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cases")
    code = models.CharField(max_length=24)
    cleft_side = models.CharField(max_length=9, choices=Side.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    phase = models.CharField(max_length=7, choices=Phase.choices)
    dataset = models.CharField(max_length=40)
    case_key = models.OneToOneField(CaseKey, on_delete=models.PROTECT, related_name="case")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "code")
        constraints = (
            models.UniqueConstraint(fields=("hospital", "code"), name="one_code_per_hospital"),
            models.CheckConstraint(condition=Q(cleft_side__in=Side.values), name="case_side_is_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="case_severity_is_known"),
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="case_phase_is_known"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def current_crop(self) -> "Crop | None":
        """The newest crop of the photograph; `None` before one is chosen. Prefetched crops are used where they are."""
        return max(self.photograph.crops.all(), key=lambda crop: crop.created_at, default=None)

    @property
    def current_mask(self) -> "Mask | None":
        """The highest version on the newest crop; `None` until one is saved."""
        crop = self.current_crop
        return max(crop.masks.all(), key=lambda mask: mask.version, default=None) if crop else None


class Photograph(models.Model):
    """The sealed original, upright, rebuilt from its pixels; `preview` is a copy of at most 1280 px to crop by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="photograph")
    sealed = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="photograph")
    preview = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="previewed_photograph")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=4)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"photograph of {self.case_id}"


class Crop(models.Model):
    """A square of the photograph, in its pixels; `sealed` is the canonical 256 x 256 RGB, `view` larger, to draw on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photograph = models.ForeignKey(Photograph, on_delete=models.CASCADE, related_name="crops")
    left = models.PositiveIntegerField()
    top = models.PositiveIntegerField()
    side = models.PositiveIntegerField()
    sealed = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="crop")
    view = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="viewed_crop")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (models.CheckConstraint(condition=Q(side__gte=256), name="crop_is_large_enough"),)

    def __str__(self) -> str:
        return f"crop {self.side} px of {self.photograph_id}"


class Mask(models.Model):
    """One version of the hole on a crop: 256 x 256 bits, 1 = hole; never changed, only followed by the next version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    crop = models.ForeignKey(Crop, on_delete=models.CASCADE, related_name="masks")
    version = models.PositiveIntegerField()
    sealed = models.OneToOneField(SealedObject, on_delete=models.PROTECT, related_name="mask")
    coverage = models.FloatField()
    source = models.CharField(max_length=8, choices=Source.choices)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("version",)
        constraints = (
            models.UniqueConstraint(fields=("crop", "version"), name="one_mask_per_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="mask_versions_start_at_one"),
            models.CheckConstraint(condition=Q(coverage__gt=0, coverage__lt=1), name="mask_hole_is_partial"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="mask_source_is_known"),
        )

    def __str__(self) -> str:
        return f"mask v{self.version} of {self.crop_id}"
