"""The pictures of a sheet, to its own reader, by random token.

For surgeons only, while the study is open; each fetch is written to the audit log before the bytes leave.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.studies.access import photographs_of, placements_of, readings_of
from clinic.studies.models import State
from clinic.studies.presentation import Delivery, given_picture, photograph_picture, result_picture
from clinic.studies.refusals import PictureGone
from clinic.vault.errors import VaultError


@allow(Role.SURGEON)
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """One result of one of my sheets, or the photograph before surgery where the protocol shows it."""
    mine = placements_of(person(request)).select_related(
        "reading__study_reader__arm_key", "reading__study_case__mask__crop__photograph"
    )
    placement = mine.filter(token=token).first()
    if placement is None:
        return _photograph(request, token)
    record(person(request), Act.PICTURE_SEEN, placement.reading, position=placement.position)
    try:
        return _answer(result_picture(placement))
    except (PictureGone, VaultError):
        raise Http404 from None


@allow(Role.SURGEON)
@require_safe
def given(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """What all four methods were given on one of my sheets."""
    mine = readings_of(person(request)).filter(study_reader__study__state=State.OPEN)
    one = get_object_or_404(mine.select_related("study_case__mask__crop__photograph"), pk=reading_id)
    record(person(request), Act.PICTURE_SEEN, one, position="given")
    try:
        return _answer(given_picture(one))
    except (PictureGone, VaultError):
        raise Http404 from None


def _photograph(request: HttpRequest, token: str) -> HttpResponse:
    mine = photographs_of(person(request)).select_related("study_case__mask__crop__photograph")
    one = get_object_or_404(mine, photograph_token=token)
    record(person(request), Act.PICTURE_SEEN, one, position="photograph")
    try:
        return _answer(photograph_picture(one))
    except (PictureGone, VaultError):
        raise Http404 from None


def _answer(delivery: Delivery) -> HttpResponse:
    return HttpResponse(delivery.body, headers=delivery.headers)
