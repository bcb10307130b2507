"""Where the protocol shows the photograph before surgery a reader may look at it, under the rules of every picture."""

from dataclasses import replace

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.cases.models import Case
from clinic.cases.pictures import canonical
from clinic.studies import drafting, lifecycle, opening, reading
from clinic.studies.drafting import Draft
from clinic.studies.evidence import gather
from clinic.studies.leaks import checks
from clinic.studies.pictures import encode
from clinic.studies.protocol import Protocol
from clinic.studies.refusals import OpeningRefusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(open_study):
    return open_study(cases=3, photograph=True)


@pytest.fixture
def sheet(study, sam):
    return reading.next_for(sam, study)


def place(sheet):
    return reverse("studies:picture", args=[sheet.photograph_token])


def failing(evidence):
    return {check.key for check in checks(evidence) if not check.passed}


def test_the_sheet_offers_it_and_the_look_is_logged(client, sign_in, sheet, sam):
    page = sign_in(client, sam).get(reverse("studies:reading", args=[sheet.pk])).content.decode()
    assert place(sheet) in page
    assert not AuditEntry.objects.filter(act="picture-seen").exists()

    client.get(place(sheet))

    seen = AuditEntry.objects.get(act="picture-seen")
    assert (seen.actor, seen.object_id, seen.details) == (sam, str(sheet.pk), {"position": "photograph"})


def test_it_is_the_crop_with_its_lip_in_the_form_of_the_results(client, sign_in, sheet, sam):
    photograph = sign_in(client, sam).get(place(sheet))
    result = client.get(reverse("studies:picture", args=[sheet.placements.first().token]))

    assert photograph.content == encode(canonical(sheet.study_case.mask.crop))
    assert len(photograph.content) == len(result.content)
    assert photograph.headers.keys() == result.headers.keys()
    assert "ETag" not in photograph.headers


def test_a_study_without_it_offers_none_and_has_no_address_for_it(client, sign_in, open_study, sam):
    sheet = reading.next_for(sam, open_study(cases=1))
    assert sheet.photograph_token is None
    assert "Photograph" not in sign_in(client, sam).get(reverse("studies:reading", args=[sheet.pk])).content.decode()


def test_after_surgery_there_is_no_photograph_before_it(ready_case, rosa, sam):
    one = ready_case(rosa)
    Case.objects.filter(pk=one.pk).update(phase="post-op")
    study = drafting.draft(Draft("Lip", [one], [sam], protocol=Protocol(photograph=True)), by=rosa)
    assert reading.next_for(sam, opening.open_study(study, rosa)).photograph_token is None


@pytest.mark.parametrize("who", ["ruth", "rosa", "ada", "max_"])
def test_nobody_else_can_fetch_it(client, sign_in, request, sheet, who):
    assert sign_in(client, request.getfixturevalue(who)).get(place(sheet)).status_code == 404


def test_a_closed_study_shows_none(client, sign_in, study, sheet, sam, rosa):
    lifecycle.close(study, rosa)
    assert sign_in(client, sam).get(place(sheet)).status_code == 404


def test_beside_a_control_it_would_give_the_control_away(ready_case, rosa, sam):
    wanted = Draft("Lip", [ready_case(rosa)], [sam], control=[ready_case(rosa)], protocol=Protocol(photograph=True))
    with pytest.raises(OpeningRefusal, match="a control is known at once"):
        opening.open_study(drafting.draft(wanted, by=rosa), rosa)


def test_every_sheet_has_an_address_of_its_own(study):
    tokens = [one.photograph_token for reader in study.readers.all() for one in reader.readings.all()]
    assert len(set(tokens)) == len(tokens) == 6


def test_the_blinding_audit_sees_it_and_passes(study):
    evidence = gather(study)
    assert len(evidence.photographs) == 3
    assert failing(evidence) == set()


LEAKS = {
    "shown where it was not agreed": ("photographs", lambda e: replace(e, photograph=False)),
    "another length": (
        "photographs",
        lambda e: replace(e, photographs=tuple(replace(one, length=9) for one in e.photographs)),
    ),
    "metadata": (
        "photographs",
        lambda e: replace(e, photographs=tuple(replace(one, chunks=("IHDR", "eXIf")) for one in e.photographs)),
    ),
    "another crop": (
        "photographs",
        lambda e: replace(e, photographs=tuple(replace(one, outside=3) for one in e.photographs)),
    ),
    "a telling address": (
        "tokens",
        lambda e: replace(e, sheets=tuple(replace(one, photograph="case-1") for one in e.sheets)),
    ),
    "an address used twice": (
        "reuse",
        lambda e: replace(e, sheets=tuple(replace(one, photograph="x" * 43) for one in e.sheets)),
    ),
}


def test_each_leak_planted_in_it_is_caught(study):
    evidence = gather(study)
    assert [leak for leak, (key, plant) in LEAKS.items() if key not in failing(plant(evidence))] == []


def test_rosa_chooses_it_in_the_draft(client, sign_in, study, rosa):
    page = sign_in(client, rosa).get(reverse("studies:study", args=[study.pk])).content.decode()
    assert "Before surgery, on request; each look is logged" in page
    assert study.protocol["photograph"] is True
