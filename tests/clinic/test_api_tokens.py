"""Rosa makes an access token on her account page, sees it once, and revokes it; a token opens no more than it says."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts import people, tokens
from clinic.accounts.models import AccessToken, Scope
from clinic.audit.models import AuditEntry

pytestmark = pytest.mark.django_db

PASSWORD = "a long lamp beside the window"
WANTED = {"label": "export script", "scopes": ["read", "run"], "days": "7", "password": PASSWORD}


@pytest.fixture
def office(client, rosa, sign_in):
    """Rosa's browser."""
    return sign_in(client, rosa)


@pytest.fixture
def made(rosa):
    """A token of Rosa's with its secret."""
    return tokens.create_token(rosa, label="script", scopes=["read"], days=7)


def shown(page):
    """The secret on a page, if there is one."""
    return re.search(r"vml_[A-Za-z0-9_-]{43}", page)


def test_a_token_is_shown_once_and_works(office, rosa):
    page = office.post(reverse("token-new"), WANTED).content.decode()

    token = tokens.find_token(shown(page).group())
    assert token.owner == rosa
    assert token.scopes == {Scope.READ, Scope.RUN}
    assert not shown(office.get(reverse("account")).content.decode())


def test_the_database_holds_no_secret(office):
    secret = shown(office.post(reverse("token-new"), WANTED).content.decode()).group()

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {AccessToken._meta.db_table}")
        stored = " ".join(str(value) for row in cursor.fetchall() for value in row)
    assert secret not in stored
    assert secret.removeprefix(tokens.PREFIX) not in stored


def test_making_and_revoking_are_in_the_audit_log(office, rosa):
    office.post(reverse("token-new"), WANTED)
    token = AccessToken.objects.get()
    office.post(reverse("token-revoke", args=[token.pk]))

    rows = AuditEntry.objects.filter(object_id=str(token.pk)).order_by("seq")
    assert [(row.act, row.actor) for row in rows] == [("token-created", rosa), ("token-revoked", rosa)]
    assert rows[0].details == {"scopes": "read+run", "days": 7}


def test_a_revoked_token_opens_nothing(office, made):
    token, secret = made
    page = office.post(reverse("token-revoke", args=[token.pk]), follow=True).content.decode()

    assert tokens.find_token(secret) is None
    assert "Revoked" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "something else entirely", "This is not your password"),
        ("label", "", "This field is required"),
        ("scopes", [], "This field is required"),
        ("scopes", ["export"], "not one of the available choices"),
        ("scopes", ["mark"], "not one of the available choices"),
        ("days", "365", "not one of the available choices"),
    ],
)
def test_a_token_that_should_not_be_is_refused_at_its_field(office, field, value, words):
    answer = office.post(reverse("token-new"), WANTED | {field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(("scopes", "days"), [([], 7), (["export"], 7), (["read"], 8)])
def test_the_verb_itself_refuses_what_the_form_refuses(rosa, scopes, days):
    with pytest.raises(ValueError, match=r"scope|good for"):
        tokens.create_token(rosa, label="script", scopes=scopes, days=days)


@pytest.mark.parametrize("secret", ["", "vml_", "vml_" + "A" * 43, "no token", "vml_ünïcode"])
def test_what_is_no_token_opens_nothing(made, secret):
    assert tokens.find_token(secret) is None


def test_an_expired_token_opens_nothing(made):
    token, secret = made
    AccessToken.objects.update(created_at=timezone.now() - timedelta(days=8), expires_at=timezone.now())
    token.refresh_from_db()
    assert tokens.find_token(secret) is None
    assert tokens.state_of(token) == "expired"


def test_a_changed_password_ends_every_token(made, rosa):
    token, secret = made
    people.choose_password(rosa, "four other words altogether")
    token.refresh_from_db()
    assert tokens.find_token(secret) is None
    assert tokens.state_of(AccessToken.objects.get(pk=token.pk)) == "ended"


def test_a_handed_out_password_and_a_closed_account_end_every_token(made, rosa):
    _, secret = made
    people.close_account(rosa)
    assert tokens.find_token(secret) is None
    people.reopen_account(rosa)
    assert tokens.find_token(secret) is not None
    people.hand_out_password(rosa)
    assert tokens.find_token(secret) is None


def test_the_last_use_is_noted_to_the_minute(made):
    token, secret = made
    tokens.find_token(secret)
    first = AccessToken.objects.get(pk=token.pk).last_used_at
    tokens.find_token(secret)
    assert first is not None
    assert AccessToken.objects.get(pk=token.pk).last_used_at == first


def test_nobody_revokes_the_token_of_another(made, ada, sign_in):
    token, secret = made
    assert sign_in(Client(), ada).post(reverse("token-revoke", args=[token.pk])).status_code == 404
    assert tokens.find_token(secret) is not None


@pytest.mark.parametrize(
    "broken",
    [
        {"may_read": False},
        {"label": ""},
        {"expires_at": timezone.now() - timedelta(days=400)},
    ],
)
def test_the_database_itself_refuses_a_token_that_breaks_a_rule(made, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessToken.objects.update(**broken)


def test_each_role_is_offered_its_own_scopes(ada, rosa, sam):
    assert [[scope.value for scope in tokens.offered_scopes(person)] for person in (sam, rosa, ada)] == [
        ["read", "mark"],
        ["read", "run"],
        ["read", "run", "export"],
    ]
