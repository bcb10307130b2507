"""Who may ask the API for what: every address, five people and a stranger, each scope, in one shape of refusal."""

import json
import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from clinic.accounts.access import ALLOWED_ROLES
from clinic.accounts.endpoints import offered
from clinic.accounts.models import Role, Scope
from clinic.accounts.tokens import SCOPES, revoke_token, tokens_of
from clinic.config.api.description import described

pytestmark = pytest.mark.django_db

VALUES = {
    "case_id": str(uuid4()),
    "study_id": str(uuid4()),
    "reading_id": str(uuid4()),
    "token": "A" * 43,
    "name": "marks.csv",
}


def addresses() -> list[tuple[str, str, str, frozenset[Role]]]:
    """Every address under a lock: its name, method, path with made-up values, and roles."""
    found = []
    (api,) = [one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "api"]
    flat = [inner for one in api.url_patterns for inner in getattr(one, "url_patterns", [one])]
    for pattern in [one for one in flat if hasattr(one.callback, "cls")]:
        (method,) = set(pattern.callback.cls.http_method_names) - {"options"}
        values = {name: VALUES[name] for name in pattern.pattern.converters}
        path, roles = reverse(f"api:{pattern.name}", kwargs=values), getattr(pattern.callback, ALLOWED_ROLES)
        found.append((pattern.name, method.upper(), path, roles))
    return found


def problem(answer) -> tuple[int, str]:
    """Status and code of a refusal, which stands in the one shape."""
    found = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail"} <= set(found)
    assert found["status"] == answer.status_code
    assert len(found["detail"]) > 20
    return answer.status_code, found["code"]


def ask(method: str, path: str, secret: str = "") -> object:
    """The answer to a request with a token, or without."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return Client().generic(method, path, headers=headers)


def test_a_stranger_is_asked_for_a_token_at_every_address():
    for name, method, path, _ in addresses():
        answer = ask(method, path)
        assert problem(answer) == (401, "TOKEN-MISSING"), name
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_browser_that_is_signed_in_is_a_stranger_here(client, sign_in, ada):
    assert problem(sign_in(client, ada).get(reverse("api:studies"))) == (401, "TOKEN-MISSING")


@pytest.mark.parametrize("word", ["Bearer", "Bearer nothing", "Bearer vml_" + "A" * 43, "Basic dml0OnZpdA==", "vml_x"])
def test_what_is_no_token_is_refused(word):
    answer = Client().get(reverse("api:studies"), headers={"Authorization": word})
    assert problem(answer) == (401, "TOKEN-REFUSED")


def test_a_revoked_token_is_refused(program, rosa):
    rosas = program(rosa, "read")
    assert rosas.ask("GET", "studies").status_code == 200
    revoke_token(tokens_of(rosa).get())
    assert problem(rosas.ask("GET", "studies")) == (401, "TOKEN-REFUSED")


def test_the_wrong_role_meets_404_whatever_its_scopes(program, ada, rosa, sam):
    for person in (ada, rosa, sam):
        secret = program(person, *SCOPES[Role(person.role)]).secret
        for name, method, path, roles in addresses():
            if person.role not in roles:
                assert problem(ask(method, path, secret)) == (404, "ADDRESS-UNKNOWN"), (person.name, name)


def test_the_right_role_without_the_scope_meets_403(program, ada, rosa, sam):
    for person in (ada, rosa, sam):
        scopes = SCOPES[Role(person.role)]
        secrets = {scope: program(person, scope).secret for scope in scopes}
        opened = set()
        for name, method, path, roles in addresses():
            if person.role in roles:
                met = {scope: ask(method, path, secret) for scope, secret in secrets.items()}
                (fits,) = [scope for scope, answer in met.items() if answer.status_code != 403]
                assert {problem(answer)[1] for scope, answer in met.items() if scope != fits} == {"SCOPE-MISSING"}, name
                opened.add(fits)
        assert opened == set(scopes)


def test_every_address_under_a_lock_is_in_the_schema():
    in_schema = {(method.upper(), path) for path, ways in described()["paths"].items() for method in ways}
    assert len(in_schema) == len(addresses())
    assert {method for method, _ in in_schema} == {method for _, method, _, _ in addresses()}


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "DELETE", "PATCH"])
def test_other_methods_are_refused(program, rosa, method):
    answer = ask(method, reverse("api:studies"), program(rosa, "read").secret)
    assert answer.status_code == 405
    if method != "HEAD":
        assert problem(answer) == (405, "METHOD-UNKNOWN")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/studies/", "/api/reading/pictures/short.png"])
def test_an_unknown_address_is_a_problem_too(path):
    assert problem(Client().get(path)) == (404, "ADDRESS-UNKNOWN")


@pytest.mark.parametrize(
    ("body", "kind", "met"),
    [
        (b"{", "application/json", (400, "REQUEST-UNREADABLE")),
        (b"[1]", "application/json", (400, "REQUEST-UNREADABLE")),
        (b"\xff", "application/json", (400, "REQUEST-UNREADABLE")),
        (b'{"reason": NaN}', "application/json", (400, "REQUEST-UNREADABLE")),
        (b"[" * 5000, "application/json", (400, "REQUEST-UNREADABLE")),
        (b'"' + b"a" * 70_000 + b'"', "application/json", (413, "REQUEST-REFUSED")),
        (b"reason=complete", "application/x-www-form-urlencoded", (415, "REQUEST-NOT-JSON")),
    ],
)
def test_a_body_that_is_no_small_json_object_is_refused(program, rosa, open_study, body, kind, met):
    path = reverse("api:ask", args=[open_study(cases=1).pk])
    headers = {"Authorization": f"Bearer {program(rosa, 'run').secret}"}
    assert problem(Client().generic("POST", path, data=body, content_type=kind, headers=headers)) == met


def test_who_asks_too_fast_is_told_to_wait(program, rosa, monkeypatch):
    monkeypatch.setattr(settings, "API_RATE", "2/min")
    rosas = program(rosa, "read")
    answers = [rosas.ask("GET", "studies") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[-1]) == (429, "TOO-FAST")
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_an_address_needs_a_role():
    with pytest.raises(ValueError, match="Name at least one role"):
        offered("GET", deal=None)


def test_the_page_for_people_lists_every_address(client, sign_in, sam):
    page = sign_in(client, sam).get(reverse("api:listing")).content.decode()
    assert page.count("<tr>") == len(addresses()) + 1
    assert "Scope: export." in page


def test_the_note_lists_every_address():
    note = (settings.ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    noted = set(re.findall(r"(?m)^\| (GET|POST|PUT) \| `([^`]+)` \|", note))
    assert noted == {(method.upper(), path) for path, ways in described()["paths"].items() for method in ways}
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", note)) == set(Scope.values)
