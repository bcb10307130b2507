"""The two forms of an invitation: who is invited, and what the invited person chooses.

From clinic.studies.views.invitations to clinic.studies.inviting, whose rules they show at the fields.
"""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from clinic.accounts.models import User


class InviteForm(forms.Form):
    """A surgeon who has no account yet."""

    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label="Work e-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The address to sign in with. Nothing is sent to it: you hand the link over yourself.",
    )


class AcceptForm(forms.Form):
    """A password of one's own, and consent."""

    password = forms.CharField(
        label="Choose a password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Four unrelated words are easy to keep in mind and hard to guess.",
    )
    agree = forms.BooleanField(
        label="I agree", error_messages={"required": "Tick this to read in the study, or close the page."}
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Refuse a weak password."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password
