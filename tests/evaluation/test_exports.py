"""Every export holds the marks it was made from, and the ZIP the digest of each member."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import replace

import openpyxl
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evaluation.exports import bundle, columnar
from evaluation.exports.bundle import Bundle, Entry, Study
from evaluation.exports.columnar import parquet
from evaluation.exports.dictionary import DICTIONARY, dictionary_csv
from evaluation.exports.imrmc import rank_list, validity_list
from evaluation.exports.pdf_report import pdf
from evaluation.exports.redcap import HEAD, redcap_dictionary, redcap_import
from evaluation.exports.spreadsheet import workbook
from evaluation.figures.gallery import Picture
from evaluation.marks import Mark, Marks, check_marks, read_marks, write_marks
from evaluation.report import Report, evaluate
from evaluation.schema import COLUMNS
from evaluation.sheets import scored_sheets
from evaluation.signatures import signer


def whole(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)


def lines(pieces: Iterable[bytes]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(whole(pieces).decode())))


def zipped(marks: Marks, report: Report, study: Study | None = None) -> bytes:
    output = io.BytesIO()
    Bundle(lambda: marks, report, study).write(output)
    return output.getvalue()


def test_the_dictionary_explains_every_column_in_order() -> None:
    assert tuple(column.name for column in DICTIONARY) == COLUMNS
    assert [line[0] for line in lines(dictionary_csv())[1:]] == list(COLUMNS)
    assert all(column.meaning.endswith(".") for column in DICTIONARY)


def test_the_workbook_holds_marks_dictionary_and_tables(marks: Marks, report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(whole(workbook(marks, report.findings))))
    assert book.sheetnames == ["marks", "dictionary", "tables"]
    rows = list(book["marks"].iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert len(rows) == 409
    first = dict(zip(COLUMNS, rows[1], strict=True))
    assert (first["case"], first["valid"], first["seconds"]) == (
        marks.rows[0].case,
        int(marks.rows[0].valid),
        marks.rows[0].seconds,
    )
    printed = [cell for row in book["tables"].iter_rows(values_only=True) for cell in row if cell]
    assert any(str(cell).startswith("1.813 (29/16)") for cell in printed)


def test_parquet_reads_back_as_the_same_marks(marks: Marks) -> None:
    table = pq.read_table(io.BytesIO(whole(parquet(marks))))
    assert table.schema.field("rank").metadata[b"meaning"].startswith(b"Place among")
    assert tuple(Mark(**row) for row in table.to_pylist()) == marks.rows


def test_imrmc_has_one_line_per_scored_mark(marks: Marks) -> None:
    sheets = scored_sheets(marks)
    verdicts, ranks = lines(validity_list(sheets)), lines(rank_list(sheets))
    assert verdicts[0] == ranks[0] == ["readerID", "caseID", "modalityID", "score"]
    assert len(verdicts) == len(ranks) == 409
    ours = [float(line[3]) for line in verdicts if line[2] == "inclg" and line[1].startswith("CleftLip24:")]
    assert sum(ours) == 24
    assert {len(line) for line in ranks} == {4}
    assert max(float(line[3]) for line in ranks[1:]) == 3


def test_repeats_and_controls_stay_out_of_imrmc(four_sheets: list[Mark]) -> None:
    again = [replace(mark, repeat=1, reading="again") for mark in four_sheets[:4]]
    assert len(lines(validity_list(scored_sheets(check_marks([*four_sheets, *again]))))) == 17


def test_redcap_gets_a_field_for_every_column(marks: Marks) -> None:
    dictionary, records = lines(redcap_dictionary()), lines(redcap_import(marks))
    assert tuple(dictionary[0]) == HEAD
    assert [line[0] for line in dictionary[1:]] == records[0] == ["record_id", *COLUMNS]
    assert {len(line) for line in dictionary} == {18}
    assert len(records) == 409
    assert len({line[0] for line in records}) == 409
    assert dictionary[10][3:6] == [
        "radio",
        DICTIONARY[8].meaning,
        "scored, scored | control, control | training, training",
    ]


def test_the_report_is_a_pdf_of_the_same_bytes(report: Report, pictures: list[Picture]) -> None:
    content = pdf(report.findings, pictures[:1])
    assert content.startswith(b"%PDF-1.")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") > 5
    assert pdf(report.findings, pictures[:1]) == content


def test_the_bundle_lists_the_digest_of_each_member(four_sheets: list[Mark]) -> None:
    marks = check_marks(four_sheets)
    report = evaluate(marks, draws=100)
    key = Ed25519PrivateKey.generate()
    study = Study(b'{"title": "Feasibility"}', b'{"readers": {}}', signer(key))
    with zipfile.ZipFile(io.BytesIO(zipped(marks, report, study))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    key.public_key().verify(members.pop("SHA256SUMS.sig"), members["SHA256SUMS"])
    listed = [line for line in members.pop("SHA256SUMS").decode().splitlines() if not line.startswith("#")]
    sums = dict(reversed(line.split("  ")) for line in listed)
    assert sums == {name: hashlib.sha256(member).hexdigest() for name, member in members.items()}
    assert members["protocol.json"] == study.protocol
    assert members["marks.csv"] == write_marks(four_sheets)
    assert members["tables/tables.json"].decode() == report.render("json")
    assert json.loads(members["software.json"])["marks_sha256"] == marks.sha256


def test_the_bundle_is_the_same_from_the_file_alone(four_sheets: list[Mark]) -> None:
    first, again = check_marks(four_sheets), read_marks(write_marks(reversed(four_sheets)))
    assert zipped(again, evaluate(again, draws=100)) == zipped(first, evaluate(first, draws=100))


def test_the_list_of_members_tells_what_is_in_the_zip(four_sheets: list[Mark]) -> None:
    marks = check_marks(four_sheets)
    made = Bundle(lambda: marks, evaluate(marks, draws=100), Study(b"{}", b"{}", signer(Ed25519PrivateKey.generate())))
    output = io.BytesIO()
    made.write(output)
    with zipfile.ZipFile(output) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    digests = {name: hashlib.sha256(member).hexdigest() for name, member in members.items()}
    assert made.entries() == [Entry(name, len(member), digests[name]) for name, member in members.items()]
    assert {name: whole(made.member(name) or ()) for name in members} == members
    assert made.member("secrets.txt") is None


def test_one_member_is_made_without_the_others(four_sheets: list[Mark], monkeypatch: pytest.MonkeyPatch) -> None:
    marks = check_marks(four_sheets)
    asked: list[str] = []
    monkeypatch.setattr(bundle, "drawn", lambda plan, findings: asked.append(plan.name))
    made = Bundle(lambda: asked.append("marks") or marks, evaluate(marks, draws=100))
    assert b"Table I" in whole(made.member("tables/tables.md") or ())
    assert whole(made.member("imrmc/rank.csv") or ()).startswith(b"readerID")
    assert asked == []
    assert whole(made.member("marks.csv") or ()) == write_marks(four_sheets)
    assert asked == ["marks"]


def test_many_marks_come_in_several_row_groups(marks: Marks, monkeypatch: pytest.MonkeyPatch) -> None:
    one = pq.ParquetFile(io.BytesIO(whole(parquet(marks))))
    monkeypatch.setattr(columnar, "ROW_GROUP", 100)
    several = pq.ParquetFile(io.BytesIO(whole(parquet(marks))))
    assert (one.num_row_groups, several.num_row_groups) == (1, 5)
    assert several.read() == one.read()
