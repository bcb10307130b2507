"""The forms at the door and on the people page; what they collect goes to clinic.accounts.people.

Shown by clinic.config.pages; the field template of the house draws them.
"""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.accounts.models import AccessToken, Role, User
from clinic.accounts.tokens import DAYS, offered_scopes


class SignInForm(forms.Form):
    """E-mail and password, as typed."""

    email = forms.EmailField(
        label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class UnlockForm(forms.Form):
    """The password of the person who locked the screen."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class PersonForm(forms.Form):
    """A new person: who they are and what they may do."""

    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        widget=forms.RadioSelect,
        help_text="Surgeons judge results. Researchers bring in cases and draft studies. "
        "Administrators look after people, unblinding and the audit log.",
    )

    def clean_email(self) -> str:
        """Return the address in lower case; refuse one that is taken."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError("Somebody already signs in with this address. Use another.")
        return email


class PasswordForm(forms.Form):
    """The password a person chooses for themselves."""

    current = forms.CharField(
        label="Current password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    password = forms.CharField(
        label="New password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Four unrelated words are easy to keep in mind and hard to guess.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        """Return the current password; refuse a wrong one."""
        current = str(self.cleaned_data["current"])
        if not self.user.check_password(current):
            raise ValidationError("This is not your current password. Type it again.")
        return current

    def clean_password(self) -> str:
        """Return the new password; refuse a weak one."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password


class TokenForm(forms.Form):
    """A new access token: what for, what it may do, for how long; and the password, since a token stands in for it."""

    label = forms.CharField(
        label="What it is for",
        max_length=AccessToken._meta.get_field("label").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="So that you know it again, such as “export script on the ward computer”.",
    )
    scopes = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label="For how long",
        coerce=int,
        choices=[(days, f"{days} day{'s' if days > 1 else ''}") for days in DAYS],
        initial=DAYS[1],
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label="Your password, once more",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, owner: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [(scope.value, scope.label) for scope in offered_scopes(owner)]

    def clean_password(self) -> str:
        """Refuse a wrong password."""
        typed = str(self.cleaned_data["password"])
        if not self.owner.check_password(typed):
            raise ValidationError("This is not your password. No token was made.")
        return typed
