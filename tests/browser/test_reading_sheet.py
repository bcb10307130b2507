"""Sam reads sheets in a real browser: by keys alone, by mouse alone, by touch alone; and nothing ever jumps."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from clinic.audit.models import AuditEntry
from clinic.studies import reading
from clinic.studies.models import Mark, MarkHistory, Reading

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]


@pytest.fixture
def study(open_study):
    return open_study(cases=2)


@pytest.fixture
def read(open_as, study, sam):
    """A window of a size, with Sam's next sheet in it, its pictures arrived."""

    def opened(width=1440, height=900, **options):
        size = {"width": width, "height": height}
        page = open_as(sam, reverse("studies:read", args=[study.pk]), size, reduced_motion="reduce", **options)
        arrived(page)
        return page

    return opened


def arrived(page):
    expect(page.locator("body.loading")).to_have_count(0)


def marks_of(study, sequence=1):
    marks = Mark.objects.filter(reading__study_reader__study=study, reading__sequence=sequence)
    return {mark.position: mark.rank or mark.reason or "open" for mark in marks}


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def summary(page):
    return page.locator("#sum")


def rectangles(page):
    """Where every control of the page stands."""
    return page.eval_on_selector_all(
        "button, a.mark, .pic, .ctrl, .slot",
        "all => all.filter(one => !one.closest('dialog')).map(one => {const r = one.getBoundingClientRect();"
        " return [r.x, r.y, r.width, r.height].map(Math.round).join()})",
    )


def test_a_whole_study_by_keys_alone(read, study):
    page = read()

    press(page, "1", "ArrowRight", "1", "ArrowDown", "x", "r")
    expect(summary(page)).to_have_text("Best to least: B, A. Still to judge: C.")
    press(page, "ArrowLeft", "3")
    expect(summary(page)).to_have_text("Best to least: B, A, C. Ready to submit.")
    press(page, "Enter")

    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert marks_of(study) == {"A": 2, "B": 1, "C": 3, "D": "blurry"}

    arrived(page)
    press(page, "n", "Enter")
    expect(page.get_by_text("All 2 sheets are submitted.")).to_be_visible()
    assert marks_of(study, 2) == dict.fromkeys("ABCD", "open")


def test_a_sheet_by_mouse_alone(read, study):
    page = read()

    page.get_by_label("A: rank 1").click()
    page.locator("[data-position=B] [data-verdict=valid]").click()
    page.locator("[data-position=C] [data-reason=artefact]").click()
    page.locator("[data-position=D] [data-verdict=invalid]").click()
    page.get_by_role("button", name="Submit sheet").click()

    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert marks_of(study) == {"A": 1, "B": 2, "C": "artefact", "D": "open"}


def test_a_sheet_by_touch_alone_on_a_tablet(read, study):
    page = read(820, 1180, has_touch=True)

    page.locator("[data-position=A] .pic").tap()
    expect(page.locator("#zoom-word")).to_have_text("200 %")
    page.get_by_role("button", name="Zoom: ").tap()
    expect(page.locator("#zoom-word")).to_have_text("Fit")
    page.get_by_label("D: rank 1").tap()
    page.locator("[data-position=A] [data-verdict=invalid]").tap()
    page.locator("[data-position=A] [data-reason=mismatch]").tap()
    page.get_by_label("B: rank 1").tap()
    page.locator("[data-position=C] [data-verdict=valid]").tap()
    page.get_by_role("button", name="Submit sheet").tap()

    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert marks_of(study) == {"A": "mismatch", "B": 1, "D": 2, "C": 3}


def test_none_acceptable_is_one_key_and_keeps_reasons_given(read, study):
    page = read()

    press(page, "r", "ArrowRight", "1", "n")

    expect(summary(page)).to_have_text("None acceptable: all four invalid. Ready to submit.")
    expect(page.locator("[data-position=A] .state")).to_have_text("Invalid, blurry")
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert marks_of(study) == {"A": "blurry", "B": "open", "C": "open", "D": "open"}


def test_ranks_renumber_themselves_and_never_leave_a_gap(read):
    page = read()
    ranks = page.locator(".tile .state")

    press(page, "4")
    expect(ranks.nth(0)).to_have_text("Valid, ranked first")
    expect(page.get_by_label("B: rank 3")).to_have_attribute("aria-disabled", "true")
    page.get_by_label("B: rank 3").click(force=True)
    expect(ranks.nth(1)).to_have_text("Not judged yet")

    page.get_by_label("B: rank 1").click()
    page.get_by_label("C: rank 2").click()
    expect(ranks).to_have_text(["Valid, ranked third", "Valid, ranked first", "Valid, ranked second", "Not judged yet"])
    page.locator("[data-position=B] [data-verdict=invalid]").click()
    expect(ranks).to_have_text(["Valid, ranked second", "Invalid", "Valid, ranked first", "Not judged yet"])


