"""docs/statistics.md names every column, table, test, figure, option and export that exists, and runs as written."""

import re
import shlex
from pathlib import Path

import pytest

from evaluation.__main__ import main, parser
from evaluation.catalogue import HEADINGS
from evaluation.exports.bundle import members
from evaluation.exports.dictionary import DICTIONARY
from evaluation.figures.gallery import PLANS
from evaluation.marks import Mark, check_marks, write_marks
from evaluation.planning import main as plan
from evaluation.planning import parser as planning_parser
from evaluation.printing.as_csv import COLUMNS as TIDY_COLUMNS
from evaluation.published import arrange
from evaluation.report import Report, evaluate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "statistics.md").read_text()


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
    for command in (parser(), planning_parser()):
        for option in re.findall(r"--[a-z]+", command.format_usage()):
            assert f"`{option}" in PAGE


def test_every_member_of_the_bundle_is_explained(four_sheets: list[Mark]) -> None:
    marks = check_marks(four_sheets)
    for name, _ in members(marks, evaluate(marks, draws=100), b"{}", b"{}"):
        folder, _, file = name.rpartition("/")
        known = f"`{name}`" in PAGE or (folder in ("tables", "figures") and f".{file.rsplit('.', 1)[1]}`" in PAGE)
        assert known, name


def test_the_sample_is_what_its_command_makes() -> None:
    sample = ROOT / "docs" / "samples" / "published-margins.csv"
    assert sample.read_bytes() == write_marks(arrange(seed=7))


def test_the_commands_of_the_page_run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    commands = re.findall(r"^python -m (evaluation\S*) (.+)$", PAGE, re.MULTILINE)
    assert [command for command, _ in commands] == ["evaluation", "evaluation.planning"]
    for command, arguments in commands:
        run = main if command == "evaluation" else plan
        assert run(shlex.split(arguments)) == 0
    printed = capfd.readouterr().out
    assert "1.813 (29/16)" in printed
    assert "| cases | power |" in printed
