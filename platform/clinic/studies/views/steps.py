"""The steps of a study: check and seal, open, close, unblind by two.

For the people who run it; each step is one verb, refused in words when it is not its time.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role, User
from clinic.studies import lifecycle, opening
from clinic.studies.access import run_by
from clinic.studies.forms import AskForm, ConfirmForm
from clinic.studies.models import Study
from clinic.studies.refusals import LifecycleRefusal, OpeningRefusal
from clinic.vault.errors import VaultError

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)


@allow(*DESK)
@require_POST
def prepare(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Draw and seal the order of a draft and run the blinding audit; of an opened study, run the audit again."""
    return _step(request, study_id, opening.recheck, "The blinding audit has run; its report is below.")


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def open_study(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Ask again, then freeze the protocol and let the readers in."""
    if request.method == "GET":
        return render(request, "studies/open.html", {"study": _mine(request, study_id)})
    return _step(request, study_id, opening.open_study, "The study is open. Its readers can begin.")


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Ask again, then end reading."""
    if request.method == "GET":
        return render(request, "studies/close.html", {"study": _mine(request, study_id)})
    return _step(request, study_id, lifecycle.close, "The study is closed. No mark can change any more.")


@allow(*DESK)
@require_POST
def ask(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """The first of two asks to unblind."""
    form = AskForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    said = "You have asked. A second person has to confirm before anything is shown."
    return _step(request, study_id, lambda one, by: lifecycle.ask_unblinding(one, by, reason), said)


@allow(*DESK)
@require_POST
def withdraw(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Take a request to unblind back."""
    return _step(
        request, study_id, lifecycle.withdraw_unblinding, "The request is taken back. The study stays blinded."
    )


@allow(Role.ADMINISTRATOR)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """The second of two signs in again and confirms."""
    one = _mine(request, study_id)
    form = ConfirmForm(request, request.POST or None)
    if request.method == "GET" or not form.is_valid():
        context = {"study": one, "form": form}
        return render(request, "studies/confirm.html", context, status=422 if form.errors else 200)
    return _step(request, study_id, lifecycle.confirm_unblinding, "The study is unblinded. Its results are below.")


def _mine(request: HttpRequest, study_id: UUID) -> Study:
    return get_object_or_404(run_by(person(request)), pk=study_id)


def _step(request: HttpRequest, study_id: UUID, verb: Callable[[Study, User], object], said: str) -> HttpResponse:
    """Take one step, say how it went, and go back to the study."""
    one = _mine(request, study_id)
    try:
        verb(one, person(request))
    except OpeningRefusal as refusal:
        for hindrance in refusal.hindrances:
            messages.error(request, hindrance.message)
    except LifecycleRefusal as refusal:
        messages.error(request, str(refusal))
    except VaultError:
        messages.error(request, "A picture of this study cannot be opened. Nothing was changed; call for help.")
    else:
        messages.success(request, said)
    return redirect("studies:study", one.pk)
