"""The board says who is done, who is in the middle and who has gone quiet, per reader and never per method."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEntry
from clinic.studies import board, lifecycle, pace, reading, reminding, striking
from clinic.studies.drafts import save_draft
from clinic.studies.models import Mark, MarkHistory, Reading
from clinic.studies.paceline import draw
from clinic.studies.refusals import LifecycleRefusal

pytestmark = pytest.mark.django_db
NONE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]


@pytest.fixture
def study(open_study):
    return open_study(cases=4)


def read_all(reader, sheets=4, seconds=60):
    for sheet in reader.readings.all()[:sheets]:
        reading.submit(reading.open_reading(sheet), NONE, 0)
    reader.readings.filter(submitted_at__isnull=False).update(seconds=seconds)


def test_sam_has_finished_and_ruth_is_in_the_middle(study):
    sam, ruth = study.readers.all()
    read_all(sam)
    read_all(ruth, sheets=1)

    found = board.board(study)

    assert [line.state for line in found.lines] == ["Finished", "Reading"]
    assert (found.done, found.total, found.percent) == (5, 8, 62)
    assert board.headline(found) == "One reader has finished, one is in the middle."


def test_a_pause_and_a_draft_are_shown(study):
    sam = study.readers.first()
    sheet = reading.open_reading(sam.readings.first())
    save_draft(sheet, NONE[:1], 0, paused=True)

    line = board.board(study).lines[0]
    assert line.state == "Paused in sheet 1"
    assert [dot.look for dot in line.dots] == ["half", "waiting", "waiting", "waiting"]


def test_a_reader_who_went_quiet_is_named(study):
    sam = study.readers.first()
    read_all(sam, sheets=1)
    long_ago = timezone.now() - timedelta(days=6)
    Reading.objects.filter(study_reader=sam, submitted_at__isnull=False).update(
        submitted_at=long_ago, opened_at=long_ago
    )

    assert board.board(study).lines[0].state == "Silent for 6 days"
    assert board.headline(board.board(study)) == "One reader has gone quiet, one has not begun."


def test_time_left_comes_from_the_readers_own_median(study):
    sam = study.readers.first()
    read_all(sam, sheets=2, seconds=90)

    own = list(sam.readings.all())
    assert pace.median_seconds(own) == 90
    assert pace.left_in_words(own) == "about 3 min left"


def test_one_sheet_is_too_few_for_a_guess(study):
    sam = study.readers.first()
    read_all(sam, sheets=1)
    assert pace.left_in_words(list(sam.readings.all())) == ""


@pytest.mark.parametrize(("seconds", "words"), [(20, "1 min"), (1140, "19 min"), (5400, "1 h 30 min"), (7200, "2 h")])
def test_times_are_said_in_round_words(seconds, words):
    assert pace.in_words(seconds) == words


def test_the_pace_line_reaches_the_total_on_the_day_it_names(study):
    read_all(study.readers.first())
    line = draw(board.board(study))
    assert line.ahead[1] == 32.0
    assert line.sentence.startswith("4 of 8 sheets are submitted; at this pace all are by ")


def test_nothing_submitted_draws_no_line(study):
    assert draw(board.board(study)) is None


def test_hidden_repeats_are_marked_for_rosa_and_not_for_sam(client, sign_in, open_study, rosa, sam):
    study = open_study(cases=4, repeat_share=0.5, repeat_distance=1)
    page = sign_in(client, rosa).get(reverse("studies:board", args=[study.pk])).content.decode()
    assert page.count('class="waiting repeat"') == 4
    assert "repeat" not in sign_in(client, sam).get(reverse("studies:study", args=[study.pk])).content.decode()


def test_the_live_part_comes_alone_when_the_page_asks_for_it(client, sign_in, study, rosa):
    answer = sign_in(client, rosa).get(reverse("studies:board", args=[study.pk]), headers={"HX-Request": "true"})
    assert "<!doctype" not in answer.content.decode().lower()
    assert "Sheets submitted" in answer.content.decode()


def test_every_open_study_stands_on_the_progress_page(client, sign_in, study, rosa, max_):
    assert study.title in sign_in(client, rosa).get(reverse("studies:progress")).content.decode()
    assert study.title not in sign_in(client, max_).get(reverse("studies:progress")).content.decode()


def test_rosa_reminds_sam_by_a_letter_that_names_no_case_and_no_method(client, sign_in, study, rosa, sam):
    reader = study.readers.first()
    sign_in(client, rosa).post(reverse("studies:remind", args=[study.pk, reader.pk]))

    letter = mail.outbox[0]
    assert letter.to == [sam.email]
    assert "4 of your sheets" in letter.body
    assert reverse("studies:read", args=[study.pk]) in letter.body


def test_a_reader_is_reminded_once_a_day(study, rosa):
    reader = study.readers.first()
    reminding.remind(reader, rosa, str)
    with pytest.raises(LifecycleRefusal, match="Wait until tomorrow"):
        reminding.remind(reader, rosa, str)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("fault", [ConnectionRefusedError(111, "refused"), SMTPServerDisconnected("gone")], ids=str)
def test_a_mail_server_that_is_away_is_said_and_sam_can_be_reminded_later(
    client, sign_in, study, rosa, monkeypatch, fault
):
    reader = study.readers.first()

    def away(**letter):
        raise fault

    with monkeypatch.context() as outage:
        outage.setattr(reminding, "send_mail", away)
        page = sign_in(client, rosa).post(reverse("studies:remind", args=[study.pk, reader.pk]), follow=True)
    assert "The mail server did not take the letter to Sam." in page.content.decode()
    assert not AuditEntry.objects.filter(act="reader-reminded").exists()

    reader.refresh_from_db()
    reminding.remind(reader, rosa, str)
    assert len(mail.outbox) == 1


def test_a_reader_who_has_finished_is_not_reminded(study, rosa):
    reader = study.readers.first()
    read_all(reader)
    with pytest.raises(LifecycleRefusal, match="no sheet left"):
        reminding.remind(reader, rosa, str)


def test_readers_of_a_closed_study_are_not_reminded(study, rosa):
    lifecycle.close(study, rosa)
    with pytest.raises(LifecycleRefusal, match="open study"):
        reminding.remind(study.readers.first(), rosa, str)


def test_ada_takes_out_a_readers_marks_and_their_history_stays(study, ada):
    reader = study.readers.first()
    read_all(reader, sheets=2)

    assert striking.strike(reader, ada, "unblinded") == 8

    assert not Mark.objects.filter(reading__study_reader=reader).exists()
    kept = MarkHistory.objects.filter(act="deleted")
    assert [(one.reason, len(one.sheet)) for one in kept] == [("unblinded", 4), ("unblinded", 4)]
    assert AuditEntry.objects.get(act="marks-struck").details == {"marks": 8, "reason": "unblinded"}
    assert reading.next_for(reader.user, study) == reader.readings.first()


def test_a_sheet_taken_out_is_as_on_the_first_day(open_study, ada):
    study = open_study(cases=2, guesses=2)
    reader = study.readers.first()
    read_all(reader, sheets=1)
    sheet = reader.readings.first()
    reading.guess(sheet, "B")
    save_draft(sheet, NONE[:2], sheet.revision)

    striking.strike(reader, ada, "mistaken")

    sheet.refresh_from_db()
    assert (sheet.draft, sheet.draft_at, sheet.guess, sheet.opened_at) == ([], None, None, None)


def test_marks_are_taken_out_for_a_reason(study, ada):
    read_all(study.readers.first())
    with pytest.raises(LifecycleRefusal, match="Choose a reason"):
        striking.strike(study.readers.first(), ada, "")
    assert Mark.objects.count() == 16


def test_after_unblinding_no_marks_are_taken_out(study, rosa, ada):
    read_all(study.readers.first())
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    reader = lifecycle.confirm_unblinding(study, ada).readers.first()
    with pytest.raises(LifecycleRefusal, match="After unblinding"):
        striking.strike(reader, ada, "withdrew")


def test_only_ada_takes_marks_out(client, sign_in, study, rosa, sam):
    reader = study.readers.first()
    for person in (rosa, sam):
        assert sign_in(client, person).post(reverse("studies:strike", args=[study.pk, reader.pk])).status_code == 404
