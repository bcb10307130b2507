"""Error pages: each says what happened, what is safe and what to do next; none says more."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import reverse

from clinic.accounts.models import User
from clinic.config.pages import errors


def test_a_missing_page_and_a_hidden_one_get_the_same_words(client: Client, rosa: User, sign_in) -> None:
    sign_in(client, rosa)
    missing, hidden = client.get("/no-such-page"), client.get(reverse("people"))
    assert missing.status_code == hidden.status_code == 404
    for page in (missing.content.decode(), hidden.content.decode()):
        assert "There is nothing at this address" in page
        assert "We give the same answer for both." in page


def test_a_stranger_is_told_too(client: Client, db: None) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_an_upload_beyond_the_cap_is_413(rf: RequestFactory) -> None:
    answer = errors.bad_request(rf.post("/cases/new"), RequestDataTooBig("31337 bytes of secret"))
    page = answer.content.decode()
    assert answer.status_code == 413
    assert "It is over 32 megabytes, so it was not taken. Nothing was stored." in page
    assert "31337" not in page


def test_a_form_beyond_the_cap_is_413(client: Client, db: None, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post(reverse("sign-in"), "email=" + "a" * 2000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("handler", "problem", "status", "code"),
    [
        (errors.bad_request, SuspiciousOperation("canary"), 400, "REQUEST-UNREADABLE"),
        (errors.forbidden, PermissionDenied("canary"), 403, "ROLE-FORBIDDEN"),
    ],
)
def test_an_error_page_ends_in_its_code_and_tells_no_detail(rf: RequestFactory, handler, problem, status, code) -> None:
    answer = handler(rf.get("/"), problem)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'<span class="code">{code}</span>' in page
    assert "canary" not in page


def test_a_crash_answers_500_and_keeps_its_reason_to_itself(ada: User, sign_in, monkeypatch) -> None:
    client = sign_in(Client(raise_request_exception=False), ada)

    def crash() -> None:
        raise RuntimeError("canary 4711")

    monkeypatch.setattr("clinic.audit.views.verify", crash)
    answer = client.get(reverse("audit:log"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "the last step was taken back whole" in page
    assert "canary" not in page


def test_the_page_for_500_asks_the_database_nothing(rf: RequestFactory) -> None:
    # No database fixture here: a query would fail the test.
    assert errors.server_error(rf.get("/")).status_code == 500


@pytest.mark.parametrize(
    "words", [errors.BAD_REQUEST, errors.TOO_LARGE, errors.FORBIDDEN, errors.STALE, errors.NOT_FOUND, errors.SERVER]
)
def test_the_words_are_plain(words: errors.Words) -> None:
    text = f"{words.heading} {words.sentence}"
    for shunned in ("!", "please", "Please", "oops", "Oops", "sorry", "Error", "invalid"):
        assert shunned not in text
