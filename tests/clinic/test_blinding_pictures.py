"""What a reader's browser gets of four results: equal in everything but the filled lip."""

import io
import re
from collections import defaultdict

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from clinic.audit.models import AuditEntry
from clinic.cases.pictures import canonical, hole
from clinic.inpainting.results import picture
from clinic.studies import lifecycle, reading
from clinic.studies.blinding import arms
from clinic.studies.evidence import chunks
from clinic.studies.models import POSITIONS, FrozenResult, Placement
from clinic.studies.pictures import blanked, encode
from inference.contract import METHODS

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(open_study):
    return open_study(cases=2)


@pytest.fixture
def sheet(study, sam):
    return reading.next_for(sam, study)


@pytest.fixture
def answers(client, sign_in, sheet, sam):
    sign_in(client, sam)
    return {one.position: client.get(address(one)) for one in sheet.placements.all()}


def address(placement):
    return reverse("studies:picture", args=[placement.token])


def test_each_letter_shows_the_result_that_the_sealed_key_names(answers, sheet):
    methods = arms(sheet.study_reader)[sheet.sequence]
    for place, letter in enumerate(POSITIONS):
        frozen = FrozenResult.objects.get(study_case=sheet.study_case, method=methods[place])
        with Image.open(io.BytesIO(answers[letter].content)) as image:
            assert np.array_equal(np.asarray(image), picture(frozen.result))


def test_all_four_have_one_length_one_size_and_the_same_chunks(answers):
    assert len({len(answer.content) for answer in answers.values()}) == 1
    assert {tuple(chunks(answer.content)) for answer in answers.values()} == {("IHDR", "IDAT", "IEND")}
    assert {answer.content[:33] for answer in answers.values()} == {answers["A"].content[:33]}


def test_all_four_have_the_same_headers_and_none_that_can_be_kept(answers):
    headers = [{name: value for name, value in answer.headers.items() if name != "Vary"} for answer in answers.values()]
    assert all(one == headers[0] for one in headers)
    assert "no-store" in headers[0]["Cache-Control"]
    assert not {"etag", "last-modified"} & {name.lower() for name in headers[0]}


def test_outside_the_hole_all_four_are_the_crop_itself(answers, sheet):
    mask = sheet.study_case.mask
    crop, inside = canonical(mask.crop), hole(mask)
    for answer in answers.values():
        with Image.open(io.BytesIO(answer.content)) as image:
            assert np.array_equal(np.asarray(image)[~inside], crop[~inside])


def test_a_flat_picture_is_as_long_as_a_noisy_one():
    flat = np.zeros((256, 256, 3), np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    assert len(encode(flat)) == len(encode(noise))


@pytest.mark.parametrize("shape", [(256, 256), (128, 256, 3), (256, 256, 4)])
def test_a_picture_of_another_shape_is_not_sent(shape):
    with pytest.raises(ValueError, match="256 x 256 x 3"):
        encode(np.zeros(shape, np.uint8))


def test_the_given_picture_has_a_neutral_hole_and_the_length_of_the_others(client, sign_in, sheet, sam, answers):
    answer = sign_in(client, sam).get(reverse("studies:given", args=[sheet.pk]))
    mask = sheet.study_case.mask
    with Image.open(io.BytesIO(answer.content)) as image:
        pixels = np.asarray(image)
    assert np.array_equal(pixels, blanked(canonical(mask.crop), hole(mask)))
    assert set(pixels[hole(mask)].ravel()) == {112}
    assert len(answer.content) == len(answers["A"].content)


def test_tokens_are_long_random_and_never_shared(study):
    tokens = list(Placement.objects.values_list("token", flat=True))
    assert len(set(tokens)) == len(tokens) == 2 * 2 * 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_one_result_has_another_address_for_each_reader(study, sam, ruth):
    shown = defaultdict(set)
    for reader in study.readers.all():
        opened = arms(reader)
        for sheet in reader.readings.all():
            for place, one in enumerate(sheet.placements.all()):
                shown[sheet.study_case_id, opened[sheet.sequence][place]].add(one.token)
    assert all(len(tokens) == 2 for tokens in shown.values())


def test_no_page_header_or_message_names_a_method_or_an_id(client, sign_in, study, sheet, sam):
    sign_in(client, sam)
    page = client.get(reverse("studies:reading", args=[sheet.pk]))
    sent = page.content.decode() + repr(page.headers)
    frozen = FrozenResult.objects.select_related("result__job").filter(study_case=sheet.study_case)
    telling = [*METHODS, "EdgeConnect", "LaFIn", sheet.study_case.case.code, str(sheet.study_case_id)]
    telling += [str(one.result_id) for one in frozen] + [str(one.result.job_id) for one in frozen]
    assert not [word for word in telling if word.lower() in sent.lower()]


def test_every_fetch_is_in_the_audit_log_before_the_bytes_leave(answers, sheet):
    rows = AuditEntry.objects.filter(act="picture-seen", object_id=str(sheet.pk))
    assert {row.details["position"] for row in rows} == set("ABCD")


@pytest.mark.parametrize("who", ["ada", "rosa", "ruth", "max_"])
def test_nobody_else_finds_a_picture_by_its_token(client, sign_in, request, sheet, who):
    sign_in(client, request.getfixturevalue(who))
    assert client.get(address(sheet.placements.first())).status_code == 404


def test_a_random_token_is_not_found_either(client, sign_in, sam, study):
    assert sign_in(client, sam).get(reverse("studies:picture", args=["A" * 43])).status_code == 404


@pytest.mark.parametrize("token", ["%00", "a%20b", "%F0%9F%91%84", "x" * 42, "x" * 44, "x" * 300])
def test_what_cannot_be_a_token_is_not_found(client, sign_in, sam, study, token):
    assert sign_in(client, sam).get(f"/pictures/{token}.png").status_code == 404


def test_a_closed_study_shows_no_more_pictures(client, sign_in, study, sheet, sam, rosa):
    lifecycle.close(study, rosa)
    sign_in(client, sam)
    assert client.get(address(sheet.placements.first())).status_code == 404
    assert client.get(reverse("studies:given", args=[sheet.pk])).status_code == 404
