"""The lock: one press hides everything, the password brings it back, and nothing is lost in between."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.models import AuditEntry
from clinic.config.pages.door import WRONG_PASSWORD

PASSWORD = "a long lamp beside the window"


@pytest.fixture
def locked(client: Client, ada: User, sign_in) -> Client:
    """Ada's browser, locked on the people page."""
    sign_in(client, ada)
    client.post(reverse("lock"), {"next": reverse("people")})
    return client


def test_locking_leads_to_the_lock_page_and_remembers_the_place(client: Client, ada: User, sign_in) -> None:
    answer = sign_in(client, ada).post(reverse("lock"), {"next": reverse("people")})
    assert answer.headers["Location"] == f"{reverse('unlock')}?next=%2Fpeople%2F"
    assert AuditEntry.objects.get().act == Act.LOCKED


def test_a_locked_screen_shows_no_page(locked: Client) -> None:
    answer = locked.get(reverse("audit:log"))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("unlock"))


def test_a_locked_screen_takes_no_act(locked: Client, rosa: User) -> None:
    locked.post(reverse("person-close", args=[rosa.id]))
    rosa.refresh_from_db()
    assert rosa.is_active


def test_a_locked_script_gets_401_so_that_its_draft_stays(locked: Client) -> None:
    answer = locked.get(reverse("people"), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith(reverse("unlock"))


def test_the_password_brings_the_page_back(locked: Client) -> None:
    answer = locked.post(reverse("unlock"), {"password": PASSWORD, "next": reverse("people")})
    assert answer.headers["Location"] == reverse("people")
    assert locked.get(reverse("people")).status_code == 200
    assert AuditEntry.objects.latest("seq").act == Act.UNLOCKED


def test_what_the_session_kept_is_still_there(client: Client, ada: User, sign_in) -> None:
    sign_in(client, ada)
    session = client.session
    session["draft"] = "A and B ranked"
    session.save()
    client.post(reverse("lock"))
    client.post(reverse("unlock"), {"password": PASSWORD})
    assert client.session["draft"] == "A and B ranked"


def test_a_wrong_password_keeps_it_locked(locked: Client) -> None:
    page = locked.post(reverse("unlock"), {"password": "a short lamp"}).content.decode()
    assert WRONG_PASSWORD in page
    assert locked.get(reverse("people")).status_code == 302


def test_another_persons_password_keeps_it_locked(locked: Client, rosa: User) -> None:
    rosa.set_password("the rosy lamp of Rosa")
    rosa.save()
    locked.post(reverse("unlock"), {"password": "the rosy lamp of Rosa"})
    assert locked.get(reverse("people")).status_code == 302


def test_guessing_at_the_lock_is_paused_too(locked: Client) -> None:
    for _ in range(5):
        locked.post(reverse("unlock"), {"password": "a short lamp"})
    page = locked.post(reverse("unlock"), {"password": PASSWORD}).content.decode()
    assert "Too many tries from here" in page
    assert locked.get(reverse("people")).status_code == 302


def test_a_colleague_may_sign_out_instead(locked: Client) -> None:
    answer = locked.post(reverse("sign-out"))
    assert answer.headers["Location"].startswith(reverse("sign-in"))


def test_an_unlocked_screen_needs_no_unlocking(client: Client, ada: User, sign_in) -> None:
    assert sign_in(client, ada).get(reverse("unlock")).status_code == 302


def test_the_lock_page_names_who_locked_and_shows_no_work(locked: Client) -> None:
    page = locked.get(reverse("unlock")).content.decode()
    assert "Ada locked it at" in page
    assert "ada@ward.example" in page
    assert 'aria-label="Main"' not in page
