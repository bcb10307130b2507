"""The password once more, before something that cannot be taken back: unblinding, or files that leave the platform.

Used by the forms of clinic.studies.forms. Tries are counted with those of the door (clinic.accounts.throttle); a right
password holds for a few minutes where a form allows it.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from clinic.accounts import throttle
from clinic.accounts.access import person
from clinic.audit.acts import Act
from clinic.audit.chain import record

GIVEN_AT = "password-given-at"
HOLDS = timedelta(minutes=5)


class AgainForm(forms.Form):
    """Asks the signed-in person for the password; `else_said` completes the refusal of a wrong one."""

    else_said = "Nothing was done."
    holds = HOLDS

    password = forms.CharField(
        label="Your password, once more",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if given_lately(request, self.holds):
            del self.fields["password"]

    def clean_password(self) -> str:
        """Refuse a wrong password, and any after too many wrong ones."""
        typed, who = str(self.cleaned_data["password"]), person(self.request)
        address = throttle.address_of(self.request)
        until = throttle.paused_until(who.email, address)
        if until is not None:
            clock = timezone.localtime(until)
            raise forms.ValidationError(f"Too many wrong passwords. Wait until {clock:%H:%M}. {self.else_said}")
        if not who.check_password(typed):
            record(None, Act.SIGN_IN_REFUSED, who)
            raise forms.ValidationError(f"This is not your password. {self.else_said}")
        throttle.forget(who.email, address)
        self.request.session[GIVEN_AT] = timezone.now().isoformat()
        return typed


def given_lately(request: HttpRequest, within: timedelta) -> bool:
    """Whether the right password was typed into such a form of this session no longer ago than `within`."""
    given = request.session.get(GIVEN_AT)
    return given is not None and timezone.now() - datetime.fromisoformat(given) < within
