"""What the API tells those who run a study: the fields named here, and nothing per method.

From clinic.studies.overview and clinic.studies.board to JSON, by lists of what is allowed.
"""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from clinic.studies.board import Dot, Line
from clinic.studies.export import study_code
from clinic.studies.models import BlindingAudit, SheetKind, State, Study, Unblinding
from clinic.studies.overview import DeskPage

COUNT = serializers.IntegerField(min_value=0)


class StudyLineJson(serializers.Serializer[Any]):
    """One study in the list; the numbers are of all readers together."""

    study = serializers.UUIDField(source="pk")
    code = serializers.SerializerMethodField(help_text="The study's name in files.")
    title = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    cases = serializers.IntegerField(source="case_count")
    readers = serializers.IntegerField(source="reader_count")
    sheets = serializers.IntegerField()
    submitted = serializers.IntegerField()

    def get_code(self, study: Study) -> str:
        """As in the marks file."""
        return study_code(study)


class HindranceJson(serializers.Serializer[Any]):
    """One thing to mend before opening."""

    where = serializers.CharField()
    message = serializers.CharField()


class CheckJson(serializers.Serializer[Any]):
    """One line of the blinding audit."""

    says = serializers.CharField()
    found = serializers.CharField()
    passed = serializers.BooleanField()


class AuditJson(serializers.Serializer[BlindingAudit]):
    """The newest blinding audit of this draft, or of the opened study."""

    ran_at = serializers.DateTimeField()
    passed = serializers.BooleanField()
    pictures = serializers.IntegerField()
    checks = CheckJson(source="report.checks", many=True)


class UnblindingJson(serializers.Serializer[Unblinding]):
    """Who asked to unblind and why; confirming is done by a second person on the page, with their password."""

    reason = serializers.ChoiceField(Unblinding.Why.choices)
    asked_by = serializers.CharField(source="asked_by.name")
    asked_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class ProtocolJson(serializers.Serializer[Any]):
    """What was agreed before the first sheet."""

    question = serializers.CharField()
    assignment = serializers.CharField()
    readers_per_case = serializers.IntegerField()
    repeat_share = serializers.FloatField()
    repeat_distance = serializers.IntegerField()
    tie_rule = serializers.CharField()
    corrections = serializers.BooleanField()
    guesses = serializers.IntegerField()
    instructions = serializers.CharField()
    consent = serializers.CharField()
    closes_on = serializers.CharField()
    photograph = serializers.BooleanField()


class StudyJson(serializers.Serializer[DeskPage]):
    """A study as its page shows it."""

    study = serializers.UUIDField(source="study.pk")
    code = serializers.SerializerMethodField(help_text="The study's name in files.")
    title = serializers.CharField(source="study.title")
    state = serializers.ChoiceField(State.choices, source="study.state")
    draft_number = serializers.IntegerField(source="study.draft_number")
    opened_at = serializers.DateTimeField(source="study.opened_at", allow_null=True)
    closed_at = serializers.DateTimeField(source="study.closed_at", allow_null=True)
    unblinded_at = serializers.DateTimeField(source="study.unblinded_at", allow_null=True)
    protocol = ProtocolJson(source="agreed")
    protocol_sha256 = serializers.CharField(source="study.protocol_digest")
    allocation_sha256 = serializers.CharField(source="study.allocation_digest")
    cases = serializers.DictField(child=COUNT, help_text="How many, by what they are for.")
    methods = serializers.IntegerField()
    readers = serializers.SerializerMethodField(help_text="Their names, in the order of their codes R1, R2 and so on.")
    hindrances = HindranceJson(many=True)
    audit = AuditJson(allow_null=True)
    unblinding = UnblindingJson(allow_null=True)
    may_open = serializers.BooleanField()
    may_ask = serializers.BooleanField()

    def get_code(self, page: DeskPage) -> str:
        """As in the marks file."""
        return study_code(page.study)

    def get_readers(self, page: DeskPage) -> list[str]:
        """Who reads."""
        return [reader.user.name for reader in page.readers]


class DotJson(serializers.Serializer[Dot]):
    """One sheet: done, half or waiting, and what it is for."""

    look = serializers.ChoiceField(("done", "half", "waiting"))
    kind = serializers.ChoiceField((*SheetKind.values, "repeat"))


class LineJson(serializers.Serializer[Line]):
    """One reader's progress; `median` is of the seconds per sheet, in words."""

    reader = serializers.CharField(source="reader.code")
    name = serializers.CharField(source="reader.user.name")
    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    median = serializers.CharField()
    left = serializers.CharField()
    last = serializers.SerializerMethodField()
    sheets = DotJson(source="dots", many=True)

    def get_last(self, line: Line) -> datetime | None:
        """When this reader last did anything."""
        return line.last


class BoardJson(serializers.Serializer[Any]):
    """Who is done, who is in the middle, who has gone quiet; per reader, never per method."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.IntegerField()
    median = serializers.CharField()
    work_left = serializers.CharField()
    readers = LineJson(source="lines", many=True)


class AskSent(serializers.Serializer[Any]):
    """Why a study is to be unblinded."""

    reason = serializers.ChoiceField(Unblinding.Why.choices)
