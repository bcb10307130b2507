"""The people page: who may sign in at this hospital, and the acts on their accounts.

For administrators, about the people of their own hospital only; each act goes through clinic.accounts.people and into
the audit log in one transaction.
"""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts import people as accounts
from clinic.accounts.access import allow, person
from clinic.accounts.forms import PersonForm
from clinic.accounts.models import Role, User
from clinic.audit.acts import Act
from clinic.audit.chain import record

OWN_ACCOUNT = "You cannot do this to your own account. Ask another administrator."


@allow(Role.ADMINISTRATOR)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the hospital's people, those who can sign in first."""
    everyone = User.objects.filter(hospital=person(request).hospital).order_by("-is_active", "name")
    active = sum(user.is_active for user in everyone)
    return render(request, "people/people.html", {"people": everyone, "active": active})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Create a person and show their first password once."""
    form = PersonForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/new.html", {"form": form}, status=422 if form.errors else 200)
    by, password = person(request), accounts.spoken_password()
    with transaction.atomic():
        user = accounts.create_person(**form.cleaned_data, hospital=by.hospital, password=password, temporary=True)
        record(by, Act.PERSON_CREATED, user, role=user.role)
    return render(request, "people/handed_out.html", {"someone": user, "password": password, "is_new": True})


@allow(Role.ADMINISTRATOR)
@require_safe
def one(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show a person and what can be done about their account."""
    return render(request, "people/one.html", {"someone": _colleague(request, person_id)})


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Ask again, then close an account."""
    by, user = person(request), _colleague(request, person_id)
    if user == by:
        messages.error(request, OWN_ACCOUNT)
        return redirect("people")
    if request.method == "GET":
        return render(request, "people/close.html", {"someone": user})
    with transaction.atomic():
        accounts.close_account(user)
        record(by, Act.PERSON_DEACTIVATED, user)
    messages.success(request, f"{user.name} can no longer sign in. What they did stays.")
    return redirect("people")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["POST"])
def reopen(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Let a person sign in again."""
    user = _colleague(request, person_id)
    with transaction.atomic():
        accounts.reopen_account(user)
        record(person(request), Act.PERSON_REACTIVATED, user)
    messages.success(request, f"{user.name} can sign in again, with the password they had.")
    return redirect("people")


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Ask again, then hand out a new password and show it once."""
    by, user = person(request), _colleague(request, person_id)
    if user == by:
        messages.error(request, OWN_ACCOUNT)
        return redirect("people")
    if request.method == "GET":
        return render(request, "people/password.html", {"someone": user})
    with transaction.atomic():
        fresh = accounts.hand_out_password(user)
        record(by, Act.PASSWORD_RESET, user)
    return render(request, "people/handed_out.html", {"someone": user, "password": fresh, "is_new": False})


def _colleague(request: HttpRequest, person_id: UUID) -> User:
    """Return a person of the administrator's own hospital; 404 for everybody else's."""
    return get_object_or_404(User, id=person_id, hospital=person(request).hospital)
