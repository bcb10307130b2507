"""What stands before every address of the API: the lock, the JSON that is read and answered, the pace that is kept.

Named by REST_FRAMEWORK in clinic.config.settings; clinic.accounts.endpoints gives each address its lock. Refusals are
raised here and worded as JSON by clinic.config.api.problems.
"""

import json
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ParseError, PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from clinic.accounts.models import AccessToken, Role, Scope, User

LARGEST_BODY = 64 * 1024


class TooLarge(APIException):
    """A body that nobody needs to send."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body is over {LARGEST_BODY // 1024} KiB, so it was not read. Nothing was stored."
    default_code = "too_large"


class Lock(BasePermission):
    """Lets in tokens of the right role (else 404, as on the pages) that carry the scope (else 403)."""

    roles: ClassVar[frozenset[Role]] = frozenset()
    scope: ClassVar[Scope] = Scope.READ

    def has_permission(self, request: Request, view: object) -> bool:
        """False without a token, which becomes 401. Raises NotFound and PermissionDenied."""
        if not isinstance(request.auth, AccessToken):
            return False
        if caller(request).role not in self.roles:
            raise NotFound
        if self.scope not in request.auth.scopes:
            raise PermissionDenied(f"This token lacks the scope “{self.scope}”. Make one that has it on your account.")
        return True


def caller(request: Request) -> User:
    """Return the owner of the token behind `request`; raise 404 when there is none."""
    if not isinstance(request.user, User):
        raise NotFound
    return request.user


def object_sent(request: Request) -> dict[str, Any]:
    """Return the JSON object of the body; an empty one counts as an empty object, refused in words."""
    return request.data if isinstance(request.data, dict) else {}


class Json(JSONParser):
    """Reads one JSON object of at most LARGEST_BODY bytes; anything else is a ParseError in words, or TooLarge."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> dict[str, Any]:
        """Return the object."""
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise TooLarge
        try:
            sent = json.loads(body.decode(), parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ParseError("The body is not JSON. Nothing was changed.") from None
        if not isinstance(sent, dict):
            raise ParseError("The body is not a JSON object. Nothing was changed.")
        return sent


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever the Accept header asks for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The JSON parser, for JSON and for bodies that do not say what they are."""
        told = request.content_type.partition(";")[0].strip().lower()
        return parsers[0] if told in ("application/json", "") else None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The JSON renderer."""
        return JSONRenderer(), JSONRenderer.media_type


class Pace(UserRateThrottle):
    """So many requests of one person, whichever of their tokens they use; without a token there is nothing to ask."""

    def get_rate(self) -> str:
        """The rate of the settings."""
        return str(settings.API_RATE)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number.")
