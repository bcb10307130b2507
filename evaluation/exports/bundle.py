"""Everything of one evaluation in a ZIP: marks in every format, tables, figures, report, and a digest of each member.

The same marks, guesses, seed and study give the same bytes. `SHA256SUMS` can be checked with `sha256sum --check`; the
clinic signs it, and signature and public key then stand beside it (`evaluation.signatures`).
"""

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import BinaryIO

from evaluation.exports.columnar import parquet
from evaluation.exports.dictionary import dictionary_csv
from evaluation.exports.imrmc import rank_list, validity_list
from evaluation.exports.pdf_report import pdf
from evaluation.exports.redcap import redcap_dictionary, redcap_import
from evaluation.exports.spreadsheet import workbook
from evaluation.figures.gallery import gallery
from evaluation.guesses import write_guesses
from evaluation.marks import Marks, write_marks
from evaluation.report import PRINTERS, Report
from evaluation.signatures import Signer

SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.sig"
KEY = "signing-key.pem"
# Says what was signed, so that no other signed message can be taken for this one; checkers pass over the line.
ABOVE = "# Vermilion exports, SHA-256 of every member\n"
ENDINGS = {"markdown": "md", "csv": "csv", "latex": "tex", "html": "html", "json": "json"}
LIBRARIES = ("numpy", "scipy", "matplotlib")
# ZIP members carry a date; a fixed one keeps the bytes the same.
MADE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16


@dataclass(frozen=True)
class Study:
    """What a study adds to its marks: protocol and allocation (JSON), whose digests were published, and a signature."""

    protocol: bytes
    allocation: bytes
    signer: Signer | None = None


def bundle(marks: Marks, report: Report, study: Study | None = None) -> bytes:
    """The ZIP as bytes; see `write_bundle`."""
    output = io.BytesIO()
    write_bundle(output, marks, report, study)
    return output.getvalue()


def write_bundle(output: BinaryIO, marks: Marks, report: Report, study: Study | None = None) -> None:
    """Write the ZIP member by member; `study` adds its documents and signs the list of digests."""
    sums = [ABOVE]
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in members(marks, report, study):
            add(archive, name, content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        digests = "".join(sums).encode()
        add(archive, SUMS, digests)
        if study and study.signer:
            add(archive, SIGNATURE, study.signer.sign(digests))


def members(marks: Marks, report: Report, study: Study | None = None) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member, made one at a time."""
    yield "marks.csv", write_marks(marks.rows)
    yield "marks.xlsx", workbook(marks, report.findings)
    yield "marks.parquet", parquet(marks)
    yield "dictionary.csv", dictionary_csv()
    if report.guesses:
        yield "guesses.csv", write_guesses(report.guesses, marks)
    yield "imrmc/validity.csv", validity_list(marks)
    yield "imrmc/rank.csv", rank_list(marks)
    yield "redcap/import.csv", redcap_import(marks)
    yield "redcap/dictionary.csv", redcap_dictionary()
    for output_format in PRINTERS:
        yield f"tables/tables.{ENDINGS[output_format]}", report.render(output_format).encode()
    pictures = list(gallery(report.findings))
    for picture in pictures:
        yield f"figures/{picture.name}.svg", picture.svg
        yield f"figures/{picture.name}.png", picture.png
    yield "report.pdf", pdf(report.findings, pictures)
    yield "software.json", software(report)
    if study:
        yield "protocol.json", study.protocol
        yield "allocation.json", study.allocation
        if study.signer:
            yield KEY, study.signer.public


def software(report: Report) -> bytes:
    """What made the bundle: enough to make it again."""
    libraries = {name: version(name) for name in LIBRARIES}
    content = asdict(report.findings.origin) | {"python": platform.python_version(), "libraries": libraries}
    return f"{json.dumps(content, indent=2)}\n".encode()


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add one member with fixed date and rights."""
    member = zipfile.ZipInfo(name, MADE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = READABLE
    archive.writestr(member, content)
