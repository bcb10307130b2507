"""The tables of a study: what is read, by whom, in which blinded order, and what was marked.

From cases, inpainting and accounts (what exists) to export and results (what follows). Invariants are constraints here
first; the verbs of this package give them words. The arm key, which method stands at which position, is in no table:
it is a sealed object of the vault, one per reader (clinic.studies.blinding).
"""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.accounts.models import Hospital
from clinic.cases.models import Case, Mask
from clinic.inpainting.models import Checkpoint, Result
from clinic.studies.invitation import Invitation as Invitation
from clinic.vault.models import CaseKey, SealedObject

POSITIONS = ("A", "B", "C", "D")


class State(models.TextChoices):
    """The road of a study; it goes one way."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    UNBLINDED = "unblinded", "Unblinded"


class SheetKind(models.TextChoices):
    """What a sheet is for; only scored sheets of repeat 0 enter the main tables."""

    SCORED = "scored", "Scored"
    CONTROL = "control", "Control"
    TRAINING = "training", "Training"


class Reason(models.TextChoices):
    """Why a result is invalid; may stay open."""

    OPEN = "", "Not given"
    BLURRY = "blurry", "Blurry"
    ILLOGICAL = "illogical", "Illogical"
    ARTEFACT = "artefact", "Artefact"
    MISMATCH = "mismatch", "Mismatch"
    OTHER = "other", "Other"


class Study(models.Model):
    """Cases x methods x readers under one protocol, frozen at opening."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="studies")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    protocol = models.JSONField(default=dict)
    draft_number = models.PositiveIntegerField(default=1)
    cloned_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="clones")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafted_studies")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    unblinded_at = models.DateTimeField(null=True, blank=True)
    protocol_digest = models.CharField(max_length=64, blank=True)
    allocation_digest = models.CharField(max_length=64, blank=True)
    key = models.OneToOneField(CaseKey, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seed = models.OneToOneField(SealedObject, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="study_opened_has_digests",
                condition=Q(state=State.DRAFT)
                | (Q(opened_at__isnull=False) & ~Q(protocol_digest="") & ~Q(allocation_digest="")),
            ),
            models.CheckConstraint(
                name="study_closed_has_date",
                condition=Q(state__in=[State.DRAFT, State.OPEN]) | Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="study_unblinded_has_date",
                condition=~Q(state=State.UNBLINDED) | Q(unblinded_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class StudyMethod(models.Model):
    """One method of a study, with the checkpoint fixed at opening."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="methods")
    method = models.CharField(max_length=20)
    checkpoint = models.ForeignKey(Checkpoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["method"]
        constraints = [models.UniqueConstraint(fields=["study", "method"], name="study_method_once")]


class StudyCase(models.Model):
    """One case of a study, with the mask fixed at opening."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="in_studies")
    mask = models.ForeignKey(Mask, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=SheetKind.choices, default=SheetKind.SCORED)

    class Meta:
        ordering = ["case__code"]
        constraints = [models.UniqueConstraint(fields=["study", "case"], name="study_case_once")]


class FrozenResult(models.Model):
    """The one result that stands for a method on a case, fixed at opening."""

    study_case = models.ForeignKey(StudyCase, on_delete=models.CASCADE, related_name="results")
    method = models.CharField(max_length=20)
    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study_case", "method"], name="frozen_result_once")]


class StudyReader(models.Model):
    """A surgeon in a study; `arm_key` seals which method stands where on each of this reader's sheets."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reads_in")
    position = models.PositiveSmallIntegerField()
    arm_key = models.OneToOneField(SealedObject, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="study_reader_once"),
            models.UniqueConstraint(fields=["study", "position"], name="study_reader_position_once"),
        ]

    @property
    def code(self) -> str:
        """The reader's pseudonym, the only name that leaves the platform."""
        return f"R{self.position}"


class Reading(models.Model):
    """One reader, one case, one blinded order; unsubmitted it is the assignment, with its draft.

    `guess` is the letter taken for the new method where the sheet asks for it, "" for "cannot tell". Where the protocol
    shows the photograph, `photograph_token` is the address under which this reader may fetch it on this sheet.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study_reader = models.ForeignKey(StudyReader, on_delete=models.CASCADE, related_name="readings")
    study_case = models.ForeignKey(StudyCase, on_delete=models.CASCADE, related_name="readings")
    sequence = models.PositiveIntegerField()
    repeat = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=SheetKind.choices, default=SheetKind.SCORED)
    opened_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    draft = models.JSONField(default=list, blank=True)
    draft_at = models.DateTimeField(null=True, blank=True)
    paused = models.BooleanField(default=False)
    asks_guess = models.BooleanField(default=False)
    guess = models.CharField(max_length=1, null=True, blank=True)
    photograph_token = models.CharField(max_length=43, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.CheckConstraint(
                name="reading_guess_known", condition=Q(guess__isnull=True) | Q(guess__in=("", *POSITIONS))
            ),
            models.UniqueConstraint(fields=["study_reader", "sequence"], name="reading_sequence_once"),
            models.UniqueConstraint(fields=["study_reader", "study_case", "repeat"], name="reading_repeat_once"),
        ]


class Placement(models.Model):
    """One picture of one sheet: its letter, and the random token under which this reader may fetch it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="placements")
    position = models.CharField(max_length=1)
    token = models.CharField(max_length=43, unique=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "position"], name="placement_position_once"),
            models.CheckConstraint(name="placement_position_known", condition=Q(position__in=POSITIONS)),
        ]


