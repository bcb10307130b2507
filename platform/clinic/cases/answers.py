"""Answers that the pages of a case share: a refusal in words, the way on, and the case a person may work on.

From: `views`, `mask_views` and `picture_views` of this app. To: the browser, as a page or as JSON for a page's script.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect

from clinic.accounts.access import person
from clinic.cases.models import Case, Crop
from clinic.cases.refusals import Refusal

STATUS = {"INTAKE-SIZE": 413, "MASK-CROP": 409}


def pictured_case(request: HttpRequest, case_id: UUID) -> Case:
    """Return the case if its pictures are this person's to see; 404 otherwise, as for a case that is not there."""
    cases = Case.objects.pictured_by(person(request)).select_related("photograph", "case_key")
    return get_object_or_404(cases, pk=case_id)


def pictured_crop(request: HttpRequest, case_id: UUID) -> Crop:
    """Return the current crop of such a case; 404 before one is chosen."""
    crop = pictured_case(request, case_id).current_crop
    if crop is None:
        raise Http404
    return crop


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which shows a refusal in place and keeps what was typed."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def on_to(request: HttpRequest, address: str) -> HttpResponseBase:
    """Lead on to the next page, by an answer to the page's script or by a redirect."""
    return JsonResponse({"next": address}, status=201) if wants_json(request) else redirect(address)


def refused(refusal: Refusal) -> JsonResponse:
    """Answer a refusal in words, with its code last and the field it belongs to."""
    content = {"message": refusal.message, "code": refusal.code, "field": refusal.field}
    return JsonResponse(content, status=status_of(refusal))


def status_of(refusal: Refusal) -> int:
    """Return 413 for a file over the cap, 409 for a crop that moved on, 422 for all else that can be mended."""
    return STATUS.get(refusal.code, 422)
