"""The blinding audit passes a sound study, looks into the bytes themselves, and blocks opening when it finds a leak."""

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


@pytest.mark.parametrize("hidden", ["{}", "x{}y", "a-{}-b"])
def test_a_secret_is_found_inside_a_longer_word_and_one_of_several_words_too(evidence, hidden):
    secrets = (*evidence.secrets, "VM 0001/a")
    for secret in (evidence.secrets[0], evidence.secrets[-1], "VM 0001/a"):
        page = f"<p>{hidden.format(secret)}</p>"
        assert "ids" in failing(replace(evidence, secrets=secrets, pages=(*evidence.pages, page)))


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
