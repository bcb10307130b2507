"""Rosa's program lists her cases and where each stands; nobody meets a foreign case, and no method is told of."""

import json
from uuid import uuid4

import pytest

from clinic.cases.models import Case
from clinic.inpainting import api, dispatch
from clinic.inpainting.models import InpaintingJob
from inference.contract import METHODS

pytestmark = pytest.mark.django_db

FIELDS = {
    "case", "code", "side", "severity", "phase", "dataset", "researcher", "state", "says", "mask_version", "created_at",
    "changed_at",
}  # fmt: skip


@pytest.fixture
def rosas(program, rosa):
    return program(rosa, "read")


def codes(answer):
    """The codes in a list's answer, in order."""
    assert answer.status_code == 200
    return [one["code"] for one in answer.json()["cases"]]


def test_rosa_lists_her_own_cases_newest_first(rosas, rosa, max_, make_mask):
    for owner, code in ((rosa, "VM-0001"), (rosa, "VM-0002"), (max_, "VM-0003")):
        make_mask(owner, code)

    answer = rosas.ask("GET", "cases")

    assert codes(answer) == ["VM-0002", "VM-0001"]
    assert {name: answer.json()[name] for name in ("total", "page", "pages")} == {"total": 2, "page": 1, "pages": 1}


def test_ada_lists_the_hospitals_and_max_his_own(program, ada, max_, rosa, make_mask):
    make_mask(rosa, "VM-0001")
    make_mask(max_, "VM-0002")

    assert codes(program(ada, "read").ask("GET", "cases")) == ["VM-0001"]
    assert codes(program(max_, "read").ask("GET", "cases")) == ["VM-0002"]


def test_each_case_says_what_it_waits_for(rosas, rosa, make_mask, inpaint_all):
    mask = make_mask(rosa)
    place = mask.crop.photograph.case_id

    def state():
        one = rosas.ask("GET", "case", place).json()
        assert one == rosas.ask("GET", "cases").json()["cases"][0]
        return one["state"], one["says"], one["mask_version"]

    assert state() == ("run", "The mask is kept. Four methods can now fill its hole.", 1)
    dispatch.run(mask, rosa)
    assert state() == ("running", "No results in, 4 under way. Nothing is needed from you.", 1)
    inpaint_all()
    assert state() == ("ready", "All four results are sealed. The case can join a study.", 1)


def test_a_case_without_a_mask_has_no_version(rosas, admitted):
    one = rosas.ask("GET", "case", admitted.pk).json()
    assert (one["state"], one["mask_version"]) == ("crop", None)


def test_nothing_is_told_but_what_is_allowed(rosas, rosa, make_mask, inpaint_all):
    dispatch.run(make_mask(rosa), rosa)
    inpaint_all()

    answer = rosas.ask("GET", "cases")

    (one,) = answer.json()["cases"]
    assert set(one) == FIELDS
    jobs = [str(pk) for pk in InpaintingJob.objects.values_list("pk", flat=True)]
    assert not [word for word in (*METHODS, *jobs, "sealed_id", "png") if word in json.dumps(one).lower()]


@pytest.mark.parametrize("who", ["max_", "ruth"])
def test_a_foreign_case_is_not_found(program, request, rosa, make_mask, who):
    place = make_mask(rosa).crop.photograph.case_id
    stranger = program(request.getfixturevalue(who), "read")
    foreign, unknown = stranger.ask("GET", "case", place), stranger.ask("GET", "case", uuid4())
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


def test_surgeons_do_not_find_the_list(program, sam):
    assert program(sam, "read").ask("GET", "cases").status_code == 404


def test_a_long_list_comes_in_pages(rosas, rosa, make_mask, monkeypatch):
    monkeypatch.setattr(api, "PER_PAGE", 2)
    for number in range(3):
        make_mask(rosa, f"VM-{number:04d}")

    assert codes(rosas.ask("GET", "cases", page="1")) == ["VM-0002", "VM-0001"]
    last = rosas.ask("GET", "cases", page="2")
    assert codes(last) == ["VM-0000"]
    assert (last.json()["total"], last.json()["pages"]) == (3, 2)


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "", "9" * 30])
def test_what_is_no_page_is_not_found(rosas, page):
    assert rosas.ask("GET", "cases", page=page).status_code == 404


def test_the_first_page_of_nothing_is_empty(rosas):
    assert not Case.objects.exists()
    assert rosas.ask("GET", "cases").json() == {"total": 0, "page": 1, "pages": 1, "cases": []}


def test_the_list_asks_the_database_a_fixed_number_of_questions(rosas, rosa, make_mask, django_assert_max_num_queries):
    for number in range(6):
        make_mask(rosa, f"VM-{number:04d}")
    with django_assert_max_num_queries(12):
        rosas.ask("GET", "cases")
