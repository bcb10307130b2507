"""The notes say what is there: settings, commands, options, columns, words, files and links."""

import ast
import re
from argparse import ArgumentParser, _SubParsersAction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from evaluation.__main__ import VERBS
from evaluation.__main__ import parser as evaluation_parser
from evaluation.schema import COLUMNS
from inference.cli import _parser as inference_parser
from training.cli import build_parser as training_parser

ROOT = Path(__file__).resolve().parents[2]
NOTES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SETTING = re.compile(r"VERMILION_[A-Z]+(?:_[A-Z]+)*")
SECRET_READERS = {"secret", "_secret", "_from_environment"}
COMMAND = re.compile(
    r"manage\.py (?P<managed>[a-z_]+)|run --rm setup (?P<set_up>[a-z_]+)"
    r"|python -m (?P<package>inference|training|evaluation)(?![\w.])"
)
PARSERS = {"inference": inference_parser, "training": training_parser, "evaluation": evaluation_parser}

# The words that name things in pages, code and notes, and the roles.
WORDS = (
    "Case", "Photograph", "Crop", "Mask", "Method", "Checkpoint", "InpaintingJob", "Result", "Study", "Reader",
    "Reading", "Position", "Mark", "Order", "Outcome", "Surgeon", "Researcher", "Administrator",
)  # fmt: skip


@cache
def text(path: Path) -> str:
    """The file's text."""
    return path.read_text(encoding="utf-8")


@cache
def code_in(note: Path) -> tuple[str, ...]:
    """Every line of a code block and every inline code of a note."""
    pieces = re.split(r"(?m)^```.*$", text(note))
    lines = [line for block in pieces[1::2] for line in block.splitlines()]
    return (*lines, *(code for prose in pieces[::2] for code in re.findall(r"`([^`\n]+)`", prose)))


def all_code() -> list[tuple[str, str]]:
    """Every piece of code in any note, with the note's name."""
    return [(str(note.relative_to(ROOT)), code) for note in NOTES for code in code_in(note)]


def sources() -> list[Path]:
    """The modules that may read a setting: those of the packages, and the tests' own door to PostgreSQL."""
    packages = ("platform/clinic", "inference", "training", "evaluation")
    return [*(path for package in packages for path in (ROOT / package).rglob("*.py")), ROOT / "tests" / "conftest.py"]


@cache
def every_node() -> list[ast.AST]:
    """Every node of the syntax trees of these modules."""
    return [node for path in sources() for node in ast.walk(ast.parse(text(path)))]


