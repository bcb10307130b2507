"""Everything of one evaluation in a ZIP: marks in every format, tables, figures, report, and a digest of each member.

The same marks, guesses, seed and study give the same bytes. `SHA256SUMS` can be checked with `sha256sum --check`; the
clinic signs it, and signature and public key then stand beside it (`evaluation.signatures`). Members are made one by
one and piece by piece, when they are asked for.
"""

import json
import platform
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache, cached_property, partial
from hashlib import sha256
from importlib.metadata import version
from typing import IO

from evaluation.exports.columnar import parquet
from evaluation.exports.dictionary import dictionary_csv
from evaluation.exports.imrmc import rank_list, validity_list
from evaluation.exports.pdf_report import pdf
from evaluation.exports.redcap import redcap_dictionary, redcap_import
from evaluation.exports.spreadsheet import workbook
from evaluation.exports.streams import blocks
from evaluation.figures.gallery import Picture, able, drawn
from evaluation.guesses import write_guesses
from evaluation.marks import Marks, stream_marks
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

Made = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Study:
    """What a study adds to its marks: protocol and allocation (JSON), whose digests were published, and a signature."""

    protocol: bytes
    allocation: bytes
    signer: Signer | None = None


@dataclass(frozen=True)
class Entry:
    """One member as a list tells it."""

    name: str
    length: int
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """The ZIP before it is made; `marks` is called when the first member needs them, and no more than once."""

    marks: Callable[[], Marks]
    report: Report
    study: Study | None = None

    def write(self, output: IO[bytes]) -> None:
        """Write the ZIP member by member into a file that can seek."""
        with zipfile.ZipFile(output, "w") as archive:
            entries = [add(archive, name, made()) for name, made in self.members.items()]
            for name, content in self.seal(entries):
                add(archive, name, (content,))

    def entries(self) -> list[Entry]:
        """Name, length and digest of each member of the ZIP; each is made once, and none is kept."""
        found = [entry(name, made()) for name, made in self.members.items()]
        return found + [entry(name, (content,)) for name, content in self.seal(found)]

    def member(self, name: str) -> Iterable[bytes] | None:
        """One member of the ZIP, piece by piece; None when there is none of this name."""
        if name in self.members:
            return self.members[name]()
        if name == SUMS or (name == SIGNATURE and self.study and self.study.signer):
            return (dict(self.seal(entry(one, made()) for one, made in self.members.items()))[name],)
        return None

    def seal(self, entries: Iterable[Entry]) -> list[tuple[str, bytes]]:
        """The list of digests, and its signature where there is a key."""
        sums = "".join([ABOVE, *(f"{one.sha256}  {one.name}\n" for one in entries)]).encode()
        signer = self.study.signer if self.study else None
        return [(SUMS, sums), (SIGNATURE, signer.sign(sums))] if signer else [(SUMS, sums)]

    @cached_property
    def members(self) -> dict[str, Made]:
        """What makes each member that stands in the list of digests, by name in the order of the ZIP."""
        marks, report, findings = cache(self.marks), self.report, self.report.findings
        made: dict[str, Made] = {
            "marks.csv": lambda: blocks(stream_marks(marks().rows)),
            "marks.xlsx": lambda: workbook(marks(), findings),
            "marks.parquet": lambda: parquet(marks()),
            "dictionary.csv": dictionary_csv,
        }
        if report.guesses:
            made["guesses.csv"] = lambda: (write_guesses(report.guesses, marks()),)
        made |= {
            "imrmc/validity.csv": lambda: validity_list(findings.sheets),
            "imrmc/rank.csv": lambda: rank_list(findings.sheets),
            "redcap/import.csv": lambda: redcap_import(marks()),
            "redcap/dictionary.csv": redcap_dictionary,
        }
        for output_format in PRINTERS:
            made[f"tables/tables.{ENDINGS[output_format]}"] = partial(_table, report, output_format)
        made |= self._pictured()
        made["software.json"] = lambda: (software(report),)
        return made | self._documents()

    def _pictured(self) -> dict[str, Made]:
        """The figures, and the report that holds them all; a figure is drawn once, when it is first asked for."""
        findings, plans = self.report.findings, able(self.report.findings)
        picture: Callable[[int], Picture] = cache(lambda number: drawn(plans[number], findings))
        made: dict[str, Made] = {}
        for number, plan in enumerate(plans):
            made[f"figures/{plan.name}.svg"] = partial(_form, picture, number, "svg")
            made[f"figures/{plan.name}.png"] = partial(_form, picture, number, "png")
        made["report.pdf"] = lambda: (pdf(findings, [picture(number) for number in range(len(plans))]),)
        return made

    def _documents(self) -> dict[str, Made]:
        if self.study is None:
            return {}
        documents = {"protocol.json": self.study.protocol, "allocation.json": self.study.allocation}
        if self.study.signer:
            documents[KEY] = self.study.signer.public
        return {name: partial(_whole, content) for name, content in documents.items()}


def software(report: Report) -> bytes:
    """What made the bundle: enough to make it again."""
    libraries = {name: version(name) for name in LIBRARIES}
    content = asdict(report.findings.origin) | {"python": platform.python_version(), "libraries": libraries}
    return f"{json.dumps(content, indent=2)}\n".encode()


def add(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> Entry:
    """Add one member with fixed date and rights, piece by piece."""
    member = zipfile.ZipInfo(name, MADE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = READABLE
    with archive.open(member, "w") as file:
        return entry(name, _passed_on(pieces, file))


def entry(name: str, pieces: Iterable[bytes]) -> Entry:
    """Length and digest of a member, of which nothing is kept."""
    digest, length = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        length += len(piece)
    return Entry(name, length, digest.hexdigest())


def _passed_on(pieces: Iterable[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        file.write(piece)
        yield piece


def _table(report: Report, output_format: str) -> tuple[bytes]:
    return (report.render(output_format).encode(),)


def _form(picture: Callable[[int], Picture], number: int, form: str) -> tuple[bytes]:
    return (picture(number).svg if form == "svg" else picture(number).png,)


def _whole(content: bytes) -> tuple[bytes]:
    return (content,)
