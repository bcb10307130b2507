"""Pictures of a case: seen by the researcher who owns it, with a line in the audit log each time, kept by no cache."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases import masking, pictures
from clinic.cases.models import Case, Crop
from clinic.vault.errors import VaultError
from clinic.vault.store import erase

SignIn = Callable[[Client, User], Client]

PICTURES = ["photograph.png", "crop.png", "canonical.png", "thumbnail.png"]


@pytest.fixture
def crop(admitted: Case, rosa: User) -> Crop:
    return masking.choose_crop(admitted.photograph, 0, 0, 300, by=rosa)


@pytest.mark.parametrize("name", PICTURES)
def test_rosa_sees_a_picture_and_the_audit_log_has_a_line(
    name: str, client: Client, rosa: User, sign_in: SignIn, crop: Crop
) -> None:
    answer = sign_in(client, rosa).get(f"/cases/{crop.photograph.case_id}/{name}")

    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    assert AuditEntry.objects.get(act="picture-seen").actor == rosa


@pytest.mark.parametrize("name", PICTURES)
def test_no_cache_keeps_a_picture(name: str, client: Client, rosa: User, sign_in: SignIn, crop: Crop) -> None:
    answer = sign_in(client, rosa).get(f"/cases/{crop.photograph.case_id}/{name}")

    assert "no-store" in answer["Cache-Control"]
    assert not {"ETag", "Last-Modified"} & set(answer.headers)


@pytest.mark.parametrize("who", ["ada", "sam", "ruth", "max_"])
@pytest.mark.parametrize("name", PICTURES)
def test_nobody_else_sees_a_picture(
    name: str, who: str, client: Client, sign_in: SignIn, crop: Crop, request: pytest.FixtureRequest
) -> None:
    answer = sign_in(client, request.getfixturevalue(who)).get(f"/cases/{crop.photograph.case_id}/{name}")

    assert answer.status_code == 404
    assert not AuditEntry.objects.filter(act="picture-seen").exists()


def test_the_canonical_picture_is_byte_for_byte_what_the_methods_get(
    client: Client, rosa: User, sign_in: SignIn, crop: Crop
) -> None:
    answer = sign_in(client, rosa).get(f"/cases/{crop.photograph.case_id}/canonical.png")

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), pictures.canonical(crop))


@pytest.mark.parametrize("name", ["crop.png", "canonical.png"])
def test_before_a_crop_there_is_no_picture_of_it(
    name: str, client: Client, rosa: User, sign_in: SignIn, admitted: Case
) -> None:
    assert sign_in(client, rosa).get(f"/cases/{admitted.id}/{name}").status_code == 404


def test_before_a_crop_the_thumbnail_shows_the_middle_of_the_photograph(admitted: Case) -> None:
    small = np.asarray(Image.open(io.BytesIO(pictures.thumbnail(admitted))))

    assert small.shape == (88, 88, 3)
    assert small[2, 2, 2] < 180, "the blue corner lies outside the middle square"


def test_an_erased_case_shows_nothing_more(admitted: Case) -> None:
    erase(admitted.case_key)

    with pytest.raises(VaultError):
        pictures.preview(admitted.photograph)


def test_a_picture_moved_to_another_case_does_not_open(admitted: Case, rosa: User, crop: Crop) -> None:
    other = masking.choose_crop(crop.photograph, 10, 0, 280, by=rosa)
    crop.sealed = other.sealed

    with pytest.raises(VaultError):
        pictures.canonical(crop)
