"""Everything of one evaluation in a ZIP: marks in every format, tables, figures, report, and a digest of each member.

The same marks, seed and protocol give the same bytes. `SHA256SUMS` can be checked with `sha256sum --check`; the clinic
may sign it, and the signature then stands beside it.
"""

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from typing import BinaryIO

from evaluation.exports.columnar import parquet
from evaluation.exports.dictionary import dictionary_csv
from evaluation.exports.imrmc import rank_list, validity_list
from evaluation.exports.pdf_report import pdf
from evaluation.exports.redcap import redcap_dictionary, redcap_import
from evaluation.exports.spreadsheet import workbook
from evaluation.figures.gallery import gallery
from evaluation.marks import Marks, write_marks
from evaluation.report import PRINTERS, Report

SUMS = "SHA256SUMS"
ENDINGS = {"markdown": "md", "csv": "csv", "latex": "tex", "html": "html", "json": "json"}
LIBRARIES = ("numpy", "scipy", "matplotlib")
# ZIP members carry a date; a fixed one keeps the bytes the same.
MADE = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16


def bundle(
    marks: Marks,
    report: Report,
    *,
    protocol: bytes | None = None,
    allocation: bytes | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """The ZIP as bytes; see `write_bundle`."""
    output = io.BytesIO()
    write_bundle(output, marks, report, protocol=protocol, allocation=allocation, sign=sign)
    return output.getvalue()


def write_bundle(
    output: BinaryIO,
    marks: Marks,
    report: Report,
    *,
    protocol: bytes | None = None,
    allocation: bytes | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Write the ZIP member by member.

    `protocol` and `allocation` are the study's own documents (JSON); `sign` signs the list of digests.
    """
    sums = []
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in members(marks, report, protocol, allocation):
            add(archive, name, content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        digests = "".join(sums).encode()
        add(archive, SUMS, digests)
        if sign:
            add(archive, f"{SUMS}.sig", sign(digests))


def members(
    marks: Marks, report: Report, protocol: bytes | None, allocation: bytes | None
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member, made one at a time."""
    yield "marks.csv", write_marks(marks.rows)
    yield "marks.xlsx", workbook(marks, report.findings)
    yield "marks.parquet", parquet(marks)
    yield "dictionary.csv", dictionary_csv()
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
    if protocol is not None:
        yield "protocol.json", protocol
    if allocation is not None:
        yield "allocation.json", allocation
    yield "software.json", software(report)


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
