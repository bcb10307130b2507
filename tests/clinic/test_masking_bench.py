"""The mask bench as the server sees it: bits in, bits out, and words that leave every stroke where it is."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from numpy.typing import NDArray
from PIL import Image

from clinic.accounts.models import User
from clinic.cases import masking, pictures
from clinic.cases.models import Case, Crop, Mask

SignIn = Callable[[Client, User], Client]


@pytest.fixture
def crop(admitted: Case, rosa: User) -> Crop:
    return masking.choose_crop(admitted.photograph, 0, 0, 300, by=rosa)


@pytest.fixture
def browser(client: Client, rosa: User, sign_in: SignIn) -> Client:
    """Rosa's, signed in."""
    return sign_in(client, rosa)


def lip() -> NDArray[np.bool_]:
    hole = np.zeros((256, 256), np.bool_)
    hole[140:190, 90:165] = True
    return hole


def save(browser: Client, crop: Crop, body: bytes, more: str = "") -> HttpResponse:
    address = f"/cases/{crop.photograph.case_id}/mask?crop={crop.id}{more}"
    return browser.post(address, body, content_type="application/octet-stream")


def test_the_bench_opens_on_the_current_version(browser: Client, crop: Crop, rosa: User) -> None:
    masking.save_mask(crop, lip(), rosa)

    page = browser.get(f"/cases/{crop.photograph.case_id}/mask").content.decode()

    assert "Save as v2" in page
    assert f"/cases/{crop.photograph.case_id}/mask/1" in page
    assert "cleft on the patient’s left" in page


def test_without_a_crop_the_bench_leads_to_choosing_one(browser: Client, admitted: Case) -> None:
    assert browser.get(f"/cases/{admitted.id}/mask")["Location"] == f"/cases/{admitted.id}/crop"


def test_what_rosa_drew_becomes_the_next_version(browser: Client, crop: Crop, rosa: User) -> None:
    answer = save(browser, crop, np.packbits(lip()).tobytes())

    mask = Mask.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"version": 1, "coverage": mask.coverage}
    assert np.array_equal(pictures.hole(mask), lip())
    assert (mask.drawn_by, mask.source) == (rosa, "drawn")


def test_an_imported_mask_is_kept_as_imported(browser: Client, crop: Crop) -> None:
    save(browser, crop, np.packbits(lip()).tobytes(), "&source=imported")

    assert Mask.objects.get().source == "imported"


@pytest.mark.parametrize(
    ("body", "code"),
    [(bytes(8192), "MASK-EMPTY"), (b"\xff" * 8192, "MASK-FULL"), (b"\xff" * 8191, "MASK-SHAPE"), (b"", "MASK-SHAPE")],
)
def test_a_hole_that_cannot_be_used_is_answered_in_words(body: bytes, code: str, browser: Client, crop: Crop) -> None:
    answer = save(browser, crop, body)

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert not Mask.objects.exists()


def test_strokes_for_a_crop_that_was_changed_meanwhile_are_not_put_on_the_new_one(
    browser: Client, crop: Crop, rosa: User
) -> None:
    masking.choose_crop(crop.photograph, 10, 0, 280, by=rosa)

    answer = save(browser, crop, np.packbits(lip()).tobytes())

    assert answer.status_code == 409
    assert "Your strokes are kept here" in answer.json()["message"]
    assert not Mask.objects.exists()


def test_an_older_version_can_be_opened_again(browser: Client, crop: Crop, rosa: User) -> None:
    masking.save_mask(crop, lip(), rosa)
    masking.save_mask(crop, ~lip(), rosa)

    answer = browser.get(f"/cases/{crop.photograph.case_id}/mask/1")

    assert answer.content == np.packbits(lip()).tobytes()


def test_a_version_that_never_was_is_not_found(browser: Client, crop: Crop) -> None:
    assert browser.get(f"/cases/{crop.photograph.case_id}/mask/7").status_code == 404


def test_a_mask_file_comes_back_as_bits_and_is_not_stored(browser: Client, crop: Crop) -> None:
    file = io.BytesIO()
    Image.fromarray(lip().astype(np.uint8) * 255).save(file, "PNG")

    upload = SimpleUploadedFile("mask.png", file.getvalue(), "image/png")
    answer = browser.post(f"/cases/{crop.photograph.case_id}/mask/file", {"mask": upload})

    assert answer.content == np.packbits(lip()).tobytes()
    assert not Mask.objects.exists()


def test_a_mask_file_of_another_size_is_answered_in_words(browser: Client, crop: Crop) -> None:
    file = io.BytesIO()
    Image.new("L", (512, 512)).save(file, "PNG")

    upload = SimpleUploadedFile("mask.png", file.getvalue(), "image/png")
    answer = browser.post(f"/cases/{crop.photograph.case_id}/mask/file", {"mask": upload})

    assert answer.status_code == 422
    assert answer.json()["code"] == "MASK-SIZE"


def test_an_import_without_a_file_is_answered_in_words(browser: Client, crop: Crop) -> None:
    answer = browser.post(f"/cases/{crop.photograph.case_id}/mask/file")

    assert (answer.status_code, answer.json()["code"]) == (422, "MASK-NONE")


@pytest.mark.parametrize("who", ["ada", "sam", "max_"])
def test_nobody_else_saves_imports_or_opens_a_mask(
    who: str, client: Client, sign_in: SignIn, crop: Crop, rosa: User, request: pytest.FixtureRequest
) -> None:
    masking.save_mask(crop, lip(), rosa)
    other = sign_in(client, request.getfixturevalue(who))

    assert save(other, crop, np.packbits(lip()).tobytes()).status_code == 404
    assert other.get(f"/cases/{crop.photograph.case_id}/mask/1").status_code == 404
    assert other.post(f"/cases/{crop.photograph.case_id}/mask/file").status_code == 404
    assert Mask.objects.count() == 1


def test_a_save_without_the_page_s_token_is_refused(rosa: User, sign_in: SignIn, crop: Crop) -> None:
    strict = sign_in(Client(enforce_csrf_checks=True), rosa)

    assert save(strict, crop, np.packbits(lip()).tobytes()).status_code == 403
    assert not Mask.objects.exists()
