"""Home: everyone starts where their work is; Ada is told what needs somebody, the gravest first."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import Hospital, User
from clinic.config.pages import overview
from clinic.inpainting.models import InpaintingJob, JobState


@pytest.fixture
def office(client: Client, ada: User, sign_in) -> Client:
    """Ada's browser."""
    return sign_in(client, ada)


def test_surgeons_and_researchers_go_straight_to_their_work(rosa: User, sam: User, sign_in) -> None:
    for person, place in ((rosa, "inpainting:cases"), (sam, "studies:list")):
        assert sign_in(Client(), person).get(reverse("home")).headers["Location"] == reverse(place)


def test_a_quiet_hospital_needs_nobody(office: Client) -> None:
    page = office.get(reverse("home")).content.decode()
    assert "Nothing needs you now." in page
    assert "Ward Hospital" in page


def test_the_four_numbers_are_those_of_the_hospital(ward: Hospital, ada: User, rosa: User, max_: User) -> None:
    rosa.is_active = False
    rosa.save()
    cases, studies, people, entries = overview.figures(ward)
    assert (cases.number, studies.number, people.number, entries.number) == (0, 0, 1, 0)
    assert people.second == "can sign in, 1 cannot"


def test_a_first_password_is_mentioned(office: Client, rosa: User) -> None:
    rosa.password_is_temporary = True
    rosa.save()
    page = office.get(reverse("home")).content.decode()
    assert "One thing needs somebody." in page
    assert "1 person has a first password." in page


def test_a_silent_worker_is_told_first(office: Client, ward: Hospital, rosa: User, ready_case) -> None:
    ready_case(rosa)
    job = InpaintingJob.objects.first()
    assert job is not None
    stopped = InpaintingJob.objects.exclude(id=job.id).first()
    assert stopped is not None
    InpaintingJob.objects.filter(id=stopped.id).update(state=JobState.DEAD, failure="out-of-time")
    InpaintingJob.objects.filter(id=job.id).update(
        state=JobState.QUEUED, updated_at=timezone.now() - timedelta(minutes=11)
    )
    first, second = overview.needs(ward)
    assert first.bold == "The worker does not answer."
    assert first.plain.startswith("1 job waits in line and none is lost.")
    assert second.bold == "1 job stopped."


def test_jobs_of_another_hospital_stop_without_troubling_ada(elsewhere: Hospital, rosa: User, ready_case) -> None:
    ready_case(rosa)
    InpaintingJob.objects.update(state=JobState.DEAD, failure="out-of-time")
    assert overview.needs(elsewhere) == []
