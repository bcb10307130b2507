"""The filters of the audit page: kind of act, person, day, and the code or id of a thing."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet

from clinic.accounts.models import User
from clinic.audit.acts import KINDS
from clinic.audit.models import AuditEntry


class FilterForm(forms.Form):
    """What to narrow the log to; everything is optional, and a word that makes no sense narrows nothing."""

    kind = forms.ChoiceField(choices=[(key, label) for key, label, _ in KINDS], required=False)
    who = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Anyone")
    what = forms.CharField(
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"class": "in", "placeholder": "Case or study code", "autocomplete": "off"}),
    )
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "in"}))

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["who"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people
        field.widget.attrs["class"] = "in"
        self.full_clean()

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return those of ``entries`` that pass the filters."""
        chosen = self.cleaned_data
        acts = {key: acts for key, _, acts in KINDS}.get(chosen.get("kind") or "")
        if acts:
            entries = entries.filter(act__in=acts)
        if chosen.get("who"):
            entries = entries.filter(actor=chosen["who"])
        if chosen.get("day"):
            entries = entries.filter(at__date=chosen["day"])
        if chosen.get("what"):
            word = chosen["what"].strip()
            entries = entries.filter(Q(object_id__istartswith=word) | Q(details__code__iexact=word))
        return entries

    def kinds(self) -> list[tuple[str, str, bool, str]]:
        """Return each kind as (key, label, is chosen, query string that chooses it and keeps the other filters)."""
        chosen = self.cleaned_data.get("kind") or ""
        return [(key, label, key == chosen, self._query(kind=key)) for key, label, _ in KINDS]

    def _query(self, **changes: str) -> str:
        words = {name: str(self.data.get(name, "")) for name in self.fields} | changes
        return urlencode({name: word for name, word in words.items() if word})

    @property
    def query(self) -> str:
        """Return the filters as a query string, for the links to other pages of the log."""
        return self._query()
