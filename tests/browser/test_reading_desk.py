"""Every page of a study is legible and within reach, at a desk and on a tablet, to readers and to those who run it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.studies import drafting, lifecycle, reading
from clinic.studies.blinding import arms
from clinic.studies.drafting import Draft
from clinic.studies.models import POSITIONS

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [{"width": 1440, "height": 900}, {"width": 820, "height": 1180}]


def looked_at(page, problems, settled, addresses):
    """What is wrong on each page at each size; empty when nothing is."""
    found = {}
    for address in addresses:
        for size in SIZES:
            settled(page, size).goto(address)
            found[address, size["width"]] = problems(page)
    return {place: wrong for place, wrong in found.items() if wrong}


def judge(study):
    """Two readers on every sheet: INCLG first, the others invalid."""
    for reader in study.readers.all():
        opened = arms(reader)
        for sheet in reader.readings.all():
            entries = [
                {"position": letter, "valid": method == "inclg", "reason": "", "rank": 1 if method == "inclg" else None}
                for letter, method in zip(POSITIONS, opened[sheet.sequence], strict=True)
            ]
            reading.submit(reading.open_reading(sheet), entries, 0)


def test_the_desk_of_a_study_from_draft_to_results(open_as, problems, settled, open_study, ready_case, rosa, sam, ada):
    draft = drafting.draft(Draft("Lip draft", [ready_case(rosa)], [sam]), by=rosa)
    study = open_study(cases=2)
    at = lambda name, one: reverse(f"studies:{name}", args=[one.pk])  # noqa: E731
    page = open_as(ada, reverse("studies:list"))
    running = [reverse("studies:list"), reverse("studies:new"), reverse("studies:progress")]
    running += [at("study", draft), at("edit", draft), at("study", study), at("board", study), at("close", study)]
    assert looked_at(page, problems, settled, running) == {}

    judge(study)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    assert looked_at(page, problems, settled, [at("study", study), at("confirm", study)]) == {}

    lifecycle.confirm_unblinding(study, ada)
    assert looked_at(page, problems, settled, [at("study", study), at("results", study)]) == {}


def test_a_surgeons_pages_before_during_and_after(open_as, problems, settled, open_study, sam):
    study = open_study(cases=2)
    page = open_as(sam, reverse("studies:list"))
    own = [reverse("studies:list"), reverse("studies:study", args=[study.pk]), reverse("studies:read", args=[study.pk])]
    assert looked_at(page, problems, settled, own) == {}

    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator("#sum")).to_have_text("Best to least: A. Still to judge: C, D.")
    assert problems(page) == []
    page.get_by_role("button", name="Dim room").click()
    expect(page.locator("body")).to_have_attribute("data-theme", "dim")
    assert problems(page) == []
