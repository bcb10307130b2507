"""Sends the pictures of a case to the one who may look, after the audit log has a line for it.

From: `<img>` elements of the case pages. To: PNG files that no cache keeps (the settings' middleware sees to it).
"""

from uuid import UUID

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases import pictures
from clinic.cases.answers import pictured_case, pictured_crop


@allow(Role.RESEARCHER)
@require_GET
def photograph(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The photograph at no more than 1280 px."""
    row = pictured_case(request, case_id).photograph
    return seen(request, row, pictures.preview(row), "photograph")


@allow(Role.RESEARCHER)
@require_GET
def crop(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The current crop at no more than 1024 px, to draw on."""
    row = pictured_crop(request, case_id)
    return seen(request, row, pictures.view(row), "crop")


@allow(Role.RESEARCHER)
@require_GET
def canonical(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The current crop at 256 px, byte for byte what every method receives before blanking."""
    row = pictured_crop(request, case_id)
    return seen(request, row, pictures.png(pictures.canonical(row)), "canonical")


@allow(Role.RESEARCHER)
@require_GET
def thumbnail(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A small square for the list of cases."""
    case = pictured_case(request, case_id)
    return seen(request, case, pictures.thumbnail(case), "thumbnail")


def seen(request: HttpRequest, row: models.Model, png: bytes, form: str) -> HttpResponse:
    """Record that this person sees the picture of `row`, then send it."""
    record(person(request), Act.PICTURE_SEEN, row, form=form)
    return HttpResponse(png, content_type="image/png")