def test_undo_goes_back_one_act_at_a_time_to_the_opened_state(read):
    page = read()

    press(page, "1", "n")
    press(page, "u")
    expect(summary(page)).to_have_text("Best to least: A. Still to judge: B, C, D.")
    press(page, "Control+z")
    expect(summary(page)).to_have_text("Still to judge: A, B, C, D.")
    expect(page.locator("#undo")).to_be_disabled()


WINDOWS = [(1440, 900), (1920, 1080), (820, 1180), (1366, 657), (1180, 816), (768, 1024), (2560, 1440)]
ACTS = (
    ["1"],
    ["ArrowRight", "1"],
    ["ArrowRight", "x", "r"],
    ["n"],
    ["u", "u", "u", "u"],
    ["m", "f", "g", "+"],
    ["Escape"],
)
SMALL = """all => all.filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches('.skip'))
    .map(one => [one.outerHTML, one.getBoundingClientRect()])
    .filter(([, r]) => r.width < 43.5 || r.height < 43.5).map(([html]) => html)"""


def test_in_every_window_nothing_moves_nothing_scrolls_and_all_is_within_a_fingers_reach(read, settled):
    page = read()
    for width, height in WINDOWS:
        before = rectangles(settled(page, {"width": width, "height": height}))
        for keys in ACTS:
            press(page, *keys)
            settled(page)
            assert rectangles(page) == before, (width, keys)
            assert page.eval_on_selector_all("button, a", SMALL) == [], (width, keys)
        press(page, "m", "f", "g")
        settled(page)
        sides = page.eval_on_selector_all(".pic", "all => all.map(one => one.getBoundingClientRect().width)")
        assert len(set(sides)) == 1
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_pictures_are_as_large_as_the_window_allows(read, settled):
    page = read()
    for width, height, side in [(1440, 900, 376), (1920, 1080, 460), (820, 1180, 353)]:
        settled(page, {"width": width, "height": height})
        assert page.locator(".pic").first.bounding_box()["width"] >= side


def test_the_order_of_the_tab_key_is_a_b_c_d(read):
    page = read()
    letters = page.eval_on_selector_all(
        ".tile button", "all => all.map(one => one.closest('.tile').dataset.position).join('')"
    )
    assert letters == "".join(sorted(letters))
    page.locator("[data-position=A] .pic").focus()
    press(page, "ArrowRight")
    expect(page.locator("[data-position=B] .pic")).to_be_focused()


def test_keys_can_be_turned_off_and_stay_off_on_the_next_sheet(read):
    page = read()
    press(page, "?")
    with page.expect_response("**/readings/preferences"):
        page.get_by_label("Single keys work").uncheck()
    press(page, "Escape", "n")
    expect(summary(page)).to_have_text("Still to judge: A, B, C, D.")
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-letter-keys", "off")


def test_a_half_done_sheet_opens_as_it_was_on_another_machine(read):
    page = read()
    press(page, "1", "ArrowRight", "x")
    expect(page.locator("#saved")).to_contain_text("Draft saved")

    other = read(820, 1180)
    expect(summary(other)).to_have_text("Best to least: A. Still to judge: C, D.")
    expect(other.locator("[data-position=C].active")).to_have_count(1)


def test_a_second_window_is_told_and_overwrites_nothing(read):
    one, other = read(), read()
    press(one, "1")
    expect(one.locator("#saved")).to_contain_text("Draft saved")

    press(other, "x")
    expect(other.locator("#stale")).to_be_visible()
    expect(other.locator("#own-sheet")).to_have_text("Still to judge: B, C, D.")
    other.get_by_role("button", name="Show the newer version").click()
    expect(summary(other)).to_have_text("Best to least: A. Still to judge: B, C, D.")


def test_the_second_window_may_also_insist_once_it_knows(read, sam):
    one, other = read(), read()
    press(one, "1")
    expect(one.locator("#saved")).to_contain_text("Draft saved")
    press(other, "x")
    expect(other.locator("#newer-sheet")).to_have_text("Best to least: A. Still to judge: B, C, D.")

    other.get_by_role("button", name="Keep what I marked here").click()
    expect(other.locator("#saved")).to_contain_text("Draft saved")
    assert Reading.objects.get(study_reader__user=sam, sequence=1).draft[0]["valid"] is False

    press(one, "ArrowRight", "1")
    expect(one.locator("#stale")).to_be_visible()


