"""Results of an unblinded study, and the files that leave it.

For those who run the study (the files: administrators only, with the password once more). Before unblinding both are
not found, as if they did not exist.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from clinic.accounts.access import allow, open_to_everyone, person
from clinic.accounts.models import Role
from clinic.studies.access import run_by
from clinic.studies.forms import ExportForm
from clinic.studies.models import State, Study
from clinic.studies.parcel import public_key
from clinic.studies.refusals import ReleaseRefusal
from clinic.studies.release import Released, release
from clinic.studies.results import figure_svg, page, report


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_safe
def results(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Warnings, then Tables I and II, then the readings and figures."""
    study = _unblinded(request, study_id)
    found = report(study)
    return render(request, "studies/results.html", {"study": study, "page": page(found) if found else None})


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_safe
def figure(request: HttpRequest, study_id: UUID, name: str) -> HttpResponse:
    """One figure as SVG."""
    found = report(_unblinded(request, study_id))
    drawn = figure_svg(found, name) if found else None
    if drawn is None:
        raise Http404
    return HttpResponse(drawn, content_type="image/svg+xml")


@allow(Role.ADMINISTRATOR)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, study_id: UUID) -> HttpResponseBase:
    """Ask which file, what for, and the password once more; then the file itself."""
    study = _unblinded(request, study_id)
    form = ExportForm(request, request.POST or None)
    if form.is_valid():
        try:
            return _download(release(study, person(request), form.cleaned_data["file"], form.cleaned_data["why"]))
        except ReleaseRefusal as refusal:
            form.add_error(refusal.field, str(refusal))
    context = {"study": study, "form": form}
    return render(request, "studies/export.html", context, status=422 if form.errors else 200)


@open_to_everyone
@require_safe
def signing_key(request: HttpRequest) -> HttpResponse:
    """The public key by which anybody checks a ZIP that was given to them."""
    try:
        pem = public_key()
    except ReleaseRefusal:
        raise Http404 from None
    return HttpResponse(pem, content_type="application/x-pem-file")


def _download(released: Released) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        released.chunks,
        content_type=released.content_type,
        headers={"Content-Disposition": f'attachment; filename="{released.name}"'},
    )


def _unblinded(request: HttpRequest, study_id: UUID) -> Study:
    return get_object_or_404(run_by(person(request)).filter(state=State.UNBLINDED), pk=study_id)
