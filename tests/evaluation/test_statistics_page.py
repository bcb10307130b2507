"""docs/statistics.md names every column, table, test, figure, option and export that exists, and runs as written."""

import re
import shlex
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evaluation.__main__ import VERBS, main, parser
from evaluation.catalogue import HEADINGS
from evaluation.exports.bundle import Bundle, Study
from evaluation.exports.dictionary import DICTIONARY
from evaluation.figures.gallery import PLANS
from evaluation.guesses import Guess
from evaluation.marks import Mark, check_marks, write_marks
from evaluation.printing.as_csv import COLUMNS as TIDY_COLUMNS
from evaluation.published import arrange
from evaluation.report import Report, evaluate
from evaluation.signatures import signer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "statistics.md").read_text()
NOTES = "".join(note.read_text() for note in sorted((ROOT / "docs").glob("*.md")))


def test_every_column_stands_in_the_words_of_the_dictionary() -> None:
    for column in DICTIONARY:
        assert f"| `{column.name}` | {column.kind} | {column.allowed} | {column.meaning} |" in PAGE


def test_every_table_test_and_figure_is_explained(report: Report) -> None:
    for heading in HEADINGS:
        assert f"`{heading.key}`" in PAGE
    for test in report.findings.tests:
        assert f"| `{test.key}` |" in PAGE
    for figure in PLANS:
        assert f"| `{figure.name}` |" in PAGE
    for column in TIDY_COLUMNS:
        assert f"`{column}`" in PAGE


def test_every_option_is_explained() -> None:
    for command in (parser(), *(verb.parser() for verb in VERBS.values())):
        for option in re.findall(r"--[a-z]+", command.format_usage()):
            assert option in NOTES, option


def test_every_member_of_the_bundle_is_explained(four_sheets: list[Mark]) -> None:
    marks = check_marks(four_sheets)
    report = evaluate(marks, draws=100, guesses=[Guess("CleftLip10", "VM-1-Sam-0", "inclg")])
    study = Study(b"{}", b"{}", signer(Ed25519PrivateKey.generate()))
    for name in Bundle(lambda: marks, report, study).members:
        folder, _, file = name.rpartition("/")
        known = f"`{name}`" in PAGE or (folder in ("tables", "figures") and f".{file.rsplit('.', 1)[1]}`" in PAGE)
        assert known, name


def test_the_sample_is_what_its_command_makes() -> None:
    sample = ROOT / "docs" / "samples" / "published-margins.csv"
    assert sample.read_bytes() == write_marks(arrange(seed=7))


def test_every_verb_is_explained() -> None:
    for verb in VERBS:
        assert f"python -m evaluation {verb}" in NOTES


def test_the_commands_of_the_page_run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    commands = re.findall(r"^python -m evaluation (docs.+|plan .+)$", PAGE, re.MULTILINE)
    assert len(commands) == 2
    for arguments in commands:
        assert main(shlex.split(arguments)) == 0
    printed = capfd.readouterr().out
    assert "1.813 (29/16)" in printed
    assert "| cases | power |" in printed
