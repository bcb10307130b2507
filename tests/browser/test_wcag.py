"""Every page of every role, examined by axe against WCAG 2.2 A and AA and its best practices: nothing is found."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.cases.models import Case
from clinic.inpainting.identity import create_platform_key
from clinic.studies import drafting, lifecycle, reading
from clinic.studies.drafting import Draft
from clinic.studies.drafts import save_draft
from clinic.studies.models import Study

pytestmark = pytest.mark.django_db(transaction=True)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
PASSWORD = "a long lamp beside the window"
PILOT = Path(__file__).parents[2] / "docs" / "samples" / "published-margins.csv"
NONE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]

OpenAs = Callable[..., Page]
Examine = Callable[..., list[str]]


@pytest.fixture(scope="session")
def axe() -> Axe:
    """The engine, read from its package."""
    return Axe()


@pytest.fixture
def examine(axe: Axe, settled: Callable[[Page], Page]) -> Examine:
    """What axe has against the page as it stands, or against each of these addresses: ``examine(page, "/people/")``."""

    def one(page: Page) -> Iterator[str]:
        for violation in axe.run(settled(page), options=OPTIONS).response["violations"]:
            for node in violation["nodes"]:
                yield f"{page.url}: {violation['id']} at {node['target']}: {node['html'][:120]}"

    def found(page: Page, *addresses: str) -> list[str]:
        problems = [] if addresses else list(one(page))
        for address in addresses:
            page.goto(address)
            problems += one(page)
        return problems

    return found


def judge_all(study: Study) -> None:
    """Every reader submits every sheet: none acceptable."""
    for reader in study.readers.all():
        for sheet in reader.readings.all():
            reading.submit(reading.open_reading(sheet), NONE, 0)


def test_axe_finds_what_is_wrong(open_as: OpenAs, examine: Examine) -> None:
    page = open_as(None, reverse("sign-in"))
    page.locator("main").evaluate("main => { main.innerHTML = '<input><a href=\"/\">.</a><img src=x>'; }")
    found = " ".join(examine(page))
    for rule in ("label", "image-alt"):
        assert rule in found


def test_the_door(open_as: OpenAs, examine: Examine, ada: User) -> None:
    page = open_as(None, reverse("sign-in"))
    assert examine(page) == []
    page.get_by_label("Work e-mail").fill("ada@ward.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert examine(page) == []


def test_the_pages_of_ada(open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], ada: User) -> None:
    study = open_study(cases=2)
    reader = study.readers.all()[0]
    page = open_as(ada, reverse("home"))
    someone = [reader.user_id]
    office = [reverse(name) for name in ("home", "people", "person-new", "password", "audit:log", "inpainting:cases")]
    office += [reverse(f"person{act}", args=someone) for act in ("", "-close", "-password")]
    office += ["/no-such-page", reverse("studies:strike", args=[study.pk, reader.pk])]
    assert examine(page, *office) == []

    page.goto(reverse("people"))
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This screen is locked")
    assert examine(page) == []


def test_the_pages_of_rosas_case(open_as: OpenAs, examine: Examine, cropped: Case) -> None:
    place = f"/cases/{cropped.pk}/"
    page = open_as(cropped.owner, reverse("home"))
    assert examine(page, reverse("home"), "/cases/", "/cases/new", place, f"{place}crop", f"{place}mask") == []


def test_the_pages_of_a_study_from_draft_to_results(
    open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], rosa: User, ada: User, sam: User
) -> None:
    study = open_study(cases=2)
    cases = [one.case for one in study.cases.all()]
    draft = drafting.draft(Draft("Lip draft", cases, [sam]), by=rosa)
    at = lambda name, one: reverse(f"studies:{name}", args=[one.pk])  # noqa: E731
    page = open_as(rosa, reverse("home"))
    running = [reverse("studies:list"), reverse("studies:new"), reverse("studies:progress")]
    running += [at("study", draft), at("edit", draft), at("open", draft)]
    running += [at(name, study) for name in ("study", "board", "close")]
    assert examine(page, *running) == []

    judge_all(study)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    office = open_as(ada, reverse("home"))
    assert examine(office, at("study", study), at("board", study), at("confirm", study)) == []
    lifecycle.confirm_unblinding(study, ada)
    assert examine(office, at("study", study), at("results", study)) == []


def test_the_pages_of_sam(open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], sam: User) -> None:
    study = open_study(cases=2)
    page = open_as(sam, reverse("home"))
    own = [reverse("studies:list"), reverse("studies:study", args=[study.pk]), reverse("password")]
    assert examine(page, *own, reverse("studies:read", args=[study.pk])) == []

    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator("#sum")).to_have_text("Best to least: A. Still to judge: C, D.")
    assert examine(page) == []
    page.get_by_role("button", name="Dim room").click()
    expect(page.locator("body")).to_have_attribute("data-theme", "dim")
    assert examine(page) == []

    for opener in ("All keys", "Pause"):
        page.get_by_role("button", name=opener).click()
        expect(page.locator("dialog[open]")).to_be_visible()
        assert examine(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


def refused(page: Page, button: str) -> None:
    """Send the form as it stands, and wait for what is wrong with it."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert").first).to_be_visible()


