"""Makes functions into addresses of the API: each with its lock, its mark and its line in the OpenAPI schema.

Used by the api modules of the apps; what stands before every address is in clinic.accounts.wire.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view

from clinic.accounts.access import ALLOWED_ROLES
from clinic.accounts.models import Role, Scope
from clinic.accounts.wire import Lock

PROBLEM = "application/problem+json"
EVERYWHERE = (401, 403, 404, 429)

Act = Callable[..., Any]


class ProblemJson(serializers.Serializer[Any]):
    """A refusal (RFC 9457): `detail` says what to do, `code` is for programs."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


@dataclass(frozen=True)
class Deal:
    """What one address takes and gives, for its lock and its line in the schema.

    `gives` is a serializer, or a type of file; None for an answer without a body. `refuses` are the statuses of its own
    refusals, beside those that every address has; `asks` what may stand in the query.
    """

    scope: Scope
    gives: Any = None
    kind: str = "application/json"
    takes: Any = None
    refuses: tuple[int, ...] = ()
    asks: tuple[OpenApiParameter, ...] = ()


def offered(method: str, *roles: Role, deal: Deal) -> Callable[[Act], Act]:
    """Make a function an address of the API that answers `method`, for tokens of these roles that carry the scope.

    The roles are also set as the mark that every view of the site carries (clinic.accounts.access).
    """
    if not roles:
        raise ValueError("Name at least one role.")

    def decorate(act: Act) -> Act:
        lock = type("Lock", (Lock,), {"roles": frozenset(roles), "scope": deal.scope})
        act.permission_classes = [lock]  # type: ignore[attr-defined]
        view: Act = _described(act, deal, roles)(api_view([method])(act))
        setattr(view, ALLOWED_ROLES, frozenset(roles))
        return view

    return decorate


def _described(act: Act, deal: Deal, roles: tuple[Role, ...]) -> Callable[[Act], Act]:
    statuses = sorted({*EVERYWHERE, *deal.refuses, *((400, 413, 415) if deal.takes else ())})
    done = {(200, deal.kind): deal.gives} if deal.gives else {204: None}
    refused = {(status, PROBLEM): ProblemJson for status in statuses}
    who = " or ".join(role.value for role in roles)
    described: Callable[[Act], Act] = extend_schema(
        operation_id=act.__name__,
        summary=(act.__doc__ or "").splitlines()[0],
        description=f"{act.__doc__}\n\nFor: {who}. Scope: {deal.scope.value}.",
        parameters=list(deal.asks),
        request=deal.takes,
        responses={**done, **refused},
    )
    return described
