"""A session ends after 30 idle minutes and after 8 hours; refreshing pages do not keep it alive, people do."""

import time
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import User

MINUTE, HOUR = 60, 3600
Clock = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the session clock on by so many seconds: ``later(30 * MINUTE)``."""
    passed = [0.0]
    start = time.time()

    def move(seconds: float) -> None:
        passed[0] += seconds

    monkeypatch.setattr("clinic.config.middleware.time.time", lambda: start + passed[0])
    return move


@pytest.fixture
def office(client: Client, ada: User, sign_in) -> Client:
    """Ada's browser, just used."""
    sign_in(client, ada).get(reverse("people"))
    return client


def test_29_minutes_are_fine(office: Client, later: Clock) -> None:
    office.get(reverse("people"))
    later(29 * MINUTE)
    assert office.get(reverse("people")).status_code == 200


def test_30_idle_minutes_end_it_and_the_door_says_why(office: Client, later: Clock) -> None:
    office.get(reverse("people"))
    later(30 * MINUTE)
    answer = office.get(reverse("people"), follow=True)
    page = answer.content.decode()
    assert "30 minutes passed without a touch." in page
    assert 'value="/people/"' in page


def test_each_touch_begins_the_minutes_anew(office: Client, later: Clock) -> None:
    for _ in range(4):
        office.get(reverse("people"))
        later(20 * MINUTE)
    assert office.get(reverse("people")).status_code == 200


def test_a_refreshing_fragment_is_no_touch(office: Client, later: Clock) -> None:
    office.get(reverse("people"))
    later(20 * MINUTE)
    assert office.get(reverse("people"), headers={"X-Vermilion-Background": "1"}).status_code == 200
    later(10 * MINUTE)
    assert office.get(reverse("people")).status_code == 302


def test_one_press_extends_it(office: Client, later: Clock) -> None:
    office.get(reverse("people"))
    later(29 * MINUTE)
    assert office.post(reverse("still-here")).status_code == 204
    later(29 * MINUTE)
    assert office.get(reverse("people")).status_code == 200


def test_8_hours_end_it_however_busy(office: Client, later: Clock) -> None:
    for _ in range(24):
        office.get(reverse("people"))
        later(20 * MINUTE)
    page = office.get(reverse("people"), follow=True).content.decode()
    assert "8 hours have passed since you signed in." in page


def test_a_script_of_an_ended_session_gets_401(office: Client, later: Clock) -> None:
    office.get(reverse("people"))
    later(31 * MINUTE)
    answer = office.get(reverse("people"), headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401


def test_a_script_without_a_session_gets_401(client: Client, db: None) -> None:
    assert client.get(reverse("people"), headers={"HX-Request": "true"}).status_code == 401


def test_the_page_knows_when_to_warn(office: Client) -> None:
    page = office.get(reverse("people")).content.decode()
    assert 'data-idle-seconds="1800"' in page
    assert "You will be signed out in two minutes" in page


def test_an_expired_form_leads_back_to_its_page(client: Client, db: None) -> None:
    answer = client.post(reverse("still-here"), headers={"Referer": "http://testserver/people/new"})
    assert answer.headers["Location"] == f"{reverse('sign-in')}?next=%2Fpeople%2Fnew"


def test_an_expired_fragment_leads_back_to_the_page_around_it(client: Client, db: None) -> None:
    page = "http://testserver/audit/?kind=cases"
    answer = client.get(reverse("people"), headers={"HX-Request": "true", "HX-Current-URL": page})
    assert answer.headers["HX-Redirect"] == f"{reverse('sign-in')}?next=%2Faudit%2F%3Fkind%3Dcases"


def test_another_sites_form_leads_home(client: Client, db: None) -> None:
    answer = client.post(reverse("still-here"), headers={"Referer": "https://elsewhere.example/people/"})
    assert answer.headers["Location"] == f"{reverse('sign-in')}?next=%2F"


def test_the_database_holds_no_key_that_opens_a_session(office: Client) -> None:
    key = office.cookies["vermilion_session"].value
    rows = str(list(Session.objects.values()))
    assert key not in rows
    thief = Client()
    thief.cookies["vermilion_session"] = Session.objects.get().session_key
    assert thief.get(reverse("people")).status_code == 302


def test_clearing_forgets_expired_sessions_only(office: Client) -> None:
    call_command("clearsessions")
    assert office.get(reverse("people")).status_code == 200
    Session.objects.update(expire_date=timezone.now())
    call_command("clearsessions")
    assert not Session.objects.exists()
