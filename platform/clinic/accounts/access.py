"""Who may see a page: every view carries exactly one of the two marks made here, and a test walks all URLs to see that.

Read by the views of every app; the wrong role meets 404, so that a page's existence is not told either.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from clinic.accounts.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

ALLOWED_ROLES = "allowed_roles"


def allow(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let only signed-in people of these roles into the view: others meet the sign-in page, or 404 if signed in."""
    if not roles:
        raise ValueError("Name at least one role, or mark the view with open_to_everyone.")

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_the_door(request, "sign-in")
            if person(request).role not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        setattr(guarded, ALLOWED_ROLES, frozenset(roles))
        return guarded

    return decorate


def open_to_everyone(view: View[P]) -> View[P]:
    """Mark a view that needs no account, such as the sign-in page."""
    setattr(view, ALLOWED_ROLES, None)
    return view


def person(request: HttpRequest) -> User:
    """Return the signed-in person behind ``request``; raise 404 when there is none."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def to_the_door(request: HttpRequest, door: str, why: str = "") -> HttpResponse:
    """Send a page to the door (a URL's name) and back afterwards.

    A script gets 401 instead, so that the draft on its page stays put; htmx is told which door to open.
    """
    place = f"{reverse(door)}?{urlencode({'next': _page_of(request)} | ({'why': why} if why else {}))}"
    if "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Mode") in {"cors", "same-origin"}:
        return HttpResponse(status=401, headers={"HX-Redirect": place})
    return redirect(place)


def _page_of(request: HttpRequest) -> str:
    """Return the page that the person is looking at, which is not the address of a form or a fragment."""
    fragment = "HX-Request" in request.headers
    if request.method == "GET" and not fragment:
        return request.get_full_path()
    page = urlsplit(request.headers.get("HX-Current-URL" if fragment else "Referer", ""))
    if page.netloc != request.get_host():
        return reverse("home")
    return f"{page.path}?{page.query}" if page.query else page.path
