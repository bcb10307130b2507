"""The API keeps what its schema promises, whatever is sent: invented requests of four people, and no fault of ours.

Schemathesis invents the requests from the schema that the site serves, the same ones each time; every one is taken back
when it is answered. The archive is a small stand-in here, since making a true one has stories of its own.
"""

import io
import re
from collections import Counter
from contextlib import contextmanager
from zipfile import ZipFile

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks

from clinic.config.wsgi import application
from clinic.studies import drafting, lifecycle, reading, release
from clinic.studies.api import exports
from clinic.studies.drafting import Draft
from clinic.studies.models import POSITIONS
from evaluation.exports.bundle import entry

pytestmark = pytest.mark.django_db

EXAMPLES = 3
MARKS = b"study\n"
ALWAYS_THE_SAME = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PROMISES = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
OF_DRAFTS = {"check", "open_study"}
OF_UNBLINDED = {"results", "archive", "marks", "files", "one_file"}


def unblinded(study, rosa, ada):
    """The study with one sheet on which nothing is acceptable, closed and unblinded."""
    sheet = study.readers.first().readings.first()
    reading.submit(reading.open_reading(sheet), [{"position": letter, "valid": False} for letter in POSITIONS], 0)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "stopped")
    return lifecycle.confirm_unblinding(study, ada)


class SmallBundle:
    """A ZIP of one file in place of the true one, before it is made."""

    def __init__(self, study):
        self.study = study

    def entries(self):
        return [entry("marks.csv", [MARKS])]

    def member(self, name):
        return [MARKS] if name == "marks.csv" else None


def small_archive(study):
    """The same ZIP, made."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("marks.csv", MARKS)
    return file


@pytest.fixture
def places(open_study, ready_case, rosa, sam, ada, monkeypatch):
    """True values for the names in addresses, by operation: a draft, an open and an unblinded study."""
    for module in (exports, release):
        monkeypatch.setattr(module, "bundle", SmallBundle)
    monkeypatch.setattr(release, "everything", small_archive)
    running, done = open_study(cases=1), unblinded(open_study(cases=1), rosa, ada)
    draft = drafting.draft(Draft("Lip study", [ready_case(rosa)], [sam]), by=rosa)
    sheet = running.readers.get(user=sam).readings.get()

    def of(operation):
        study = draft if operation in OF_DRAFTS else done if operation in OF_UNBLINDED else running
        token = sheet.placements.first().token
        case = str(draft.cases.get().case_id)
        return {
            "case_id": case,
            "study_id": str(study.pk),
            "reading_id": str(sheet.pk),
            "token": token,
            "name": "marks.csv",
        }

    return of


@pytest.fixture(autouse=True)
def _one_connection():
    """Keep the connection of the story open between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@contextmanager
def taken_back():
    """Whatever a request stored is gone afterwards, so that each request meets the same site."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def people(program, ada, rosa, sam):
    """The headers of a stranger and of three programs with every scope."""
    programs = {
        "administrator": program(ada, "read", "run", "export"),
        "researcher": program(rosa, "read", "run"),
        "surgeon": program(sam, "read", "mark"),
    }
    return {name: {"Authorization": f"Bearer {one.secret}"} for name, one in programs.items()} | {"stranger": {}}


def operations():
    """Every operation of the schema as the site serves it."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application)
    return [result.ok() for result in schema.get_all_operations()]


def who(operation):
    """The roles for whom an address is, as its description ends."""
    return operation.definition.raw["description"].rpartition("For: ")[2]


def send(operation, mode, place, headers, met):
    """Send invented requests to one address and hold each answer against the schema."""

    @ALWAYS_THE_SAME
    @given(operation.as_strategy(mode, path_parameters=place))
    def invented(case):
        with taken_back():
            answer = case.call(headers=headers)
        case.validate_response(answer, checks=PROMISES)
        met[answer.status_code] += 1

    invented()


def test_whatever_is_sent_the_schema_is_kept(places, people, settings):
    settings.API_RATE = "100000/min"
    found = operations()
    met = {name: Counter() for name in people}
    for operation in found:
        names = re.findall(r"\{(\w+)\}", operation.path)
        true = {name: places(operation.definition.raw["operationId"])[name] for name in names} if names else None
        for name, headers in people.items():
            send(operation, GenerationMode.NEGATIVE, true, headers, met[name])
            if name in who(operation):
                send(operation, GenerationMode.POSITIVE, true, headers, met[name])
                send(operation, GenerationMode.POSITIVE, None, headers, met[name])

    assert set(met["stranger"]) <= {401, 404}
    for name in ("administrator", "researcher", "surgeon"):
        assert {200, 404} <= set(met[name]), name
        assert not [status for status in met[name] if status >= 500]
    assert sum(sum(counts.values()) for counts in met.values()) >= len(found) * len(people)
