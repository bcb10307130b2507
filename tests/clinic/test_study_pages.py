"""The study pages over HTTP: what each of the five people finds, and what the forms say."""

import pytest
from django.urls import reverse

from clinic.studies import drafting, lifecycle, opening
from clinic.studies.drafting import Draft
from clinic.studies.leaks import CHECKS
from clinic.studies.models import State, Study
from evaluation.methods import NAMES

pytestmark = pytest.mark.django_db


def typed(case, *readers, **other):
    return {
        "title": "Lip study", "question": "Acceptable?", "readers": [reader.pk for reader in readers],
        "assignment": "crossed", "readers_per_case": "0", "repeats": "0", "repeat_distance": "8", "guesses": "0",
        "corrections": "on",
        "instructions": "Mark each result.", "consent": "Under a code.", f"case_{case.pk}": "scored", **other,
    }  # fmt: skip


def test_rosa_drafts_checks_and_opens_a_study_by_its_pages(client, sign_in, ready_case, rosa, sam):
    case = ready_case(rosa)
    sign_in(client, rosa)

    client.post(reverse("studies:new"), typed(case, sam))
    study = Study.objects.get()
    address = reverse("studies:study", args=[study.pk])
    assert "Not run for this draft" in client.get(address).content.decode()

    client.post(reverse("studies:prepare", args=[study.pk]))
    assert f"{len(CHECKS)} of {len(CHECKS)} passed" in client.get(address).content.decode()

    client.post(reverse("studies:open", args=[study.pk]))
    study.refresh_from_db()
    assert study.state == State.OPEN
    page = client.get(address).content.decode()
    assert study.allocation_digest[:8] in page
    assert study.protocol_digest[:8] in page


def test_the_form_shows_a_refusal_at_its_field_and_stores_nothing(client, sign_in, ready_case, rosa, sam):
    answer = sign_in(client, rosa).post(reverse("studies:new"), typed(ready_case(rosa), sam, title=" "))
    assert answer.status_code == 422
    assert "The draft was not stored yet." in answer.content.decode()
    assert not Study.objects.exists()


def test_a_split_study_needs_its_number_of_readers(client, sign_in, ready_case, rosa, sam):
    answer = sign_in(client, rosa).post(reverse("studies:new"), typed(ready_case(rosa), sam, assignment="split"))
    assert answer.status_code == 422
    assert "Say how many readers" in answer.content.decode()


def test_the_form_of_a_draft_comes_back_as_it_was_stored(client, sign_in, ready_case, rosa, sam):
    case = ready_case(rosa)
    study = drafting.draft(Draft("Lip", [], [sam], training=[case]), by=rosa)
    page = sign_in(client, rosa).get(reverse("studies:edit", args=[study.pk])).content.decode()
    assert '<option value="training" selected>' in page


def test_a_frozen_study_has_no_form(client, sign_in, open_study, rosa):
    study = open_study(cases=1)
    sign_in(client, rosa)
    answer = client.get(reverse("studies:edit", args=[study.pk]), follow=True)
    assert "Clone it to change anything" in answer.content.decode()


def test_opening_says_everything_there_is_to_mend(client, sign_in, rosa):
    study = drafting.draft(Draft("Empty", [], []), by=rosa)
    sign_in(client, rosa)
    page = client.post(reverse("studies:open", args=[study.pk]), follow=True).content.decode()
    assert "Choose at least one case to score." in page
    assert "Invite at least one reader." in page


def test_rosa_clones_and_throws_the_copy_away(client, sign_in, open_study, rosa):
    study = open_study(cases=1)
    sign_in(client, rosa)
    client.post(reverse("studies:clone", args=[study.pk]))
    copy = Study.objects.get(state=State.DRAFT)
    client.post(reverse("studies:discard", args=[copy.pk]))
    assert list(Study.objects.all()) == [study]


@pytest.mark.parametrize("who", ["ada", "rosa", "sam"])
def test_those_who_belong_find_the_study_in_their_list(client, sign_in, request, open_study, who):
    study = open_study(cases=1)
    sign_in(client, request.getfixturevalue(who))
    assert study.title in client.get(reverse("studies:list")).content.decode()
    assert client.get(reverse("studies:study", args=[study.pk])).status_code == 200


def test_max_from_another_hospital_finds_nothing(client, sign_in, open_study, max_):
    study = open_study(cases=1)
    sign_in(client, max_)
    assert study.title not in client.get(reverse("studies:list")).content.decode()
    for name in ("study", "edit", "open", "close", "board"):
        assert client.get(reverse(f"studies:{name}", args=[study.pk])).status_code == 404
    for name in ("clone", "discard", "prepare", "open", "close", "ask", "withdraw"):
        assert client.post(reverse(f"studies:{name}", args=[study.pk])).status_code == 404
    assert Study.objects.get().state == State.OPEN


def test_a_surgeon_does_not_find_a_draft_nor_a_study_of_others(
    client, sign_in, ready_case, open_study, rosa, sam, ruth
):
    draft = drafting.draft(Draft("Draft", [ready_case(rosa)], [sam]), by=rosa)
    others = drafting.draft(Draft("Others", [ready_case(rosa)], [ruth]), by=rosa)
    opening.open_study(others, rosa)
    sign_in(client, sam)
    for study in (draft, others):
        assert client.get(reverse("studies:study", args=[study.pk])).status_code == 404
        assert client.get(reverse("studies:read", args=[study.pk])).status_code == 404


def test_a_surgeon_runs_nothing(client, sign_in, open_study, sam):
    study = open_study(cases=1)
    sign_in(client, sam)
    for name in ("clone", "prepare", "open", "close", "ask", "withdraw", "discard"):
        assert client.post(reverse(f"studies:{name}", args=[study.pk])).status_code == 404
    assert Study.objects.get().state == State.OPEN


def test_sam_does_not_see_that_ruth_reads_too(client, sign_in, open_study, sam, ruth):
    study = open_study(cases=1)
    page = sign_in(client, sam).get(reverse("studies:study", args=[study.pk])).content.decode()
    assert "Ruth" not in page


@pytest.mark.parametrize("who", ["ada", "rosa", "sam"])
def test_no_page_names_a_method_before_unblinding(client, sign_in, request, open_study, rosa, who):
    study = open_study(cases=2)
    sign_in(client, request.getfixturevalue(who))
    for closed in (False, True):
        if closed:
            lifecycle.close(study, rosa)
        for name in ("study",) if who == "sam" else ("study", "board"):
            page = client.get(reverse(f"studies:{name}", args=[study.pk])).content.decode().lower()
            assert not [method for method in NAMES if method in page]


def test_an_empty_list_says_what_to_do_next(client, sign_in, rosa, sam):
    assert "Draft a study" in sign_in(client, rosa).get(reverse("studies:list")).content.decode()
    assert "When you are invited" in sign_in(client, sam).get(reverse("studies:list")).content.decode()
