"""Every refusal of the API in one shape, that of RFC 9457: title, status, detail, and a code.

From the verbs' refusals and Django REST framework's exceptions to `application/problem+json`; also the answer of the
site's own error pages to addresses under /api/. The sentence in `detail` is the one that the page would show.
"""

import json
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from clinic.accounts.endpoints import PROBLEM
from clinic.studies.api.sheets import sheet_json
from clinic.studies.refusals import (
    DraftRefusal,
    LifecycleRefusal,
    OpeningRefusal,
    PictureGone,
    Refusal,
    ReleaseRefusal,
    SheetRefusal,
    StaleSheet,
)
from clinic.vault.errors import VaultError

ROOT = "/api/"

# What Django REST framework refuses, in the house's words; every other refusal carries its own.
CODES: dict[type[exceptions.APIException], tuple[str, str]] = {
    exceptions.NotAuthenticated: (
        "TOKEN-MISSING",
        "Send a token in the header “Authorization: Bearer”. You make one on the page of your account.",
    ),
    exceptions.AuthenticationFailed: ("TOKEN-REFUSED", ""),
    exceptions.PermissionDenied: ("SCOPE-MISSING", ""),
    exceptions.NotFound: (
        "ADDRESS-UNKNOWN",
        "There is nothing at this address, or your role does not see it. We give the same answer for both.",
    ),
    exceptions.MethodNotAllowed: ("METHOD-UNKNOWN", "This address does not answer to that method."),
    exceptions.ParseError: ("REQUEST-UNREADABLE", ""),
    exceptions.UnsupportedMediaType: ("REQUEST-NOT-JSON", "Send JSON, with “Content-Type: application/json”."),
    exceptions.Throttled: ("TOO-FAST", ""),
}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem for what a view raised; None for what is a fault of ours, which then becomes a 500."""
    if isinstance(error, Http404 | PictureGone):
        error = exceptions.NotFound()
    if isinstance(error, exceptions.APIException):
        found, headers = _of_framework(error)
    elif isinstance(error, Refusal | VaultError):
        found, headers = _of_verb(error), {}
    else:
        return None
    set_rollback()
    return Response(found, status=found["status"], headers=headers, content_type=PROBLEM)


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return a problem of this HTTP status; `more` are members of its own."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }


def page(status: int, code: str, detail: str) -> HttpResponse:
    """Return a problem as Django's own error handlers answer it, outside any view."""
    return HttpResponse(json.dumps(problem(status, code, detail)), status=status, content_type=PROBLEM)


def _of_framework(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    code, words = CODES.get(type(error), ("REQUEST-REFUSED", ""))
    headers = {}
    if asks := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(asks)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
        words = f"That was too fast. Wait {int(wait) + 1} s and send it again; nothing was changed."
    return problem(error.status_code, code, words or str(error.detail)), headers


def _of_verb(error: Exception) -> dict[str, Any]:
    if isinstance(error, StaleSheet):
        return problem(409, error.code, str(error), sheet=sheet_json(error.reading))
    if isinstance(error, SheetRefusal):
        return problem(422, error.code, str(error))
    if isinstance(error, ReleaseRefusal):
        return problem(422, "FILE-KEPT", str(error), field=error.field)
    if isinstance(error, OpeningRefusal):
        mend = [{"where": one.where, "message": one.message} for one in error.hindrances]
        return problem(409, "STUDY-NOT-READY", str(error), hindrances=mend)
    if isinstance(error, LifecycleRefusal | DraftRefusal):
        return problem(409, "STUDY-STEP", str(error))
    if isinstance(error, VaultError):
        return problem(503, "PICTURE-DAMAGED", "A picture cannot be opened. Nothing was changed; call for help.")
    return problem(409, "REFUSED", str(error))
