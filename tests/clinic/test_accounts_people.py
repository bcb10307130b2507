"""The people page: Ada creates people, closes and reopens accounts, hands out passwords; in her own hospital only."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic.accounts import people
from clinic.accounts.models import Hospital, Role, User
from clinic.audit.acts import Act
from clinic.audit.models import AuditEntry

PASSWORD = "a long lamp beside the window"
TINA = {"name": "Tina", "email": "Tina@ward.example", "role": "surgeon"}


@pytest.fixture
def office(client: Client, ada: User, sign_in) -> Client:
    """Ada's browser."""
    return sign_in(client, ada)


def handed_out(page: str) -> str:
    """Return the password that the page shows once."""
    found = re.search(r"[a-z]{6}(-[a-z]{6}){4}", page)
    assert found is not None
    return found.group()


def test_ada_sees_the_people_of_her_hospital(office: Client, rosa: User, max_: User) -> None:
    page = office.get(reverse("people")).content.decode()
    assert "rosa@ward.example" in page
    assert "max@harbour.example" not in page


def test_ada_creates_a_person_who_can_sign_in(office: Client, ada: User) -> None:
    page = office.post(reverse("person-new"), TINA).content.decode()
    tina = User.objects.get(email="tina@ward.example")
    assert (tina.role, tina.hospital, tina.password_is_temporary) == (Role.SURGEON, ada.hospital, True)
    assert tina.check_password(handed_out(page))


def test_creating_a_person_is_in_the_audit_log(office: Client, ada: User) -> None:
    office.post(reverse("person-new"), TINA)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor, entry.details) == (Act.PERSON_CREATED, ada, {"role": "surgeon"})


