"""Closing, and unblinding by two people with a reason, after closing and never before."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle
from clinic.studies.models import State, Study, Unblinding
from clinic.studies.refusals import LifecycleRefusal

pytestmark = pytest.mark.django_db
PASSWORD = "a long lamp beside the window"


@pytest.fixture
def study(open_study):
    return open_study(cases=1)


@pytest.fixture
def closed(study, rosa):
    return lifecycle.close(study, rosa)


def test_rosa_closes_her_study_once(study, rosa):
    lifecycle.close(study, rosa)

    assert study.state == State.CLOSED
    assert study.closed_at is not None
    assert AuditEntry.objects.filter(act="study-closed", object_id=str(study.pk)).exists()
    with pytest.raises(LifecycleRefusal, match="Only an open study"):
        lifecycle.close(study, rosa)


def test_rosa_asks_and_ada_confirms(closed, rosa, ada):
    lifecycle.ask_unblinding(closed, rosa, "complete")
    study = lifecycle.confirm_unblinding(closed, ada)

    assert study.state == State.UNBLINDED
    asked = Unblinding.objects.get(study=study)
    assert (asked.asked_by, asked.confirmed_by) == (rosa, ada)
    row = AuditEntry.objects.get(act="study-unblinded", object_id=str(study.pk))
    assert row.details == {"reason": "complete", "asked_by": str(rosa.pk)}


def test_an_open_study_is_not_unblinded(study, rosa):
    with pytest.raises(LifecycleRefusal, match="after it was closed"):
        lifecycle.ask_unblinding(study, rosa, "complete")


def test_a_reason_comes_from_the_list(closed, rosa):
    with pytest.raises(LifecycleRefusal, match="from the list"):
        lifecycle.ask_unblinding(closed, rosa, "curious")


def test_surgeons_do_not_unblind(closed, sam):
    with pytest.raises(LifecycleRefusal, match="Surgeons"):
        lifecycle.ask_unblinding(closed, sam, "complete")


def test_nobody_confirms_what_nobody_asked(closed, ada):
    with pytest.raises(LifecycleRefusal, match="Nobody has asked"):
        lifecycle.confirm_unblinding(closed, ada)


def test_ada_cannot_confirm_her_own_request(closed, ada):
    lifecycle.ask_unblinding(closed, ada, "complete")
    with pytest.raises(LifecycleRefusal, match="two people"):
        lifecycle.confirm_unblinding(closed, ada)
    assert Study.objects.get(pk=closed.pk).state == State.CLOSED


def test_a_researcher_does_not_confirm(closed, ada, rosa):
    lifecycle.ask_unblinding(closed, ada, "complete")
    with pytest.raises(LifecycleRefusal, match="Only an administrator"):
        lifecycle.confirm_unblinding(closed, rosa)


def test_a_study_is_asked_for_once(closed, rosa, ada):
    lifecycle.ask_unblinding(closed, rosa, "complete")
    with pytest.raises(LifecycleRefusal, match="Rosa has asked already"):
        lifecycle.ask_unblinding(closed, ada, "complete")


def test_a_request_can_be_taken_back_until_it_is_confirmed(closed, rosa, ada):
    lifecycle.ask_unblinding(closed, rosa, "complete")
    lifecycle.withdraw_unblinding(closed, rosa)
    with pytest.raises(LifecycleRefusal, match="no open request"):
        lifecycle.withdraw_unblinding(closed, rosa)


def test_an_allocation_that_was_moved_is_not_unblinded(closed, rosa, ada):
    lifecycle.ask_unblinding(closed, rosa, "complete")
    Study.objects.filter(pk=closed.pk).update(allocation_digest="0" * 64)

    with pytest.raises(LifecycleRefusal, match="does not match its digest"):
        lifecycle.confirm_unblinding(closed, ada)
    assert Study.objects.get(pk=closed.pk).state == State.CLOSED


def test_the_database_itself_wants_two_people(closed, ada):
    asked = lifecycle.ask_unblinding(closed, ada, "complete")
    with pytest.raises(IntegrityError), transaction.atomic():
        Unblinding.objects.filter(pk=asked.pk).update(confirmed_by=ada)


def test_on_the_page_ada_confirms_with_her_password(client, sign_in, closed, rosa, ada):
    lifecycle.ask_unblinding(closed, rosa, "complete")
    sign_in(client, ada)
    address = reverse("studies:confirm", args=[closed.pk])

    wrong = client.post(address, {"password": "a guess"})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.content.decode()
    assert Study.objects.get(pk=closed.pk).state == State.CLOSED

    client.post(address, {"password": PASSWORD})
    assert Study.objects.get(pk=closed.pk).state == State.UNBLINDED


def test_closing_asks_again_first(client, sign_in, study, rosa):
    sign_in(client, rosa)
    assert (
        "a closed study is not opened again" in client.get(reverse("studies:close", args=[study.pk])).content.decode()
    )
    assert Study.objects.get(pk=study.pk).state == State.OPEN
    client.post(reverse("studies:close", args=[study.pk]))
    assert Study.objects.get(pk=study.pk).state == State.CLOSED
