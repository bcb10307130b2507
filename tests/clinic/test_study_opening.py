"""Rosa checks a draft and opens it; whatever is missing or telling is named, all at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit.models import AuditEntry
from clinic.inpainting.models import Checkpoint, Result
from clinic.studies import drafting, opening, protocol
from clinic.studies.blinding import arms, digest_of
from clinic.studies.drafting import Draft
from clinic.studies.models import BlindingAudit, Placement, Reading, State, Study
from clinic.studies.protocol import Protocol
from clinic.studies.refusals import OpeningRefusal
from clinic.vault.errors import VaultError
from inference.contract import METHODS

pytestmark = pytest.mark.django_db


def refused(study, by):
    with pytest.raises(OpeningRefusal) as refusal:
        opening.open_study(study, by)
    study.refresh_from_db()
    assert study.state == State.DRAFT
    return {hindrance.where: hindrance.message for hindrance in refusal.value.hindrances}


def test_every_surgeon_gets_every_case_in_four_letters(open_study, sam, ruth):
    study = open_study(cases=5)

    assert study.state == State.OPEN
    for surgeon in (sam, ruth):
        assert Reading.objects.filter(study_reader__user=surgeon).values("study_case").distinct().count() == 5
    assert Placement.objects.count() == 2 * 5 * 4


def test_protocol_and_allocation_are_frozen_with_their_digests(open_study):
    study = open_study(cases=4)

    assert study.protocol_digest == protocol.digest(opening.frozen_protocol(study))
    assert study.allocation_digest == digest_of(study)
    assert all(one.checkpoint for one in study.methods.all())
    assert AuditEntry.objects.filter(act="study-opened", object_id=str(study.pk)).exists()


def test_an_arm_key_moved_to_another_reader_does_not_open(open_study):
    study = open_study(cases=4)
    first, second = study.readers.all()
    first_key, second_key = first.arm_key, second.arm_key
    study.readers.update(arm_key=None)
    first.arm_key, second.arm_key = second_key, first_key
    first.save()
    second.save()

    with pytest.raises(VaultError):
        arms(first)


def test_which_method_stands_where_is_in_no_table(open_study):
    study = open_study(cases=2)

    known = {method for reader in study.readers.all() for row in arms(reader).values() for method in row}
    assert known == set(METHODS)
    fields = {field.name for model in (Reading, Placement) for field in model._meta.get_fields()}
    assert not fields & {"method", "result", "arm", "checkpoint"}


def test_an_audited_draft_opens_with_the_order_that_was_audited(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    opening.prepare(study, rosa)
    digest = study.allocation_digest

    opening.open_study(study, rosa)

    assert study.allocation_digest == digest
    assert BlindingAudit.objects.count() == 1


def test_a_change_after_the_audit_asks_for_a_new_one(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    opening.prepare(study, rosa)

    drafting.change(study, Draft("Lip, more", [ready_case(rosa)], [sam]), by=rosa)

    assert opening.current_audit(study) is None


def test_the_audit_of_an_open_study_runs_again_without_drawing_anew(open_study, rosa):
    study = open_study(cases=2)
    digest = study.allocation_digest

    assert opening.recheck(study, rosa).passed

    study.refresh_from_db()
    assert study.allocation_digest == digest == digest_of(study)
    assert study.blinding_audits.count() == 2


def test_an_open_study_is_not_opened_twice(open_study, rosa):
    study = open_study(cases=1)
    with pytest.raises(OpeningRefusal, match="open already"):
        opening.open_study(study, rosa)


def test_a_study_without_cases_or_readers_says_both(rosa):
    found = refused(drafting.draft(Draft("Empty", [], []), by=rosa), rosa)
    assert set(found) >= {"cases", "readers"}


def test_a_case_that_lacks_a_result_is_named(ready_case, rosa, sam):
    case = ready_case(rosa)
    study = drafting.draft(Draft("Lip", [case, ready_case(rosa)], [sam]), by=rosa)
    Result.objects.filter(job__mask__crop__photograph__case=case).first().delete()

    assert case.code in refused(study, rosa)["cases"]


def test_fewer_than_four_methods_do_not_fill_a_sheet(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam], methods=METHODS[:3]), by=rosa)
    assert "4 results" in refused(study, rosa)["methods"]


def test_a_method_without_a_checkpoint_is_named(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    Checkpoint.objects.filter(method="lafin").update(active=False)

    assert "lafin" in refused(study, rosa)["methods"]


def test_a_reader_whose_account_is_closed_is_named(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    sam.is_active = False
    sam.save()

    assert "Sam" in refused(study, rosa)["readers"]


def test_a_reader_who_drew_a_mask_cannot_read_blinded(ready_case, rosa, sam):
    case = ready_case(rosa)
    study = drafting.draft(Draft("Lip", [case], [sam]), by=rosa)
    mask = case.current_mask
    mask.drawn_by = sam
    mask.save()

    assert "drew a mask" in refused(study, rosa)["readers"]


@pytest.mark.parametrize("title", ["INCLG against the rest", "Edge-Connect again", "Is La Fin better?", "ctsdg"])
def test_a_title_that_names_a_method_is_refused(ready_case, rosa, sam, title):
    study = drafting.draft(Draft(title, [ready_case(rosa)], [sam]), by=rosa)
    assert "names a method" in refused(study, rosa)["title"]


def test_instructions_that_name_a_method_are_refused(ready_case, rosa, sam):
    agreed = Protocol(instructions="Compare with LaFIn.")
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam], protocol=agreed), by=rosa)
    assert "instructions" in refused(study, rosa)


def test_more_readers_per_case_than_there_are_is_refused(ready_case, rosa, sam):
    agreed = Protocol(assignment="split", readers_per_case=2)
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam], protocol=agreed), by=rosa)
    assert "fewer are invited" in refused(study, rosa)["readers"]


@pytest.mark.parametrize("agreed", [{"repeat_distance": 8}, {"assignment": "split", "readers_per_case": 1}])
def test_repeats_that_do_not_fit_into_a_readers_list_are_refused(ready_case, rosa, sam, ruth, agreed):
    repeated = Protocol(**{"repeat_share": 0.5, "repeat_distance": 3, **agreed})
    study = drafting.draft(Draft("Lip", [ready_case(rosa) for _ in range(4)], [sam, ruth], protocol=repeated), by=rosa)
    assert "only 0 fit" in refused(study, rosa)["repeat_distance"]


def test_a_closing_day_that_has_passed_is_refused(ready_case, rosa, sam):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam], protocol=Protocol(closes_on=yesterday)), by=rosa)
    assert "closes_on" in refused(study, rosa)


def test_the_database_itself_keeps_an_open_study_from_lacking_its_digests(ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    with pytest.raises(IntegrityError), transaction.atomic():
        Study.objects.filter(pk=study.pk).update(state=State.OPEN, opened_at=timezone.now())
