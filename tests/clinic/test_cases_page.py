"""The page of one case: where it stands, its four jobs without names or times, running them and trying again."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from clinic.accounts.models import User
from clinic.cases.models import Case, Mask
from clinic.inpainting import dispatch
from clinic.inpainting.models import Checkpoint, InpaintingJob
from inference.contract import METHODS

SignIn = Callable[[Client, User], Client]
MakeMask = Callable[..., Mask]


@pytest.fixture
def browser(client: Client, rosa: User, sign_in: SignIn) -> Client:
    """Rosa's, signed in."""
    return sign_in(client, rosa)


@pytest.fixture
def mask(rosa: User, make_mask: MakeMask) -> Mask:
    return make_mask(rosa, "VM-0145")


def address(mask: Mask, page: str = "") -> str:
    return f"/cases/{mask.crop.photograph.case_id}/{page}"


def job_words(page: str) -> list[str]:
    """What stands on the rows of the four jobs."""
    return re.findall(r'<li class="job">.*?</svg>(\w+)', page)


def stop(job: InpaintingJob, failure: str = "timed-out") -> None:
    InpaintingJob.objects.filter(pk=job.pk).update(state="failed", failure=failure, lease_until=None)


def test_a_new_case_asks_for_its_crop(browser: Client, admitted: Case) -> None:
    page = browser.get(f"/cases/{admitted.id}/").content.decode()

    assert "Choose the square that every method receives." in page
    assert f"/cases/{admitted.id}/photograph.png" in page
    assert "The jobs wait for a mask." in page


def test_a_case_with_a_mask_can_be_run(browser: Client, mask: Mask) -> None:
    page = browser.get(address(mask)).content.decode()

    assert "Four methods can now fill its hole." in page
    assert f'action="{address(mask, "run")}"' in page
    assert f"{address(mask, 'canonical.png')}" in page


def test_one_press_sends_four_jobs_and_a_second_sends_none(
    browser: Client, mask: Mask, inpaint_all: Callable[[], object]
) -> None:
    for _ in range(2):
        answer = browser.post(address(mask, "run"))
        assert answer["Location"] == address(mask)

    assert sorted(InpaintingJob.objects.values_list("method", flat=True)) == sorted(METHODS)


def test_while_jobs_run_the_page_looks_again_every_three_seconds(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    dispatch.run(mask, rosa)

    page = browser.get(address(mask)).content.decode()

    assert f'hx-get="{address(mask, "jobs")}" hx-trigger="every 3s"' in page
    assert "X-Vermilion-Background" in page
    assert "No results in, 4 under way." in page


def test_when_all_is_done_the_page_looks_no_more(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    dispatch.run(mask, rosa)
    inpaint_all()

    fragment = browser.get(address(mask, "jobs")).content.decode()

    assert "every 3s" not in fragment
    assert job_words(fragment) == ["Done"] * 4
    assert "All four results are sealed." in fragment
    assert fragment.count('hx-swap-oob="true"') == 3


def test_neither_names_nor_times_nor_ids_of_the_jobs_reach_the_page(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    jobs = dispatch.run(mask, rosa)
    inpaint_all()

    pages = [browser.get(address(mask, page)).content.decode().lower() for page in ("", "jobs")]

    for page in pages:
        assert not [method for method in METHODS if method in page]
        assert not [job for job in jobs if str(job.id) in page]
        assert not re.search(r"\d (s|sec|seconds|ms)\b", page)


def test_jobs_of_one_state_stand_in_an_order_made_anew(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    jobs = dispatch.run(mask, rosa)
    for job, failure in zip(jobs, ("timed-out", "out-of-memory", "engine-failed", "no-answer"), strict=True):
        stop(job, failure)

    def reasons() -> tuple[str, ...]:
        page = browser.get(address(mask, "jobs")).content.decode()
        return tuple(re.findall(r'note-text muted">([^<]+)', page))

    orders = {reasons() for _ in range(12)}

    assert len(orders) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(orders.pop()))}


def test_a_stopped_job_says_why_and_what_is_safe(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    jobs = dispatch.run(mask, rosa)
    stop(jobs[2])

    page = browser.get(address(mask)).content.decode()

    assert "1 job stopped: the worker ran out of time." in page
    assert "The photograph is safe and the other jobs go on." in page
    assert job_words(page) == ["Waiting"] * 3 + ["Stopped"]


def test_trying_again_gives_every_stopped_job_another_round(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    jobs = dispatch.run(mask, rosa)
    stop(jobs[0])
    stop(jobs[3], "engine-failed")

    assert browser.post(address(mask, "retry"))["Location"] == address(mask)

    states = set(InpaintingJob.objects.values_list("failure", flat=True))
    assert states == {""}
    inpaint_all()
    assert "The case can join a study." in browser.get(address(mask)).content.decode()


def test_a_missing_checkpoint_is_said_on_the_page_and_nothing_is_sent(
    browser: Client, mask: Mask, checkpoints: dict[str, Checkpoint]
) -> None:
    Checkpoint.objects.filter(method="lafin").delete()

    page = browser.post(address(mask, "run"), follow=True).content.decode()

    assert "NO-CHECKPOINT" in page
    assert not InpaintingJob.objects.exists()


def test_running_without_a_mask_is_refused_in_words(browser: Client, admitted: Case) -> None:
    page = browser.post(f"/cases/{admitted.id}/run", follow=True).content.decode()

    assert "There is no mask to run yet." in page


def test_the_story_of_a_case_is_told_in_clock_times(
    browser: Client, mask: Mask, rosa: User, inpaint_all: Callable[[], object]
) -> None:
    dispatch.run(mask, rosa)
    inpaint_all()

    page = browser.get(address(mask)).content.decode()

    told = [
        "All four results sealed",
        "Four jobs sent for mask v1",
        "Mask v1 drawn",
        "Crop chosen",
        "Photograph sealed",
    ]
    assert sorted(told, key=page.index) == told


def test_ada_sees_the_road_but_neither_picture_nor_button(
    client: Client, ada: User, sign_in: SignIn, mask: Mask
) -> None:
    page = sign_in(client, ada).get(address(mask)).content.decode()

    assert "Pictures are not shown to administrators." in page
    assert ".png" not in page
    assert "/run" not in page
    assert "/mask" not in page


@pytest.mark.parametrize("page", ["run", "retry"])
@pytest.mark.parametrize("who", ["ada", "sam", "max_"])
def test_nobody_else_runs_rosa_s_case(
    who: str, page: str, client: Client, sign_in: SignIn, mask: Mask, inpaint_all: Callable[[], object],
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    assert sign_in(client, request.getfixturevalue(who)).post(address(mask, page)).status_code == 404
    assert not InpaintingJob.objects.exists()


@pytest.mark.parametrize("page", ["", "jobs"])
@pytest.mark.parametrize("who", ["sam", "ruth", "max_"])
def test_a_foreign_case_looks_like_one_that_is_not_there(
    who: str, page: str, client: Client, sign_in: SignIn, mask: Mask, request: pytest.FixtureRequest
) -> None:
    other = sign_in(client, request.getfixturevalue(who))

    foreign, unknown = other.get(address(mask, page)), other.get(f"/cases/{uuid.uuid4()}/{page}")

    assert foreign.status_code == unknown.status_code == 404
    assert len(foreign.content) == len(unknown.content)
