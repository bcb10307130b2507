"""The desk's side of the API: studies, the steps of a study, progress, results.

For those who run a study, as on the pages; each step is one verb. Confirming an unblinding is not offered here: it
takes a second person who signs in again, and a token is no person.
"""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.endpoints import Deal, offered
from clinic.accounts.models import Role, Scope, User
from clinic.accounts.wire import caller, object_sent
from clinic.studies import lifecycle, opening
from clinic.studies.access import run_by
from clinic.studies.api.desk import AskSent, BoardJson, StudyJson, StudyLineJson
from clinic.studies.board import board
from clinic.studies.models import State, Study
from clinic.studies.overview import desk_page, listed
from clinic.studies.results import report

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)
STEP = Deal(Scope.RUN, StudyJson, refuses=(409,))


@offered("GET", *DESK, deal=Deal(Scope.READ, StudyLineJson(many=True)))
def studies(request: Request) -> Response:
    """The studies that I run, the newest first."""
    return Response(StudyLineJson(listed(caller(request)), many=True).data)


@offered("GET", *DESK, deal=Deal(Scope.READ, StudyJson))
def study(request: Request, study_id: UUID) -> Response:
    """One study: protocol, digests, what stands in the way of opening, the blinding audit."""
    return _shown(request, _mine(request, study_id))


@offered("POST", *DESK, deal=STEP)
def check(request: Request, study_id: UUID) -> Response:
    """Draw and seal the order of a draft and run the blinding audit; of an opened study, run the audit again."""
    return _step(request, study_id, opening.recheck)


@offered("POST", *DESK, deal=STEP)
def open_study(request: Request, study_id: UUID) -> Response:
    """Freeze the protocol and let the readers in."""
    return _step(request, study_id, opening.open_study)


@offered("POST", *DESK, deal=STEP)
def close_study(request: Request, study_id: UUID) -> Response:
    """End reading: from then on no mark can change."""
    return _step(request, study_id, lifecycle.close)


@offered("POST", *DESK, deal=Deal(Scope.RUN, StudyJson, takes=AskSent, refuses=(409,)))
def ask_unblinding(request: Request, study_id: UUID) -> Response:
    """The first of two asks to unblind, with a reason; the second confirms on the page."""
    reason = str(object_sent(request).get("reason", ""))
    return _step(request, study_id, lambda one, by: lifecycle.ask_unblinding(one, by, reason))


@offered("POST", *DESK, deal=STEP)
def withdraw_unblinding(request: Request, study_id: UUID) -> Response:
    """Take a request to unblind back."""
    return _step(request, study_id, lifecycle.withdraw_unblinding)


@offered("GET", *DESK, deal=Deal(Scope.READ, BoardJson))
def progress(request: Request, study_id: UUID) -> Response:
    """The readers of an opened study: sheets, pace, who has gone quiet."""
    one = get_object_or_404(run_by(caller(request)).exclude(state=State.DRAFT), pk=study_id)
    return Response(BoardJson(board(one)).data)


@offered("GET", *DESK, deal=Deal(Scope.READ, OpenApiTypes.OBJECT))
def results(request: Request, study_id: UUID) -> HttpResponse:
    """Every table of an unblinded study, as `python -m evaluation --format json` prints them."""
    one = get_object_or_404(run_by(caller(request)).filter(state=State.UNBLINDED), pk=study_id)
    found = report(one)
    if found is None:
        raise Http404
    return HttpResponse(found.render("json"), content_type="application/json")


def _mine(request: Request, study_id: UUID) -> Study:
    return get_object_or_404(run_by(caller(request)), pk=study_id)


def _step(request: Request, study_id: UUID, verb: Callable[[Study, User], object]) -> Response:
    """Take one step and answer how the study stands then."""
    one = _mine(request, study_id)
    verb(one, caller(request))
    return _shown(request, _mine(request, study_id))


def _shown(request: Request, one: Study) -> Response:
    return Response(StudyJson(desk_page(one, caller(request))).data)
