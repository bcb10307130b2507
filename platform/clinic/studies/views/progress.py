"""Progress: all open studies on one page, and one study's board, live.

For those who run studies; per reader, never per method. Reminders and deletions are acts of this page.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.studies import board, inviting, reminding, striking
from clinic.studies.access import run_by
from clinic.studies.models import State
from clinic.studies.paceline import draw
from clinic.studies.refusals import LifecycleRefusal

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)


@allow(*DESK)
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Every open study with its readers."""
    running = run_by(person(request)).filter(state=State.OPEN)
    boards = [(study, board.board(study)) for study in running]
    return render(request, "studies/progress.html", {"boards": boards})


@allow(*DESK)
@require_safe
def one_board(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """One study's readers; asked again by the page itself, only the moving part is sent."""
    study = get_object_or_404(run_by(person(request)).exclude(state=State.DRAFT), pk=study_id)
    found = board.board(study)
    context = {"study": study, "board": found, "headline": board.headline(found), "line": draw(found)}
    context["invitations"] = inviting.listed(study)
    template = "studies/_board.html" if "HX-Request" in request.headers else "studies/board.html"
    return render(request, template, context)


@allow(*DESK)
@require_POST
def remind(request: HttpRequest, study_id: UUID, reader_id: UUID) -> HttpResponse:
    """Send a reader a short letter."""
    study = get_object_or_404(run_by(person(request)), pk=study_id)
    reader = get_object_or_404(study.readers, pk=reader_id)
    try:
        reminding.remind(reader, person(request), request.build_absolute_uri)
    except LifecycleRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{reader.user.name} gets a reminder by e-mail.")
    return redirect("studies:board", study.pk)


@allow(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def strike(request: HttpRequest, study_id: UUID, reader_id: UUID) -> HttpResponse:
    """Ask again, then take all marks of one reader out of the study."""
    study = get_object_or_404(run_by(person(request)), pk=study_id)
    reader = get_object_or_404(study.readers.select_related("user"), pk=reader_id)
    if request.method == "GET":
        context = {"study": study, "reader": reader, "reasons": striking.REASONS, "marks": striking.marks_of(reader)}
        return render(request, "studies/strike.html", context)
    try:
        gone = striking.strike(reader, person(request), request.POST.get("reason", ""))
    except LifecycleRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{gone} marks of {reader.code} no longer count. Their history is kept.")
    return redirect("studies:board", study.pk)