def test_a_lost_network_keeps_the_draft_here_and_sends_it_later(read, sam):
    page = read()
    page.context.set_offline(True)
    press(page, "1")
    expect(page.locator("#saved")).to_have_text("Kept here, not sent yet")
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    assert Reading.objects.get(study_reader__user=sam, sequence=1).draft[0]["rank"] == 1
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_a_sheet_sent_again_after_its_answer_was_lost_counts_once(read):
    page = read()
    lost = []

    def lose_the_first_answer(route):
        answer = route.fetch()
        lost.append(answer.status)
        route.abort() if len(lost) == 1 else route.fulfill(response=answer)

    page.route("**/submit", lose_the_first_answer)
    press(page, "n")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    press(page, "Enter")
    expect(page.locator("#saved")).to_have_text("Kept here, not sent yet")
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert Mark.objects.count() == 4


def test_sam_goes_back_and_corrects(read, study):
    page = read()
    press(page, "n", "Enter")
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    page.get_by_role("link", name="Back to sheet 1").click()
    expect(page.locator("h1")).to_have_text("Sheet 1 of 2")
    arrived(page)
    press(page, "1", "Enter")
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert marks_of(study)["A"] == 1
    assert list(MarkHistory.objects.values_list("act", flat=True)) == ["submitted", "corrected"]


def test_a_pause_hides_the_pictures_and_stops_the_clock(read, sam):
    page = read()
    with page.expect_response("**/draft"):
        page.get_by_role("button", name="Pause").click()
    expect(page.locator(".result").first).not_to_be_visible()
    assert Reading.objects.get(study_reader__user=sam, sequence=1).paused
    page.get_by_role("button", name="Go on reading").click()
    expect(page.locator(".result").first).to_be_visible()


def test_a_picture_that_does_not_arrive_hides_all_four_until_it_does(read):
    page = read()
    page.route("**/pictures/*", lambda route: route.abort(), times=1)
    page.reload()
    expect(page.get_by_text("did not all arrive")).to_be_visible()
    expect(page.locator(".result:visible")).to_have_count(0)
    press(page, "n")
    expect(summary(page)).to_have_text("Still to judge: A, B, C, D.")

    page.get_by_role("button", name="Load again").click()
    arrived(page)
    expect(page.locator(".result:visible")).to_have_count(4)


def test_zoom_and_mirror_are_linked_over_all_four(read, settled):
    page = read()
    press(page, "+", "+", "Shift+ArrowRight", "f")
    styles = settled(page).eval_on_selector_all(
        ".pic", "all => all.map(one => getComputedStyle(one.firstElementChild).transform)"
    )
    assert len(set(styles)) == 1
    assert styles[0].startswith("matrix(-3, 0, 0, 3,")
    expect(page.locator("#mirror")).to_have_text(re.compile("Mirrored"))
    expect(page.locator("#mirror")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_alt_text("Result A, mirrored")).to_have_count(1)


def test_the_page_can_be_dimmed_and_stays_so(read):
    page = read()
    with page.expect_response("**/readings/preferences"):
        page.get_by_role("button", name="Dim room").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(60, 60, 60)")
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", "rgb(60, 60, 60)")


