"""The cases of the API: those that a person may know of, where each stands on its road, and no picture.

For researchers, about their own, and administrators, about the hospital's, as on the pages; a foreign case is not
found. Answers are lists of what is allowed, and tell no method from another.
"""

from typing import Any
from uuid import UUID

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.endpoints import Deal, offered
from clinic.accounts.models import Role, Scope
from clinic.accounts.wire import caller
from clinic.cases.models import Case, Phase, Severity, Side
from clinic.inpainting.road import Place, Road, road_of, with_roads

DESK = (Role.RESEARCHER, Role.ADMINISTRATOR)
PER_PAGE = 100
# No `minimum`: what is no page of the list is not found, like any other thing that is not there.
PAGE = OpenApiParameter("page", int, description=f"Which {PER_PAGE} of them, from 1; beyond the last nothing is found.")


class CaseJson(serializers.Serializer[Road]):
    """One case: what is recorded of it, and what it waits for."""

    case = serializers.UUIDField(source="case.pk")
    code = serializers.CharField(source="case.code")
    side = serializers.ChoiceField(Side.choices, source="case.cleft_side")
    severity = serializers.ChoiceField(Severity.choices, source="case.severity")
    phase = serializers.ChoiceField(Phase.choices, source="case.phase")
    dataset = serializers.CharField(source="case.dataset")
    researcher = serializers.CharField(source="case.owner.name")
    state = serializers.ChoiceField([place.value for place in Place], source="place", help_text="What it waits for.")
    says = serializers.CharField(source="lead", help_text="The same in a sentence or two.")
    mask_version = serializers.IntegerField(source="mask.version", allow_null=True)
    created_at = serializers.DateTimeField(source="case.created_at")
    changed_at = serializers.DateTimeField(source="changed")


class CasesJson(serializers.Serializer[Any]):
    """One page of the list, the newest case first."""

    total = serializers.IntegerField(help_text="Cases on all pages.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    cases = CaseJson(many=True)


@offered("GET", *DESK, deal=Deal(Scope.READ, CasesJson, asks=(PAGE,)))
def cases(request: Request) -> Response:
    """The cases that I may know of, the newest first, a hundred at a time."""
    pages = Paginator(with_roads(Case.objects.visible_to(caller(request))), PER_PAGE)
    try:
        page = pages.page(request.query_params.get("page", "1"))
    except InvalidPage:
        raise Http404 from None
    found = [road_of(one) for one in page.object_list]
    answer = {"total": pages.count, "page": page.number, "pages": pages.num_pages, "cases": found}
    return Response(CasesJson(answer).data)


@offered("GET", *DESK, deal=Deal(Scope.READ, CaseJson))
def case(request: Request, case_id: UUID) -> Response:
    """One case, and what it waits for."""
    found = get_object_or_404(with_roads(Case.objects.visible_to(caller(request))), pk=case_id)
    return Response(CaseJson(road_of(found)).data)
