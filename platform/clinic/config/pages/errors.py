"""The answers to requests that cannot be met: what happened, what is safe, what to do next; the code stands last.

Called by Django through the handlers of clinic.config.urls and CSRF_FAILURE_VIEW.
"""

from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from clinic.accounts.access import open_to_everyone
from clinic.config.api import problems


@dataclass(frozen=True)
class Words:
    """One error page: its icon, heading, sentence, code and the word on its button."""

    icon: str
    heading: str
    sentence: str
    code: str
    act: str = "To my work"


BAD_REQUEST = Words(
    "stop",
    "The server could not read this request",
    "Something in it was incomplete or malformed, so nothing was changed. Go back, and do it again.",
    "REQUEST-UNREADABLE",
)
TOO_LARGE = Words(
    "upload",
    "This upload is too large",
    "It is over 32 megabytes, so it was not taken. Nothing was stored. Export a smaller file and upload again.",
    "UPLOAD-SIZE",
)
FORBIDDEN = Words(
    "lock",
    "You may not do this",
    "Your role does not include it, and nothing was changed. An administrator can say who may.",
    "ROLE-FORBIDDEN",
)
STALE = Words(
    "clock",
    "This page had gone stale",
    "It was opened before you last signed in, so nothing was sent. Open the page again and repeat the last step.",
    "FORM-STALE",
)
NOT_FOUND = Words(
    "map",
    "There is nothing at this address",
    "It may have moved, or you may not be allowed to see it. We give the same answer for both.",
    "ADDRESS-UNKNOWN",
)
SERVER = Words(
    "server",
    "The server stopped half way",
    "What was saved before is safe; the last step was taken back whole. Try it once more. "
    "If it stops again, tell whoever runs the server when it happened.",
    "SERVER-STOPPED",
)


@open_to_everyone
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 when the request was larger than we read."""
    if isinstance(exception, RequestDataTooBig):
        return _page(request, TOO_LARGE, 413)
    return _page(request, BAD_REQUEST, 400)


@open_to_everyone
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return _page(request, FORBIDDEN, 403)


@open_to_everyone
def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that does not carry this session's token."""
    return _page(request, STALE, 403)


@open_to_everyone
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, with the same words whether the thing is missing or hidden."""
    return _page(request, NOT_FOUND, 404)


@open_to_everyone
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without asking the database for anything, since it may be what failed."""
    if request.path.startswith(problems.ROOT):
        return problems.page(500, SERVER.code, f"{SERVER.heading}. {SERVER.sentence}")
    return HttpResponse(loader.render_to_string("errors/error.html", {"words": SERVER}), status=500)


def _page(request: HttpRequest, words: Words, status: int) -> HttpResponse:
    if request.path.startswith(problems.ROOT):
        return problems.page(status, words.code, f"{words.heading}. {words.sentence}")
    return render(request, "errors/error.html", {"words": words}, status=status)
