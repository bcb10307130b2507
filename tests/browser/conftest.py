"""A real Chromium for the stories that need eyes and hands, signed in as any of the five people.

Without Chromium these tests are skipped, and in CI they fail: there a missing browser is a mistake.
"""

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from clinic.accounts.models import User
from clinic.cases import apart, masking
from clinic.cases.intake import admit
from clinic.cases.models import Case
from clinic.vault.providers import create_key_file

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 60_000
DESK = {"width": 1440, "height": 900}
INSPECTION = Path(__file__).with_name("inspect.js")

# The window has its size, the letters have their shapes, and two frames later everything in motion is drawn.
SETTLED = """async ([width, height]) => {
  const frame = () => new Promise(requestAnimationFrame);
  do await frame(); while (innerWidth !== width || innerHeight !== height);
  await document.fonts.ready;
  await frame();
  await frame();
}"""

OpenAs = Callable[..., Page]
Browse = Callable[..., Page]
Soon = Callable[[Callable[[], object]], None]
Settled = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser; on a busy machine one may miss a beat, so it may try thrice."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    program = shutil.which("chromium")
    if program is None:
        words = "Chromium is not installed: apt-get install chromium"
        pytest.fail(words) if os.environ.get("CI") == "true" else pytest.skip(words)
    # Playwright keeps an event loop in this thread; Django would take that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_as(chromium: Browser, live_server: LiveServer) -> Iterator[OpenAs]:
    """Open an address as a signed-in person, or as nobody: ``open_as(rosa, "/cases/")``, ``open_as(None, "/sign-in")``.

    Afterwards no page may have asked any other host, broken the content policy or met a script error; answers that a
    story provokes (422 and the like) are the story's own business.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(person: User | None, address: str = "", size: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(viewport=size, base_url=live_server.url, **options)
        contexts.append(context)
        if person is not None:
            visitor, name = Client(), project.SESSION_COOKIE_NAME
            visitor.force_login(person)
            context.add_cookies([{"name": name, "value": visitor.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("request", lambda request: faults.append(request.url) if foreign(request.url) else None)
        if address:
            page.goto(address)
            # On a busy machine the window takes its size a moment after the page.
            page.evaluate(SETTLED, list(size.values()))
        return page

    def foreign(url: str) -> bool:
        return not url.startswith((live_server.url, "blob:", "data:"))

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def browse(open_as: OpenAs) -> Browse:
    """A window of a size, signed in and without motion, still empty: ``browse(sam, 820, 1180, touch=True)``."""

    def opened(person: User, width: int = 1440, height: int = 900, *, touch: bool = False) -> Page:
        return open_as(person, size={"width": width, "height": height}, has_touch=touch, reduced_motion="reduce")

    return opened


@pytest.fixture(scope="session")
def soon() -> Soon:
    """Wait until something holds that no locator can be asked about: ``soon(lambda: coverage(page) > 1)``."""

    def held(condition: Callable[[], object]) -> None:
        last = time.monotonic() + PATIENCE / 1000
        while not condition():
            assert time.monotonic() < last, "this did not come to hold in time"
            time.sleep(0.1)

    return held


@pytest.fixture(scope="session")
def settled() -> Settled:
    """The same page, of another size if wanted, once all that was set in motion is drawn: ``settled(page, size)``."""

    def still(page: Page, size: dict[str, int] | None = None) -> Page:
        if size:
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
        now = page.viewport_size or DESK
        page.evaluate(SETTLED, [now["width"], now["height"]])
        return page

    return still


@pytest.fixture
def problems(settled: Settled) -> Callable[[Page], list[str]]:
    """What the accessibility checklist has against a page, in sentences: ``assert problems(page) == []``."""

    def found(page: Page) -> list[str]:
        return list(settled(page).evaluate(INSPECTION.read_text()))

    return found


@pytest.fixture(autouse=True)
def _vault_key(data_folder: Path) -> None:
    key = data_folder / "keys" / "vault.key"
    if not key.exists():
        create_key_file(key)


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A drawn photograph of nobody, 640 x 480: a face-coloured ground with a red mouth."""
    image = Image.new("RGB", (640, 480), (214, 178, 152))
    ImageDraw.Draw(image).ellipse((260, 270, 390, 350), fill=(170, 60, 70))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def decoded(portrait: bytes) -> apart.Picture:
    """The portrait as the child process reads it, once for all stories."""
    return apart.decode(portrait, "photograph")


@pytest.fixture
def admitted(
    transactional_db: None, rosa: User, portrait: bytes, decoded: apart.Picture, monkeypatch: pytest.MonkeyPatch
) -> Case:
    """Rosa's case VM-0001, its cleft on the patient's left, uploaded and not cropped yet."""
    with monkeypatch.context() as quick:
        quick.setattr(apart, "decode", lambda upload, purpose: decoded)
        return admit(
            owner=rosa, upload=portrait, side="left", severity="complete", phase="pre-op", dataset="CleftLip10"
        )


@pytest.fixture
def cropped(admitted: Case) -> Case:
    """The same case with the middle square as its crop."""
    masking.choose_crop(admitted.photograph, *masking.centred_square(640, 480), by=admitted.owner)
    return admitted
