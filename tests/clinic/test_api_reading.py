"""Sam reads by program: the sheets of the page by the same verbs, and not a word more than the page says."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db.models import UUIDField
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.inpainting.models import Checkpoint
from clinic.studies import drafting, lifecycle, opening
from clinic.studies.drafting import Draft
from clinic.studies.leaks import TELLING
from clinic.studies.models import Mark, MarkHistory, Reading, Study

pytestmark = pytest.mark.django_db

NONE = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]
WHOLE = [
    {"position": "A", "valid": True, "reason": "", "rank": 2},
    {"position": "B", "valid": True, "reason": "", "rank": 1},
    {"position": "C", "valid": False, "reason": "blurry", "rank": None},
    {"position": "D", "valid": False, "reason": "", "rank": None},
]
# Everything that a reader's program may ever be told.
KEYS = {
    "sheet", "study", "number", "total", "done", "left", "patient", "training", "submitted", "open", "asks_guess",
    "instructions", "revision", "seconds", "judgements", "pictures", "given", "position", "valid", "reason", "rank",
    "address", "title", "state", "question", "consent", "agreed", "corrections", "closes_on", "sheets",
    "photograph", "type", "status", "code", "detail",
}  # fmt: skip


@pytest.fixture
def study(open_study):
    return open_study(cases=2, repeat_share=0.5, repeat_distance=1, guesses=1)


@pytest.fixture
def sams(program, sam):
    return program(sam, "read", "mark")


@pytest.fixture
def sheet(study, sams):
    return sams.ask("GET", "next", study.pk).json()


def walk(found: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a JSON document with its value, however deep."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield key, value
            yield from walk(value)
    elif isinstance(found, list):
        for value in found:
            yield from walk(value)


def ids_that_stay_inside() -> set[str]:
    """Every id in the database but those of studies and of sheets, which are a reader's own addresses."""
    found = set()
    for model in apps.get_models():
        if model not in (Study, Reading) and isinstance(model._meta.pk, UUIDField):
            found |= {str(key) for key in model.objects.values_list("pk", flat=True)}
    return found


def everything_sam_can_ask(sams, study, sheet) -> list[Any]:
    """One answer of every address of the reader's side, refusals among them."""
    at, one = sheet["revision"], sheet["sheet"]
    asked = [
        sams.ask("GET", "my-studies"),
        sams.ask("GET", "my-study", study.pk),
        sams.ask("GET", "next", study.pk),
        sams.ask("GET", "sheet", one),
        sams.ask("PUT", "draft", one, sent={"judgements": WHOLE[:2], "revision": at}),
        sams.ask("PUT", "draft", one, sent={"judgements": WHOLE[:2], "revision": at}),
        sams.ask("POST", "submit", one, sent={"judgements": WHOLE[:2], "revision": at + 1}),
        sams.ask("POST", "submit", one, sent={"judgements": WHOLE, "revision": at + 1}),
        sams.ask("GET", "sheet", one),
        sams.ask("POST", "guess", one, sent={"position": "A"}),
        sams.ask("GET", "study", study.pk),
    ]
    last = Reading.objects.filter(study_reader__user=sams.owner, asks_guess=True).get()
    asked.append(sams.ask("POST", "submit", last.pk, sent={"judgements": NONE, "revision": 0}))
    asked.append(sams.ask("GET", "sheet", last.pk))
    return asked


def test_no_answer_says_more_than_the_list(sams, study, sheet):
    secrets = ids_that_stay_inside()
    digests = {study.protocol_digest, study.allocation_digest, *Checkpoint.objects.values_list("sha256", flat=True)}
    codes = set(study.cases.values_list("case__code", flat=True))
    answers = everything_sam_can_ask(sams, study, sheet)

    assert {answer.status_code for answer in answers} == {200, 404, 409, 422}
    for answer in answers:
        text = answer.content.decode()
        assert {key for key, _ in walk(answer.json())} <= KEYS
        assert [word for word in TELLING if word in text.lower()] == []
        assert [word for word in (secrets | digests | codes) if word in text] == []
        assert "repeat" not in text
        assert "control" not in text


def test_the_ids_that_stay_inside_are_worth_looking_for(study):
    assert len(ids_that_stay_inside()) > 50


