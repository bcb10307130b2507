"""Results of an unblinded study, and its marks file.

For those who run the study (the file: administrators only). Before unblinding both are not found, as if they did not
exist.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.studies.access import run_by
from clinic.studies.export import marks_csv, study_code
from clinic.studies.models import State, Study
from clinic.studies.parcel import everything
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
@require_safe
def marks(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """The marks file."""
    study = _unblinded(request, study_id)
    body = marks_csv(study)
    record(person(request), Act.STUDY_EXPORTED, study, form="csv")
    name = f"{study_code(study)}-marks.csv"
    return HttpResponse(
        body, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@allow(Role.ADMINISTRATOR)
@require_safe
def parcel(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Everything: marks, protocol, tables in every format, and the digest of each."""
    study = _unblinded(request, study_id)
    body = everything(study)
    if body is None:
        raise Http404
    record(person(request), Act.STUDY_EXPORTED, study, form="zip")
    name = f"{study_code(study)}.zip"
    return HttpResponse(
        body, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _unblinded(request: HttpRequest, study_id: UUID) -> Study:
    return get_object_or_404(run_by(person(request)).filter(state=State.UNBLINDED), pk=study_id)
