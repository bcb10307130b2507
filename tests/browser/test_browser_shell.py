"""The frame around every page, in a real browser: legible, reachable, lockable, and usable by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long lamp beside the window"
WINDOWS = [{"width": 1440, "height": 900}, {"width": 820, "height": 1180}, {"width": 320, "height": 640}]
OFFICE = ["home", "people", "person-new", "password", "audit:log"]
DESK = ["inpainting:cases", "studies:list", "studies:progress"]

OpenAs = Callable[..., Page]
Problems = Callable[[Page], list[str]]
Settled = Callable[..., Page]
Soon = Callable[[Callable[[], object]], None]


@pytest.mark.parametrize("size", WINDOWS, ids=lambda size: str(size["width"]))
def test_every_desk_page_is_legible_and_reachable(
    open_as: OpenAs, problems: Problems, ada: User, sam: User, size: dict[str, int]
) -> None:
    record(ada, Act.PERSON_CREATED, sam, role="surgeon")
    page = open_as(ada, reverse("home"), size)
    found = {}
    for name in OFFICE + DESK:
        page.goto(reverse(name))
        found[name] = problems(page)
    page.goto(reverse("person", args=[sam.id]))
    found["person"] = problems(page)
    page.goto("/no-such-page")
    found["missing"] = problems(page)
    assert {name: problem for name, problem in found.items() if problem} == {}


@pytest.mark.parametrize("size", WINDOWS, ids=lambda size: str(size["width"]))
def test_the_door_is_legible_and_reachable(open_as: OpenAs, problems: Problems, size: dict[str, int]) -> None:
    page = open_as(None, reverse("sign-in"), size)
    assert problems(page) == []


def test_the_inspection_finds_what_it_looks_for(open_as: OpenAs, problems: Problems) -> None:
    page = open_as(None, reverse("sign-in"), WINDOWS[2])
    page.locator("main").evaluate(
        """main => {
          main.innerHTML = "<button>Go</button><input><img src='/static/vermilion/lip.svg'><b>pale</b><i>wide</i>";
          main.querySelector("b").style.color = "#999999";
          main.querySelector("i").style.cssText = "display: inline-block; width: 900px; font-size: 9px";
        }"""
    )
    found = "; ".join(problems(page))
    for sentence in ("scrolls sideways", "a target of", "without a label", "without words", "contrast", "letters of 9"):
        assert sentence in found


def test_rosa_signs_in_with_the_keyboard_alone(open_as: OpenAs, rosa: User) -> None:
    page = open_as(None, reverse("sign-in"))
    page.keyboard.type("rosa@ward.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cases")


def test_a_password_may_be_pasted(open_as: OpenAs, rosa: User) -> None:
    page = open_as(None, reverse("sign-in"))
    prevented = page.get_by_label("Password").evaluate(
        "field => !field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true}))"
    )
    assert prevented is False


def test_the_first_tab_skips_to_the_content(open_as: OpenAs, ada: User) -> None:
    page = open_as(ada, reverse("people"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_focus_ring_is_seen(open_as: OpenAs, ada: User) -> None:
    page = open_as(ada, reverse("people"))
    page.get_by_role("link", name="New person").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="New person")
    expect(link).to_have_css("outline-color", "rgb(23, 71, 201)")
    expect(link).to_have_css("outline-style", "solid")
    expect(link).to_have_css("outline-width", "3px")


def test_lock_hides_everything_and_the_password_brings_it_back(open_as: OpenAs, ada: User, rosa: User) -> None:
    page = open_as(ada, reverse("people"))
    page.get_by_role("button", name="Lock").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This screen is locked")
    assert "rosa@ward.example" not in page.content()
    page.go_back()
    expect(page.get_by_text("rosa@ward.example")).to_have_count(0)
    page.goto(reverse("unlock") + "?next=/people/")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("rosa@ward.example")).to_be_visible()


def test_two_minutes_before_the_end_one_press_extends(open_as: OpenAs, ada: User) -> None:
    page = open_as(ada, reverse("people"))
    page.clock.install()
    page.reload()
    page.clock.run_for("28:06")
    warning = page.get_by_role("dialog", name="You will be signed out in two minutes")
    expect(warning).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    page.clock.run_for("10:00")
    expect(warning).to_be_hidden()


def test_a_refused_form_leads_to_its_field(open_as: OpenAs, problems: Problems, ada: User) -> None:
    page = open_as(ada, reverse("person-new"))
    page.get_by_label("Name").fill("Tina")
    page.get_by_label("Work e-mail").fill("tina")
    page.get_by_text("Surgeon", exact=True).click()
    page.get_by_role("button", name="Create person").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Nobody was created yet.")
    summary.get_by_role("link").click()
    field = page.get_by_label("Work e-mail")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("valid email"))
    assert problems(page) == []


def test_nothing_moves_when_motion_is_unwanted(open_as: OpenAs, settled: Settled, ada: User) -> None:
    page = open_as(ada, reverse("people"), reduced_motion="reduce")
    assert settled(page).evaluate("document.getAnimations().length") == 0


def test_nothing_is_kept_in_the_browser_after_signing_out(open_as: OpenAs, soon: Soon, ada: User) -> None:
    page = open_as(ada, reverse("people"))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    soon(lambda: page.evaluate("localStorage.length + sessionStorage.length") == 0)
    soon(lambda: not [cookie for cookie in page.context.cookies() if "session" in cookie["name"]])


def test_the_page_survives_letters_twice_as_large(open_as: OpenAs, soon: Soon, ada: User) -> None:
    page = open_as(ada, reverse("people"))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    soon(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
