"""The list of cases and the page of one case, with its four jobs: run, watch, try again.

From: researchers, who see their own cases, and administrators, who see the hospital's without pictures. To: `dispatch`.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.cases.answers import pictured_case
from clinic.cases.models import Case
from clinic.inpainting import dispatch
from clinic.inpainting.happened import happened
from clinic.inpainting.models import JobState
from clinic.inpainting.refusals import InpaintingRefusal
from clinic.inpainting.results import jobs_of
from clinic.inpainting.road import TO_DO, Place, Road, road_of, with_roads

PER_PAGE = 20
HIDDEN = "hide_pictures"
TABS = (("", "All"), ("todo", "To do"), ("running", "Running"), ("ready", "Ready"))


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases this person may know of, filtered by state, data set and code."""
    everything = [road_of(case) for case in with_roads(Case.objects.visible_to(person(request)))]
    page = Paginator(filtered(everything, request), PER_PAGE).get_page(request.GET.get("page"))
    counts = Counter(tab_of(road) for road in everything)
    context = {
        "page": page,
        "total": len(everything),
        "tabs": [(key, word, counts[key] if key else len(everything)) for key, word in TABS],
        "datasets": sorted({road.case.dataset for road in everything}),
        "needs": needs(everything) if person(request).is_researcher else [],
        "pictures": shows_pictures(request),
        "query": {name: request.GET.get(name, "") for name in ("state", "dataset", "code")},
    }
    return render(request, "inpainting/cases.html", context)


@allow(Role.RESEARCHER)
@require_POST
def pictures(request: HttpRequest) -> HttpResponseBase:
    """Hide or show the pictures in this session's list, for a screen that others can see."""
    request.session[HIDDEN] = not request.session.get(HIDDEN, False)
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "inpainting:cases")


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One case: its road, its picture for the one who may look, its jobs and what happened."""
    road = road_for(request, case_id)
    context = {"road": road, "case": road.case, "mine": person(request).is_researcher, "happened": happened(road.case)}
    return render(request, "inpainting/case.html", context)


@allow(Role.RESEARCHER, Role.ADMINISTRATOR)
@require_GET
def jobs(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The parts of the case page that change by themselves; asked for every three seconds while a job is under way."""
    road = road_for(request, case_id)
    context = {"road": road, "case": road.case, "mine": person(request).is_researcher, "again": True}
    return render(request, "inpainting/_jobs.html", context)


@allow(Role.RESEARCHER)
@require_POST
def run(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Send the current mask to all four methods; pressed twice, it sends once."""
    mask = pictured_case(request, case_id).current_mask
    if mask is None:
        messages.error(request, "There is no mask to run yet. Draw one first.")
        return redirect("inpainting:case", case_id)
    try:
        dispatch.run(mask, person(request))
    except InpaintingRefusal as refusal:
        messages.error(request, f"{refusal.message} ({refusal.code})")
    return redirect("inpainting:case", case_id)


@allow(Role.RESEARCHER)
@require_POST
def retry(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Try every stopped job of the current mask again; which one it was is told to nobody."""
    stopped = (JobState.FAILED, JobState.DEAD)
    try:
        for job in jobs_of(pictured_case(request, case_id)).values():
            if job.state in stopped:
                dispatch.retry(job, person(request))
    except InpaintingRefusal as refusal:
        messages.error(request, f"{refusal.message} ({refusal.code})")
    return redirect("inpainting:case", case_id)


def road_for(request: HttpRequest, case_id: UUID) -> Road:
    """Return the road of a case that this person may know of, else answer 404."""
    return road_of(get_object_or_404(with_roads(Case.objects.visible_to(person(request))), pk=case_id))


def shows_pictures(request: HttpRequest) -> bool:
    """Whether the list shows pictures: never to administrators, and not while they are hidden."""
    return person(request).is_researcher and not request.session.get(HIDDEN, False)


def tab_of(road: Road) -> str:
    """Return the tab under which a case is found besides "All"."""
    return "todo" if road.place in TO_DO else road.place.value


def filtered(roads: Iterable[Road], request: HttpRequest) -> list[Road]:
    """Return the cases that the address asks for; a filter left out lets all through."""
    state, dataset = request.GET.get("state", ""), request.GET.get("dataset", "")
    code = request.GET.get("code", "").strip().upper()
    return [
        road
        for road in roads
        if (not state or tab_of(road) == state)
        and (not dataset or road.case.dataset == dataset)
        and code in road.case.code
    ]


def needs(roads: list[Road]) -> list[dict[str, object]]:
    """Return at most three notes on what waits for the researcher, most pressing first, each with a case to open."""
    words = {
        Place.STOPPED: ("bad", "stop", "stopped", "See why"),
        Place.RUN: ("plain", "arrow", "to run", "Run it"),
        Place.MASK: ("warn", "brush", "without a mask", "Draw it"),
        Place.CROP: ("warn", "fit", "without a crop", "Choose it"),
    }
    notes = []
    for place, (tone, icon, word, act) in words.items():
        waiting = [road for road in roads if road.place == place]
        if waiting:
            title = f"{len(waiting)} {'case' if len(waiting) == 1 else 'cases'} {word}"
            notes.append({"road": waiting[0], "tone": tone, "icon": icon, "title": title, "act": act})
    return notes[:3]
