"""The page of a new case and the page of its crop: Rosa's to use, nobody else's, and nothing typed is lost."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic.accounts.models import User
from clinic.cases import masking, uploads
from clinic.cases.models import Case, Crop

SignIn = Callable[[Client, User], Client]

FACTS = {"side": "left", "severity": "complete", "phase": "pre-op", "dataset": "CleftLip10"}


def photo(content: bytes, name: str = "DSC_0042.png") -> dict[str, object]:
    return {**FACTS, "upload": SimpleUploadedFile(name, content, "image/png")}


def test_rosa_uploads_a_photograph_and_goes_on_to_its_crop(
    client: Client, rosa: User, sign_in: SignIn, portrait: bytes
) -> None:
    answer = sign_in(client, rosa).post("/cases/new", photo(portrait))

    case = Case.objects.get()
    assert case.owner == rosa
    assert answer.status_code == 302
    assert answer["Location"] == f"/cases/{case.id}/crop"


def test_the_page_s_own_script_is_told_where_to_go(
    client: Client, rosa: User, sign_in: SignIn, portrait: bytes
) -> None:
    answer = sign_in(client, rosa).post("/cases/new", photo(portrait), headers={"Accept": "application/json"})

    assert answer.status_code == 201
    assert answer.json() == {"next": f"/cases/{Case.objects.get().id}/crop"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "Maria Canary.png", "a\r\nSet-Cookie: b=c", "=cmd.png", "\u202egnp"]
)
def test_the_file_s_own_name_goes_nowhere(
    name: str, client: Client, rosa: User, sign_in: SignIn, portrait: bytes, data_folder: Path
) -> None:
    answer = sign_in(client, rosa).post("/cases/new", photo(portrait, name))

    assert answer.status_code == 302
    assert "Set-Cookie: b" not in str(answer.headers)
    assert not any("Maria" in str(path) or "passwd" in str(path) for path in data_folder.rglob("*"))


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(client: Client, rosa: User, sign_in: SignIn) -> None:
    answer = sign_in(client, rosa).post("/cases/new", photo(b"GIF89a"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not a JPEG, PNG or TIFF file" in page
    assert "INTAKE-TYPE" in page
    assert 'value="CleftLip10"' in page
    assert 'value="left" checked' in page
    assert not Case.objects.exists()


def test_a_refusal_reaches_the_page_s_script_in_words(client: Client, rosa: User, sign_in: SignIn) -> None:
    answer = sign_in(client, rosa).post("/cases/new", FACTS, headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert answer.json() == {
        "message": "Choose a photograph to upload.",
        "code": "INTAKE-NONE",
        "field": "upload",
    }


def test_33_megabytes_are_answered_413_without_being_kept(
    client: Client, rosa: User, sign_in: SignIn, portrait: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    complete = uploads.InMemoryUpload.file_complete

    def watched(handler: uploads.InMemoryUpload, size: int) -> object:
        file = complete(handler, size)
        kept.append(len(file.read()))
        return file

    monkeypatch.setattr(uploads.InMemoryUpload, "file_complete", watched)
    answer = sign_in(client, rosa).post("/cases/new", photo(portrait + bytes(33 * 2**20)))

    assert answer.status_code == 413
    assert "the limit is 32" in answer.content.decode()
    assert kept == [0]


def test_an_upload_never_becomes_a_temporary_file(
    client: Client, rosa: User, sign_in: SignIn, portrait: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was asked for")

    for name in ("mkstemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    answer = sign_in(client, rosa).post("/cases/new", photo(portrait + bytes(8 * 2**20)))

    assert answer.status_code == 302


def test_rosa_chooses_a_crop_and_goes_on_to_the_bench(
    client: Client, rosa: User, sign_in: SignIn, admitted: Case
) -> None:
    answer = sign_in(client, rosa).post(f"/cases/{admitted.id}/crop", {"left": 20, "top": 10, "side": 280})

    crop = Crop.objects.get()
    assert (crop.left, crop.top, crop.side) == (20, 10, 280)
    assert answer["Location"] == f"/cases/{admitted.id}/mask"


def test_the_crop_page_offers_the_middle_square(client: Client, rosa: User, sign_in: SignIn, admitted: Case) -> None:
    page = sign_in(client, rosa).get(f"/cases/{admitted.id}/crop").content.decode()

    assert 'name="side" value="300"' in page
    assert 'name="left" value="50"' in page


@pytest.mark.parametrize(
    ("square", "code"),
    [
        ({"left": 20, "top": 10, "side": 999}, "CROP-SIDE"),
        ({"left": "far", "top": 10, "side": 280}, "CROP-NUMBER"),
        ({"top": 10, "side": 280}, "CROP-NUMBER"),
        ({"left": "1.5", "top": 10, "side": 280}, "CROP-NUMBER"),
    ],
)
def test_a_square_that_does_not_fit_is_answered_in_words(
    square: dict[str, object], code: str, client: Client, rosa: User, sign_in: SignIn, admitted: Case
) -> None:
    answer = sign_in(client, rosa).post(f"/cases/{admitted.id}/crop", square)

    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert f'value="{square["side"]}"' in answer.content.decode()
    assert not Crop.objects.exists()


@pytest.mark.parametrize("who", ["ada", "sam", "ruth"])
def test_only_researchers_find_the_page_of_a_new_case(
    who: str, client: Client, sign_in: SignIn, portrait: bytes, request: pytest.FixtureRequest
) -> None:
    sign_in(client, request.getfixturevalue(who))

    assert client.get("/cases/new").status_code == 404
    assert client.post("/cases/new", photo(portrait)).status_code == 404
    assert not Case.objects.exists()


@pytest.mark.parametrize("who", ["ada", "sam", "ruth", "max_"])
@pytest.mark.parametrize("page", ["crop", "mask"])
def test_nobody_else_finds_rosa_s_crop_and_bench(
    page: str, who: str, client: Client, sign_in: SignIn, admitted: Case, request: pytest.FixtureRequest
) -> None:
    masking.choose_crop(admitted.photograph, 0, 0, 256, by=admitted.owner)
    sign_in(client, request.getfixturevalue(who))

    foreign, unknown = client.get(f"/cases/{admitted.id}/{page}"), client.get(f"/cases/{uuid.uuid4()}/{page}")
    posted = client.post(f"/cases/{admitted.id}/{page}", {"left": 1, "top": 1, "side": 256})

    assert foreign.status_code == unknown.status_code == posted.status_code == 404
    assert Crop.objects.count() == 1


@pytest.mark.parametrize("page", ["new", "{}/crop", "{}/mask", "{}/crop.png", "{}/thumbnail.png", "{}/"])
def test_a_stranger_is_sent_to_the_door(page: str, client: Client, admitted: Case) -> None:
    answer = client.get(f"/cases/{page.format(admitted.id)}")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")


def test_a_form_without_its_token_is_refused(rosa: User, sign_in: SignIn, portrait: bytes) -> None:
    strict = sign_in(Client(enforce_csrf_checks=True), rosa)

    assert strict.post("/cases/new", photo(portrait)).status_code == 403
    assert not Case.objects.exists()


def test_choosing_another_square_warns_of_the_mask_that_stays_behind(
    client: Client, rosa: User, sign_in: SignIn, admitted: Case
) -> None:
    crop = masking.choose_crop(admitted.photograph, 0, 0, 256, by=rosa)
    assert "starts without a mask" not in sign_in(client, rosa).get(f"/cases/{admitted.id}/crop").content.decode()

    masking.save_mask(crop, np.eye(256, dtype=np.bool_), rosa)

    page = client.get(f"/cases/{admitted.id}/crop").content.decode()
    assert "Mask v1 belongs to the square kept now." in page