def test_a_hidden_repeat_looks_like_any_other_sheet(sams, study):
    lines = sams.ask("GET", "my-study", study.pk).json()["sheets"]
    repeat = Reading.objects.get(study_reader__user=sams.owner, repeat=1)

    assert len(lines) == 3
    assert {tuple(line) for line in lines} == {("sheet", "number", "training", "state")}
    assert [line["sheet"] for line in lines].index(str(repeat.pk)) == repeat.sequence - 1
    assert {(line["training"], line["state"]) for line in lines} == {(False, "waiting")}


def test_the_next_sheet_is_that_of_the_page_and_begins(sams, study, sheet):
    one = Reading.objects.get(pk=sheet["sheet"])
    assert one.sequence == 1
    assert one.opened_at is not None
    assert AuditEntry.objects.filter(act="reading-opened", object_id=str(one.pk)).count() == 1


def test_the_pictures_are_the_very_bytes_of_the_page_and_each_look_is_logged(sams, sheet, sign_in, client, sam):
    browser = sign_in(client, sam)
    for one in sheet["pictures"]:
        token = one["address"].rpartition("/")[2].removesuffix(".png")
        mine, pages = sams.browser.get(one["address"], headers=bearer(sams)), browser.get(f"/pictures/{token}.png")
        assert mine.content == pages.content
        assert kept(mine) == kept(pages)
    given = sams.ask("GET", "given", sheet["sheet"])
    assert given.content == browser.get(reverse("studies:given", args=[sheet["sheet"]])).content
    assert AuditEntry.objects.filter(act="picture-seen", actor=sam).count() == 10


def test_the_photograph_is_offered_only_where_the_protocol_shows_it(open_study, sams, sheet, client, sam, sign_in):
    shown = sams.ask("GET", "next", open_study(cases=1, photograph=True).pk).json()
    token = shown["photograph"].rpartition("/")[2].removesuffix(".png")
    mine = sams.browser.get(shown["photograph"], headers=bearer(sams))

    assert sheet["photograph"] == ""
    assert mine.content == sign_in(client, sam).get(f"/pictures/{token}.png").content
    assert AuditEntry.objects.filter(act="picture-seen", details__position="photograph").count() == 2


def bearer(program):
    return {"Authorization": f"Bearer {program.secret}"}


def kept(answer) -> dict[str, str]:
    """The headers of an answer that could tell one picture from another."""
    return {name: value for name, value in answer.headers.items() if name not in ("Allow", "Vary")}


def test_all_four_pictures_answer_with_the_same_headers(sams, sheet):
    answers = [sams.browser.get(one["address"], headers=bearer(sams)) for one in sheet["pictures"]]
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert len({len(answer.content) for answer in answers}) == 1


def test_a_draft_is_kept_and_comes_back(sams, sheet):
    kept_ = sams.ask("PUT", "draft", sheet["sheet"], sent={"judgements": WHOLE[:2], "revision": 0, "seconds": 1}).json()
    again = sams.ask("GET", "sheet", sheet["sheet"]).json()

    assert kept_ == {"sheet": sheet["sheet"], "revision": 1, "submitted": False, "asks_guess": False}
    assert again["judgements"] == WHOLE[:2]
    assert again["revision"] == 1


def test_a_whole_sheet_is_stored(sams, sheet):
    answer = sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": WHOLE, "revision": 0})

    assert answer.json()["submitted"] is True
    assert list(Mark.objects.values_list("position", "valid", "rank", "reason")) == [
        ("A", True, 2, ""), ("B", True, 1, ""), ("C", False, None, "blurry"), ("D", False, None, ""),
    ]  # fmt: skip


def test_a_correction_is_kept_with_its_history(sams, sheet):
    sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": WHOLE, "revision": 0})
    sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": NONE, "revision": 1})
    assert list(MarkHistory.objects.values_list("act", flat=True)) == ["submitted", "corrected"]
    assert not Mark.objects.filter(valid=True).exists()


