"""The forms of a study: its draft, the two steps of unblinding, and the export.

From what is typed to a Draft for clinic.studies.drafting; the rules stand there and in clinic.studies.protocol.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms

from clinic.accounts.models import User
from clinic.cases.models import Case
from clinic.inpainting.results import is_ready
from clinic.studies import evaluating, protocol
from clinic.studies.access import offered_cases, offered_readers
from clinic.studies.again import AgainForm
from clinic.studies.drafting import TITLE_LENGTH, Draft
from clinic.studies.models import SheetKind, Study, Unblinding
from clinic.studies.protocol import Protocol
from clinic.studies.refusals import ProtocolRefusal
from clinic.studies.release import File, Why

if TYPE_CHECKING:
    from evaluation.planning import Question

ASSIGNMENTS = [(protocol.CROSSED, "Every reader reads every case"), (protocol.SPLIT, "Each case goes to some readers")]
USES = [
    ("", "Leave out"),
    (SheetKind.SCORED, "Score"),
    (SheetKind.TRAINING, "Training"),
    (SheetKind.CONTROL, "Control"),
]


class DraftForm(forms.Form):
    """A draft study as the page shows it; one choice of use per case, `case_<id>`."""

    title = forms.CharField(max_length=TITLE_LENGTH, help_text="Readers see it; it must not name a method.")
    question = forms.CharField(max_length=200, initial=Protocol.question)
    readers = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )
    assignment = forms.ChoiceField(choices=ASSIGNMENTS, initial=protocol.CROSSED, widget=forms.RadioSelect)
    readers_per_case = forms.IntegerField(
        min_value=0, initial=0, required=False, help_text="Only when each case goes to some readers."
    )
    repeats = forms.IntegerField(
        label="Hidden repeats, %",
        min_value=0,
        max_value=50,
        initial=0,
        help_text="10 to 20 % show how steady a reader is.",
    )
    repeat_distance = forms.IntegerField(
        label="Sheets between", min_value=1, initial=Protocol.repeat_distance, help_text="At least, before a repeat."
    )
    guesses = forms.IntegerField(
        label="Ask about the blinding",
        min_value=0,
        max_value=protocol.MOST_GUESSES,
        initial=0,
        help_text="On so many last sheets readers are asked which result was the new method’s.",
    )
    corrections = forms.BooleanField(
        label="Readers may go back and correct until the study closes; every version is kept",
        required=False,
        initial=True,
    )
    photograph = forms.BooleanField(
        label="Readers may look at the photograph before surgery; each look is logged", required=False
    )
    closes_on = forms.DateField(label="Closes on", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    instructions = forms.CharField(
        max_length=600, widget=forms.Textarea(attrs={"rows": 3}), initial=Protocol.instructions
    )
    consent = forms.CharField(max_length=600, widget=forms.Textarea(attrs={"rows": 3}), initial=Protocol.consent)

    def __init__(self, by: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases = list(offered_cases(by).order_by("dataset", "code"))
        readers = self.fields["readers"]
        assert isinstance(readers, forms.ModelMultipleChoiceField)
        readers.queryset = offered_readers(by)
        for case in self.cases:
            self.fields[_name(case)] = forms.ChoiceField(choices=USES, required=False, label=case.code)

    def case_rows(self) -> list[tuple[Case, forms.BoundField, bool]]:
        """Each case with its field and whether its four results are there."""
        return [(case, self[_name(case)], is_ready(case)) for case in self.cases]

    def clean(self) -> dict[str, Any]:
        """Make the protocol here, so that its refusals stand at their fields."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                cleaned["protocol"] = _protocol(cleaned)
            except ProtocolRefusal as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return cleaned

    def draft(self) -> Draft:
        """The draft that was typed; call it on a valid form."""
        chosen: dict[str, list[Case]] = {kind: [] for kind in SheetKind.values}
        for case in self.cases:
            if use := self.cleaned_data.get(_name(case)):
                chosen[use].append(case)
        return Draft(
            title=self.cleaned_data["title"],
            cases=chosen[SheetKind.SCORED],
            training=chosen[SheetKind.TRAINING],
            control=chosen[SheetKind.CONTROL],
            readers=list(self.cleaned_data["readers"]),
            protocol=self.cleaned_data["protocol"],
        )


class AskForm(forms.Form):
    """The first of two who unblind: why."""

    reason = forms.ChoiceField(choices=Unblinding.Why.choices, label="Why now")


class ConfirmForm(AgainForm):
    """The second of two: signing in again is the password, each time."""

    else_said = "Nothing was unblinded."
    holds = timedelta(0)


class ExportForm(AgainForm):
    """Which file leaves the platform, what for, and the password once more."""

    else_said = "Nothing left the platform."
    field_order = ("file", "why", "password")

    file = forms.ChoiceField(choices=File.choices, initial=File.ZIP, widget=forms.RadioSelect)
    why = forms.ChoiceField(label="What for", choices=Why.choices, widget=forms.RadioSelect)


class PlanForm(forms.Form):
    """How many cases a study needs: a pilot's marks file and the difference to be found."""

    pilot = forms.FileField(
        label="Marks file of the pilot",
        help_text="CSV as it was exported; it is read and not kept.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    dataset = forms.CharField(
        label="Data set", max_length=200, required=False, help_text="Where the pilot has several."
    )
    method = forms.CharField(label="First method", max_length=40, initial="inclg")
    against = forms.CharField(label="Second method", max_length=40, initial="edgeconnect")
    difference = forms.FloatField(
        label="True difference in valid probability",
        min_value=-1,
        max_value=1,
        initial=0.15,
        help_text="First method minus second, such as 0.15.",
    )

    def question(self) -> "Question":
        """What was asked; call it on a valid form."""
        typed = self.cleaned_data
        return evaluating.planning.Question(typed["method"].strip(), typed["against"].strip(), typed["difference"])


def initial_of(study: Study) -> dict[str, Any]:
    """The form's values from a stored draft."""
    agreed = protocol.read(study.protocol)
    values = {**agreed.as_json(), "title": study.title, "repeats": round(100 * agreed.repeat_share)}
    values["readers"] = [reader.user_id for reader in study.readers.all()]
    values.update({_name(one.case): one.kind for one in study.cases.select_related("case")})
    return values


def _name(case: Case) -> str:
    return f"case_{case.pk}"


def _protocol(typed: dict[str, Any]) -> Protocol:
    return Protocol(
        question=typed["question"],
        assignment=typed["assignment"],
        readers_per_case=typed["readers_per_case"] or 0,
        repeat_share=typed["repeats"] / 100,
        repeat_distance=typed["repeat_distance"],
        corrections=typed["corrections"],
        guesses=typed["guesses"],
        photograph=typed["photograph"],
        instructions=typed["instructions"],
        consent=typed["consent"],
        closes_on=typed["closes_on"].isoformat() if typed["closes_on"] else "",
    )
