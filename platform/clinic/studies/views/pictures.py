"""The pictures of a sheet, to its own reader, by random token.

For surgeons only, while the study is open; clinic.studies.looking writes each look to the audit log.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.studies.looking import given_on, picture_behind
from clinic.studies.refusals import PictureGone
from clinic.vault.errors import VaultError


@allow(Role.SURGEON)
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """One result of one of my sheets, or the photograph before surgery where the protocol shows it."""
    try:
        delivery = picture_behind(token, person(request))
    except (PictureGone, VaultError):
        raise Http404 from None
    return HttpResponse(delivery.body, headers=delivery.headers)


@allow(Role.SURGEON)
@require_safe
def given(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """What all four methods were given on one of my sheets."""
    try:
        delivery = given_on(reading_id, person(request))
    except (PictureGone, VaultError):
        raise Http404 from None
    return HttpResponse(delivery.body, headers=delivery.headers)
