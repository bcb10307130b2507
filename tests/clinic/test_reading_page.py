"""What the reading page sends and takes, over HTTP, and to whom."""

import json
import re

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle, reading
from clinic.studies.models import Reading, StudyReader

pytestmark = pytest.mark.django_db

NONE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]


@pytest.fixture
def study(open_study):
    return open_study(cases=2)


@pytest.fixture
def sheet(study, sam):
    return reading.next_for(sam, study)


def send(client, name, sheet, **message):
    return client.post(
        reverse(f"studies:{name}", args=[sheet.pk]), json.dumps(message), content_type="application/json"
    )


def test_sam_is_led_to_his_first_sheet_and_opening_it_is_noted(client, sign_in, study, sheet, sam):
    page = sign_in(client, sam).get(reverse("studies:read", args=[study.pk]), follow=True)

    assert page.redirect_chain[-1][0] == reverse("studies:reading", args=[sheet.pk])
    assert "Sheet 1 of 2" in page.content.decode()
    assert Reading.objects.get(pk=sheet.pk).opened_at is not None
    assert AuditEntry.objects.filter(act="reading-opened", object_id=str(sheet.pk)).count() == 1


def test_before_the_first_sheet_sam_agrees_to_the_consent_text(client, sign_in, study, sheet, sam):
    StudyReader.objects.update(agreed_at=None)
    sign_in(client, sam)
    page = client.get(reverse("studies:reading", args=[sheet.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("studies:study", args=[study.pk])
    assert "under a code, never under my name" in page.content.decode()

    client.post(reverse("studies:agree", args=[study.pk]))
    assert client.get(reverse("studies:reading", args=[sheet.pk])).status_code == 200
    assert AuditEntry.objects.filter(act="study-agreed", actor=sam).exists()


def test_the_four_pictures_stand_in_the_order_of_their_letters(client, sign_in, sheet, sam):
    page = sign_in(client, sam).get(reverse("studies:reading", args=[sheet.pk])).content.decode()
    assert re.findall(r'data-position="(.)"', page) == list("ABCD")
    assert page.count("/pictures/") == 4


def test_a_draft_is_saved_and_the_answer_names_the_next_revision(client, sign_in, sheet, sam):
    answer = send(sign_in(client, sam), "draft", sheet, revision=0, judgements=NONE[:1], seconds=3)

    assert answer.json()["revision"] == 1
    assert answer.json()["saved"].startswith("Draft saved ")


def test_a_submitted_sheet_leads_to_the_next(client, sign_in, study, sheet, sam):
    answer = send(sign_in(client, sam), "submit", sheet, revision=0, judgements=NONE, seconds=3)

    assert answer.json()["next"] == reverse("studies:read", args=[study.pk])
    assert client.get(answer.json()["next"], follow=True).content.decode().count("Sheet 2 of 2")


def test_after_the_last_sheet_comes_the_study_page(client, sign_in, study, sam):
    sign_in(client, sam)
    for _ in range(2):
        send(client, "submit", reading.next_for(sam, study), revision=0, judgements=NONE)

    page = client.get(reverse("studies:read", args=[study.pk]), follow=True)
    assert "All 2 sheets are submitted" in page.content.decode()


def test_a_stale_sheet_is_answered_with_what_the_server_has(client, sign_in, sheet, sam):
    sign_in(client, sam)
    send(client, "draft", sheet, revision=0, judgements=NONE[:1])

    answer = send(client, "submit", sheet, revision=0, judgements=NONE)

    assert answer.status_code == 409
    assert answer.json()["code"] == "SHEET-STALE"
    assert answer.json()["state"]["judgements"] == NONE[:1]


def test_a_refused_sheet_says_why(client, sign_in, sheet, sam):
    answer = send(sign_in(client, sam), "submit", sheet, revision=0, judgements=NONE[:2])
    assert answer.status_code == 422
    assert answer.json() == {"code": "SHEET-OPEN", "message": "Still to judge: C, D. Your draft is kept."}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"revision": "0"}', b"[" * 100_000])
def test_what_is_no_message_is_refused_and_stores_nothing(client, sign_in, sheet, sam, body):
    sign_in(client, sam)
    for name in ("draft", "submit"):
        answer = client.post(reverse(f"studies:{name}", args=[sheet.pk]), body, content_type="application/json")
        assert answer.status_code == 422
    assert Reading.objects.get(pk=sheet.pk).revision == 0


def test_a_page_kept_open_after_closing_is_told_so(client, sign_in, study, sheet, sam, rosa):
    sign_in(client, sam)
    lifecycle.close(study, rosa)

    answer = send(client, "submit", sheet, revision=0, judgements=NONE)
    assert answer.json()["code"] == "STUDY-CLOSED"
    assert client.get(reverse("studies:reading", args=[sheet.pk])).url == reverse("studies:study", args=[study.pk])


def test_ruth_never_finds_sams_sheet(client, sign_in, sheet, ruth):
    sign_in(client, ruth)
    assert client.get(reverse("studies:reading", args=[sheet.pk])).status_code == 404
    assert client.get(reverse("studies:given", args=[sheet.pk])).status_code == 404
    for name in ("draft", "submit"):
        assert send(client, name, sheet, revision=0, judgements=NONE).status_code == 404
    assert not Reading.objects.get(pk=sheet.pk).marks.exists()


@pytest.mark.parametrize("who", ["ada", "rosa", "max_"])
def test_only_surgeons_read(client, sign_in, request, sheet, who):
    sign_in(client, request.getfixturevalue(who))
    assert client.get(reverse("studies:reading", args=[sheet.pk])).status_code == 404
    assert send(client, "submit", sheet, revision=0, judgements=NONE).status_code == 404


def test_a_stranger_is_sent_to_the_door(client, sheet):
    assert client.get(reverse("studies:reading", args=[sheet.pk])).url.startswith(reverse("sign-in"))


def test_the_page_shows_neither_case_code_nor_that_a_sheet_is_a_repeat(client, sign_in, open_study, sam):
    study = open_study(cases=4, repeat_share=0.5, repeat_distance=1)
    sign_in(client, sam)
    reader = StudyReader.objects.get(study=study, user=sam)
    for sheet in reader.readings.all():
        page = client.get(reverse("studies:reading", args=[sheet.pk])).content.decode()
        assert sheet.study_case.case.code not in page
        assert "repeat" not in page.lower()


def test_how_the_page_looks_is_remembered_for_the_session_only(client, sign_in, sheet, sam):
    sign_in(client, sam)
    wish = {"theme": "dim", "letter_keys": "off", "colour": "red"}
    assert (
        client.post(reverse("studies:preferences"), json.dumps(wish), content_type="application/json").status_code
        == 204
    )

    page = client.get(reverse("studies:reading", args=[sheet.pk])).content.decode()
    assert 'data-theme="dim"' in page
    assert 'data-letter-keys="off"' in page
    assert "colour" not in client.session
