"""Invitations: those who run a study make, renew and take back links; whoever holds one chooses a password and begins.

The link is shown once, to the one who made it. A link that is no more is answered alike, whatever ended it.
"""

from uuid import UUID

from django.contrib import auth, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.access import allow, open_to_everyone, person
from clinic.accounts.models import Role
from clinic.studies import inviting, protocol
from clinic.studies.access import run_by
from clinic.studies.invitation import Invitation
from clinic.studies.invited_form import AcceptForm, InviteForm
from clinic.studies.models import State, Study
from clinic.studies.refusals import InvitationGone, InvitationRefusal

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Ask for a name and an address, then show the link once."""
    study = get_object_or_404(run_by(person(request)), pk=study_id)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, token = inviting.invite(study, by=person(request), **form.cleaned_data)
            return _shown(request, made, token)
        except InvitationRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except ValidationError as fault:
            form.add_error(None, fault)
    return render(request, "studies/invite.html", {"study": study, "form": form}, status=422 if form.errors else 200)


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, study_id: UUID, invitation_id: UUID) -> HttpResponse:
    """A new link for somebody who has not come yet; the earlier one is void. Coming back to it leads to the study."""
    if request.method == "GET":
        return redirect("studies:study", study_id)
    try:
        return _shown(request, *inviting.renew(_own(request, study_id, invitation_id), person(request)))
    except InvitationRefusal as refusal:
        messages.error(request, str(refusal))
    return redirect("studies:study", study_id)


@allow(*DESK)
@require_POST
def revoke(request: HttpRequest, study_id: UUID, invitation_id: UUID) -> HttpResponse:
    """Take a link back."""
    invitation = _own(request, study_id, invitation_id)
    try:
        inviting.revoke(invitation, person(request))
    except InvitationRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The link of {invitation.user.name} is void, and the account behind it is closed.")
    return redirect("studies:study", study_id)


@open_to_everyone
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password, agree, and come into the study signed in."""
    try:
        found = inviting.find(token)
        form = AcceptForm(found.user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _let_in(request, inviting.accept(token, form.cleaned_data["password"]))
    except InvitationGone:
        return render(request, "studies/invitation_gone.html", status=410)
    context = {"invitation": found, "form": form, "agreed": protocol.read(found.study.protocol)}
    return render(request, "studies/invitation.html", context, status=422 if form.errors else 200)


def _let_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    auth.login(request, found.user)
    if found.study.state == State.OPEN:
        return redirect("studies:study", found.study_id)
    messages.success(request, "Your account is ready. The study is not open yet; it will stand here once it is.")
    return redirect("studies:list")


def _shown(request: HttpRequest, made: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("studies:invitation", args=[token]))
    return render(request, "studies/invited.html", {"invitation": made, "link": link})


def _own(request: HttpRequest, study_id: UUID, invitation_id: UUID) -> Invitation:
    study: Study = get_object_or_404(run_by(person(request)), pk=study_id)
    return get_object_or_404(study.invitations.select_related("study", "user"), pk=invitation_id)