def test_a_small_window_asks_for_a_larger_one_and_keeps_the_work(read):
    page = read()
    press(page, "1")
    page.set_viewport_size({"width": 400, "height": 700})
    expect(page.get_by_text("too small to compare four pictures")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(summary(page)).to_have_text("Best to least: A. Still to judge: B, C, D.")


SPANS = [(820, 1180), (1440, 900), (2560, 1440)]
STAGE = """page => {
  const box = (one) => { const r = one.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].map(Math.round); };
  const wells = [...document.querySelectorAll(".pic")];
  return {
    wells: wells.map(box),
    pictures: wells.map((well) => box(well.querySelector(".result"))),
    ground: [document.body, ...wells].map((one) => getComputedStyle(one).backgroundColor),
  };
}"""


def test_four_equal_squares_on_neutral_grey_from_tablet_to_large_screen(read, settled):
    page = read()
    for width, height in SPANS:
        stage = settled(page, {"width": width, "height": height}).evaluate(STAGE)
        (left, top, side, _), (right, *_), (_, below, *_), _ = stage["wells"]
        assert stage["wells"] == [
            [left, top, side, side], [right, top, side, side], [left, below, side, side], [right, below, side, side]
        ]  # fmt: skip
        assert stage["pictures"] == stage["wells"]
        assert right >= left + side
        assert below >= top + side
        assert set(stage["ground"]) == {"rgb(112, 112, 112)"}


def test_zoom_and_pan_move_all_four_pictures_and_the_hole_over_them_alike(read, settled):
    page = read()
    press(page, "g", "+", "Shift+ArrowLeft", "Shift+ArrowDown")
    moved = settled(page).eval_on_selector_all(".pic img", "all => all.map(one => getComputedStyle(one).transform)")
    assert len(moved) == 8
    assert len(set(moved)) == 1
    assert moved[0].startswith("matrix(2, 0, 0, 2,")
    expect(page.locator("#zoom-word")).to_have_text("200 %")
    press(page, "0")
    expect(page.locator("#zoom-word")).to_have_text("Fit")


def test_the_midline_lies_on_the_middle_of_every_picture_and_moves_with_it(read, settled):
    page = read()
    press(page, "m")
    expect(page.locator("#midline")).to_have_attribute("aria-pressed", "true")
    line = """all => all.map((well) => {
      const drawn = getComputedStyle(well, "::before");
      return [Number(drawn.opacity) > 0, parseFloat(drawn.left) - well.clientWidth / 2];
    })"""
    assert settled(page).eval_on_selector_all(".pic", line) == [[True, 0]] * 4
    press(page, "+", "Shift+ArrowRight")
    shifts = settled(page).eval_on_selector_all(".pic", line)
    assert shifts == [shifts[0]] * 4
    assert shifts[0][1] < 0


def test_the_clock_stands_still_while_nobody_is_there_and_in_a_pause(read, soon, sam):
    page = read()
    page.clock.install()
    page.reload()
    arrived(page)
    page.clock.run_for("00:30")
    press(page, "1")
    page.clock.run_for("10:00")
    with page.expect_response("**/draft"):
        page.get_by_role("button", name="Pause").click()
        page.clock.run_for(1000)
    page.clock.run_for("10:00")
    page.get_by_role("button", name="Go on reading").click()
    page.clock.run_for("00:20")
    Reading.objects.filter(study_reader__user=sam).update(opened_at=timezone.now() - timedelta(hours=1))
    press(page, "ArrowRight", "x")

    def spent():
        page.clock.run_for(1000)
        return Reading.objects.get(study_reader__user=sam, sequence=1).seconds

    # 30 s, then a minute after the last touch, then 20 s: neither the rest of the ten minutes nor the pause.
    soon(lambda: spent() >= 110)
    assert spent() < 200


def test_time_left_is_a_guess_from_sams_own_median(open_as, open_study, sam):
    study = open_study(cases=4)
    own = list(study.readers.get(user=sam).readings.all())
    page = open_as(sam, reverse("studies:read", args=[study.pk]))
    expect(page.locator(".left")).to_have_text("")

    for sheet, seconds in zip(own, (60, 120, 200), strict=False):
        reading.submit(reading.open_reading(sheet), NOTHING, 0)
        Reading.objects.filter(pk=sheet.pk).update(seconds=seconds)
    page.goto(reverse("studies:read", args=[study.pk]))
    expect(page.locator("h1")).to_have_text("Sheet 4 of 4")
    expect(page.locator(".left")).to_have_text("about 2 min left")


def test_where_the_protocol_allows_no_corrections_there_is_no_way_back(open_as, open_study, sam):
    study = open_study(cases=2, corrections=False)
    first = study.readers.get(user=sam).readings.first()
    reading.submit(reading.open_reading(first), NOTHING, 0)
    page = open_as(sam, reverse("studies:read", args=[study.pk]))
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    expect(page.get_by_role("link", name="Back to sheet 1")).to_have_count(0)

    page.goto(reverse("studies:reading", args=[first.pk]))
    arrived(page)
    press(page, "1")
    expect(page.get_by_text("the protocol allows no corrections")).to_be_visible()
    assert marks_of(study) == dict.fromkeys("ABCD", "open")


def test_the_photograph_before_surgery_is_laid_over_all_four_when_it_is_wished_for(open_as, open_study, sam):
    study = open_study(cases=1, photograph=True)
    page = open_as(sam, reverse("studies:read", args=[study.pk]), reduced_motion="reduce")
    arrived(page)
    expect(page.locator(".photograph")).to_have_count(0)

    with page.expect_response("**/pictures/*.png"):
        press(page, "p")
    expect(page.get_by_alt_text("The lip before surgery")).to_have_count(4)
    expect(page.get_by_alt_text("The lip before surgery").first).to_be_visible()
    press(page, "p")
    expect(page.locator(".photograph").first).to_be_hidden()
    press(page, "p", "p", "p")
    expect(page.locator("#photograph")).to_have_attribute("aria-pressed", "true")
    assert AuditEntry.objects.filter(act="picture-seen", details__position="photograph").count() == 1


def test_without_it_in_the_protocol_the_page_has_no_photograph(read):
    page = read()
    press(page, "p")
    expect(page.locator("#photograph")).to_have_count(0)
    expect(summary(page)).to_have_text("Still to judge: A, B, C, D.")
