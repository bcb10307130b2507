"""A reader's side of the API: my studies, my sheets and their pictures, drafts, submission, correction.

For surgeons, about their own only; foreign things are not found. Each address is one verb of clinic.studies, as on the
pages.
"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.endpoints import Deal, offered
from clinic.accounts.models import Role, Scope
from clinic.accounts.wire import caller, object_sent
from clinic.studies import reading as sheets
from clinic.studies.access import reader_in, readings_of, studies_of
from clinic.studies.api.sheets import (
    DraftSent,
    GuessSent,
    MyStudyJson,
    MyStudyLineJson,
    SavedJson,
    SheetJson,
    SheetSent,
)
from clinic.studies.drafts import save_draft
from clinic.studies.looking import given_on, picture_behind
from clinic.studies.models import Reading, State
from clinic.studies.overview import listed, reader_page
from clinic.studies.pictures import MIME
from clinic.studies.presentation import Delivery
from clinic.studies.refusals import SheetRefusal

PICTURE = Deal(Scope.READ, OpenApiTypes.BINARY, MIME)
SHEET = Deal(Scope.READ, SheetJson, refuses=(409, 422))


@offered("GET", Role.SURGEON, deal=Deal(Scope.READ, MyStudyLineJson(many=True)))
def my_studies(request: Request) -> Response:
    """The studies I read in, the newest first."""
    return Response(MyStudyLineJson(listed(caller(request)), many=True).data)


@offered("GET", Role.SURGEON, deal=Deal(Scope.READ, MyStudyJson))
def my_study(request: Request, study_id: UUID) -> Response:
    """One of my studies: its texts, my progress, my sheets."""
    one = get_object_or_404(studies_of(caller(request)), pk=study_id)
    return Response(MyStudyJson(reader_page(one, caller(request))).data)


@offered("POST", Role.SURGEON, deal=Deal(Scope.MARK))
def agree(request: Request, study_id: UUID) -> Response:
    """Agree to the consent text; sheets open after it."""
    one = get_object_or_404(studies_of(caller(request)), pk=study_id)
    sheets.agree(reader_in(one, caller(request)))
    return Response(status=204)


@offered("GET", Role.SURGEON, deal=SHEET)
def next_sheet(request: Request, study_id: UUID) -> Response:
    """My first sheet that is not submitted; opening it begins its time."""
    one = get_object_or_404(studies_of(caller(request)), pk=study_id)
    following = sheets.next_for(caller(request), one)
    if following is None:
        raise SheetRefusal("SHEETS-DONE", "No sheet of yours waits in this study.")
    return Response(SheetJson(_opened(_own(request, following.pk))).data)


@offered("GET", Role.SURGEON, deal=SHEET)
def sheet(request: Request, reading_id: UUID) -> Response:
    """One of my sheets; opening it begins its time."""
    return Response(SheetJson(_opened(_own(request, reading_id))).data)


@offered("PUT", Role.SURGEON, deal=Deal(Scope.MARK, SavedJson, takes=DraftSent, refuses=(409, 422)))
def draft(request: Request, reading_id: UUID) -> Response:
    """Keep a sheet as it stands, letters still open or not."""
    one, sent = _opened(_own(request, reading_id)), object_sent(request)
    kept = save_draft(
        one,
        sent.get("judgements"),
        _whole(sent, "revision"),
        seconds=_whole(sent, "seconds"),
        paused=sent.get("paused") is True,
        instead=sent.get("instead") is True,
    )
    return Response(SavedJson(kept).data)


@offered("POST", Role.SURGEON, deal=Deal(Scope.MARK, SavedJson, takes=SheetSent, refuses=(409, 422)))
def submit(request: Request, reading_id: UUID) -> Response:
    """Store a whole sheet, or correct a submitted one where the protocol allows it; every version is kept."""
    one, sent = _opened(_own(request, reading_id)), object_sent(request)
    stored = sheets.submit(
        one,
        sent.get("judgements"),
        _whole(sent, "revision"),
        seconds=_whole(sent, "seconds"),
        instead=sent.get("instead") is True,
    )
    return Response(SavedJson(stored).data)


@offered("POST", Role.SURGEON, deal=Deal(Scope.MARK, takes=GuessSent, refuses=(409, 422)))
def guess(request: Request, reading_id: UUID) -> Response:
    """Say which letter I take for the new method, on a submitted sheet that asks."""
    sheets.guess(_own(request, reading_id), str(object_sent(request).get("position", "?")))
    return Response(status=204)


@offered("GET", Role.SURGEON, deal=PICTURE)
def picture(request: Request, token: str) -> HttpResponse:
    """One result of one of my sheets, or its photograph where the protocol shows it; each look is logged."""
    return _file(picture_behind(token, caller(request)))


@offered("GET", Role.SURGEON, deal=PICTURE)
def given(request: Request, reading_id: UUID) -> HttpResponse:
    """What all four methods were given on one of my sheets: the crop with its hole in grey."""
    return _file(given_on(reading_id, caller(request)))


def _own(request: Request, reading_id: UUID) -> Reading:
    mine = readings_of(caller(request)).select_related("study_reader__study", "study_reader__user", "study_case__case")
    return get_object_or_404(mine, pk=reading_id)


def _opened(one: Reading) -> Reading:
    """The sheet, begun. Refused in words where the page would lead away: no consent yet, or the study is closed."""
    if one.study_reader.study.state != State.OPEN:
        raise SheetRefusal("STUDY-CLOSED", "This study is closed. Sheets submitted before that count.")
    if one.study_reader.agreed_at is None:
        raise SheetRefusal("STUDY-CONSENT", "Agree to the study's consent text first; then its sheets open.")
    return sheets.open_reading(one)


def _whole(sent: dict[str, Any], name: str) -> int:
    """A whole number of the message, or -1, which every verb refuses in words."""
    value = sent.get(name)
    return value if type(value) is int and 0 <= value < 2**31 else -1


def _file(delivery: Delivery) -> HttpResponse:
    return HttpResponse(delivery.body, headers=delivery.headers)
