"""The door: signing in and out, locking the screen and opening it again.

Counts tries with clinic.accounts.throttle, records every passage in the audit log, sends people back where they were.
"""

from datetime import datetime

from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts import throttle
from clinic.accounts.access import allow, open_to_everyone, person
from clinic.accounts.forms import SignInForm, UnlockForm
from clinic.accounts.models import Role, User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.config.middleware import LOCKED

REFUSED = "That e-mail and password do not go together. Check both and try again."
WRONG_PASSWORD = "That is not your password. Type it again."
WHY = {
    "idle": ("You were signed out.", "30 minutes passed without a touch. What you saved is as you left it."),
    "long": ("You were signed out.", "8 hours have passed since you signed in. What you saved is as you left it."),
    "out": ("You are signed out.", "What you saved is as you left it."),
    "closed": ("You were signed out.", "Your password or your account changed. Sign in with the new password."),
}


@open_to_everyone
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail and password, and let the person in."""
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, refusal = _known(request, form.cleaned_data["email"], form.cleaned_data["password"])
        if user is not None:
            _let_in(request, user)
            return redirect(_back(request))
        form.add_error(None, refusal)
    why = WHY.get(request.GET.get("why", "")) if request.method == "GET" else None
    return render(request, "door/sign_in.html", {"form": form, "why": why, "next": _back(request)})


@open_to_everyone
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and forget everything in it."""
    if isinstance(request.user, User):
        with transaction.atomic():
            record(request.user, Act.SIGNED_OUT)
            auth.logout(request)
    return redirect(f"{reverse('sign-in')}?why=out")


@allow(*Role)
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Hide everything at once; the session and its drafts stay."""
    with transaction.atomic():
        record(person(request), Act.LOCKED)
        request.session[LOCKED] = timezone.now().isoformat()
    return redirect(f"{reverse('unlock')}?{urlencode({'next': _back(request)})}")


@allow(*Role)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the password again and go back to where the screen was locked."""
    if LOCKED not in request.session:
        return redirect(_back(request))
    form = UnlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user, refusal = _known(request, person(request).email, form.cleaned_data["password"])
        if user is not None:
            _open_again(request, user)
            return redirect(_back(request))
        form.add_error(None, WRONG_PASSWORD if refusal == REFUSED else refusal)
    since = datetime.fromisoformat(request.session[LOCKED])
    return render(request, "door/locked.html", {"form": form, "since": since, "next": _back(request)})


@allow(*Role)
@require_POST
def still_here(request: HttpRequest) -> HttpResponse:
    """Count as a touch: the session clock has noted it by the time this answers."""
    return HttpResponse(status=204)


def _known(request: HttpRequest, email: str, password: str) -> tuple[User | None, str]:
    """Return the person these words belong to, or None and what to tell them; the same words whoever it is."""
    address = throttle.address_of(request)
    until = throttle.paused_until(email, address)
    if until is not None:
        clock = timezone.localtime(until)
        return None, f"Too many tries from here. Wait until {clock:%H:%M}, then sign in again, or ask an administrator."
    user = auth.authenticate(request, username=email, password=password)
    if isinstance(user, User):
        throttle.forget(email, address)
        return user, ""
    record(None, Act.SIGN_IN_REFUSED, User.objects.filter(email=email.lower()).first())
    return None, REFUSED


def _let_in(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        auth.login(request, user)
        record(user, Act.SIGNED_IN)


def _open_again(request: HttpRequest, user: User) -> None:
    with transaction.atomic():
        del request.session[LOCKED]
        record(user, Act.UNLOCKED)


def _back(request: HttpRequest) -> str:
    """Return the page of ours that ``next`` names, or home."""
    place = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(place, allowed_hosts=None, require_https=request.is_secure())
    return place if safe else reverse("home")
