"""The blinding audit passes a sound study, and catches each leak that is planted in it."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from clinic.inpainting.results import picture
from clinic.studies import drafting, opening, presentation
from clinic.studies.addresses import new_token
from clinic.studies.drafting import Draft
from clinic.studies.evidence import MOST_PAGES, gather
from clinic.studies.leaks import CHECKS, checks
from clinic.studies.models import BlindingAudit, FrozenResult, Placement, Reading, State
from clinic.studies.presentation import Delivery
from clinic.studies.refusals import OpeningRefusal
from clinic.studies.telling import names_a_method

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(open_study):
    return open_study(cases=8, repeat_share=0.25, repeat_distance=3)


@pytest.fixture
def evidence(study):
    return gather(study)


def failing(evidence):
    return {check.key for check in checks(evidence) if not check.passed}


def test_a_sound_study_passes_every_check(evidence):
    assert failing(evidence) == set()


def change_pictures(evidence, method, **facts):
    """The evidence with facts of one method's pictures changed, as a leak would."""
    pictures = [replace(one, **facts) if one.arm == method else one for one in evidence.pictures]
    return replace(evidence, pictures=tuple(pictures))


def change_sheets(evidence, **facts):
    """The evidence with facts of its first scored sheet changed."""
    first = next(one for one in evidence.sheets if one.kind == "scored")
    return replace(evidence, sheets=tuple(replace(one, **facts) if one is first else one for one in evidence.sheets))


def with_page(evidence, text):
    return replace(evidence, pages=(*evidence.pages, text))


LEAKS = {
    "a shorter file": ("length", lambda e: change_pictures(e, "lafin", length=150_000)),
    "another size": ("size", lambda e: change_pictures(e, "lafin", size=(255, 256))),
    "another colour mode": ("size", lambda e: change_pictures(e, "lafin", mode="P")),
    "EXIF in one file": ("chunks", lambda e: change_pictures(e, "ctsdg", chunks=("IHDR", "eXIf", "IDAT", "IEND"))),
    "a colour profile in all": (
        "chunks",
        lambda e: change_pictures(e, "inclg", chunks=("IHDR", "iCCP", "IDAT", "IEND")),
    ),
    "bytes after the end": ("chunks", lambda e: change_pictures(e, "inclg", chunks=("IHDR", "IDAT", "IEND", "rest"))),
    "a header of its own": ("headers", lambda e: change_pictures(e, "inclg", headers=(("X-Model", "1"),))),
    "an ETag": ("cache", lambda e: change_pictures(e, "lafin", headers=(("Cache-Control", "no-store"), ("ETag", "x")))),
    "a picture that may be kept": (
        "cache",
        lambda e: change_pictures(e, "lafin", headers=(("Cache-Control", "private"),)),
    ),
    "a shifted rim": ("outside", lambda e: change_pictures(e, "edgeconnect", outside=12)),
    "a surround of its own": ("rim", lambda e: change_pictures(e, "edgeconnect", outside_digest="other")),
    "a slow method": ("timing", lambda e: change_pictures(e, "inclg", seconds=9.0)),
    "a method name in the page": ("pages", lambda e: with_page(e, '<img alt="Result of LaFIn">')),
    "a case code in the page": ("ids", lambda e: with_page(e, f"<!-- {e.secrets[0]} -->")),
    "letters out of order": ("order", lambda e: with_page(e, "".join(f'<i data-position="{x}">' for x in "BACD"))),
    "a method name in the title": ("texts", lambda e: replace(e, texts=("INCLG and others",))),
    "a missing picture": ("present", lambda e: replace(e, pictures=e.pictures[1:])),
    "a missing slot": ("whole", lambda e: change_sheets(e, positions=("A", "B", "C"))),
    "one result twice": ("whole", lambda e: change_sheets(e, arms=("inclg", "inclg", "lafin", "ctsdg"))),
    "a method name in a token": ("tokens", lambda e: change_sheets(e, tokens=("inclg", *e.sheets[0].tokens[1:]))),
    "a token used twice": ("reuse", lambda e: change_sheets(e, tokens=e.sheets[-1].tokens)),
    "a token of another study": ("reuse", lambda e: replace(e, tokens_elsewhere=1)),
    "a favoured letter": ("positions", lambda e: replace(e, counts={"R1": {"inclg": [5, 1, 1, 1]}})),
    "a broken seal": ("seal", lambda e: replace(e, sealed_digest="0" * 64)),
    "a photograph that was not agreed": ("photographs", lambda e: change_sheets(e, photograph="x" * 43)),
    "an early repeat": ("repeats", lambda e: replace(e, repeat_distance=99)),
}


def test_each_planted_leak_is_caught(evidence):
    missed = [leak for leak, (key, plant) in LEAKS.items() if key not in failing(plant(evidence))]
    assert missed == []
    assert len(LEAKS) >= 25


def test_no_check_is_without_a_leak_that_it_catches(evidence):
    elsewhere = {"readers", "guess"}  # caught in the two stories below
    assert {key for key, _ in LEAKS.values()} | elsewhere == {check.key for check in checks(evidence)}


