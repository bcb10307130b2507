"""What happens around every view: headers against caching, the session's two clocks, the lock, the first password.

Listed in clinic.config.settings; the lock and the sign-in page themselves are in clinic.config.pages.door.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from clinic.accounts.access import to_the_door
from clinic.accounts.models import User

Handler = Callable[[HttpRequest], HttpResponseBase]

SIGNED_IN_AT = "signed_in_at"
TOUCHED_AT = "touched_at"
LOCKED = "locked"
# A page that refreshes itself says so with this header; only a person's own act keeps a session alive.
BACKGROUND = "HTTP_X_VERMILION_BACKGROUND"
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


def quiet_headers(get_response: Handler) -> Handler:
    """Keep every answer out of caches and every browser feature off."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cache-Control"] = "no-store, private"
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        # An ETag would let one answer be recognised in another; nothing here is cached, so nothing needs one.
        del response["ETag"]
        return response

    return answer


def session_clock(get_response: Handler) -> Handler:
    """Sign a person out after 30 idle minutes, or 8 hours in all, and tell the sign-in page why."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return get_response(request)
        now = int(time.time())
        began = request.session.setdefault(SIGNED_IN_AT, now)
        touched = request.session.get(TOUCHED_AT, now)
        if now - touched >= settings.SESSION_IDLE_SECONDS:
            auth.logout(request)
            return to_the_door(request, "sign-in", "idle")
        if now - began >= settings.SESSION_COOKIE_AGE:
            auth.logout(request)
            return to_the_door(request, "sign-in", "long")
        if BACKGROUND not in request.META:
            request.session[TOUCHED_AT] = now
        return get_response(request)

    return answer


def lock_screen(get_response: Handler) -> Handler:
    """While the screen is locked, answer everything but unlocking and signing out with the lock page."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not (request.user.is_authenticated and request.session.get(LOCKED)):
            return get_response(request)
        if request.path in {reverse("lock"), reverse("unlock"), reverse("sign-out")}:
            return get_response(request)
        return to_the_door(request, "unlock", "locked")

    return answer


def own_password_first(get_response: Handler) -> Handler:
    """Until a handed-out password is changed, answer everything but changing it and signing out with that page."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        handed_out = isinstance(request.user, User) and request.user.password_is_temporary
        if not handed_out or request.path in {reverse("password"), reverse("sign-out"), reverse("still-here")}:
            return get_response(request)
        return redirect("password")

    return answer
