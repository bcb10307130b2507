"""Counts refused tries to sign in, per person and address, so that guessing is slow and honest people are told.

Called by clinic.config.pages.door before a password is looked at; the tries are rows, so every web process sees them.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clinic.accounts.models import SignInTry

PURPOSE = "vermilion.sign-in"


def paused_until(email: str, address: str) -> datetime | None:
    """Count one try and return None, or return the time until which no further try is looked at.

    The try is counted before the password is, so that many at once cannot slip past; success forgets it (``forget``).
    """
    now = timezone.now()
    pause = timedelta(minutes=settings.SIGN_IN_PAUSE_MINUTES)
    with transaction.atomic():
        SignInTry.objects.filter(at__lt=now - pause).delete()
        here = SignInTry.objects.filter(where=_digest(address))
        for tries, limit in (
            (here.filter(who=_digest(email.lower())), settings.SIGN_IN_TRIES),
            (here, settings.SIGN_IN_TRIES_PER_ADDRESS),
        ):
            times = list(tries.order_by("-at").values_list("at", flat=True)[:limit])
            if len(times) == limit:
                return times[-1] + pause
        SignInTry.objects.create(who=_digest(email.lower()), where=_digest(address), at=now)
    return None


def forget(email: str, address: str) -> None:
    """Drop the tries of a person who has now signed in from this address."""
    SignInTry.objects.filter(who=_digest(email.lower()), where=_digest(address)).delete()


def address_of(request: HttpRequest) -> str:
    """Return the browser's network address, as the outermost proxy that we run saw it.

    A browser can write anything into X-Forwarded-For, so only the entries that our own proxies appended are believed.
    """
    proxies: int = settings.PROXIES
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return str(hops[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def _digest(word: str) -> str:
    return salted_hmac(PURPOSE, word.strip(), algorithm="sha256").hexdigest()
