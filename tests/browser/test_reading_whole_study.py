"""Sam reads a whole study of 24 cases, once by keys alone and once by taps alone; every mark lands where he put it."""

from random import Random

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.studies.models import POSITIONS, Reading, Reason

pytestmark = pytest.mark.django_db(transaction=True)

CASES, ASKED, SEED = 24, 2, 2023
REASONS = [reason.value for reason in Reason if reason.value]
EVERY_KEY = {*"1234vxnru", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter"}
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def study(open_study):
    return open_study(cases=CASES, guesses=ASKED)


@pytest.fixture
def plan():
    """For each sheet what Sam will think of each letter, a rank or a reason ("" for none), and his guess at the end."""
    draw = Random(SEED)
    sheets = []
    for _ in range(CASES):
        valid = draw.sample(POSITIONS, draw.choice([0, 1, 2, 3, 4, 4]))
        marks = {letter: valid.index(letter) + 1 for letter in valid}
        marks |= {letter: draw.choice(["", *REASONS]) for letter in POSITIONS if letter not in valid}
        sheets.append((marks, draw.choice(["", *POSITIONS])))
    return draw, sheets


def place(letter, marks, judged):
    """The rank to press now, so that the letter comes to stand at its own rank once all are judged."""
    return 1 + sum(1 for other in judged if isinstance(marks[other], int) and marks[other] < marks[letter])


def opened(page, number):
    expect(page.locator("h1")).to_have_text(f"Sheet {number} of {CASES}")
    expect(page.locator("body.loading")).to_have_count(0)


def stored(study, sam):
    """Per sheet, in Sam's order, what the database holds: a rank or a reason by letter, and the guess."""
    own = Reading.objects.filter(study_reader__study=study, study_reader__user=sam, submitted_at__isnull=False)
    return [
        ({mark.position: mark.rank or mark.reason for mark in sheet.marks.all()}, sheet.guess)
        for sheet in own.prefetch_related("marks")
    ]


def wanted(sheets):
    """What ought to be stored: a guess only on the last sheets, where it is asked for."""
    return [(marks, guess if number > CASES - ASKED else None) for number, (marks, guess) in enumerate(sheets, start=1)]


class Keys:
    """Sam's keyboard; it remembers which keys he pressed."""

    def __init__(self, page):
        self.page, self.pressed = page, set()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.add(key)

    def go(self, draw, at, to):
        """To another letter by whichever arrows come to mind; the rows are A B and C D."""
        ways = [["ArrowRight"] * ((to - at) % 4), ["ArrowLeft"] * ((at - to) % 4)]
        if (to - at) % 4 == 2:
            ways = [["ArrowDown"], ["ArrowUp"]]
        self.press(*draw.choice(ways))


def keyed(keys, draw, marks):
    """Judge one sheet by keys, in any order, now and then with a slip that is taken back."""
    at, judged = 0, []
    for letter in draw.sample(POSITIONS, len(POSITIONS)):
        keys.go(draw, at, POSITIONS.index(letter))
        at = POSITIONS.index(letter)
        if draw.random() < 0.2:
            keys.press("n", "u")
        mark = marks[letter]
        if isinstance(mark, int):
            wanted, valid = place(letter, marks, judged), sum(isinstance(marks[other], int) for other in judged)
            keys.press("v" if wanted == valid + 1 and draw.random() < 0.5 else str(wanted))
        elif mark:
            keys.press(*["x"] * draw.choice([0, 1]), *["r"] * (REASONS.index(mark) + 1))
        else:
            keys.press("x")
        judged.append(letter)


def test_by_keys_alone_to_the_question_on_the_last_sheets(open_as, study, sam, plan):
    draw, sheets = plan
    page = open_as(sam, reverse("studies:read", args=[study.pk]), reduced_motion="reduce")
    keys = Keys(page)

    for number, (marks, guess) in enumerate(sheets, start=1):
        opened(page, number)
        if any(isinstance(mark, int) or mark for mark in marks.values()):
            keyed(keys, draw, marks)
        else:
            keys.press("n")
        expect(page.locator("#sum")).to_contain_text("Ready to submit.")
        keys.press("Enter")
        if number > CASES - ASKED:
            answers = page.locator("#guess [data-guess]")
            expect(answers.first).to_be_focused()
            for _ in range(POSITIONS.index(guess) if guess else len(POSITIONS)):
                page.keyboard.press("Tab")
            expect(page.locator(f"#guess [data-guess='{guess}']")).to_be_focused()
            page.keyboard.press("Enter")

    expect(page.get_by_text(f"All {CASES} sheets are submitted.")).to_be_visible()
    assert stored(study, sam) == wanted(sheets)
    assert keys.pressed == EVERY_KEY


def tapped(page, draw, marks):
    """Judge one sheet by taps, in any order."""
    judged = []
    for letter in draw.sample(POSITIONS, len(POSITIONS)):
        tile, mark = page.locator(f"[data-position={letter}]"), marks[letter]
        if isinstance(mark, int):
            tile.locator(f"[data-rank='{place(letter, marks, judged)}']").tap()
        else:
            tile.locator("[data-verdict=invalid]").tap()
            if mark:
                tile.locator(f"[data-reason={mark}]").tap()
        judged.append(letter)


def test_by_taps_alone_on_a_tablet(open_as, study, sam, plan):
    draw, sheets = plan
    page = open_as(sam, reverse("studies:study", args=[study.pk]), TABLET, has_touch=True, reduced_motion="reduce")
    page.get_by_role("link", name="Begin with sheet 1").tap()

    for number, (marks, guess) in enumerate(sheets, start=1):
        opened(page, number)
        tapped(page, draw, marks)
        page.get_by_role("button", name="Submit sheet").tap()
        if number > CASES - ASKED:
            page.locator(f"#guess [data-guess='{guess}']").tap()

    expect(page.get_by_text(f"All {CASES} sheets are submitted.")).to_be_visible()
    assert stored(study, sam) == wanted(sheets)
