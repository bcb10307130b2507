"""The pages of cases in a real browser: bringing a photograph in, choosing its crop, watching its four jobs."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.cases import masking
from clinic.cases.models import Case, Crop
from clinic.inpainting.models import Checkpoint, InpaintingJob
from inference.contract import METHODS

OpenAs = Callable[..., Page]
Problems = Callable[[Page], list[str]]

WINDOWS = [{"width": 1440, "height": 900}, {"width": 820, "height": 1180}, {"width": 320, "height": 640}]
FACTS = {"side": "left", "severity": "complete", "phase": "pre-op"}


@pytest.mark.parametrize("size", WINDOWS, ids=lambda size: str(size["width"]))
def test_every_page_of_a_case_is_legible_and_reachable(
    size: dict[str, int], open_as: OpenAs, problems: Problems, rosa: User, cropped: Case, running: list[InpaintingJob]
) -> None:
    page = open_as(rosa, "/cases/", size)
    found = {}
    for address in ("/cases/", "/cases/new", f"/cases/{cropped.id}/", f"/cases/{cropped.id}/crop"):
        page.goto(address)
        found[address] = problems(page)
    if size["width"] > 720:
        page.goto(f"/cases/{cropped.id}/mask")
        found["bench"] = problems(page)

    assert {address: problem for address, problem in found.items() if problem} == {}


def test_rosa_brings_a_photograph_in_and_a_refusal_costs_her_nothing(
    open_as: OpenAs, rosa: User, portrait: bytes, transactional_db: None
) -> None:
    page = open_as(rosa, "/cases/new")
    page.set_input_files("#upload", {"name": "DSC_1.png", "mimeType": "image/png", "buffer": portrait})
    expect(page.locator("#chosen")).to_be_visible()
    for name, value in list(FACTS.items())[1:]:
        page.check(f"input[name={name}][value={value}]")
    page.fill("#dataset", "CleftLip10")
    page.click("#admit")

    expect(page.locator("#refusal")).to_contain_text("Choose the cleft side")
    expect(page.locator("#refusal")).to_be_focused()
    page.wait_for_function("document.getElementById('upload').files.length === 1")
    expect(page.locator("#dataset")).to_have_value("CleftLip10")

    page.check("input[name=side][value=left]")
    page.click("#admit")
    page.wait_for_url("**/crop")
    assert Case.objects.get().cleft_side == "left"


def test_a_file_over_the_cap_is_refused_before_it_is_sent(open_as: OpenAs, rosa: User, transactional_db: None) -> None:
    page = open_as(rosa, "/cases/new")
    page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(33 * 2 ** 20)], "large.png", { type: "image/png" }));
          const field = document.getElementById("upload");
          field.files = files.files;
          field.dispatchEvent(new Event("change"));
        }"""
    )

    expect(page.locator("#refusal")).to_contain_text("It has 33 MB; the limit is 32.")


def test_the_square_is_moved_by_mouse_resized_by_its_corner_and_kept(
    open_as: OpenAs, settled: Callable[..., Page], rosa: User, admitted: Case
) -> None:
    page = open_as(rosa, f"/cases/{admitted.id}/crop")
    square = page.locator("#square")
    page.wait_for_function("document.querySelector('#photo img').naturalWidth > 0")
    settled(page)
    scale = 640 / page.locator("#photo").bounding_box()["width"]

    corner = square.locator("[data-corner=se]").bounding_box()
    page.mouse.move(corner["x"] + 30, corner["y"] + 30)
    page.mouse.down()
    page.mouse.move(corner["x"] + 30 - 120 / scale, corner["y"] + 30 - 120 / scale, steps=5)
    page.mouse.up()
    expect(page.locator("#side")).to_have_value("360")

    box = square.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 40 / scale, box["y"] + box["height"] / 2 + 30 / scale, steps=5)
    page.mouse.up()
    page.click("button.main")

    page.wait_for_url("**/mask")
    crop = Crop.objects.get()
    assert (crop.left, crop.top, crop.side) == (120, 30, 360)


def test_the_square_is_moved_and_resized_by_keys_and_never_leaves_the_photograph(
    open_as: OpenAs, rosa: User, admitted: Case
) -> None:
    page = open_as(rosa, f"/cases/{admitted.id}/crop")
    page.fill("#side", "300")
    page.locator("#square").focus()
    for _ in range(40):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("-")
    page.keyboard.press("ArrowUp")

    expect(page.locator("#top")).to_have_value("0")
    left, side = (int(page.locator(f"#{name}").input_value()) for name in ("left", "side"))
    assert side < 300
    assert 300 < left <= 640 - side


def test_focus_stays_where_it_is_when_the_jobs_refresh_themselves(
    open_as: OpenAs, rosa: User, cropped: Case, running: list[InpaintingJob]
) -> None:
    page = open_as(rosa, f"/cases/{cropped.id}/")
    page.locator("#try-again").focus()

    InpaintingJob.objects.filter(pk=running[1].pk).update(state="done", lease_until=None)
    expect(page.locator("#road")).to_contain_text("2 done")

    expect(page.locator("#try-again")).to_be_focused()
    expect(page.locator("#lead")).to_contain_text("Two results in. One job stopped")


@pytest.fixture
def running(cropped: Case, rosa: User) -> list[InpaintingJob]:
    """Four jobs of the case: one done, two waiting, one stopped."""
    hole = np.zeros((256, 256), np.bool_)
    hole[140:190, 90:165] = True
    mask = masking.save_mask(cropped.current_crop, hole, rosa)
    jobs = []
    for number, method in enumerate(METHODS):
        checkpoint = Checkpoint.objects.create(method=method, sha256=f"{number:064x}", card={})
        jobs.append(InpaintingJob.objects.create(mask=mask, method=method, checkpoint=checkpoint, requested_by=rosa))
    InpaintingJob.objects.filter(pk=jobs[0].pk).update(state="done")
    InpaintingJob.objects.filter(pk=jobs[3].pk).update(state="failed", failure="timed-out")
    return jobs
