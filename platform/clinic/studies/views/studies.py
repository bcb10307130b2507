"""The list of studies, one study's page for each role, and the form of its draft.

For everybody signed in, about their own studies only; a surgeon meets a page of sheets, the others one of checks and
steps.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.studies import drafting, inviting
from clinic.studies.access import run_by, studies_of
from clinic.studies.forms import DraftForm, initial_of
from clinic.studies.models import State, Study
from clinic.studies.overview import desk_page, listed, reader_page
from clinic.studies.refusals import DraftRefusal

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)


@allow(*Role)
@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    """My studies, the newest first."""
    by = person(request)
    return render(request, "studies/studies.html", {"studies": listed(by), "reads": by.role == Role.SURGEON})


@allow(*Role)
@require_safe
def study(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """One study: a reader's sheets, or the desk that runs it."""
    by = person(request)
    one = get_object_or_404(studies_of(by), pk=study_id)
    if by.role == Role.SURGEON:
        return render(request, "studies/mine.html", {"page": reader_page(one, by)})
    context = {"page": desk_page(one, by), "study": one, "invitations": inviting.listed(one)}
    return render(request, "studies/study.html", context)


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Draft a study."""
    return _form(request, None)


@allow(*DESK)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Change a draft; a frozen study sends back to its page."""
    one = get_object_or_404(run_by(person(request)), pk=study_id)
    if one.state != State.DRAFT:
        messages.error(request, "This study is frozen. Clone it to change anything.")
        return redirect("studies:study", one.pk)
    return _form(request, one)


@allow(*DESK)
@require_POST
def clone(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """A new draft from this study."""
    by = person(request)
    copy = drafting.clone(get_object_or_404(run_by(by), pk=study_id), by)
    messages.success(request, "This is the copy. The study it came from stays as it is.")
    return redirect("studies:edit", copy.pk)


@allow(*DESK)
@require_POST
def discard(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    by = person(request)
    one = get_object_or_404(run_by(by), pk=study_id)
    try:
        drafting.discard(one, by)
    except DraftRefusal as refusal:
        messages.error(request, str(refusal))
        return redirect("studies:study", one.pk)
    messages.success(request, "The draft is gone. Its cases and readers are as they were.")
    return redirect("studies:list")


def _form(request: HttpRequest, one: Study | None) -> HttpResponse:
    by = person(request)
    form = DraftForm(by, request.POST or None, initial=initial_of(one) if one else None)
    if request.method == "POST" and form.is_valid():
        try:
            stored = drafting.change(one, form.draft(), by) if one else drafting.draft(form.draft(), by)
        except DraftRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("studies:study", stored.pk)
    return render(request, "studies/edit.html", {"form": form, "study": one}, status=422 if form.errors else 200)
