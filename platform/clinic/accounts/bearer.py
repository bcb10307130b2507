"""Tells the API who asks: the owner of the access token in the header `Authorization: Bearer vml_...`.

Named by REST_FRAMEWORK in clinic.config.settings. Sessions of the browser do not count here, so that no page of another
site can make a browser act through the API.
"""

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic.accounts.models import AccessToken, User
from clinic.accounts.tokens import PREFIX, find_token

SCHEME = "Bearer"
REFUSED = "This token opens nothing: it is unknown, expired or revoked, or its owner's password or account changed."


class BearerAuthentication(BaseAuthentication):
    """`request.user` becomes the owner and `request.auth` the token; a header that is no good is refused with 401."""

    @sensitive_variables("word")
    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """Return owner and token; None when the request shows none."""
        scheme, _, word = request.headers.get("Authorization", "").strip().partition(" ")
        if not scheme:
            return None
        token = find_token(word.strip()) if scheme.lower() == SCHEME.lower() and PREFIX in word else None
        if token is None:
            raise AuthenticationFailed(REFUSED)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return f'{SCHEME} realm="Vermilion"'


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same in the OpenAPI schema."""

    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """A bearer token of our own making."""
        return {"type": "http", "scheme": "bearer", "description": "An access token, made on the page of your account."}