@pytest.mark.parametrize("hidden", ["{}", "x{}y", "a-{}-b"])
def test_a_secret_is_found_inside_a_longer_word_and_one_of_several_words_too(evidence, hidden):
    secrets = (*evidence.secrets, "VM 0001/a")
    for secret in (evidence.secrets[0], evidence.secrets[-1], "VM 0001/a"):
        page = f"<p>{hidden.format(secret)}</p>"
        assert "ids" in failing(replace(evidence, secrets=secrets, pages=(*evidence.pages, page)))


def test_readers_in_one_order_are_caught(evidence):
    reader = evidence.sheets[0].reader
    own = [one for one in evidence.sheets if one.reader == reader]
    assert "readers" in failing(replace(evidence, sheets=(*own, *(replace(one, reader="R9") for one in own))))


def test_tokens_that_begin_by_method_are_caught_by_guessing(evidence):
    first = {"inclg": "i", "edgeconnect": "e", "lafin": "l", "ctsdg": "c"}
    sheets = [
        replace(one, tokens=tuple(first[arm] + token[1:] for arm, token in zip(one.arms, one.tokens, strict=True)))
        for one in evidence.sheets
    ]
    assert "guess" in failing(replace(evidence, sheets=tuple(sheets)))


def test_a_leak_in_the_encoder_itself_is_seen_in_the_bytes(study, monkeypatch, tmp_path):
    def with_a_comment(pixels):
        info = PngInfo()
        info.add_text("Software", "model 3")
        Image.fromarray(pixels).save(tmp_path / "x.png", pnginfo=info)
        return Delivery((tmp_path / "x.png").read_bytes(), dict(presentation.HEADERS))

    monkeypatch.setattr("clinic.studies.evidence.deliver", with_a_comment)
    assert {"chunks", "length"} <= failing(gather(study))


def test_a_rim_shifted_by_one_pixel_is_seen_in_the_bytes(study, monkeypatch):
    def shifted(one, arm):
        frozen = FrozenResult.objects.get(study_case=one, method=arm)
        return np.roll(picture(frozen.result), 1, axis=0) if arm == "lafin" else picture(frozen.result)

    monkeypatch.setattr("clinic.studies.evidence.arm_pixels", shifted)
    assert {"outside", "rim"} <= failing(gather(study))


def test_a_failed_audit_is_stored_and_blocks_opening(ready_case, rosa, sam, monkeypatch):
    monkeypatch.setattr(presentation, "HEADERS", {**presentation.HEADERS, "ETag": "x"})
    study = drafting.draft(Draft("Lip", [ready_case(rosa)], [sam]), by=rosa)

    with pytest.raises(OpeningRefusal) as refusal:
        opening.open_study(study, rosa)

    study.refresh_from_db()
    assert study.state == State.DRAFT
    assert "No picture may be kept by a browser" in str(refusal.value)
    report = BlindingAudit.objects.get(study=study)
    assert not report.passed
    assert len(report.report["checks"]) == len(CHECKS)


@pytest.mark.parametrize("token", ["short", "x" * 42 + ".", "lafin" + "x" * 38])
def test_a_token_of_another_shape_is_reported_and_stops_nothing(study, rosa, token):
    last = Reading.objects.filter(study_reader__study=study).order_by("-sequence").first().placements.first()
    Placement.objects.filter(pk=last.pk).update(token=token)

    report = opening.recheck(study, rosa)

    assert not report.passed
    assert "tokens" in {check["key"] for check in report.report["checks"] if not check["passed"]}


@pytest.mark.parametrize("where", ["picture", "photograph"])
def test_a_page_that_a_bad_token_kept_from_being_made_is_counted(study, where):
    first = Reading.objects.filter(study_reader__study=study).order_by("sequence", "study_reader__position").first()
    if where == "picture":
        Placement.objects.filter(pk=first.placements.first().pk).update(token="short")
    else:
        Reading.objects.filter(pk=first.pk).update(photograph_token="short")

    found = gather(study)

    assert found.pages_unmade == 1
    assert len(found.pages) == 3 * (found_sheets(study) - 1)
    assert "tokens" in failing(found)


def found_sheets(study):
    """How many sheets the audit takes pages of."""
    return min(MOST_PAGES, Reading.objects.filter(study_reader__study=study).count())


def test_a_token_that_happens_to_name_a_method_is_drawn_again(monkeypatch):
    drawn = iter(["x" * 19 + "LaFin" + "x" * 19, "y" * 43])
    monkeypatch.setattr("clinic.studies.addresses.token_urlsafe", lambda size: next(drawn))
    assert new_token() == "y" * 43


@pytest.mark.parametrize("text", ["INCLG", "edge connect", "Edge-Connect", "LaFIn's lips", "c t s d g"])
def test_a_method_is_recognised_in_any_spelling(text):
    assert names_a_method(text)


@pytest.mark.parametrize("text", ["Which fill would a surgeon accept?", "Edges connect here and there", "Lip 36"])
def test_plain_texts_name_no_method(text):
    assert not names_a_method(text)
