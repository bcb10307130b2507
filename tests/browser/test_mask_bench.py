"""Rosa draws a mask by mouse, by keys alone and by touch, and nothing she drew is ever lost."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from clinic.cases import masking, pictures
from clinic.cases.models import Case, Mask

OpenAs = Callable[..., Page]
Soon = Callable[[Callable[[], object]], None]

TABLET = {"width": 820, "height": 1180}
# From the point (x, y) of the 256 mask to the window, as the bench shows it when fitted.
PLACE = """([x, y]) => {
  const box = document.getElementById("paint").getBoundingClientRect();
  const scale = Math.min(box.width - 32, box.height - 116) / 256;
  const left = (box.width - 256 * scale) / 2, top = Math.max(16, (box.height - 84 - 256 * scale) / 2);
  return [box.left + left + x * scale, box.top + top + y * scale];
}"""
# Two frames later everything that the last act set in motion is drawn.
BLANK = """async ([x, y]) => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  const [red, green, blue] = document.getElementById("seen").getContext("2d").getImageData(x, y, 1, 1).data;
  return red === 112 && green === 112 && blue === 112;
}"""
COVERAGE = """async () => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  return parseFloat(document.getElementById("coverage").textContent);
}"""


@pytest.fixture
def bench(open_as: OpenAs, rosa: User, cropped: Case) -> Page:
    """The bench of Rosa's case, with nothing drawn yet."""
    return ready(open_as(rosa, f"/cases/{cropped.id}/mask"))


