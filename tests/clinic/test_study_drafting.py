"""Rosa drafts a study, changes it, clones it; what she may not put into one is refused at its field."""

import pytest

from clinic.studies import drafting
from clinic.studies.drafting import Draft
from clinic.studies.models import SheetKind, State, Study, StudyReader
from clinic.studies.protocol import Protocol, read
from clinic.studies.refusals import DraftRefusal, ProtocolRefusal

pytestmark = pytest.mark.django_db


def test_rosa_drafts_a_study_of_her_cases(ready_case, rosa, sam):
    one, two = ready_case(rosa), ready_case(rosa)

    study = drafting.draft(Draft("Lip", [one], [sam], training=[two]), by=rosa)

    assert study.state == State.DRAFT
    assert dict(study.cases.values_list("case__code", "kind")) == {one.code: "scored", two.code: "training"}
    assert [reader.code for reader in study.readers.all()] == ["R1"]


def test_a_change_makes_the_next_draft_number_and_forgets_what_was_drawn(open_study, rosa, sam, ready_case):
    study = open_study(cases=2)
    Study.objects.filter(pk=study.pk).update(state=State.DRAFT)
    study.refresh_from_db()

    drafting.change(study, Draft("Lip again", [ready_case(rosa)], [sam]), by=rosa)

    study.refresh_from_db()
    assert (study.title, study.draft_number, study.allocation_digest) == ("Lip again", 2, "")
    assert study.cases.count() == 1
    assert not study.readers.get().readings.exists()


def test_an_open_study_cannot_be_changed(open_study, rosa):
    study = open_study(cases=1)

    with pytest.raises(DraftRefusal, match="Clone it"):
        drafting.change(study, Draft("Other", [], []), by=rosa)
    study.refresh_from_db()
    assert study.title == "Lip study"


def test_a_clone_is_a_new_draft_and_the_frozen_study_stays(open_study, rosa):
    study = open_study(cases=3, repeat_share=0.3, repeat_distance=1)

    copy = drafting.clone(study, rosa)

    study.refresh_from_db()
    assert (copy.state, study.state) == (State.DRAFT, State.OPEN)
    assert copy.protocol == study.protocol
    assert copy.cases.count() == 3
    assert not copy.cases.filter(mask__isnull=False).exists()


def test_a_draft_can_be_thrown_away_but_an_open_study_cannot(open_study, ready_case, rosa, sam):
    one = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)
    drafting.discard(one, rosa)
    assert not Study.objects.filter(title="Lip").exists()

    with pytest.raises(DraftRefusal, match="frozen"):
        drafting.discard(open_study(cases=1), rosa)


def test_a_study_needs_a_title(rosa):
    with pytest.raises(DraftRefusal) as refusal:
        drafting.draft(Draft("  ", [], []), by=rosa)
    assert refusal.value.field == "title"


def test_a_title_has_a_longest_length(rosa):
    with pytest.raises(DraftRefusal) as refusal:
        drafting.draft(Draft("x" * 121, [], []), by=rosa)
    assert refusal.value.field == "title"


def test_max_cannot_put_rosas_case_into_his_study(ready_case, rosa, max_):
    with pytest.raises(DraftRefusal) as refusal:
        drafting.draft(Draft("Foreign", [ready_case(rosa)], []), by=max_)
    assert refusal.value.field == "cases"
    assert not Study.objects.exists()


def test_a_case_stands_in_a_study_once(ready_case, rosa):
    one = ready_case(rosa)
    with pytest.raises(DraftRefusal, match="twice"):
        drafting.draft(Draft("Twice", [one], [], training=[one]), by=rosa)


def test_only_surgeons_of_the_hospital_can_be_invited(rosa, ada):
    with pytest.raises(DraftRefusal) as refusal:
        drafting.draft(Draft("Ada reads", [], [ada]), by=rosa)
    assert refusal.value.field == "readers"


def test_a_reader_is_invited_once(rosa, sam):
    with pytest.raises(DraftRefusal, match="twice"):
        drafting.draft(Draft("Sam twice", [], [sam, sam]), by=rosa)


def test_an_unknown_method_is_refused(rosa):
    with pytest.raises(DraftRefusal, match="no method paint"):
        drafting.draft(Draft("Paint", [], [], methods=("paint",)), by=rosa)


def test_surgeons_do_not_draft(sam):
    with pytest.raises(DraftRefusal, match="researcher or an administrator"):
        drafting.draft(Draft("Mine", [], []), by=sam)
    assert not StudyReader.objects.exists()


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"assignment": "random"}, "assignment"),
        ({"repeat_share": 0.6}, "repeat_share"),
        ({"repeat_distance": 0}, "repeat_distance"),
        ({"tie_rule": "average"}, "tie_rule"),
        ({"assignment": "split", "readers_per_case": 0}, "readers_per_case"),
        ({"closes_on": "soon"}, "closes_on"),
    ],
)
def test_a_protocol_that_cannot_be_names_the_entry_to_mend(entry, field):
    with pytest.raises(ProtocolRefusal) as refusal:
        Protocol(**entry)
    assert refusal.value.field == field


def test_a_stored_protocol_with_an_unknown_entry_is_refused():
    with pytest.raises(ProtocolRefusal, match="no entry colour"):
        read({"colour": "red"})


def test_a_stored_protocol_with_a_wrong_kind_of_value_is_refused():
    with pytest.raises(ProtocolRefusal):
        read({"repeat_distance": "eight"})


def test_training_and_control_are_kinds_of_their_own(ready_case, rosa, sam):
    one, two, three = (ready_case(rosa) for _ in range(3))
    study = drafting.draft(Draft("Lip", [one], [sam], training=[two], control=[three]), by=rosa)
    assert set(study.cases.values_list("kind", flat=True)) == set(SheetKind.values)
