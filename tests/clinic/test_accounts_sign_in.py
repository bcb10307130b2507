"""Signing in: the right words open the door, wrong ones never say which of the two was wrong, and guessing is slow."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts import people, throttle
from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.models import AuditEntry
from clinic.config.pages.door import REFUSED

PASSWORD = "a long lamp beside the window"
WRONG = "a short lamp behind the door"


def knock(client: Client, email: str, password: str, **extra: str):
    return client.post(reverse("sign-in"), {"email": email, "password": password, **extra})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_rosa_signs_in_and_goes_to_her_work(client: Client, rosa: User) -> None:
    answer = knock(client, "rosa@ward.example", PASSWORD)
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("home")
    assert is_in(client)


def test_the_address_may_be_typed_in_capitals(client: Client, rosa: User) -> None:
    knock(client, "Rosa@Ward.Example", PASSWORD)
    assert is_in(client)


def test_rosa_goes_back_to_the_page_she_asked_for(client: Client, ada: User) -> None:
    asked = client.get(reverse("people"))
    assert asked.headers["Location"] == f"{reverse('sign-in')}?next=%2Fpeople%2F"
    answer = knock(client, "ada@ward.example", PASSWORD, next=reverse("people"))
    assert answer.headers["Location"] == reverse("people")


@pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: Client, rosa: User, place: str) -> None:
    answer = knock(client, "rosa@ward.example", PASSWORD, next=place)
    assert answer.headers["Location"] == reverse("home")


def test_a_wrong_password_and_an_unknown_person_get_the_same_words(client: Client, rosa: User) -> None:
    wrong = knock(client, "rosa@ward.example", WRONG).content.decode()
    unknown = knock(Client(), "nobody@ward.example", WRONG).content.decode()
    assert REFUSED in wrong
    assert REFUSED in unknown
    assert not is_in(client)


def test_an_unknown_person_costs_a_hash_too(client: Client, rosa: User) -> None:
    with patch("django.contrib.auth.base_user.AbstractBaseUser.set_password") as hashed:
        knock(client, "nobody@ward.example", WRONG)
    assert hashed.called


def test_a_closed_account_gets_the_same_words(client: Client, rosa: User) -> None:
    people.close_account(rosa)
    assert REFUSED in knock(client, "rosa@ward.example", PASSWORD).content.decode()
    assert not is_in(client)


def test_after_five_wrong_tries_even_the_right_password_waits(client: Client, rosa: User) -> None:
    for _ in range(5):
        knock(client, "rosa@ward.example", WRONG)
    answer = knock(client, "rosa@ward.example", PASSWORD)
    until = timezone.localtime(timezone.now() + timedelta(minutes=15))
    assert f"Wait until {until:%H:%M}" in answer.content.decode()
    assert not is_in(client)


def test_a_paused_try_never_reaches_the_hasher(client: Client, rosa: User) -> None:
    for _ in range(5):
        knock(client, "rosa@ward.example", WRONG)
    with patch("clinic.config.pages.door.auth.authenticate", wraps=authenticate) as asked:
        knock(client, "rosa@ward.example", PASSWORD)
    assert not asked.called


def test_the_pause_ends(client: Client, rosa: User) -> None:
    for _ in range(5):
        knock(client, "rosa@ward.example", WRONG)
    with patch("clinic.accounts.throttle.timezone.now", return_value=timezone.now() + timedelta(minutes=15, seconds=1)):
        knock(client, "rosa@ward.example", PASSWORD)
    assert is_in(client)


def test_someone_guessing_elsewhere_does_not_keep_rosa_out(client: Client, rosa: User) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(6):
        knock(stranger, "rosa@ward.example", WRONG)
    knock(client, "rosa@ward.example", PASSWORD)
    assert is_in(client)


def test_success_forgets_the_tries_before_it(client: Client, rosa: User) -> None:
    for _ in range(4):
        knock(client, "rosa@ward.example", WRONG)
    knock(client, "rosa@ward.example", PASSWORD)
    assert throttle.paused_until("rosa@ward.example", "127.0.0.1") is None


def test_one_address_cannot_try_everybody(db: None) -> None:
    answers = [throttle.paused_until(f"person{number}@ward.example", "203.0.113.9") for number in range(51)]
    assert answers[:50] == [None] * 50
    assert answers[50] is not None


def test_a_browser_cannot_invent_its_address(client: Client, rosa: User) -> None:
    for number in range(5):
        client.post(
            reverse("sign-in"),
            {"email": "rosa@ward.example", "password": WRONG},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )
    knock(client, "rosa@ward.example", PASSWORD)
    assert not is_in(client)


def test_behind_our_proxy_the_address_is_what_the_proxy_saw(client: Client, rosa: User, settings) -> None:
    settings.PROXIES = 1
    for _ in range(5):
        client.post(
            reverse("sign-in"),
            {"email": "rosa@ward.example", "password": WRONG},
            headers={"X-Forwarded-For": "10.0.0.1, 203.0.113.9"},
        )
    assert throttle.paused_until("rosa@ward.example", "203.0.113.9") is not None
    assert throttle.paused_until("rosa@ward.example", "10.0.0.1") is None


def test_the_tries_do_not_hold_the_words_that_were_typed(client: Client, db: None) -> None:
    knock(client, "my-password-by-mistake@ward.example", WRONG)
    row = throttle.SignInTry.objects.get()
    assert "password" not in row.who
    assert len(row.who) == 64


def test_signing_in_is_in_the_audit_log(client: Client, rosa: User) -> None:
    knock(client, "rosa@ward.example", PASSWORD)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor) == (Act.SIGNED_IN, rosa)


def test_a_refused_try_is_in_the_audit_log_without_its_words(client: Client, rosa: User) -> None:
    knock(client, "rosa@ward.example", WRONG)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor, entry.object_id) == (Act.SIGN_IN_REFUSED, None, str(rosa.id))
    assert entry.details == {}


def test_the_session_key_changes_at_the_door(client: Client, rosa: User) -> None:
    client.get(reverse("sign-in"))
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    knock(client, "rosa@ward.example", PASSWORD)
    assert client.session.session_key != before


def test_signing_out_forgets_the_session(client: Client, rosa: User, sign_in) -> None:
    sign_in(client, rosa)
    answer = client.post(reverse("sign-out"))
    assert answer.headers["Location"] == f"{reverse('sign-in')}?why=out"
    assert not is_in(client)
    assert not Session.objects.exists()
    assert AuditEntry.objects.get().act == Act.SIGNED_OUT


def test_a_link_cannot_sign_rosa_out(client: Client, rosa: User, sign_in) -> None:
    sign_in(client, rosa)
    assert client.get(reverse("sign-out")).status_code == 405
    assert is_in(client)


def test_a_signed_in_person_is_not_asked_again(client: Client, rosa: User, sign_in) -> None:
    answer = sign_in(client, rosa).get(reverse("sign-in"))
    assert answer.headers["Location"] == reverse("home")


def test_the_form_needs_its_token(rosa: User) -> None:
    answer = knock(Client(enforce_csrf_checks=True), "rosa@ward.example", PASSWORD)
    assert answer.status_code == 403
    assert "This page had gone stale" in answer.content.decode()


def test_an_empty_form_says_what_is_missing(client: Client, db: None) -> None:
    page = knock(client, "", "").content.decode()
    assert 'aria-invalid="true"' in page
    assert "This field is required." in page
