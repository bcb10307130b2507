"""What the API tells a reader about studies and sheets: the fields named here and nothing else.

From rows and clinic.studies.desk to JSON, by lists of what is allowed; the blinding audit reads the same bytes. As on
the page there is no case code, no method, and no id but the reader's own study and sheet and the random tokens.
"""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinic.studies import pace, protocol
from clinic.studies.desk import patient
from clinic.studies.drafts import state_of
from clinic.studies.models import POSITIONS, Placement, Reading, Reason, SheetKind, State

INSTEAD = "After a 409: this takes the place of the draft that was shown there, which stays in the history."


class JudgementJson(serializers.Serializer[dict[str, Any]]):
    """One letter: valid with a rank, or invalid with a reason, which may be left open as ""."""

    position = serializers.ChoiceField(POSITIONS)
    valid = serializers.BooleanField()
    reason = serializers.ChoiceField(Reason.choices, allow_blank=True, required=False)
    rank = serializers.IntegerField(min_value=1, max_value=len(POSITIONS), allow_null=True, required=False)


class PictureJson(serializers.Serializer[Placement]):
    """One of the four results: its letter and the address of its picture."""

    position = serializers.ChoiceField(POSITIONS)
    address = serializers.SerializerMethodField(help_text="Path of a PNG of 256 x 256 pixels, for this reader alone.")

    def get_address(self, placement: Placement) -> str:
        """The address, by the random token."""
        return reverse("api:picture", args=[placement.token])


class SheetJson(serializers.Serializer[Reading]):
    """One sheet as its reader may know it."""

    sheet = serializers.UUIDField(source="pk")
    study = serializers.UUIDField(source="study_reader.study_id")
    number = serializers.IntegerField(source="sequence")
    total = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()
    left = serializers.SerializerMethodField(help_text="A rounded guess in words, or nothing.")
    patient = serializers.SerializerMethodField()
    training = serializers.SerializerMethodField()
    submitted = serializers.SerializerMethodField()
    open = serializers.SerializerMethodField(help_text="Whether the sheet still takes marks.")
    asks_guess = serializers.BooleanField()
    instructions = serializers.SerializerMethodField()
    revision = serializers.IntegerField()
    seconds = serializers.IntegerField()
    judgements = serializers.SerializerMethodField()
    pictures = PictureJson(source="placements", many=True)
    given = serializers.SerializerMethodField(help_text="Path of what all four methods were given.")
    photograph = serializers.SerializerMethodField(help_text="Path of the photograph, where the protocol shows it.")

    def get_total(self, reading: Reading) -> int:
        """All sheets of this reader."""
        return reading.study_reader.readings.count()

    def get_done(self, reading: Reading) -> int:
        """Those submitted."""
        return reading.study_reader.readings.filter(submitted_at__isnull=False).count()

    def get_left(self, reading: Reading) -> str:
        """How long the rest may take."""
        return pace.left_in_words(list(reading.study_reader.readings.all()))

    def get_patient(self, reading: Reading) -> str:
        """Side, severity and phase in words."""
        return patient(reading)

    def get_training(self, reading: Reading) -> bool:
        """Whether this is a training sheet."""
        return reading.kind == SheetKind.TRAINING

    def get_submitted(self, reading: Reading) -> bool:
        """Whether the whole sheet is stored."""
        return reading.submitted_at is not None

    def get_open(self, reading: Reading) -> bool:
        """Open study, and not submitted or open to correction."""
        study = reading.study_reader.study
        final = reading.submitted_at is not None and not protocol.read(study.protocol).corrections
        return study.state == State.OPEN and not final

    def get_instructions(self, reading: Reading) -> str:
        """The study's instructions."""
        return protocol.read(reading.study_reader.study.protocol).instructions

    @extend_schema_field(JudgementJson(many=True))
    def get_judgements(self, reading: Reading) -> list[dict[str, Any]]:
        """The draft if there is one, else what was submitted."""
        return [dict(JudgementJson(one).data) for one in state_of(reading)]

    def get_given(self, reading: Reading) -> str:
        """The address of the blanked crop."""
        return reverse("api:given", args=[reading.pk])

    def get_photograph(self, reading: Reading) -> str:
        """The address of the photograph before surgery, by its random token."""
        return reverse("api:picture", args=[reading.photograph_token]) if reading.photograph_token else ""


