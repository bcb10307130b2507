"""Ruth leaves a sheet half done and takes it up again, on any machine."""

import json

import pytest
from django.urls import reverse

from clinic.studies import reading
from clinic.studies.drafts import save_draft, state_of
from clinic.studies.models import Reading
from clinic.studies.refusals import SheetRefusal, StaleSheet

pytestmark = pytest.mark.django_db

A_FIRST = [{"position": "A", "valid": True, "reason": "", "rank": 1}]
A_INVALID = [{"position": "A", "valid": False, "reason": "blurry", "rank": None}]
WHOLE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]


@pytest.fixture
def sheet(open_study, ruth):
    return reading.open_reading(reading.next_for(ruth, open_study(cases=1)))


def test_a_draft_is_there_again_when_the_sheet_is_opened(sheet):
    save_draft(sheet, A_FIRST, 0)

    assert state_of(Reading.objects.get(pk=sheet.pk)) == A_FIRST
    assert not sheet.marks.exists()


def test_every_draft_takes_the_next_revision(sheet):
    assert save_draft(sheet, A_FIRST, 0).revision == 1
    assert save_draft(sheet, A_INVALID, 1).revision == 2


def test_an_older_window_is_told_and_overwrites_nothing(sheet):
    save_draft(sheet, A_FIRST, 0)

    with pytest.raises(StaleSheet):
        save_draft(sheet, A_INVALID, 0)
    assert state_of(Reading.objects.get(pk=sheet.pk)) == A_FIRST


def test_a_pause_is_kept_with_the_draft(sheet):
    save_draft(sheet, A_FIRST, 0, paused=True)
    assert Reading.objects.get(pk=sheet.pk).paused


def test_submission_uses_the_draft_up(sheet):
    save_draft(sheet, A_FIRST, 0, paused=True)
    reading.submit(sheet, WHOLE, 1)

    kept = Reading.objects.get(pk=sheet.pk)
    assert (kept.draft, kept.draft_at, kept.paused) == ([], None, False)
    assert state_of(kept) == WHOLE


def test_a_draft_over_a_submitted_sheet_leaves_the_marks_alone(sheet):
    reading.submit(sheet, WHOLE, 0)
    save_draft(sheet, A_FIRST, 1)

    kept = Reading.objects.get(pk=sheet.pk)
    assert state_of(kept) == A_FIRST
    assert kept.marks.filter(valid=False).count() == 4


def test_a_draft_with_a_gap_in_its_ranks_is_refused(sheet):
    with pytest.raises(SheetRefusal, match="1 to 1"):
        save_draft(sheet, [{"position": "A", "valid": True, "reason": "", "rank": 2}], 0)
    assert Reading.objects.get(pk=sheet.pk).revision == 0


def test_time_on_the_sheet_only_grows(sheet):
    Reading.objects.filter(pk=sheet.pk).update(seconds=40)
    save_draft(sheet, A_FIRST, 0, seconds=3)
    assert Reading.objects.get(pk=sheet.pk).seconds == 40


def history(sheet):
    return [(row.act, row.revision, row.sheet, row.actor) for row in sheet.history.all()]


def test_a_draft_that_gives_way_to_another_window_stays_in_the_history(sheet, ruth):
    save_draft(sheet, A_FIRST, 0)
    with pytest.raises(StaleSheet) as told:
        save_draft(sheet, A_INVALID, 0)

    kept = save_draft(sheet, A_INVALID, told.value.reading.revision, instead=True)

    assert state_of(kept) == A_INVALID
    assert history(sheet) == [("replaced", 1, A_FIRST, ruth)]


def test_so_it_does_when_the_other_window_submits_at_once(sheet, ruth):
    save_draft(sheet, A_FIRST, 0)
    reading.submit(sheet, WHOLE, 1, instead=True)
    assert history(sheet) == [("replaced", 1, A_FIRST, ruth), ("submitted", 2, WHOLE, ruth)]


def test_an_own_draft_that_goes_on_leaves_no_trace(sheet):
    save_draft(sheet, A_FIRST, 0)
    save_draft(sheet, A_INVALID, 1)
    assert history(sheet) == []


def test_what_was_submitted_elsewhere_is_in_the_history_once(sheet, ruth):
    reading.submit(sheet, WHOLE, 0)
    save_draft(sheet, A_FIRST, 1, instead=True)
    assert history(sheet) == [("submitted", 1, WHOLE, ruth)]


@pytest.mark.parametrize("refused", [7, 0])
def test_a_refused_change_notes_nothing(sheet, refused):
    save_draft(sheet, A_FIRST, 0)
    with pytest.raises(StaleSheet):
        save_draft(sheet, A_INVALID, refused, instead=True)
    assert history(sheet) == []


def test_page_and_program_say_it_alike(sheet, ruth, client, sign_in, program):
    save_draft(sheet, A_FIRST, 0)
    message = {"judgements": A_INVALID, "revision": 1, "instead": True}
    page = sign_in(client, ruth).post(
        reverse("studies:draft", args=[sheet.pk]), json.dumps(message), content_type="application/json"
    )
    api = program(ruth, "mark").ask("PUT", "draft", sheet.pk, sent={**message, "judgements": A_FIRST, "revision": 2})

    assert (page.status_code, api.status_code) == (200, 200)
    assert history(sheet) == [("replaced", 1, A_FIRST, ruth), ("replaced", 2, A_INVALID, ruth)]
