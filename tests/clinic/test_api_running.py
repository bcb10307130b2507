"""Rosa and Ada run a study by program: the steps of the page, refused in the same words, nothing per method."""

from typing import Any

import pytest

from clinic.audit.models import AuditEntry
from clinic.studies import drafting, lifecycle, opening, reading
from clinic.studies.blinding import arms
from clinic.studies.drafting import Draft
from clinic.studies.leaks import TELLING
from clinic.studies.models import POSITIONS, State
from clinic.studies.results import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosas(program, rosa):
    return program(rosa, "read", "run")


@pytest.fixture
def draft(ready_case, rosa, sam):
    return drafting.draft(Draft("Lip study", [ready_case(rosa)], [sam]), by=rosa)


@pytest.fixture
def unblinded(open_study, rosa, ada):
    study = open_study(cases=1)
    for reader in study.readers.all():
        opened = arms(reader)
        for sheet in reader.readings.all():
            place = POSITIONS[opened[sheet.sequence].index("inclg")]
            entries = [
                {"position": letter, "valid": letter == place, "reason": "", "rank": 1 if letter == place else None}
                for letter in POSITIONS
            ]
            reading.submit(reading.open_reading(sheet), entries, 0)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    return lifecycle.confirm_unblinding(study, ada)


def refused(answer, status: int, code: str) -> dict[str, Any]:
    """The problem of a refused request."""
    found = answer.json()
    assert (answer.status_code, found["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    return dict(found)


def test_a_study_goes_its_whole_road_by_program_but_for_the_last_step(rosas, draft):
    assert rosas.ask("POST", "check", draft.pk).json()["audit"]["passed"] is True
    assert rosas.ask("POST", "open", draft.pk).json()["state"] == "open"
    assert rosas.ask("POST", "close", draft.pk).json()["state"] == "closed"
    asked = rosas.ask("POST", "ask", draft.pk, sent={"reason": "stopped"}).json()
    assert (asked["unblinding"]["reason"], asked["unblinding"]["asked_by"]) == ("stopped", "Rosa")
    assert asked["state"] == "closed"
    assert rosas.ask("POST", "withdraw", draft.pk).json()["unblinding"] is None
    assert AuditEntry.objects.filter(act__in=("study-opened", "study-closed", "unblinding-asked")).count() == 3


def test_nobody_confirms_an_unblinding_by_program(program, ada, rosas, draft):
    opening.open_study(draft, rosas.owner)
    lifecycle.close(draft, rosas.owner)
    rosas.ask("POST", "ask", draft.pk, sent={"reason": "complete"})
    adas = program(ada, "read", "run", "export")
    refused(adas.ask("POST", "ask", draft.pk, sent={"reason": "complete"}), 409, "STUDY-STEP")
    draft.refresh_from_db()
    assert draft.state == State.CLOSED


def test_what_stands_in_the_way_of_opening_is_said_at_once(rosas, rosa):
    study = drafting.draft(Draft("INCLG against others", [], []), by=rosa)
    problem = refused(rosas.ask("POST", "open", study.pk), 409, "STUDY-NOT-READY")
    assert {"cases", "readers", "title"} <= {one["where"] for one in problem["hindrances"]}
    assert rosas.ask("GET", "study", study.pk).json()["hindrances"] == problem["hindrances"]


@pytest.mark.parametrize("step", ["close", "withdraw"])
def test_a_step_out_of_time_is_refused(rosas, draft, step):
    refused(rosas.ask("POST", step, draft.pk), 409, "STUDY-STEP")


@pytest.mark.parametrize("sent", [{}, {"reason": "curious"}, {"reason": ["complete"]}])
def test_a_reason_that_is_not_on_the_list_is_refused(rosas, draft, sent):
    opening.open_study(draft, rosas.owner)
    lifecycle.close(draft, rosas.owner)
    assert "reason" in refused(rosas.ask("POST", "ask", draft.pk, sent=sent), 409, "STUDY-STEP")["detail"]


def test_the_list_and_the_study_tell_what_the_page_tells(rosas, open_study):
    study = open_study(cases=2, guesses=1)
    (line,) = rosas.ask("GET", "studies").json()
    assert line == {
        "study": str(study.pk), "code": "lip-study", "title": "Lip study", "state": "open", "cases": 2, "readers": 2,
        "sheets": 4, "submitted": 0,
    }  # fmt: skip
    found = rosas.ask("GET", "study", study.pk).json()
    assert found["readers"] == ["Sam", "Ruth"]
    assert found["protocol"]["guesses"] == 1
    assert (found["protocol_sha256"], found["allocation_sha256"]) == (study.protocol_digest, study.allocation_digest)


def test_progress_is_per_reader_and_never_per_method(rosas, open_study):
    study = open_study(cases=2)
    sheet = study.readers.first().readings.first()
    reading.submit(reading.open_reading(sheet), [{"position": one, "valid": False} for one in POSITIONS], 0)

    answer = rosas.ask("GET", "progress", study.pk)
    assert [(one["reader"], one["name"], one["done"], one["total"]) for one in answer.json()["readers"]] == [
        ("R1", "Sam", 1, 2),
        ("R2", "Ruth", 0, 2),
    ]
    for name in ("progress", "study", "studies"):
        text = rosas.ask("GET", name, *([] if name == "studies" else [study.pk])).content.decode().lower()
        assert [word for word in TELLING if word in text] == []


@pytest.mark.parametrize("name", ["progress", "results"])
def test_before_its_time_a_page_of_a_study_is_not_found(rosas, draft, name):
    refused(rosas.ask("GET", name, draft.pk), 404, "ADDRESS-UNKNOWN")


def test_results_are_those_of_the_page_and_of_the_command_line(rosas, unblinded):
    answer = rosas.ask("GET", "results", unblinded.pk)
    assert answer.content.decode() == report(unblinded).render("json")


def test_a_foreign_study_is_not_found(program, max_, draft):
    for name, method in (("study", "GET"), ("check", "POST"), ("open", "POST"), ("close", "POST"), ("ask", "POST")):
        refused(program(max_, "read", "run").ask(method, name, draft.pk), 404, "ADDRESS-UNKNOWN")
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
