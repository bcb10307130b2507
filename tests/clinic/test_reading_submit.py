"""Sam submits a sheet: all of it or nothing, once, and only what a sheet may say."""

import pytest
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle, reading
from clinic.studies.drafts import save_draft
from clinic.studies.models import Mark, MarkHistory, Placement, Reading
from clinic.studies.refusals import SheetRefusal, StaleSheet

pytestmark = pytest.mark.django_db


def mark(position, rank=None, reason=""):
    return {"position": position, "valid": rank is not None, "rank": rank, "reason": reason}


WHOLE = [mark("A", 2), mark("B", 1), mark("C", reason="blurry"), mark("D")]
NONE = [mark(letter) for letter in "ABCD"]


@pytest.fixture
def sheet(open_study, sam):
    study = open_study(cases=2)
    return reading.open_reading(reading.next_for(sam, study))


def refused(sheet, entries, revision=0):
    with pytest.raises(SheetRefusal) as refusal:
        reading.submit(sheet, entries, revision)
    sheet.refresh_from_db()
    assert not sheet.marks.exists()
    assert sheet.submitted_at is None
    return refusal.value


def test_a_whole_sheet_is_stored_with_its_history_and_its_audit_row(sheet, sam):
    reading.submit(sheet, WHOLE, 0, seconds=0)

    sheet.refresh_from_db()
    assert list(sheet.marks.values_list("position", "valid", "rank", "reason")) == [
        ("A", True, 2, ""), ("B", True, 1, ""), ("C", False, None, "blurry"), ("D", False, None, ""),
    ]  # fmt: skip
    assert sheet.submitted_at is not None
    assert sheet.revision == 1
    assert [(one.act, one.actor) for one in sheet.history.all()] == [("submitted", sam)]
    assert AuditEntry.objects.filter(act="reading-submitted", object_id=str(sheet.pk)).count() == 1


def test_none_acceptable_is_a_sheet_like_any_other(sheet):
    reading.submit(sheet, NONE, 0)
    assert sheet.marks.filter(valid=False, rank=None).count() == 4


def test_the_next_sheet_is_the_first_that_is_not_submitted(sheet, sam):
    study = sheet.study_reader.study
    assert reading.next_for(sam, study) == sheet
    reading.submit(sheet, NONE, 0)
    following = reading.next_for(sam, study)
    assert following.sequence == sheet.sequence + 1
    reading.submit(following, NONE, 0)
    assert reading.next_for(sam, study) is None


def test_sam_goes_back_and_corrects_and_both_versions_are_kept(sheet):
    reading.submit(sheet, NONE, 0)
    first_time = Reading.objects.get(pk=sheet.pk).submitted_at

    reading.submit(sheet, WHOLE, 1)

    sheet.refresh_from_db()
    assert sheet.submitted_at == first_time
    assert [one.act for one in sheet.history.all()] == ["submitted", "corrected"]
    assert [one["valid"] for one in sheet.history.first().sheet] == [False] * 4
    assert sheet.marks.filter(valid=True).count() == 2


def test_a_protocol_without_corrections_makes_a_submitted_sheet_final(open_study, sam):
    study = open_study(cases=1, corrections=False)
    sheet = reading.open_reading(reading.next_for(sam, study))
    reading.submit(sheet, NONE, 0)

    with pytest.raises(SheetRefusal, match="no corrections"):
        reading.submit(sheet, WHOLE, 1)
    assert not sheet.marks.filter(valid=True).exists()


def test_a_sheet_sent_twice_is_stored_once(sheet):
    reading.submit(sheet, WHOLE, 0)
    again = reading.submit(sheet, WHOLE, 0)

    assert again.revision == 1
    assert Mark.objects.count() == 4
    assert MarkHistory.objects.count() == 1


def test_two_windows_cannot_overwrite_each_other_unseen(sheet):
    reading.submit(sheet, WHOLE, 0)

    with pytest.raises(StaleSheet) as refusal:
        reading.submit(sheet, NONE, 0)

    assert refusal.value.reading.revision == 1
    assert sheet.marks.filter(valid=True).count() == 2