def test_where_the_protocol_allows_no_correction_it_is_refused(open_study, sams):
    sheet = sams.ask("GET", "next", open_study(cases=1, corrections=False).pk).json()
    sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": WHOLE, "revision": 0})
    refused(sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": NONE, "revision": 1}), 422, "SHEET-FINAL")


def refused(answer, status: int, code: str) -> dict[str, Any]:
    """The problem of a refused request, which stands in the one shape."""
    found = answer.json()
    assert (answer.status_code, found["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert found["status"] == status
    assert found["detail"].endswith((".", "?"))
    return dict(found)


def test_two_programs_cannot_overwrite_each_other_unseen(sams, sheet):
    sams.ask("PUT", "draft", sheet["sheet"], sent={"judgements": WHOLE[1:2], "revision": 0})
    problem = refused(
        sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": NONE, "revision": 0}), 409, "SHEET-STALE"
    )
    assert problem["sheet"]["revision"] == 1
    assert problem["sheet"]["judgements"] == WHOLE[1:2]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"judgements": WHOLE[:3], "revision": 0}, 422, "SHEET-OPEN"),
        ({"judgements": "A", "revision": 0}, 422, "SHEET-SHAPE"),
        ({"judgements": [{"position": "E", "valid": False}], "revision": 0}, 422, "SHEET-SHAPE"),
        ({"judgements": [*WHOLE[1:], {**WHOLE[0], "rank": 3}], "revision": 0}, 422, "SHEET-RANKS"),
        ({"judgements": WHOLE}, 409, "SHEET-STALE"),
        ({"judgements": WHOLE, "revision": "0"}, 409, "SHEET-STALE"),
        ({}, 422, "SHEET-SHAPE"),
    ],
)
def test_what_is_no_sheet_is_refused_and_nothing_is_stored(sams, sheet, sent, status, code):
    refused(sams.ask("POST", "submit", sheet["sheet"], sent=sent), status, code)
    assert not Mark.objects.exists()


def test_a_closed_study_takes_no_more(sams, sheet, study, rosa):
    lifecycle.close(study, rosa)
    refused(sams.ask("POST", "submit", sheet["sheet"], sent={"judgements": WHOLE, "revision": 0}), 422, "STUDY-CLOSED")
    refused(sams.ask("GET", "next", study.pk), 422, "SHEETS-DONE")
    refused(sams.ask("GET", "given", sheet["sheet"]), 404, "ADDRESS-UNKNOWN")


def test_sheets_open_after_the_reader_agreed(ready_case, rosa, sam, sams):
    study = opening.open_study(drafting.draft(Draft("Lip study", [ready_case(rosa)], [sam]), by=rosa), by=rosa)
    refused(sams.ask("GET", "next", study.pk), 422, "STUDY-CONSENT")
    assert sams.ask("POST", "agree", study.pk).status_code == 204
    assert sams.ask("GET", "next", study.pk).status_code == 200


def test_the_last_sheet_asks_and_takes_one_answer(sams, study):
    last = Reading.objects.get(study_reader__user=sams.owner, asks_guess=True)
    saved = sams.ask("POST", "submit", last.pk, sent={"judgements": NONE, "revision": 0}).json()
    assert saved["asks_guess"] is True
    assert sams.ask("POST", "guess", last.pk, sent={"position": "B"}).status_code == 204
    refused(sams.ask("POST", "guess", last.pk, sent={"position": "E"}), 422, "GUESS-LETTER")
    last.refresh_from_db()
    assert last.guess == "B"


def test_a_whole_list_is_read_to_its_end(sams, study):
    while (answer := sams.ask("GET", "next", study.pk)).status_code == 200:
        one = answer.json()
        assert sams.ask("POST", "submit", one["sheet"], sent={"judgements": WHOLE, "revision": 0}).status_code == 200
    assert sams.ask("GET", "my-studies").json()[0] | {"study": ""} == {
        "study": "", "title": "Lip study", "state": "open", "total": 3, "done": 3,
    }  # fmt: skip


def test_foreign_sheets_and_pictures_are_not_found(study, sheet, program, ruth):
    ruths = program(ruth, "read", "mark")
    token = sheet["pictures"][0]["address"].rpartition("/")[2].removesuffix(".png")
    sent = {"judgements": WHOLE, "revision": 0}
    for answer in (
        ruths.ask("GET", "sheet", sheet["sheet"]),
        ruths.ask("PUT", "draft", sheet["sheet"], sent=sent),
        ruths.ask("POST", "submit", sheet["sheet"], sent=sent),
        ruths.ask("POST", "guess", sheet["sheet"], sent={"position": "A"}),
        ruths.ask("GET", "given", sheet["sheet"]),
        ruths.ask("GET", "picture", token),
        ruths.ask("GET", "my-study", UUID(int=7)),
    ):
        refused(answer, 404, "ADDRESS-UNKNOWN")
    assert not Mark.objects.exists()
