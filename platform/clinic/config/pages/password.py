"""The page where people choose their own password, and the gate that keeps a handed-out one from being used further."""

from django.contrib import auth, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from clinic.accounts import people
from clinic.accounts.access import allow, person
from clinic.accounts.forms import PasswordForm
from clinic.accounts.models import Role
from clinic.audit.acts import Act
from clinic.audit.chain import record


@allow(*Role)
@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Let people change their password; their other sessions end."""
    user = person(request)
    form = PasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "door/password.html", {"form": form}, status=422 if form.errors else 200)
    with transaction.atomic():
        people.choose_password(user, form.cleaned_data["password"])
        record(user, Act.PASSWORD_CHOSEN)
        auth.update_session_auth_hash(request, user)
    messages.success(request, "Your new password holds from now on. Your other sessions were signed out.")
    return redirect("home")
