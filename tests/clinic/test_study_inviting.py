"""Rosa invites a surgeon by a link that works once; what the link may not do is refused in words."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import Role, User
from clinic.audit.models import AuditEntry
from clinic.studies import drafting, inviting, lifecycle, opening
from clinic.studies.drafting import Draft
from clinic.studies.models import Invitation, State, StudyReader
from clinic.studies.refusals import InvitationGone, InvitationRefusal

pytestmark = pytest.mark.django_db

TINA = {"name": "Tina", "email": "Tina@ward.example"}
OWN = "four paper boats at noon"


@pytest.fixture
def study(ready_case, rosa, sam):
    return drafting.draft(Draft("Lip study", [ready_case(rosa)], [sam]), by=rosa)


@pytest.fixture
def invited(study, rosa):
    """Tina's invitation, and the token of her link."""
    return inviting.invite(study, **TINA, by=rosa)


def place(token):
    return reverse("studies:invitation", args=[token])


def link_on(page):
    """The token of the link that a page shows."""
    return re.search(r'id="link">[^<]*/invitations/([^<]+)<', page)[1]


def test_an_invited_surgeon_is_a_reader_who_cannot_sign_in_yet(study, invited):
    tina = User.objects.get(email="tina@ward.example")
    assert (tina.name, tina.role, tina.hospital) == ("Tina", Role.SURGEON, study.hospital)
    assert not tina.has_usable_password()
    assert [reader.user.name for reader in study.readers.all()] == ["Sam", "Tina"]


def test_the_link_is_told_once_and_stored_as_a_digest(client, sign_in, study, rosa):
    page = sign_in(client, rosa).post(reverse("studies:invite", args=[study.pk]), TINA).content.decode()

    made = Invitation.objects.get()
    token = link_on(page)
    assert inviting.find(token) == made
    assert token not in str(vars(made))
    assert token not in client.get(reverse("studies:study", args=[study.pk])).content.decode()
    assert token not in str(list(AuditEntry.objects.values_list("details", "object_id")))


