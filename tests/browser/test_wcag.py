"""Every page of every role, examined by axe against WCAG 2.2 A and AA and its best practices: nothing is found."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.cases.models import Case
from clinic.studies import drafting, lifecycle, reading
from clinic.studies.drafting import Draft
from clinic.studies.models import Study

pytestmark = pytest.mark.django_db(transaction=True)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
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