def test_the_account_and_its_tokens(open_as: OpenAs, examine: Examine, rosa: User) -> None:
    page = open_as(rosa, reverse("home"))
    assert examine(page, reverse("account"), reverse("api:listing"), reverse("token-new")) == []
    refused(page, "Make the token")
    assert examine(page) == []

    page.get_by_label("What it is for").fill("export script")
    page.locator("[name=scopes]").first.check()
    page.get_by_label("Your password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new token")
    assert examine(page) == []
    assert examine(page, reverse("account")) == []
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert examine(page) == []


def test_an_invitation_from_the_desk_to_the_first_sheet(
    open_as: OpenAs, examine: Examine, ready_case: Callable[..., Case], rosa: User, sam: User
) -> None:
    study = drafting.draft(Draft("Lip draft", [ready_case(rosa)], [sam]), by=rosa)
    page = open_as(rosa, reverse("home"))
    assert examine(page, reverse("studies:invite", args=[study.pk])) == []
    refused(page, "Make the link")
    assert examine(page) == []
    page.get_by_label("Name").fill("Tina")
    page.get_by_label("Work e-mail").fill("tina@ward.example")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").inner_text().strip()
    assert examine(page) == []
    assert examine(page, reverse("studies:study", args=[study.pk])) == []

    tina = open_as(None, link)
    assert examine(tina) == []
    refused(tina, "Begin")
    assert examine(tina) == []
    tina.get_by_label("Choose a password").fill("four paper boats at noon")
    tina.get_by_label("I agree").check()
    tina.get_by_role("button", name="Begin").click()
    expect(tina.get_by_text("Your account is ready.")).to_be_visible()
    assert examine(tina) == []

    late = open_as(None, link)
    expect(late.get_by_role("heading", level=1)).to_be_visible()
    assert examine(late) == []


def test_planning_a_study(open_as: OpenAs, examine: Examine, rosa: User) -> None:
    page = open_as(rosa, reverse("home"))
    assert examine(page, reverse("studies:planning")) == []
    refused(page, "Compute")
    assert examine(page) == []
    page.get_by_label("Marks file of the pilot").set_input_files(PILOT)
    page.get_by_label("Data set").fill("CleftLip24")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_role("table")).to_be_visible()
    assert examine(page) == []


def test_the_release_of_files(
    open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], rosa: User, ada: User
) -> None:
    create_platform_key()
    study = open_study(cases=1)
    judge_all(study)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    lifecycle.confirm_unblinding(study, ada)
    page = open_as(ada, reverse("home"))
    assert examine(page, reverse("studies:export", args=[study.pk])) == []
    refused(page, "Download")
    assert examine(page) == []
    page.get_by_label("The marks file alone").check()
    page.get_by_label("Statistical analysis").check()
    page.get_by_label("password").fill(PASSWORD)
    with page.expect_download():
        page.get_by_role("button", name="Download").click()
    assert examine(page, reverse("studies:export", args=[study.pk])) == []


def test_pages_that_say_no(
    open_as: OpenAs, examine: Examine, ada: User, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash() -> None:
        raise RuntimeError("canary")

    heading = "h1 >> visible=true"
    for person in (None, sam):
        page = open_as(person, "/no-such-page")
        expect(page.locator(heading)).to_have_text("There is nothing at this address")
        assert examine(page) == []

    page = open_as(ada, reverse("password"))
    page.locator("main form [name=csrfmiddlewaretoken]").evaluate("token => { token.value = 'x'.repeat(64); }")
    page.locator("main form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator(heading)).to_have_text("This page had gone stale")
    assert examine(page) == []

    monkeypatch.setattr("clinic.audit.views.verify", crash)
    page.goto(reverse("audit:log"))
    expect(page.locator(heading)).to_have_text("The server stopped half way")
    assert examine(page) == []


def test_the_questions_of_the_reading_page(
    open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], rosa: User, sam: User
) -> None:
    study = open_study(cases=2, guesses=1)
    page = open_as(sam, reverse("studies:read", args=[study.pk]))
    own = study.readers.get(user=sam).readings
    expect(page.locator("body.loading")).to_have_count(0)

    # Another window is faster.
    save_draft(own.first(), NONE[:1], own.first().revision)
    page.keyboard.press("1")
    expect(page.locator("#stale")).to_be_visible()
    assert examine(page) == []
    page.get_by_role("button", name="Keep what I marked here").click()
    expect(page.locator("#saved")).to_contain_text("Draft saved")

    for question in (False, True):
        expect(page.locator("body.loading")).to_have_count(0)
        page.keyboard.press("n")
        expect(page.locator("#sum")).to_contain_text("Ready to submit.")
        page.keyboard.press("Enter")
        if question:
            expect(page.locator("#guess")).to_be_visible()
            assert examine(page) == []
        else:
            expect(page.locator("h1")).to_have_text("Sheet 2 of 2")


def test_a_sheet_that_is_refused_and_a_reader_who_was_signed_out(
    open_as: OpenAs, examine: Examine, open_study: Callable[..., Study], rosa: User, sam: User
) -> None:
    study = open_study(cases=1)
    page = open_as(sam, reverse("studies:read", args=[study.pk]))
    expect(page.locator("body.loading")).to_have_count(0)
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("1")
    expect(page.locator("#signed-out")).to_be_visible()
    assert examine(page) == []

    page.context.add_cookies(kept)
    lifecycle.close(study, rosa)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#refused")).to_be_visible()
    assert examine(page) == []
