"""The pages that bring a case in: a new photograph and its crop.

From: the browser of the researcher who owns the case. To: `intake` and `masking`, whose refusals are answered in words.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.cases import intake, masking
from clinic.cases.answers import on_to, pictured_case, refused, status_of, wants_json
from clinic.cases.models import Case, Phase, Severity, Side
from clinic.cases.refusals import CropRefusal, IntakeRefusal


@allow(Role.RESEARCHER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Show the form of a new case, or admit its photograph and go on to the crop."""
    if request.method == "GET":
        return render(request, "cases/new.html", form_context(request))
    try:
        case = intake.admit(owner=person(request), upload=uploaded(request), **facts(request))
    except IntakeRefusal as refusal:
        if wants_json(request):
            return refused(refusal)
        return render(request, "cases/new.html", form_context(request, refusal), status=status_of(refusal))
    return on_to(request, reverse("cases:crop", args=[case.id]))


@allow(Role.RESEARCHER)
@require_http_methods(["GET", "POST"])
def crop(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Show the photograph with a square to move, or keep the chosen square and go on to the mask."""
    case = pictured_case(request, case_id)
    refusal = None
    if request.method == "POST":
        try:
            masking.choose_crop(case.photograph, *square_of(request), by=person(request))
            return redirect("cases:mask", case_id)
        except CropRefusal as error:
            refusal = error
    context = {
        "case": case,
        "photograph": case.photograph,
        "square": shown_square(request, case),
        "smallest": masking.SMALLEST_CROP,
        "masks": case.current_mask.version if case.current_mask else 0,
        "refusal": refusal,
    }
    return render(request, "cases/crop.html", context, status=422 if refusal else 200)


def form_context(request: HttpRequest, refusal: IntakeRefusal | None = None) -> dict[str, object]:
    """Return what the form of a new case shows: the choices, the data sets used before, and what was typed already."""
    used = Case.objects.pictured_by(person(request)).values_list("dataset", flat=True)
    return {
        "sides": Side.choices,
        "severities": Severity.choices,
        "phases": Phase.choices,
        "datasets": sorted(set(used)),
        "given": request.POST,
        "refusal": refusal,
    }


def facts(request: HttpRequest) -> dict[str, str]:
    """Return the facts of a new case as typed, without the blanks around them; an empty code is left out."""
    given = {name: request.POST.get(name, "").strip() for name in ("side", "severity", "phase", "dataset")}
    code = request.POST.get("code", "").strip().upper()
    return given | ({"code": code} if code else {})


def uploaded(request: HttpRequest) -> bytes:
    """Return the bytes of the photograph; refuse when there is none or more than the cap, whose bytes were let go."""
    file = request.FILES.get("upload")
    if file is None:
        raise IntakeRefusal("INTAKE-NONE", "Choose a photograph to upload.", "upload")
    intake.check_size(file.size or 0)
    return bytes(file.read())


def square_of(request: HttpRequest) -> tuple[int, int, int]:
    """Return left, top and side as typed; refuse what is no whole number."""
    try:
        left, top, side = (int(request.POST.get(name, "")) for name in ("left", "top", "side"))
    except ValueError as error:
        raise CropRefusal("CROP-NUMBER", "Write the left edge, top edge and side as whole pixels.", "side") from error
    return left, top, side


def shown_square(request: HttpRequest, case: Case) -> dict[str, object]:
    """Return the square to show: as just typed, else the current crop, else the middle of the photograph."""
    if request.method == "POST":
        return {name: request.POST.get(name, "") for name in ("left", "top", "side")}
    current = case.current_crop
    middle = masking.centred_square(case.photograph.width, case.photograph.height)
    left, top, side = (current.left, current.top, current.side) if current else middle
    return {"left": left, "top": top, "side": side}
