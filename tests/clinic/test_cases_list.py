"""The list of cases says at a glance what needs Rosa now; Ada sees the hospital's cases without a single picture."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases.models import Case, Mask
from clinic.inpainting import dispatch
from clinic.inpainting.models import InpaintingJob

SignIn = Callable[[Client, User], Client]
MakeMask = Callable[..., Mask]


@pytest.fixture
def browser(client: Client, rosa: User, sign_in: SignIn) -> Client:
    """Rosa's, signed in."""
    return sign_in(client, rosa)


def codes(browser: Client, query: str = "") -> list[str]:
    """The case codes in the table, in order."""
    page = browser.get(f"/cases/{query}").content.decode()
    return re.findall(r"<b>([A-Z]+-\d+)</b>", page.partition("<table>")[2])


def test_an_empty_list_says_how_to_begin(browser: Client) -> None:
    page = browser.get("/cases/").content.decode()

    assert "No cases yet" in page
    assert 'href="/cases/new"' in page


def test_rosa_sees_her_own_cases_newest_first(browser: Client, rosa: User, max_: User, make_mask: MakeMask) -> None:
    make_mask(rosa, "VM-0001")
    make_mask(rosa, "VM-0002")
    make_mask(max_, "VM-0003")

    assert codes(browser) == ["VM-0002", "VM-0001"]


def test_ada_sees_every_case_of_her_hospital_and_no_picture(
    client: Client, ada: User, rosa: User, max_: User, sign_in: SignIn, make_mask: MakeMask
) -> None:
    make_mask(rosa, "VM-0001")
    make_mask(max_, "VM-0002")
    office = sign_in(client, ada)

    page = office.get("/cases/").content.decode()

    assert codes(office) == ["VM-0001"]
    assert "<img" not in page
    assert "Pictures are not shown to administrators." in page
    assert "/cases/new" not in page


@pytest.mark.parametrize("who", ["sam", "ruth"])
def test_surgeons_do_not_find_the_list(
    who: str, client: Client, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    assert sign_in(client, request.getfixturevalue(who)).get("/cases/").status_code == 404


def test_a_case_goes_from_crop_to_mask_to_run_to_running_to_ready(
    browser: Client, admitted: Case, rosa: User, make_mask: MakeMask, inpaint_all: Callable[[], object]
) -> None:
    def state() -> str:
        return re.findall(r'class="tag \w+">.*?</svg>([^<]+)', browser.get("/cases/").content.decode())[-1]

    assert state() == "Choose the crop"
    admitted.photograph.delete()
    admitted.delete()
    mask = make_mask(rosa)
    assert state() == "Run the four jobs"
    dispatch.run(mask, rosa)
    assert state() == "0 of 4 jobs done"
    inpaint_all()
    assert state() == "Ready"


def test_a_stopped_job_comes_first_among_the_notes_with_its_reason(
    browser: Client, rosa: User, make_mask: MakeMask, inpaint_all: Callable[[], object]
) -> None:
    make_mask(rosa, "VM-0002")
    stopped = dispatch.run(make_mask(rosa, "VM-0001"), rosa)[0]
    InpaintingJob.objects.filter(pk=stopped.pk).update(state="dead", failure="timed-out", lease_until=None)

    page = browser.get("/cases/").content.decode()

    assert "VM-0001: the worker ran out of time." in page
    assert page.index("1 case stopped") < page.index("1 case to run")
    assert "Job stopped" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=todo", ["VM-0002"]),
        ("?state=ready", ["VM-0001"]),
        ("?state=running", []),
        ("?dataset=Invented", ["VM-0002", "VM-0001"]),
        ("?dataset=Other", []),
        ("?code=vm-0002", ["VM-0002"]),
        ("?code=9", []),
        ("?page=nonsense", ["VM-0002", "VM-0001"]),
    ],
)
def test_filters_are_one_press(
    query: str, found: list[str], browser: Client, rosa: User, make_mask: MakeMask, inpaint_all: Callable[[], object]
) -> None:
    dispatch.run(make_mask(rosa, "VM-0001"), rosa)
    inpaint_all()
    make_mask(rosa, "VM-0002")

    assert codes(browser, query) == found


def test_a_long_list_comes_in_pages(browser: Client, rosa: User, make_mask: MakeMask) -> None:
    for number in range(21):
        make_mask(rosa, f"VM-{number:04d}")

    assert len(codes(browser)) == 20
    assert codes(browser, "?page=2") == ["VM-0000"]


def test_the_list_asks_the_database_a_fixed_number_of_questions(
    browser: Client, rosa: User, make_mask: MakeMask, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(6):
        make_mask(rosa, f"VM-{number:04d}")

    with django_assert_max_num_queries(12):
        browser.get("/cases/")


def test_rosa_hides_the_pictures_and_shows_them_again(browser: Client, rosa: User, make_mask: MakeMask) -> None:
    make_mask(rosa)
    assert "thumbnail.png" in browser.get("/cases/").content.decode()

    browser.post("/cases/pictures", {"next": "/cases/?state=todo"})
    hidden = browser.get("/cases/").content.decode()
    assert "<img" not in hidden
    assert "Show pictures" in hidden

    browser.post("/cases/pictures")
    assert "thumbnail.png" in browser.get("/cases/").content.decode()


def test_hiding_pictures_never_leads_to_another_site(browser: Client) -> None:
    assert browser.post("/cases/pictures", {"next": "https://elsewhere.example/"})["Location"] == "/cases/"
    assert browser.post("/cases/pictures", {"next": "/cases/?code=1"})["Location"] == "/cases/?code=1"


def test_the_list_itself_shows_no_picture_and_so_writes_no_line(
    browser: Client, rosa: User, make_mask: MakeMask
) -> None:
    make_mask(rosa)
    browser.get("/cases/")

    assert not AuditEntry.objects.filter(act="picture-seen").exists()
