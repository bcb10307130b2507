"""The export side of the API: the signed archive of an unblinded study, its marks file, and every file of the archive.

For administrators whose token carries the scope export, which was made with the password. Each fetch says why and is
noted in the audit log by clinic.studies.release, as on the page. Before unblinding nothing is found.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.endpoints import Deal, offered
from clinic.accounts.models import Role, Scope
from clinic.accounts.wire import caller
from clinic.studies.access import run_by
from clinic.studies.models import State, Study
from clinic.studies.parcel import bundle
from clinic.studies.release import File, Released, Why, release, release_one

WHY = OpenApiParameter(
    "why", str, required=True, enum=Why.values, description="What it is for; the audit log keeps it."
)


class FileJson(serializers.Serializer[Any]):
    """One file of the archive."""

    name = serializers.CharField()
    length = serializers.IntegerField()
    sha256 = serializers.CharField()


def _file(kind: str) -> Deal:
    return Deal(Scope.EXPORT, OpenApiTypes.BINARY, kind, refuses=(422,), asks=(WHY,))


@offered("GET", Role.ADMINISTRATOR, deal=_file("application/zip"))
def archive(request: Request, study_id: UUID) -> StreamingHttpResponse:
    """Everything in one signed ZIP: marks, tables, figures, report, protocol, allocation, and the digest of each."""
    return _sent(_released(request, study_id, File.ZIP))


@offered("GET", Role.ADMINISTRATOR, deal=_file("text/csv"))
def marks(request: Request, study_id: UUID) -> StreamingHttpResponse:
    """The marks file."""
    return _sent(_released(request, study_id, File.CSV))


@offered("GET", Role.ADMINISTRATOR, deal=Deal(Scope.EXPORT, FileJson(many=True), refuses=(422,)))
def files(request: Request, study_id: UUID) -> Response:
    """The names, lengths and digests of the archive's files."""
    made = bundle(_unblinded(request, study_id))
    if made is None:
        raise Http404
    return Response(FileJson(made.entries(), many=True).data)


@offered("GET", Role.ADMINISTRATOR, deal=_file("application/octet-stream"))
def one_file(request: Request, study_id: UUID, name: str) -> StreamingHttpResponse:
    """One file of the archive, by its name there; no other is made, and it is noted as the whole archive is."""
    why = request.query_params.get("why", "")
    released = release_one(_unblinded(request, study_id), caller(request), name, why)
    if released is None:
        raise Http404
    return _sent(released)


def _unblinded(request: Request, study_id: UUID) -> Study:
    return get_object_or_404(run_by(caller(request)).filter(state=State.UNBLINDED), pk=study_id)


def _released(request: Request, study_id: UUID, file: File) -> Released:
    why = request.query_params.get("why", "")
    return release(_unblinded(request, study_id), caller(request), file, why)


def _sent(released: Released) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{released.name}"'}
    return StreamingHttpResponse(released.chunks, content_type=released.content_type, headers=headers)
