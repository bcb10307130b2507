"""The description of the API: the OpenAPI schema for programs, and a plain page of its addresses for people.

Made once per process by drf-spectacular from clinic.studies.api; neither needs anything from another host.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from clinic.accounts.access import allow, open_to_everyone
from clinic.accounts.models import Role

OPENAPI = "application/vnd.oai.openapi+json"


@dataclass(frozen=True)
class Line:
    """One address as the page lists it."""

    method: str
    path: str
    says: str
    who: str


@open_to_everyone
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The schema, OpenAPI 3 as JSON; it says what exists and nothing of what is stored."""
    return HttpResponse(OpenApiJsonRenderer().render(described()), content_type=OPENAPI)


@allow(*Role)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every address in one table, with who may use it."""
    return render(request, "api/listing.html", {"lines": lines()})


@cache
def described() -> dict[str, Any]:
    """Return the schema as plain values."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    return dict(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def lines() -> list[Line]:
    """Return every address of the schema, in its order."""
    return [
        Line(method.upper(), path, operation["summary"], operation["description"].rpartition("\n")[2])
        for path, operations in described()["paths"].items()
        for method, operation in operations.items()
    ]