def test_tina_chooses_a_password_agrees_and_stands_in_her_open_study(client, study, invited, rosa):
    opening.open_study(study, rosa)
    _, token = invited
    page = client.get(place(token)).content.decode()
    assert "under a code, never under my name" in page
    assert "Lip study" in page

    answer = client.post(place(token), {"password": OWN, "agree": "on"}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("studies:study", args=[study.pk])
    tina = User.objects.get(name="Tina")
    assert tina.check_password(OWN)
    assert not tina.password_is_temporary
    assert StudyReader.objects.get(user=tina).agreed_at is not None
    assert "Begin with sheet 1" in answer.content.decode()


def test_before_the_study_opens_tina_is_told_that_it_will_come(client, invited):
    _, token = invited
    answer = client.post(place(token), {"password": OWN, "agree": "on"}, follow=True)
    assert "The study is not open yet" in answer.content.decode()


def test_each_act_stands_in_the_audit_log(study, invited, rosa):
    made, _ = invited
    again, fresh = inviting.renew(made, rosa)
    inviting.accept(fresh, OWN)

    acts = AuditEntry.objects.filter(object_kind="studies.invitation").order_by("seq")
    assert list(acts.values_list("act", "actor__name")) == [
        ("reader-invited", "Rosa"),
        ("reader-invited", "Rosa"),
        ("invitation-accepted", "Tina"),
    ]
    assert again.pk != made.pk


def test_a_link_works_once(client, invited):
    _, token = invited
    inviting.accept(token, OWN)

    answer = client.post(place(token), {"password": "another eight green lamps", "agree": "on"})

    assert answer.status_code == 410
    assert "This link is no more" in answer.content.decode()
    assert User.objects.get(name="Tina").check_password(OWN)


def test_a_weak_password_is_refused_and_the_link_can_still_be_used(client, invited):
    _, token = invited
    answer = client.post(place(token), {"password": "tina", "agree": "on"})
    assert answer.status_code == 422
    assert "the link can still be used" in answer.content.decode()

    with pytest.raises(ValidationError):
        inviting.accept(token, "tina")
    assert inviting.find(token).waits


def test_without_consent_nobody_comes_in(client, invited):
    _, token = invited
    answer = client.post(place(token), {"password": OWN})
    assert answer.status_code == 422
    assert "Tick this to read in the study" in answer.content.decode()
    assert not User.objects.get(name="Tina").has_usable_password()


def test_a_link_ends_after_two_weeks(client, invited):
    made, token = invited
    long_ago = timezone.now() - inviting.LASTS - timedelta(minutes=1)
    Invitation.objects.filter(pk=made.pk).update(invited_at=long_ago, expires_at=long_ago + inviting.LASTS)
    assert client.get(place(token)).status_code == 410


def test_a_link_that_never_was_is_answered_like_one_that_is_over(client, db):
    assert client.get(place("x" * 43)).status_code == 410


def test_a_link_taken_back_is_void_and_its_account_closed(client, sign_in, study, invited, rosa):
    made, token = invited
    page = sign_in(client, rosa).post(reverse("studies:invitation-revoke", args=[study.pk, made.pk]), follow=True)
    assert "The link of Tina is void" in page.content.decode()
    with pytest.raises(InvitationGone):
        inviting.accept(token, OWN)
    assert not User.objects.get(name="Tina").is_active
    assert any("Tina cannot sign in" in one.message for one in opening.hindrances(study))
    assert AuditEntry.objects.filter(act="invitation-revoked", object_id=str(made.pk)).exists()


def test_a_used_link_cannot_be_taken_back(invited, rosa):
    made, token = invited
    inviting.accept(token, OWN)
    with pytest.raises(InvitationRefusal, match="used or taken back"):
        inviting.revoke(made, rosa)
    assert User.objects.get(name="Tina").is_active


def test_a_new_link_makes_the_earlier_one_void(client, sign_in, study, invited, rosa):
    made, token = invited
    page = sign_in(client, rosa).post(reverse("studies:invitation-renew", args=[study.pk, made.pk]))
    fresh = link_on(page.content.decode())
    with pytest.raises(InvitationGone):
        inviting.find(token)
    assert inviting.find(fresh).user.name == "Tina"


def test_whoever_has_a_password_needs_no_new_link(invited, rosa):
    made, token = invited
    inviting.accept(token, OWN)
    with pytest.raises(InvitationRefusal, match="has a password already"):
        inviting.renew(made, rosa)


def test_a_link_ends_with_its_study(study, invited, rosa):
    made, token = invited
    lifecycle.close(opening.open_study(study, rosa), rosa)
    with pytest.raises(InvitationGone):
        inviting.find(token)
    with pytest.raises(InvitationRefusal, match="is over"):
        inviting.renew(made, rosa)


def test_a_new_reader_makes_the_drawn_order_void(study, rosa):
    opening.prepare(study, rosa)
    inviting.invite(study, **TINA, by=rosa)
    study.refresh_from_db()
    assert (study.draft_number, study.allocation_digest) == (2, "")
    assert opening.current_audit(study) is None


def test_readers_of_an_open_study_are_fixed(study, rosa):
    opening.open_study(study, rosa)
    with pytest.raises(InvitationRefusal, match="Readers are fixed"):
        inviting.invite(study, **TINA, by=rosa)
    assert not User.objects.filter(name="Tina").exists()


def test_a_reader_of_the_study_is_not_invited_again(study, invited, rosa):
    with pytest.raises(InvitationRefusal, match="Tina is a reader of this study already"):
        inviting.invite(study, **TINA, by=rosa)


def test_a_surgeon_with_an_account_is_chosen_in_the_draft(study, ruth, rosa):
    with pytest.raises(InvitationRefusal, match="Ruth has an account here"):
        inviting.invite(study, "Ruth", ruth.email, by=rosa)


@pytest.mark.parametrize("who", ["ada", "max_"])
def test_an_address_of_somebody_else_is_refused_at_its_field(client, sign_in, request, study, rosa, who):
    other = request.getfixturevalue(who)
    answer = sign_in(client, rosa).post(
        reverse("studies:invite", args=[study.pk]), {"name": "Tina", "email": other.email}
    )
    assert answer.status_code == 422
    assert "Somebody already signs in with this address" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_who_was_invited_once_and_never_came_can_be_invited_into_another_study(invited, ready_case, rosa, sam):
    other = drafting.draft(Draft("Second", [ready_case(rosa)], [sam]), by=rosa)
    _, token = inviting.invite(other, **TINA, by=rosa)
    assert inviting.find(token).study == other
    assert User.objects.filter(name="Tina").count() == 1


def test_max_and_sam_cannot_invite_into_rosas_study(client, sign_in, study, invited, max_, sam):
    made, _ = invited
    for person in (max_, sam):
        sign_in(client, person)
        assert client.post(reverse("studies:invite", args=[study.pk]), TINA).status_code == 404
        for act in ("renew", "revoke"):
            assert client.post(reverse(f"studies:invitation-{act}", args=[study.pk, made.pk])).status_code == 404
    assert Invitation.objects.get().waits


def test_the_board_says_whose_link_waits(client, sign_in, study, invited, rosa):
    opening.open_study(study, rosa)
    page = sign_in(client, rosa).get(reverse("studies:board", args=[study.pk])).content.decode()
    assert "invited by Rosa" in page
    assert "New link" in page
    assert study.state == State.OPEN
