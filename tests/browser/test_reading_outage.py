"""The server goes away while Sam reads, for real, and comes back: nothing he marked is lost, not even by a reload."""

import contextlib
import socket

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler
from django.urls import reverse
from playwright.sync_api import Error, expect
from pytest_django.live_server_helper import LiveServer

from clinic.studies.drafts import save_draft
from clinic.studies.models import Mark, Reading

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long lamp beside the window"


class CuttingServer(ThreadedWSGIServer):
    """A server that cuts every connection when it closes, as a killed one does."""

    def __init__(self, *args, **kwargs):
        self.lines = []
        super().__init__(*args, **kwargs)

    def get_request(self):
        line, address = super().get_request()
        self.lines.append(line)
        return line, address

    def server_close(self):
        super().server_close()
        for line in self.lines:
            with contextlib.suppress(OSError):  # closed already
                line.shutdown(socket.SHUT_RDWR)


class Thread(LiveServerThread):
    """Serves at a port that may be taken again at once."""

    def _create_server(self, connections_override=None):
        place = (self.host, self.port)
        return CuttingServer(
            place, QuietWSGIRequestHandler, allow_reuse_address=True, connections_override=connections_override
        )


class Server(LiveServer):
    """A live server that can be killed, and started again at the same address."""

    def __init__(self):
        super().__init__("localhost", start=False)
        self.thread = self.fresh(0)
        self.start()

    def fresh(self, port):
        thread = Thread("localhost", static_handler=StaticFilesHandler, connections_override={}, port=port)
        thread.daemon = True
        return thread

    def start_again(self):
        self.thread = self.fresh(self.thread.port)
        self.start()


@pytest.fixture
def live_server(transactional_db):
    server = Server()
    yield server
    if server.thread.is_alive():
        server.stop()


@pytest.fixture
def page(open_as, open_study, sam):
    """Sam's first sheet, with its pictures."""
    study = open_study(cases=2)
    page = open_as(sam, reverse("studies:read", args=[study.pk]), reduced_motion="reduce")
    page.on("dialog", leave)
    expect(page.locator("body.loading")).to_have_count(0)
    return page


def leave(dialog):
    """Yes, leave the page although something was not sent."""
    with contextlib.suppress(Error):  # the page is gone already
        dialog.accept()


def reload_in_vain(page):
    with pytest.raises(Error):
        page.reload()


@pytest.fixture
def come_back(soon):
    """Open a page again after an outage; Chromium's own error page may be trying the same at this moment."""

    def arrived(page, address):
        try:
            page.goto(address)
        except Error:
            return False
        return True

    return lambda page, address: soon(lambda: arrived(page, address))


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def sheet_of(sam):
    return Reading.objects.get(study_reader__user=sam, sequence=1)


def judged(sam):
    return {one["position"]: one["rank"] or one["reason"] for one in sheet_of(sam).draft}


def half_marked(page, sam):
    press(page, "1", "ArrowRight", "x")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    assert judged(sam) == {"A": 1, "B": ""}


def test_marks_made_while_the_server_is_down_are_saved_when_it_is_back(page, live_server, sam):
    half_marked(page, sam)

    live_server.stop()
    press(page, "r", "ArrowRight", "1")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.locator("#saved")).to_have_text("Kept here, not sent yet")
    press(page, "ArrowRight", "2")
    expect(page.locator("#sum")).to_have_text("Best to least: C, D, A. Ready to submit.")
    assert judged(sam) == {"A": 1, "B": ""}

    live_server.start_again()
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()
    assert judged(sam) == {"A": 3, "B": "blurry", "C": 1, "D": 2}
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Sheet 2 of 2")
    assert {mark.position: mark.rank for mark in Mark.objects.all()} == {"A": 3, "B": None, "C": 1, "D": 2}


def test_a_reload_while_the_server_is_down_loses_nothing_either(page, live_server, come_back, sam):
    half_marked(page, sam)
    live_server.stop()
    press(page, "ArrowRight", "1")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    reload_in_vain(page)

    live_server.start_again()
    come_back(page, reverse("studies:reading", args=[sheet_of(sam).pk]))

    expect(page.locator("#sum")).to_have_text("Best to least: C, A. Still to judge: D.")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    assert judged(sam) == {"A": 2, "B": "", "C": 1}
    page.wait_for_function("sessionStorage.length === 0")


def test_what_the_tab_keeps_names_nobody(page, live_server, sam):
    live_server.stop()
    press(page, "1")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()

    kept = page.evaluate("JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage})")
    assert str(sheet_of(sam).pk) in kept
    for name in (sam.name, sam.email, str(sam.pk), sheet_of(sam).study_case.case.code):
        assert name not in kept


def test_a_sheet_changed_elsewhere_meanwhile_is_shown_beside_ones_own(page, live_server, come_back, sam):
    half_marked(page, sam)
    live_server.stop()
    press(page, "ArrowRight", "x")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    reload_in_vain(page)
    sheet = sheet_of(sam)
    save_draft(sheet, [{"position": "D", "valid": True, "reason": "", "rank": 1}], sheet.revision)

    live_server.start_again()
    come_back(page, reverse("studies:reading", args=[sheet.pk]))
    expect(page.locator("#newer-sheet")).to_have_text("Best to least: D. Still to judge: A, B, C.")
    expect(page.locator("#own-sheet")).to_have_text("Best to least: A. Still to judge: D.")
    assert judged(sam) == {"D": 1}

    page.get_by_role("button", name="Keep what I marked here").click()
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    assert judged(sam) == {"A": 1, "B": "", "C": ""}
    assert [(row.act, row.sheet[0]["position"]) for row in sheet_of(sam).history.all()] == [("replaced", "D")]
    press(page, "ArrowLeft", "x")
    expect(page.locator("#sum")).to_have_text("Best to least: A. Ready to submit.")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    assert sheet_of(sam).history.count() == 1


def test_signed_out_in_the_middle_sam_signs_in_again_beside_it_and_goes_on(page, sam):
    half_marked(page, sam)
    page.context.clear_cookies()
    press(page, "ArrowRight", "1")
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()

    with page.expect_popup() as beside:
        page.get_by_role("link", name="Sign in").click()
    door = beside.value
    door.get_by_label("Work e-mail").fill(sam.email)
    door.get_by_label("Password").fill(PASSWORD)
    door.get_by_role("button", name="Sign in").click()
    expect(door.get_by_role("heading", name="Sign in")).to_have_count(0)
    door.close()
    page.get_by_role("button", name="Go on").click()

    expect(page.locator("#saved")).to_contain_text("Draft saved")
    expect(page.locator("#sum")).to_have_text("Best to least: C, A. Still to judge: D.")
    assert judged(sam) == {"A": 2, "B": "", "C": 1}
