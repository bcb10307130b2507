"""The marks file: every submitted mark with its method, once two people have unblinded the study, and never before."""

from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse

from clinic.audit.models import AuditEntry
from clinic.studies import lifecycle, reading
from clinic.studies.blinding import arms
from clinic.studies.export import marks_csv, marks_rows, stream_csv
from clinic.studies.models import POSITIONS
from clinic.studies.parcel import everything
from clinic.studies.reading import guess
from clinic.studies.refusals import ReleaseRefusal, StillBlinded
from clinic.studies.release import release
from evaluation.__main__ import main
from evaluation.marks import read_marks, write_marks

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


def unblind(study, rosa, ada):
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    return lifecycle.confirm_unblinding(study, ada)


def whole(study):
    """The bytes of a study's ZIP."""
    with everything(study) as file:
        return file.read()


def opened(parcel):
    """The members of a ZIP by name."""
    with ZipFile(parcel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def unblinded(study, rosa, ada):
    return unblind(study, rosa, ada)


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
    assert whole(unblinded) == whole(unblinded)


def test_codes_stand_for_people(unblinded, sam, ruth):
    text = marks_csv(unblinded).decode()
    assert not [word for word in (sam.name, ruth.name, sam.email, str(sam.pk)) if word in text]


def test_a_correction_is_counted(study, rosa, ada):
    sheet = study.readers.first().readings.first()
    none = [{"position": letter, "valid": False, "reason": "", "rank": None} for letter in "ABCD"]
    reading.submit(sheet, none, 1)
    rows = marks_rows(unblind(study, rosa, ada))

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
    members = opened(BytesIO(whole(unblinded)))

    assert {"marks.csv", "marks.xlsx", "tables/tables.md", "figures/validity.svg", "report.pdf"} <= set(members)
    del members["SHA256SUMS.sig"]
    lines = members.pop("SHA256SUMS").decode().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines if not line.startswith("#"))
    assert sums == {name: sha256(body).hexdigest() for name, body in members.items()}
    assert sums["protocol.json"] == unblinded.protocol_digest
    assert sums["allocation.json"] == unblinded.allocation_digest


def test_the_command_line_makes_every_file_of_the_parcel_from_the_marks_file_alone(unblinded, tmp_path, capfdbinary):
    members = opened(BytesIO(whole(unblinded)))
    (tmp_path / "marks.csv").write_bytes(members["marks.csv"])

    assert main([str(tmp_path / "marks.csv"), "--bundle", str(tmp_path / "again.zip")]) == 0

    again = opened(tmp_path / "again.zip")
    assert set(members) - set(again) == {"protocol.json", "allocation.json", "signing-key.pem", "SHA256SUMS.sig"}
    assert [name for name in again if name != "SHA256SUMS" and again[name] != members[name]] == []


def test_with_its_guesses_as_well_where_readers_were_asked(open_study, rosa, ada, tmp_path, capfdbinary):
    study = open_study(cases=3, guesses=2)
    for reader in study.readers.all():
        judge(reader)
        for sheet, letter in zip(reader.readings.filter(asks_guess=True), ("B", ""), strict=True):
            guess(sheet, letter)
    members = opened(BytesIO(whole(unblind(study, rosa, ada))))
    for name in ("marks.csv", "guesses.csv"):
        (tmp_path / name).write_bytes(members[name])

    options = ["--guesses", str(tmp_path / "guesses.csv"), "--bundle", str(tmp_path / "again.zip")]
    assert main([str(tmp_path / "marks.csv"), *options]) == 0

    again = opened(tmp_path / "again.zip")
    assert members["guesses.csv"].count(b"\n") == 1 + 4
    assert [name for name in again if name != "SHA256SUMS" and again[name] != members[name]] == []


def test_anybody_checks_the_parcel_with_the_public_key(client, unblinded, tmp_path, capsys):
    parcel, key = tmp_path / "parcel.zip", tmp_path / "signing-key.pem"
    parcel.write_bytes(whole(unblinded))
    key.write_bytes(client.get(reverse("studies:signing-key")).content)

    assert main(["verify", str(parcel), "--key", str(key)]) == 0
    assert "every digest right; signed by key" in capsys.readouterr().out


def test_without_a_signing_key_nothing_leaves(client, unblinded, ada, settings):
    settings.PLATFORM_KEY_FILE.unlink()

    with pytest.raises(ReleaseRefusal, match="signing key cannot be read"):
        release(unblinded, ada, "zip", "archive")

    assert client.get(reverse("studies:signing-key")).status_code == 404
    assert not AuditEntry.objects.filter(act="study-exported").exists()


def test_a_large_study_is_written_case_by_case_in_the_order_of_the_file(unblinded, monkeypatch):
    whole = marks_csv(unblinded)
    monkeypatch.setattr("clinic.studies.export.CASES_AT_ONCE", 1)
    monkeypatch.setattr("evaluation.exports.streams.BLOCK", 100)

    blocks = list(stream_csv(unblinded))

    assert len(blocks) > 3
    assert b"".join(blocks) == whole == write_marks(read_marks(whole).rows)