def test_a_draft_in_another_window_makes_this_one_stale(sheet):
    save_draft(sheet, [mark("A", 1)], 0)
    assert isinstance(refused(sheet, WHOLE), StaleSheet)


def test_an_open_letter_is_named(sheet):
    assert "Still to judge: C, D" in str(refused(sheet, WHOLE[:2]))


@pytest.mark.parametrize(
    ("ranks", "message"),
    [((1, 3), "1 to 2"), ((1, 1), "1 to 2"), ((2, 3), "1 to 2"), ((0, 1), "1 to 2"), ((-1, 1), "1 to 2")],
)
def test_ranks_run_from_one_without_a_gap(sheet, ranks, message):
    assert message in str(refused(sheet, [mark("A", ranks[0]), mark("B", ranks[1]), mark("C"), mark("D")]))


def test_a_valid_result_needs_a_rank(sheet):
    entries = [{"position": "A", "valid": True, "rank": None, "reason": ""}, *NONE[1:]]
    assert "exactly when it is valid" in str(refused(sheet, entries))


def test_an_invalid_result_has_no_rank(sheet):
    entries = [{"position": "A", "valid": False, "rank": 1, "reason": ""}, *NONE[1:]]
    assert "exactly when it is valid" in str(refused(sheet, entries))


def test_a_valid_result_has_no_reason(sheet):
    assert "no reason" in str(refused(sheet, [mark("A", 1, "blurry"), *NONE[1:]]))


def test_an_unknown_reason_is_refused(sheet):
    assert "not on the list" in str(refused(sheet, [mark("A", reason="ugly"), *NONE[1:]]))


def test_a_letter_judged_twice_is_refused(sheet):
    assert "twice" in str(refused(sheet, [*NONE, mark("A")]))


@pytest.mark.parametrize("entries", [None, "A", [1], [{}], [{"position": "E", "valid": False}], [{**NONE[0], "x": 1}]])
def test_what_is_no_sheet_is_refused_whole(sheet, entries):
    assert refused(sheet, entries).code == "SHEET-SHAPE"


@pytest.mark.parametrize("rank", [True, 1.0, "1"])
def test_a_rank_is_a_whole_number(sheet, rank):
    entries = [{"position": "A", "valid": True, "rank": rank, "reason": ""}, *NONE[1:]]
    assert refused(sheet, entries).code == "SHEET-RANK"


def test_a_closed_study_takes_no_more_sheets(sheet, rosa):
    lifecycle.close(sheet.study_reader.study, rosa)
    sheet.refresh_from_db()
    assert "closed at" in str(refused(Reading.objects.get(pk=sheet.pk), WHOLE))


def test_time_on_the_sheet_never_exceeds_the_time_since_it_was_opened(sheet):
    reading.submit(sheet, WHOLE, 0, seconds=9999)
    sheet.refresh_from_db()
    assert sheet.seconds <= 60


BROKEN = [
    {"valid": True, "rank": None},
    {"valid": False, "rank": 1},
    {"valid": True, "rank": 5},
    {"valid": True, "rank": 0},
    {"valid": True, "rank": 1, "reason": "blurry"},
    {"valid": False, "reason": "ugly"},
]


@pytest.mark.parametrize("values", BROKEN)
def test_the_database_itself_refuses_a_mark_that_breaks_a_rule(sheet, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.create(reading=sheet, position="A", **values)


def test_the_database_itself_refuses_a_position_twice(sheet):
    Mark.objects.create(reading=sheet, position="A", valid=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.create(reading=sheet, position="A", valid=False)


def test_the_database_itself_refuses_a_rank_twice(sheet):
    Mark.objects.create(reading=sheet, position="A", valid=True, rank=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.create(reading=sheet, position="B", valid=True, rank=1)


def test_the_database_itself_refuses_a_fifth_letter(sheet):
    with pytest.raises(IntegrityError), transaction.atomic():
        Mark.objects.create(reading=sheet, position="E", valid=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(reading=sheet, position="E", token="x")
