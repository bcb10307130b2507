"""Rosa keeps the board open and sees sheets come in; Tina follows her link; Ada takes a reader's marks out."""

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from clinic.accounts.models import User
from clinic.studies import drafting, opening, reading
from clinic.studies.drafting import Draft
from clinic.studies.models import Mark, StudyReader

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]
OWN = "four paper boats at noon"


def test_the_board_follows_the_readers_by_itself(open_as, open_study, rosa, sam):
    study = open_study(cases=2)
    page = open_as(rosa)
    page.clock.install()
    page.goto(reverse("studies:board", args=[study.pk]))
    row = page.get_by_role("row").filter(has_text="Sam")
    expect(row).to_contain_text("Not begun")

    reading.submit(reading.open_reading(reading.next_for(sam, study)), NOTHING, 0)
    page.clock.run_for(21_000)
    expect(row).to_contain_text("Reading")
    expect(row).to_contain_text("1/2")
    for name in ("INCLG", "EdgeConnect", "LaFIn", "CTSDG"):
        expect(page.locator("main")).not_to_contain_text(name)


def test_rosa_reminds_sam_from_the_board(open_as, open_study, rosa, sam):
    study = open_study(cases=1)
    page = open_as(rosa, reverse("studies:board", args=[study.pk]))
    page.get_by_role("row").filter(has_text="Sam").get_by_role("button", name="Remind").click()
    expect(page.get_by_text("Sam gets a reminder by e-mail.")).to_be_visible()
    assert [letter.to for letter in mail.outbox] == [[sam.email]]


def test_ada_takes_out_ruths_marks_with_a_reason(open_as, open_study, ada, ruth):
    study = open_study(cases=1)
    reading.submit(reading.open_reading(reading.next_for(ruth, study)), NOTHING, 0)
    page = open_as(ada, reverse("studies:board", args=[study.pk]))
    page.get_by_role("row").filter(has_text="Ruth").get_by_role("link", name="Take out…").click()
    page.get_by_label("The reader withdrew consent").check()
    page.get_by_role("button", name="Take out 4 marks").click()
    expect(page.get_by_text("4 marks of R2 no longer count.")).to_be_visible()
    assert not Mark.objects.exists()


def test_tina_follows_her_link_chooses_a_password_and_reads(open_as, problems, ready_case, rosa, sam):
    study = drafting.draft(Draft("Lip study", [ready_case(rosa)], [sam]), by=rosa)
    desk = open_as(rosa, reverse("studies:study", args=[study.pk]))
    desk.get_by_role("link", name="Invite by link…").click()
    desk.get_by_label("Name").fill("Tina")
    desk.get_by_label("Work e-mail").fill("tina@ward.example")
    desk.get_by_role("button", name="Make the link").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("A link for Tina")
    assert problems(desk) == []
    link = desk.locator("#link").text_content()
    study.refresh_from_db()
    opening.open_study(study, rosa)

    page = open_as(None, link)
    assert problems(page) == []
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Nothing was stored yet")).to_be_visible()
    page.get_by_label("Choose a password").fill(OWN)
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="Begin with sheet 1").click()
    expect(page.locator("h1")).to_have_text("Sheet 1 of 1")
    assert User.objects.get(name="Tina").check_password(OWN)
    assert StudyReader.objects.get(user__name="Tina").agreed_at is not None

    again = open_as(None, link)
    expect(again.get_by_role("heading", level=1)).to_have_text("This link is no more")