def settings_read() -> set[str]:
    """Every string in the code that is exactly the name of a setting."""
    strings = {node.value for node in every_node() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {string for string in strings if SETTING.fullmatch(string)}


def settings_documented() -> set[str]:
    """The first column of the tables of settings."""
    return set(re.findall(r"(?m)^\| `(VERMILION_\w+)` \|", OPERATIONS))


def own_commands() -> dict[str, str]:
    """The management commands of the clinic, by name, with their app."""
    return {name: app for name, app in get_commands().items() if isinstance(app, str) and app.startswith("clinic.")}


def test_every_setting_that_is_read_is_documented_and_the_other_way_round() -> None:
    assert settings_read() == settings_documented()


def test_a_secret_is_documented_with_the_file_it_may_stand_in() -> None:
    secret = {
        str(node.args[0].value)
        for node in every_node()
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in SECRET_READERS
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(secret) >= 4
    assert [name for name in secret if f"yes, or `{name}_FILE` |" not in OPERATIONS] == []


def test_no_note_and_no_service_speaks_of_a_setting_that_is_not_read() -> None:
    known = settings_documented() | {f"{name}_FILE" for name in settings_documented()}
    files = [*NOTES, ROOT / "Dockerfile", ROOT / "docker-compose.yml", ROOT / "Makefile", ROOT / "tests" / "run.sh"]
    assert [(path.name, name) for path in files for name in SETTING.findall(text(path)) if name not in known] == []


def test_every_make_target_exists_and_is_documented() -> None:
    makefile = text(ROOT / "Makefile")
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    named = {target for _, code in all_code() for target in re.findall(r"^make ([a-z]+)", code)}
    assert named - targets == set()
    assert targets - named == {"help"}


def test_every_management_command_exists_and_is_documented() -> None:
    found = [match for _, code in all_code() for match in COMMAND.finditer(code) if not match["package"]]
    named = {match["managed"] or match["set_up"] for match in found}
    assert named - set(get_commands()) == set()
    assert set(own_commands()) - named == set()


def test_every_module_that_is_run_exists_and_so_does_its_command() -> None:
    for note, code in all_code():
        for module, word in re.findall(r"python -m ([a-z_.]+)(?: ([a-z][a-z-]+)(?![a-z.]))?", code):
            assert find_spec(module), f"{note}: {code}"
            if module in ("inference", "training") and word:
                assert word in subcommands(PARSERS[module]()), f"{note}: {code}"


def test_every_command_of_a_package_is_documented() -> None:
    for package in ("inference", "training"):
        for command in subcommands(PARSERS[package]()):
            assert any(f"python -m {package} {command}" in code for _, code in all_code()), f"{package} {command}"


def test_every_option_that_is_named_exists() -> None:
    for note, code in all_code():
        if found := COMMAND.search(code):
            known = options_of(found)
            unknown = [option for option in re.findall(r"(?<=\s)--[a-z-]+", code[found.end() :]) if option not in known]
            assert unknown == [], f"{note}: {code}"


def test_every_column_of_the_marks_file_is_documented_and_the_other_way_round() -> None:
    note = text(ROOT / "docs" / "statistics.md")
    section = note.split("## The marks file", 1)[1].split("\n## ", 1)[0]
    assert tuple(re.findall(r"(?m)^\| `(\w+)` \|", section)) == COLUMNS


@pytest.mark.parametrize("note", NOTES, ids=lambda note: str(note.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(note: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(note)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            page = (note.parent / path).resolve() if path else note
            assert page.exists(), target
            assert page.is_relative_to(ROOT), target
            assert not anchor or anchor in anchors(page), target


def test_every_file_of_the_tree_that_is_named_exists() -> None:
    folders = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name != "var")
    named = re.compile(rf"(?:{folders})/[\w./-]+\.(?:py|toml|md|csv|svg|yml|json|npz|html|css|js)")
    missing = [(note, code) for note, code in all_code() if named.fullmatch(code) and not (ROOT / code).exists()]
    assert missing == []


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_design_is_in_the_glossary(word: str) -> None:
    assert re.search(rf"(?m)^\| \*\*{word}\*\* \|", text(ROOT / "docs" / "glossary.md"))


def test_decisions_are_numbered_through_and_listed() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    index = text(ROOT / "docs" / "architecture.md")
    assert [path.name for path in decisions if f"(decisions/{path.name})" not in index] == []
    assert [path.name for path in decisions if not text(path).startswith(f"# {path.name[:4]}: ")] == []


def subcommands(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    """The commands of a parser, each with its own."""
    (found,) = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    return dict(found.choices)


def options_of(found: re.Match[str]) -> set[str]:
    """Every option that the command found in a note, or any command of that package, understands."""
    if name := found["managed"] or found["set_up"]:
        command: Any = load_command_class(get_commands()[name], name)
        return set(command.create_parser("manage.py", name)._option_string_actions)
    parser = PARSERS[found["package"]]()
    verbs = [verb.parser() for verb in VERBS.values()]
    parsers = [parser, *verbs] if found["package"] == "evaluation" else subcommands(parser).values()
    return {option for one in parsers for option in one._option_string_actions}


def anchors(page: Path) -> set[str]:
    """The anchors of a note's headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", text(page))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
