"""The marks file: every submitted mark with its method, once two people have unblinded the study, and never before."""

import io
from hashlib import sha256
from zipfile import ZipFile

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle, reading
from clinic.studies.blinding import arms
from clinic.studies.export import marks_csv, marks_rows
from clinic.studies.models import POSITIONS
from clinic.studies.parcel import everything
from clinic.studies.refusals import StillBlinded
from evaluation.marks import read_marks

pytestmark = pytest.mark.django_db


def judge(reader):
    """Every sheet: INCLG valid and first, EdgeConnect valid and second, the others blurry."""
    opened = arms(reader)
    for sheet in reader.readings.all():
        entries = []
        for position, method in zip(POSITIONS, opened[sheet.sequence], strict=True):
            rank = {"inclg": 1, "edgeconnect": 2}.get(method)
            reason = "" if rank else "blurry"
            entries.append({"position": position, "valid": rank is not None, "rank": rank, "reason": reason})
        reading.submit(reading.open_reading(sheet), entries, 0)


@pytest.fixture
def study(open_study):
    study = open_study(cases=3, repeat_share=0.34, repeat_distance=1)
    for reader in study.readers.all():
        judge(reader)
    return study


@pytest.fixture
def unblinded(study, rosa, ada):
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    return lifecycle.confirm_unblinding(study, ada)


def test_the_file_is_read_back_whole_by_the_evaluation(unblinded):
    marks = read_marks(marks_csv(unblinded))

    assert len(marks.rows) == 2 * (3 + 1) * 4
    assert {row.reader for row in marks.rows} == {"R1", "R2"}
    assert {(row.method, row.valid, row.rank) for row in marks.rows} == {
        ("inclg", True, 1), ("edgeconnect", True, 2), ("lafin", False, None), ("ctsdg", False, None),
    }  # fmt: skip
    assert {row.repeat for row in marks.rows} == {0, 1}


def test_the_same_study_gives_the_same_bytes(unblinded):
    assert marks_csv(unblinded) == marks_csv(unblinded)
    assert everything(unblinded) == everything(unblinded)


def test_codes_stand_for_people(unblinded, sam, ruth):
    text = marks_csv(unblinded).decode()
    assert not [word for word in (sam.name, ruth.name, sam.email, str(sam.pk)) if word in text]


def test_a_correction_is_counted(study, rosa, ada):
    sheet = study.readers.first().readings.first()
    none = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]
    reading.submit(sheet, none, 1)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    rows = marks_rows(lifecycle.confirm_unblinding(study, ada))

    own = [row for row in rows if row.reading == str(sheet.pk)]
    assert {row.revisions for row in own} == {1}
    assert not any(row.valid for row in own)


def test_a_sheet_that_was_not_submitted_does_not_count(open_study, rosa, ada):
    study = open_study(cases=2)
    first, second = study.readers.all()
    judge(first)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "stopped")

    rows = marks_rows(lifecycle.confirm_unblinding(study, ada))
    assert {row.reader for row in rows} == {"R1"}
    assert second.readings.exists()


@pytest.mark.parametrize("state", ["open", "closed", "asked"])
def test_before_unblinding_nothing_is_exported(study, rosa, state):
    if state != "open":
        lifecycle.close(study, rosa)
    if state == "asked":
        lifecycle.ask_unblinding(study, rosa, "complete")
    with pytest.raises(StillBlinded):
        marks_csv(study)
    with pytest.raises(StillBlinded):
        everything(study)


def test_the_parcel_holds_everything_and_the_digests_published_at_opening(unblinded):
    with ZipFile(io.BytesIO(everything(unblinded))) as parcel:
        members = {name: parcel.read(name) for name in parcel.namelist()}

    assert {"marks.csv", "marks.xlsx", "tables/tables.md", "figures/validity.svg", "report.pdf"} <= set(members)
    sums = dict(reversed(line.split("  ")) for line in members.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: sha256(body).hexdigest() for name, body in members.items()}
    assert sums["protocol.json"] == unblinded.protocol_digest
    assert sums["allocation.json"] == unblinded.allocation_digest


@pytest.mark.parametrize("page", ["marks", "parcel"])
def test_ada_downloads_and_it_is_noted(client, sign_in, unblinded, ada, page):
    answer = sign_in(client, ada).get(reverse(f"studies:{page}", args=[unblinded.pk]))

    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(act="study-exported", actor=ada).count() == 1


@pytest.mark.parametrize("page", ["marks", "parcel", "results"])
def test_while_blinded_the_downloads_are_not_found(client, sign_in, study, ada, page):
    assert sign_in(client, ada).get(reverse(f"studies:{page}", args=[study.pk])).status_code == 404


@pytest.mark.parametrize(
    ("who", "page"), [("rosa", "marks"), ("rosa", "parcel"), ("sam", "results"), ("max_", "results")]
)
def test_the_downloads_are_for_administrators(client, sign_in, request, unblinded, who, page):
    sign_in(client, request.getfixturevalue(who))
    assert client.get(reverse(f"studies:{page}", args=[unblinded.pk])).status_code == 404
