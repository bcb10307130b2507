"""Ada's program fetches what leaves an unblinded study: the bytes of the page, for a stated purpose, and noted."""

import io
import json
from hashlib import sha256
from zipfile import ZipFile

import pytest

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle
from clinic.studies.export import marks_csv
from clinic.studies.parcel import everything
from clinic.studies.release import Why
from evaluation.fetch import WHYS
from evaluation.published import arrange

pytestmark = pytest.mark.django_db


@pytest.fixture
def adas(program, ada):
    return program(ada, "read", "export")


@pytest.fixture
def study(unblinded_from):
    return unblinded_from(arrange(seed=3))


def noted():
    return AuditEntry.objects.filter(act="study-exported")


def body(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def refused(answer, status, code):
    found = json.loads(answer.content)
    assert (answer.status_code, found["code"]) == (status, code)
    return found


def test_the_archive_and_its_files_are_those_of_the_page(adas, study, ada):
    archive = body(adas.ask("GET", "archive", study.pk, why="analysis"))
    with everything(study) as file:
        assert archive == file.read()
    with ZipFile(io.BytesIO(archive)) as parcel:
        members = {name: parcel.read(name) for name in parcel.namelist()}
    listed = adas.ask("GET", "files", study.pk).json()

    assert {one["name"]: (one["length"], one["sha256"]) for one in listed} == {
        name: (len(content), sha256(content).hexdigest()) for name, content in members.items()
    }
    assert body(adas.ask("GET", "file", study.pk, "tables/tables.md", why="archive")) == members["tables/tables.md"]
    assert [(row.actor, row.details["why"]) for row in noted().order_by("seq")] == [
        (ada, "analysis"),
        (ada, "archive"),
    ]


def test_one_file_is_made_alone_and_noted_with_its_own_digest(adas, study, monkeypatch):
    monkeypatch.setattr("evaluation.exports.bundle.pdf", lambda *_: pytest.fail("the report was made"))
    monkeypatch.setattr("evaluation.exports.bundle.drawn", lambda *_: pytest.fail("a figure was drawn"))

    table = body(adas.ask("GET", "file", study.pk, "tables/tables.md", why="archive"))
    with pytest.MonkeyPatch.context() as unread:
        unread.setattr("clinic.studies.parcel.marks_of", lambda study: pytest.fail("the marks were read"))
        assert body(adas.ask("GET", "file", study.pk, "tables/tables.md", why="archive")) == table

    details = {"form": "file", "file": "tables:tables.md", "why": "archive", "sha256": sha256(table).hexdigest()}
    assert [row.details for row in noted()] == [details, details]


def test_the_marks_file_is_that_of_the_page(adas, study):
    assert body(adas.ask("GET", "marks", study.pk, why="publication")) == marks_csv(study)
    assert noted().get().details == {"form": "csv", "why": "publication"}


def test_the_published_tables_come_out_as_json(adas, study):
    printed = adas.ask("GET", "results", study.pk).content.decode()
    for figure in ("0.233", "0.500", "0.319", "1.857", "1.714", "2.429"):
        assert figure in printed


@pytest.mark.parametrize("name", ["archive", "marks"])
@pytest.mark.parametrize("query", [{}, {"why": "curious"}])
def test_without_a_reason_of_the_list_nothing_leaves(adas, study, name, query):
    assert refused(adas.ask("GET", name, study.pk, **query), 422, "FILE-KEPT")["field"] == "why"
    assert not noted().exists()


def test_a_file_that_is_not_in_the_archive_is_not_found_and_not_noted(adas, study):
    refused(adas.ask("GET", "file", study.pk, "secrets.txt", why="analysis"), 404, "ADDRESS-UNKNOWN")
    refused(adas.ask("GET", "file", study.pk, "marks.csv", why="curious"), 422, "FILE-KEPT")
    assert not noted().exists()


@pytest.mark.parametrize("state", ["open", "closed", "asked"])
def test_before_unblinding_there_is_nothing(adas, open_study, rosa, state):
    study = open_study(cases=1)
    if state != "open":
        lifecycle.close(study, rosa)
    if state == "asked":
        lifecycle.ask_unblinding(study, rosa, "complete")
    for name, *more in (("archive",), ("marks",), ("files",), ("file", "marks.csv"), ("results",)):
        refused(adas.ask("GET", name, study.pk, *more, why="analysis"), 404, "ADDRESS-UNKNOWN")


def test_a_token_without_the_scope_fetches_nothing(program, ada, study):
    found = refused(program(ada, "read", "run").ask("GET", "archive", study.pk, why="analysis"), 403, "SCOPE-MISSING")
    assert "export" in found["detail"]


def test_a_researcher_reads_results_and_no_files(program, rosa, study):
    rosas = program(rosa, "read", "run")
    assert rosas.ask("GET", "results", study.pk).status_code == 200
    refused(rosas.ask("GET", "archive", study.pk, why="analysis"), 404, "ADDRESS-UNKNOWN")


def test_the_command_line_knows_the_reasons_of_the_platform():
    assert list(WHYS) == Why.values
