"""What may stand in an address of the studies app: the random token of a picture.

Used by the addresses of the pages and of the API, so that both refuse the same strings before they reach the database.
"""

from django.urls import register_converter
from django.urls.converters import StringConverter


class TokenConverter(StringConverter):
    """A token as `secrets.token_urlsafe` writes it. One of a wrong length is looked for, and not found."""

    regex = "[A-Za-z0-9_-]+"


register_converter(TokenConverter, "token")