class SavedJson(serializers.Serializer[Reading]):
    """How a sheet stands after it was saved: send `revision` with the next change."""

    sheet = serializers.UUIDField(source="pk")
    revision = serializers.IntegerField()
    submitted = serializers.SerializerMethodField()
    asks_guess = serializers.SerializerMethodField(help_text="Whether the question for the new method waits.")

    def get_submitted(self, reading: Reading) -> bool:
        """Whether the whole sheet is stored."""
        return reading.submitted_at is not None

    def get_asks_guess(self, reading: Reading) -> bool:
        """Whether it asks and has no answer."""
        return reading.submitted_at is not None and reading.asks_guess and reading.guess is None


class SheetLineJson(serializers.Serializer[Reading]):
    """One sheet in the list of a reader's own."""

    sheet = serializers.UUIDField(source="pk")
    number = serializers.IntegerField(source="sequence")
    training = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField(help_text="done, half (a draft is kept) or waiting")

    def get_training(self, reading: Reading) -> bool:
        """Whether this is a training sheet."""
        return reading.kind == SheetKind.TRAINING

    def get_state(self, reading: Reading) -> str:
        """Done, half (a draft is kept) or waiting."""
        return "done" if reading.submitted_at else "half" if reading.draft_at else "waiting"


class MyStudyJson(serializers.Serializer[Any]):
    """A reader's own study: texts, progress, and the list of sheets, in which hidden repeats look like any other."""

    study = serializers.UUIDField(source="study.pk")
    title = serializers.CharField(source="study.title")
    state = serializers.ChoiceField(State.choices, source="study.state")
    question = serializers.CharField(source="agreed.question")
    instructions = serializers.CharField(source="agreed.instructions")
    consent = serializers.CharField(source="agreed.consent")
    agreed = serializers.BooleanField(source="consented")
    corrections = serializers.BooleanField(source="agreed.corrections")
    closes_on = serializers.CharField(source="agreed.closes_on")
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    left = serializers.CharField()
    sheets = SheetLineJson(source="readings", many=True)


class MyStudyLineJson(serializers.Serializer[Any]):
    """One study in the list of a reader's own; the numbers are of own sheets."""

    study = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    total = serializers.IntegerField(source="sheets")
    done = serializers.IntegerField(source="submitted")


class DraftSent(serializers.Serializer[Any]):
    """What a program sends to keep a draft: `revision` is the one it last saw."""

    judgements = JudgementJson(many=True)
    revision = serializers.IntegerField(min_value=0)
    seconds = serializers.IntegerField(min_value=0, required=False, help_text="Active time on the sheet so far.")
    paused = serializers.BooleanField(required=False)
    instead = serializers.BooleanField(required=False, help_text=INSTEAD)


class SheetSent(serializers.Serializer[Any]):
    """What a program sends to submit a sheet, or to correct one."""

    judgements = JudgementJson(many=True)
    revision = serializers.IntegerField(min_value=0)
    seconds = serializers.IntegerField(min_value=0, required=False, help_text="Active time on the sheet so far.")
    instead = serializers.BooleanField(required=False, help_text=INSTEAD)


class GuessSent(serializers.Serializer[Any]):
    """The letter taken for the new method's; "" for “cannot tell”."""

    position = serializers.ChoiceField(("", *POSITIONS), allow_blank=True)


def sheet_json(reading: Reading) -> dict[str, Any]:
    """One sheet as plain JSON values."""
    return dict(SheetJson(reading).data)
