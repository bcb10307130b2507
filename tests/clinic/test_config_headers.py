"""Every answer carries the headers that keep it private, and the pages break none of them."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User

TEMPLATES = Path(project.ROOT) / "templates"
STATIC = Path(project.PACKAGE) / "static" / "vermilion"

# A source, link, action or import that names another host.
OUTSIDE = re.compile(r"""(?:src|href|action|url|import|from|fetch)\s*[=(]?\s*["'(]?((?:https?:)?//[^\s"')]+)""")


@pytest.fixture(params=["sign-in", "people", "audit:log", "no such page"])
def answer(request: pytest.FixtureRequest, client: Client, ada: User, sign_in):
    """Answers of four kinds: open, guarded, filtered, missing."""
    if request.param == "sign-in":
        return client.get(reverse("sign-in"))
    place = "/no-such-page" if request.param == "no such page" else reverse(request.param)
    return sign_in(client, ada).get(place)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cache-Control", "no-store, private"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ],
)
def test_every_answer_carries_it(answer, name: str, value: str) -> None:
    assert answer.headers[name] == value


def test_no_answer_can_be_recognised_by_a_tag(answer) -> None:
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("feature", ["camera", "microphone", "geolocation"])
def test_browser_features_are_off(answer, feature: str) -> None:
    assert f"{feature}=()" in answer.headers["Permissions-Policy"]


def test_the_content_policy_knows_this_server_only(answer) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    for loose in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*", "data:"):
        assert loose not in policy


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, rosa: User) -> None:
    client.get(reverse("sign-in"))
    client.post(reverse("sign-in"), {"email": rosa.email, "password": "a long lamp beside the window"})
    session = client.cookies[project.SESSION_COOKIE_NAME]
    assert session["httponly"]
    assert session["samesite"] == "Strict"
    assert session["expires"] == ""


def every(folder: Path, *kinds: str) -> list[Path]:
    """Return our own files of these kinds."""
    return [file for kind in kinds for file in sorted(folder.rglob(f"*.{kind}"))]


@pytest.mark.parametrize("file", every(TEMPLATES, "html"), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_no_template_has_anything_inline(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text.replace('type="application/json"', "src=")), file
    assert "<style" not in text
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)\s*=", re.sub(r"{[%{].*?[%}]}", "", text))


@pytest.mark.parametrize("file", [*every(TEMPLATES, "html"), *every(STATIC, "css", "js")], ids=lambda file: file.name)
def test_nothing_is_fetched_from_elsewhere(file: Path) -> None:
    assert OUTSIDE.findall(file.read_text()) == []


def test_static_files_are_served_without_debug(client: Client, db: None) -> None:
    with closing(client.get("/static/vermilion/vermilion.css")) as answer:
        assert b"--vermilion" in b"".join(answer)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = {name for file in every(TEMPLATES, "html") for name in re.findall(r'{% icon "([^"]+)"', file.read_text())}
    assert named - drawn == set()
