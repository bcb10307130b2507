"""The navigation that each role sees, and where the current page stands in it.

Read by ``templates/shell.html`` through the context processor ``shell``.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from clinic.accounts.models import Role, User


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: its word, the name of its URL, and who sees it."""

    word: str
    url_name: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Link:
    """A place as one page shows it."""

    word: str
    url: str
    current: bool


EVERYONE = frozenset(Role)
DESK = frozenset({Role.RESEARCHER, Role.ADMINISTRATOR})
OFFICE = frozenset({Role.ADMINISTRATOR})

PLACES = (
    Place("Cases", "inpainting:cases", DESK),
    Place("Studies", "studies:list", EVERYONE),
    Place("Progress", "studies:progress", DESK),
    Place("People", "people", OFFICE),
    Place("Audit", "audit:log", OFFICE),
)


def links(user: User, path: str) -> list[Link]:
    """Return the places this person may go to; the longest address that ``path`` begins with is current."""
    allowed = [place for place in PLACES if user.role in place.roles]
    seen = [(place.word, reverse(place.url_name)) for place in allowed]
    here = max((url for _, url in seen if path.startswith(url)), key=len, default=None)
    return [Link(word, url, url == here) for word, url in seen]


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what every page's frame needs: ``nav``, empty for people who are not signed in, and the idle limit."""
    user = getattr(request, "user", None)
    return {
        "nav": links(user, request.path) if isinstance(user, User) else [],
        "session_idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
