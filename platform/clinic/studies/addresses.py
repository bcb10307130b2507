"""What may stand in an address of the studies app: the random token of a picture, in exactly one shape.

Used by the addresses of the pages and of the API, so that both refuse the same strings before they reach the database;
by clinic.studies.blinding, which draws tokens, and by the blinding audit, which asks of each whether it is one.
"""

import re
from secrets import token_urlsafe

from django.urls import register_converter
from django.urls.converters import StringConverter

from clinic.studies.telling import names_a_method

SHAPE = "[A-Za-z0-9_-]{43}"
BYTES = 32
_TOKEN = re.compile(SHAPE)


class TokenConverter(StringConverter):
    """The random token of a picture: 256 bits as 43 letters."""

    regex = SHAPE


register_converter(TokenConverter, "token")


def new_token() -> str:
    """256 random bits as 43 letters. By chance a method's name may come up among them: then they are drawn again."""
    while True:
        token = token_urlsafe(BYTES)
        if is_sound(token):
            return token


def is_sound(token: str) -> bool:
    """Whether a token has the one shape and names no method."""
    return bool(_TOKEN.fullmatch(token)) and not names_a_method(token)