class Mark(models.Model):
    """The verdict on one position of one reading: valid with a rank, or invalid with or without a reason."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="marks")
    position = models.CharField(max_length=1)
    valid = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True, default=Reason.OPEN)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "position"], name="mark_position_once"),
            models.UniqueConstraint(fields=["reading", "rank"], name="mark_rank_once"),
            models.CheckConstraint(name="mark_position_known", condition=Q(position__in=POSITIONS)),
            models.CheckConstraint(
                name="mark_rank_exactly_when_valid",
                condition=Q(valid=True, rank__isnull=False, reason="") | Q(valid=False, rank__isnull=True),
            ),
            models.CheckConstraint(
                name="mark_rank_in_range", condition=Q(rank__isnull=True) | Q(rank__gte=1, rank__lte=len(POSITIONS))
            ),
            models.CheckConstraint(name="mark_reason_known", condition=Q(reason__in=Reason.values)),
        ]


class MarkHistory(models.Model):
    """Every whole sheet that was ever submitted, corrected or deleted, and every draft that was replaced by that of
    another window; rows are only added.
    """

    class Act(models.TextChoices):
        SUBMITTED = "submitted", "Submitted"
        CORRECTED = "corrected", "Corrected"
        DELETED = "deleted", "Deleted"
        REPLACED = "replaced", "Replaced by another window's"

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="history")
    act = models.CharField(max_length=10, choices=Act.choices)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    sheet = models.JSONField()
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["id"]


class BlindingAudit(models.Model):
    """The stored report of one blinding audit; the newest one decides whether a study may open."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="blinding_audits")
    ran_at = models.DateTimeField(auto_now_add=True)
    ran_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    draft_number = models.PositiveIntegerField()
    passed = models.BooleanField()
    pictures = models.PositiveIntegerField()
    report = models.JSONField()

    class Meta:
        ordering = ["-ran_at", "-id"]


class Unblinding(models.Model):
    """One person asks with a reason, another confirms; a study has at most one."""

    class Why(models.TextChoices):
        COMPLETE = "complete", "All sheets are in"
        PLANNED = "planned", "The planned closing date has come"
        SAFETY = "safety", "A safety question needs the answer"
        STOPPED = "stopped", "The study was stopped early"

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="unblinding")
    reason = models.CharField(max_length=10, choices=Why.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unblinding_takes_two",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
            ),
        ]
