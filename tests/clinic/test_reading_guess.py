"""On the last sheets Sam is asked which result was the new method's; the answers measure the blinding itself."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.studies import lifecycle, reading, results
from clinic.studies.blinding import arms
from clinic.studies.export import guesses
from clinic.studies.models import POSITIONS, Reading, StudyReader
from clinic.studies.refusals import SheetRefusal, StillBlinded

pytestmark = pytest.mark.django_db
NONE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]


@pytest.fixture
def study(open_study):
    return open_study(cases=4, guesses=2)


def submitted(study, sam, sequence):
    sheet = Reading.objects.get(study_reader__study=study, study_reader__user=sam, sequence=sequence)
    return reading.submit(reading.open_reading(sheet), NONE, 0)


def test_only_the_last_scored_sheets_ask(study):
    for reader in study.readers.all():
        assert list(reader.readings.values_list("asks_guess", flat=True)) == [False, False, True, True]


def test_the_answer_is_kept_and_the_first_one_stays(study, sam):
    sheet = submitted(study, sam, 4)
    reading.guess(sheet, "C")
    reading.guess(sheet, "A")
    assert Reading.objects.get(pk=sheet.pk).guess == "C"


def test_not_knowing_is_an_answer(study, sam):
    sheet = submitted(study, sam, 4)
    reading.guess(sheet, "")
    assert Reading.objects.get(pk=sheet.pk).guess == ""


def test_a_sheet_that_does_not_ask_takes_no_answer(study, sam):
    with pytest.raises(SheetRefusal, match="asks no question"):
        reading.guess(submitted(study, sam, 1), "A")


def test_an_unsubmitted_sheet_takes_no_answer(study, sam):
    sheet = Reading.objects.get(study_reader__user=sam, sequence=4)
    with pytest.raises(SheetRefusal, match="asks no question"):
        reading.guess(sheet, "A")


def test_a_letter_beyond_d_is_refused(study, sam):
    with pytest.raises(SheetRefusal, match="four letters"):
        reading.guess(submitted(study, sam, 4), "E")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reading.objects.filter(sequence=4).update(guess="E")


def test_a_closed_study_needs_no_answer_any_more(study, sam, rosa):
    sheet = submitted(study, sam, 4)
    lifecycle.close(study, rosa)
    with pytest.raises(SheetRefusal, match="closed"):
        reading.guess(Reading.objects.get(pk=sheet.pk), "A")


def test_the_page_asks_after_storing_the_sheet(client, sign_in, study, sam):
    sign_in(client, sam)
    sheet = Reading.objects.get(study_reader__user=sam, sequence=3)
    page = client.get(reverse("studies:reading", args=[sheet.pk])).content.decode()
    assert "Which result do you take for its work?" in page

    message = json.dumps({"revision": 0, "judgements": NONE, "seconds": 0})
    answer = client.post(reverse("studies:submit", args=[sheet.pk]), message, content_type="application/json")
    assert answer.json()["asks"] is True
    address = reverse("studies:guess", args=[sheet.pk])
    assert client.post(address, json.dumps({"position": "B"}), content_type="application/json").status_code == 204
    assert client.post(address, json.dumps({"position": "X"}), content_type="application/json").status_code == 422


def test_ruth_cannot_answer_for_sam(client, sign_in, study, sam, ruth):
    sheet = submitted(study, sam, 4)
    address = reverse("studies:guess", args=[sheet.pk])
    answer = sign_in(client, ruth).post(address, json.dumps({"position": "B"}), content_type="application/json")
    assert answer.status_code == 404


def test_after_unblinding_the_answers_become_methods_and_a_blinding_index(study, sam, rosa, ada):
    reader = StudyReader.objects.get(study=study, user=sam)
    for sequence in range(1, 5):
        sheet = submitted(study, sam, sequence)
        if sheet.asks_guess:
            reading.guess(sheet, POSITIONS[arms(reader)[sequence].index("inclg")])
    with pytest.raises(StillBlinded):
        guesses(study)

    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    study = lifecycle.confirm_unblinding(study, ada)

    assert [one.method for one in guesses(study)] == ["inclg", "inclg"]
    assert "Blinding, exact binomial test" in results.report(study).render("markdown")
