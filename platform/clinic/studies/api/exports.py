"""The export side of the API: the archive of an unblinded study, the marks file, and every single file of the archive.

For administrators whose token carries the scope export; such a token was made with the password. Each fetch is noted
in the audit log with the token. Before unblinding nothing is found.
"""

from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.endpoints import Deal, offered
from clinic.accounts.models import Role, Scope
from clinic.accounts.wire import caller
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.studies.access import run_by
from clinic.studies.export import marks_csv, study_code
from clinic.studies.models import State, Study
from clinic.studies.parcel import everything

DIGEST = "X-Vermilion-SHA256"


class FileJson(serializers.Serializer[Any]):
    """One file of the archive."""

    name = serializers.CharField()
    length = serializers.IntegerField()
    sha256 = serializers.CharField()


@offered("GET", Role.ADMINISTRATOR, deal=Deal(Scope.EXPORT, OpenApiTypes.BINARY, "application/zip"))
def archive(request: Request, study_id: UUID) -> HttpResponse:
    """Everything in one ZIP: marks, tables, figures, report, protocol, allocation, and the digest of each."""
    one = _unblinded(request, study_id)
    return _file(request, one, f"{study_code(one)}.zip", _archive(one), "application/zip")


@offered("GET", Role.ADMINISTRATOR, deal=Deal(Scope.EXPORT, OpenApiTypes.BINARY, "text/csv"))
def marks(request: Request, study_id: UUID) -> HttpResponse:
    """The marks file."""
    one = _unblinded(request, study_id)
    return _file(request, one, f"{study_code(one)}-marks.csv", marks_csv(one), "text/csv; charset=utf-8")


@offered("GET", Role.ADMINISTRATOR, deal=Deal(Scope.EXPORT, FileJson(many=True)))
def files(request: Request, study_id: UUID) -> Response:
    """The files of the archive, with their digests."""
    with ZipFile(BytesIO(_archive(_unblinded(request, study_id)))) as parcel:
        listed = [(name, parcel.read(name)) for name in parcel.namelist()]
    return Response([{"name": name, "length": len(body), "sha256": sha256(body).hexdigest()} for name, body in listed])


@offered("GET", Role.ADMINISTRATOR, deal=Deal(Scope.EXPORT, OpenApiTypes.BINARY, "application/octet-stream"))
def one_file(request: Request, study_id: UUID, name: str) -> HttpResponse:
    """One file of the archive, by its name there."""
    one = _unblinded(request, study_id)
    with ZipFile(BytesIO(_archive(one))) as parcel:
        if name not in parcel.namelist():
            raise Http404
        return _file(request, one, name.rpartition("/")[2], parcel.read(name), "application/octet-stream")


def _unblinded(request: Request, study_id: UUID) -> Study:
    return get_object_or_404(run_by(caller(request)).filter(state=State.UNBLINDED), pk=study_id)


def _archive(study: Study) -> bytes:
    """The whole ZIP; not found when no scored sheet was submitted."""
    body = everything(study)
    if body is None:
        raise Http404
    return body


def _file(request: Request, study: Study, name: str, body: bytes, kind: str) -> HttpResponse:
    record(caller(request), Act.STUDY_EXPORTED, study, form=name, token=str(request.auth.pk))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', DIGEST: sha256(body).hexdigest()}
    return HttpResponse(body, content_type=kind, headers=headers)