def ready(page: Page) -> Page:
    page.wait_for_function("document.getElementById('seen').getContext('2d').getImageData(5, 5, 1, 1).data[3] === 255")
    return page


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where the point (x, y) of the mask lies in the window."""
    across, down = page.evaluate(PLACE, [x, y])
    return across, down


def drag(page: Page, *points: tuple[float, float]) -> None:
    """Press at the first point, move through the others, let go."""
    page.mouse.move(*place(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(page, *point), steps=6)
    page.mouse.up()


def coverage(page: Page) -> float:
    return float(page.evaluate(COVERAGE))


def blank(page: Page, x: int, y: int) -> bool:
    """Whether the preview of what the model sees is blank at a point."""
    return bool(page.evaluate(BLANK, [x, y]))


def saved_hole() -> NDArray[np.bool_]:
    return pictures.hole(Mask.objects.order_by("-version")[0])


def save(page: Page, version: int = 1) -> None:
    page.click("#save")
    expect(page.locator("#state")).to_contain_text(f"Saved as v{version}")


def test_a_stroke_is_seen_at_once_in_preview_and_coverage(bench: Page, soon: Soon) -> None:
    soon(lambda: coverage(bench) == 0)
    soon(lambda: not blank(bench, 140, 150))

    drag(bench, (120, 150), (160, 150))

    soon(lambda: blank(bench, 140, 150))
    soon(lambda: not blank(bench, 140, 180))
    soon(lambda: 1.3 < coverage(bench) < 1.7)
    expect(bench.locator("#state")).to_contain_text("Not saved yet")


def test_erasing_undoing_and_doing_again(bench: Page, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    whole = coverage(bench)

    bench.click("[data-tool=erase]")
    drag(bench, (140, 130), (140, 170))
    soon(lambda: not blank(bench, 140, 150))
    soon(lambda: coverage(bench) < whole)

    bench.click("[data-act=undo]")
    soon(lambda: blank(bench, 140, 150))
    soon(lambda: coverage(bench) == whole)
    bench.keyboard.press("Control+z")
    soon(lambda: coverage(bench) == 0)
    expect(bench.locator("[data-act=undo]")).to_be_disabled()

    bench.keyboard.press("Control+y")
    bench.click("[data-act=redo]")
    soon(lambda: not blank(bench, 140, 150))


def test_what_was_drawn_is_what_is_saved(bench: Page, rosa: User, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    save(bench)

    mask, hole = Mask.objects.get(), saved_hole()
    assert (mask.version, mask.source, mask.drawn_by) == (1, "drawn", rosa)
    assert hole[150, 120:160].all()
    assert not hole[170:].any()
    soon(lambda: round(100 * mask.coverage, 1) == coverage(bench))
    expect(bench.locator("#save")).to_have_text("Save as v2")
    expect(bench.locator("#versions [aria-current]")).to_contain_text("v1")


def test_a_whole_mask_can_be_drawn_with_the_keyboard_alone(bench: Page) -> None:
    for _ in range(60):
        bench.keyboard.press("Tab")
        if bench.evaluate("document.activeElement.id") == "paint":
            break
    bench.keyboard.press("Shift+ArrowDown")
    bench.keyboard.press("]")
    bench.keyboard.down(" ")
    for _ in range(3):
        bench.keyboard.press("Shift+ArrowRight")
    bench.keyboard.up(" ")
    bench.keyboard.press("Control+s")
    expect(bench.locator("#state")).to_contain_text("Saved as v1")

    hole = saved_hole()
    assert hole[137, 128:157].all()
    assert hole[128:147, 140].all()
    assert not hole[137, :115].any()


def test_a_finger_paints_and_two_fingers_only_move_the_picture(
    open_as: OpenAs, rosa: User, cropped: Case, soon: Soon
) -> None:
    page = ready(open_as(rosa, f"/cases/{cropped.id}/mask", TABLET, has_touch=True))
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        places = [dict(zip("xy", place(page, *point), strict=True)) for point in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    fingers("touchStart", (120, 150))
    fingers("touchMove", (140, 150))
    fingers("touchMove", (160, 150))
    fingers("touchEnd")
    soon(lambda: coverage(page) > 1)
    painted = coverage(page)
    soon(lambda: blank(page, 150, 150))

    fingers("touchStart", (100, 100))
    fingers("touchStart", (100, 100), (150, 100))
    fingers("touchMove", (80, 100), (180, 100))
    fingers("touchEnd")
    soon(lambda: coverage(page) == painted)
    expect(page.locator("#zoom-says")).not_to_have_text("100 %")

    page.tap("#save")
    expect(page.locator("#state")).to_contain_text("Saved as v1")


def test_a_polygon_is_clicked_corner_by_corner_and_closed_by_enter(bench: Page, soon: Soon) -> None:
    bench.keyboard.press("p")
    for corner in ((100, 120), (160, 120), (160, 180), (100, 180)):
        bench.mouse.click(*place(bench, *corner))
    soon(lambda: coverage(bench) == 0)

    bench.keyboard.press("Enter")
    soon(lambda: abs(coverage(bench) - 100 * 60 * 60 / 65536) < 0.2)

    bench.keyboard.press("Control+z")
    soon(lambda: coverage(bench) == 0)


def test_a_lasso_fills_what_it_goes_around(bench: Page, soon: Soon) -> None:
    bench.click("[data-tool=lasso]")
    drag(bench, (100, 120), (160, 120), (160, 180), (100, 180), (100, 121))

    soon(lambda: blank(bench, 130, 150))
    soon(lambda: abs(coverage(bench) - 100 * 60 * 60 / 65536) < 0.4)


def test_the_start_shape_lies_on_the_recorded_side(bench: Page, soon: Soon) -> None:
    bench.keyboard.press("s")

    soon(lambda: 4 < coverage(bench) < 12)
    expect(bench.locator("#advice")).to_contain_text("The hole is on the patient’s left, as recorded.")


def test_the_other_side_and_slips_of_the_brush_are_warned_of(bench: Page) -> None:
    for _ in range(8):
        bench.keyboard.press("[")
    drag(bench, (40, 150), (60, 150))
    bench.mouse.click(*place(bench, 20, 20))

    advice = bench.locator("#advice")
    expect(advice).to_contain_text("Other side than recorded")
    expect(advice).to_contain_text("One island under 12 points")
    expect(advice).to_contain_text("A small hole")


def test_an_empty_hole_is_not_saved_and_the_page_says_why(bench: Page) -> None:
    bench.click("#save")

    expect(bench.locator("#trouble")).to_contain_text("The hole is empty. Draw over the cleft, then save.")
    assert not Mask.objects.exists()


def test_when_the_server_is_away_the_strokes_stay_and_can_be_saved_later(bench: Page, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    drawn = coverage(bench)
    bench.route("**/mask?**", lambda route: route.abort())
    bench.click("#save")
    expect(bench.locator("#trouble")).to_contain_text("Your strokes are kept here")
    expect(bench.locator("#state")).to_contain_text("Kept here, not saved")
    soon(lambda: coverage(bench) == drawn)

    bench.unroute("**/mask?**")
    bench.click("#dismiss")
    save(bench)
    assert saved_hole()[150, 140]


def test_a_crop_changed_in_another_window_is_said_and_nothing_is_lost(
    bench: Page, cropped: Case, rosa: User, soon: Soon
) -> None:
    drag(bench, (120, 150), (160, 150))
    masking.choose_crop(cropped.photograph, 0, 0, 300, by=rosa)

    bench.click("#save")

    expect(bench.locator("#trouble")).to_contain_text("The crop was changed in another window.")
    soon(lambda: coverage(bench) > 1)
    assert not Mask.objects.exists()


def test_a_mask_file_is_imported_drawn_on_and_saved(bench: Page) -> None:
    hole = np.zeros((256, 256), np.uint8)
    hole[140:190, 90:165] = 255
    file = io.BytesIO()
    Image.fromarray(hole).save(file, "PNG")

    bench.set_input_files("#file", {"name": "mask.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(bench.locator("#coverage")).to_have_text("5.7 %")
    save(bench)

    assert np.array_equal(saved_hole(), hole > 0)
    assert Mask.objects.get().source == "imported"


def test_a_file_that_is_no_mask_leaves_the_strokes_where_they_are(bench: Page, portrait: bytes, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    drawn = coverage(bench)

    bench.set_input_files("#file", {"name": "photo.png", "mimeType": "image/png", "buffer": portrait})

    expect(bench.locator("#trouble")).to_contain_text("This picture is not black and white.")
    soon(lambda: coverage(bench) == drawn)


def test_an_older_version_is_opened_and_undo_brings_the_newer_back(bench: Page, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    save(bench)
    drag(bench, (120, 190), (160, 190))
    save(bench, version=2)

    bench.click("#versions button[data-version='1']")
    expect(bench.locator("#state")).to_contain_text("Not saved yet")
    soon(lambda: not blank(bench, 140, 190))

    bench.click("[data-act=undo]")
    soon(lambda: blank(bench, 140, 190))


def test_the_bench_opens_again_where_it_was_left(bench: Page) -> None:
    drag(bench, (120, 150), (160, 150))
    drawn = coverage(bench)
    save(bench)

    ready(bench).reload()

    expect(bench.locator("#coverage")).to_have_text(f"{drawn} %")
    expect(bench.locator("#state")).to_contain_text("Saved as v1")


def test_zoom_and_pan_change_the_view_and_not_the_mask(bench: Page, soon: Soon) -> None:
    drag(bench, (120, 150), (160, 150))
    drawn = coverage(bench)

    bench.keyboard.press("+")
    bench.click("[data-tool=pan]")
    drag(bench, (128, 128), (90, 90))
    soon(lambda: coverage(bench) == drawn)
    expect(bench.locator("#zoom-says")).to_have_text("125 %")

    bench.keyboard.press("0")
    expect(bench.locator("#zoom-says")).to_have_text("100 %")


def test_single_letters_can_be_turned_off(bench: Page) -> None:
    bench.keyboard.press("?")
    bench.locator("#letters").uncheck()
    bench.click("#close-keys")

    bench.keyboard.press("e")

    expect(bench.locator("[data-tool=brush]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, TABLET], ids=["desk", "tablet"])
def test_every_target_is_large_enough_and_nothing_scrolls_sideways(
    size: dict[str, int], open_as: OpenAs, settled: Callable[..., Page], rosa: User, cropped: Case
) -> None:
    page = ready(open_as(rosa, f"/cases/{cropped.id}/mask", size))

    small = settled(page).evaluate(
        """() => [...document.querySelectorAll("button, a, input, label.btn")]
          .filter((e) => e.checkVisibility() && !e.matches(".sr, .skip") && !e.closest("dialog"))
          .filter((e) => { const box = e.getBoundingClientRect(); return box.width < 43.5 || box.height < 43.5; })
          .map((e) => e.outerHTML.slice(0, 90))"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