def test_nobody_is_created_when_the_audit_log_cannot_be_written(office: Client, monkeypatch) -> None:
    def broken(*args: object, **details: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("clinic.config.pages.people.record", broken)
    with pytest.raises(RuntimeError):
        office.post(reverse("person-new"), TINA)
    assert not User.objects.filter(email="tina@ward.example").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This field is required."),
        ("email", "tina", "Enter a valid email address."),
        ("email", "ROSA@ward.example", "Somebody already signs in with this address."),
        ("role", "wizard", "Select a valid choice."),
    ],
)
def test_a_person_is_refused_with_one_clear_error(
    office: Client, rosa: User, field: str, value: str, words: str
) -> None:
    before = User.objects.count()
    answer = office.post(reverse("person-new"), TINA | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nobody was created yet." in page
    assert words in page
    assert f'href="#id_{field}' in page
    assert User.objects.count() == before


def test_a_handed_out_password_must_be_changed_first(office: Client, client: Client) -> None:
    password = handed_out(office.post(reverse("person-new"), TINA).content.decode())
    tina = Client()
    tina.post(reverse("sign-in"), {"email": "tina@ward.example", "password": password})
    assert tina.get(reverse("home")).headers["Location"] == reverse("password")
    tina.post(reverse("password"), {"current": password, "password": "tall trees near tinas house"})
    assert tina.get(reverse("home")).headers["Location"] != reverse("password")


def test_ada_hands_out_a_new_password_and_the_old_one_dies(office: Client, rosa: User) -> None:
    page = office.post(reverse("person-password", args=[rosa.id])).content.decode()
    rosa.refresh_from_db()
    assert rosa.check_password(handed_out(page))
    assert not rosa.check_password(PASSWORD)
    assert rosa.password_is_temporary


def test_a_new_password_ends_the_sessions_of_its_owner(office: Client, rosa: User, sign_in) -> None:
    hers = sign_in(Client(), rosa)
    office.post(reverse("person-password", args=[rosa.id]))
    assert hers.get(reverse("password")).headers["Location"].startswith(reverse("sign-in"))


def test_asking_for_a_new_password_changes_nothing_yet(office: Client, rosa: User) -> None:
    assert "stops working at once" in office.get(reverse("person-password", args=[rosa.id])).content.decode()
    rosa.refresh_from_db()
    assert rosa.check_password(PASSWORD)


def test_no_handed_out_password_is_stored_in_clear(office: Client, rosa: User) -> None:
    password = handed_out(office.post(reverse("person-password", args=[rosa.id])).content.decode())
    rosa.refresh_from_db()
    assert password not in rosa.password
    assert password not in str(AuditEntry.objects.values())


def test_closing_asks_again_first(office: Client, rosa: User) -> None:
    assert office.get(reverse("person-close", args=[rosa.id])).status_code == 200
    rosa.refresh_from_db()
    assert rosa.is_active


def test_a_closed_account_is_out_with_its_next_request(office: Client, rosa: User, sign_in) -> None:
    hers = sign_in(Client(), rosa)
    office.post(reverse("person-close", args=[rosa.id]))
    assert hers.get(reverse("password")).headers["Location"].startswith(reverse("sign-in"))
    assert AuditEntry.objects.get().act == Act.PERSON_DEACTIVATED


def test_a_reopened_account_has_its_old_password(office: Client, rosa: User) -> None:
    people.close_account(rosa)
    office.post(reverse("person-reopen", args=[rosa.id]))
    answer = Client().post(reverse("sign-in"), {"email": rosa.email, "password": PASSWORD})
    assert answer.status_code == 302


@pytest.mark.parametrize("act", ["person-close", "person-password"])
def test_ada_cannot_shut_herself_out(office: Client, ada: User, act: str) -> None:
    answer = office.post(reverse(act, args=[ada.id]), follow=True)
    ada.refresh_from_db()
    assert "You cannot do this to your own account." in answer.content.decode()
    assert ada.is_active
    assert ada.check_password(PASSWORD)


@pytest.mark.parametrize("act", ["person", "person-close", "person-reopen", "person-password"])
def test_people_of_another_hospital_do_not_exist_for_ada(office: Client, max_: User, act: str) -> None:
    ask = office.get if act == "person" else office.post
    assert ask(reverse(act, args=[max_.id])).status_code == 404
    max_.refresh_from_db()
    assert max_.is_active
    assert max_.check_password(PASSWORD)


def test_two_people_cannot_share_an_address(rosa: User) -> None:
    with pytest.raises(ValidationError):
        people.create_person(
            email="ROSA@ward.example", name="Rosalind", role=Role.SURGEON, hospital=rosa.hospital, password=PASSWORD
        )


def test_the_database_itself_refuses_capitals_and_unknown_roles(ward: Hospital) -> None:
    for email, role in (("Tina@ward.example", "surgeon"), ("tina@ward.example", "wizard")):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(email=email, name="Tina", role=role, hospital=ward)


@pytest.mark.parametrize("password", ["short", "password1234", "12345678901234", "rosa@ward.example"])
def test_a_weak_password_is_refused(ward: Hospital, password: str) -> None:
    with pytest.raises(ValidationError):
        people.create_person(
            email="rosa@ward.example", name="Rosa", role=Role.RESEARCHER, hospital=ward, password=password
        )


def test_rosa_chooses_another_password_and_stays_signed_in(client: Client, rosa: User, sign_in) -> None:
    other = sign_in(Client(), rosa)
    sign_in(client, rosa)
    client.post(reverse("password"), {"current": PASSWORD, "password": "nine lanterns on the quay"})
    rosa.refresh_from_db()
    assert rosa.check_password("nine lanterns on the quay")
    assert client.get(reverse("password")).status_code == 200
    assert other.get(reverse("password")).headers["Location"].startswith(reverse("sign-in"))


def test_rosa_needs_her_current_password_to_choose_another(client: Client, rosa: User, sign_in) -> None:
    answer = sign_in(client, rosa).post(
        reverse("password"), {"current": "wrong", "password": "nine lanterns on the quay"}
    )
    rosa.refresh_from_db()
    assert "This is not your current password." in answer.content.decode()
    assert rosa.check_password(PASSWORD)


def test_the_first_administrator_comes_from_the_command_line(db: None, monkeypatch, capsys) -> None:
    monkeypatch.setenv("VERMILION_NEW_PASSWORD", PASSWORD)
    call_command("create_person", "ada@ward.example", name="Ada", hospital="ward", hospital_name="Ward Hospital")
    ada = User.objects.get()
    assert (ada.role, ada.hospital.name, ada.check_password(PASSWORD)) == (Role.ADMINISTRATOR, "Ward Hospital", True)
    assert "Ada can sign in as ada@ward.example" in capsys.readouterr().out


def test_the_command_line_refuses_a_weak_password_and_founds_no_hospital(db: None, monkeypatch) -> None:
    monkeypatch.setenv("VERMILION_NEW_PASSWORD", "short")
    with pytest.raises(CommandError, match="Nobody was created"):
        call_command("create_person", "ada@ward.example", name="Ada", hospital="ward", hospital_name="Ward Hospital")
    assert not Hospital.objects.exists()


def test_the_command_line_refuses_an_unknown_hospital(db: None, monkeypatch) -> None:
    monkeypatch.setenv("VERMILION_NEW_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="Give --hospital-name"):
        call_command("create_person", "ada@ward.example", name="Ada", hospital="ward")
