"""The form of the house, read from the sources: names, lengths, imports, docstrings, and no words of another place."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("platform/clinic", "inference", "training", "evaluation")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "base", "common", "core", "manager", "misc"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
LARGEST_FILE = 5_000_000

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules() -> list[str]:
    """Every module of the packages, migrations left out, as paths from the root."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found if "migrations" not in path.parts)


@cache
def text(module: str) -> str:
    """The module's source."""
    return (ROOT / module).read_text(encoding="utf-8")


@cache
def parsed(module: str) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(text(module))


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, Any]]:
    """Every node of these kinds in any module, with the module."""
    return ((module, node) for module in modules() for node in ast.walk(parsed(module)) if isinstance(node, kinds))


def stored_files() -> list[Path]:
    """Every file that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def speaks_for_itself(node: Function | ast.ClassDef) -> bool:
    """A command has its `help`, an app its name, and a check of the blinding audit the line it prints."""
    if isinstance(node, ast.ClassDef):
        return node.name == "Command" or node.name.endswith("Config")
    return isinstance(node.returns, ast.Name) and node.returns.id == "Check"


def test_there_are_modules_to_look_at() -> None:
    assert len(modules()) > 150


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    assert [module for module in modules() if SAYS_NOTHING & {*Path(module).parts, Path(module).stem}] == []


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    assert [module for module in modules() if text(module).count("\n") > LONGEST_MODULE] == []


def test_functions_are_short() -> None:
    lengths = {f"{module}: {node.name}": (node.end_lineno or 0) - node.lineno for module, node in nodes(*FUNCTIONS)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_imports_stand_at_the_top_and_are_absolute() -> None:
    hidden = [
        f"{module}: {function.name}"
        for module, function in nodes(*FUNCTIONS)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]
    relative = [module for module, node in nodes(ast.ImportFrom) if node.level]
    assert (hidden, relative) == ([], [])


def test_every_module_says_what_it_is() -> None:
    assert [module for module in modules() if parsed(module).body and not ast.get_docstring(parsed(module))] == []


def test_everything_offered_says_what_it_does() -> None:
    silent = [
        f"{module}: {node.name}"
        for module in modules()
        for node in parsed(module).body
        if isinstance(node, Function | ast.ClassDef)
        and not (node.name.startswith("_") or ast.get_docstring(node) or speaks_for_itself(node))
    ]
    assert silent == []


def test_no_source_leaves_a_note_to_itself_or_names_a_folder_of_one_machine() -> None:
    elsewhere = re.compile(r"(?<![\w.])/(home|root|work)/\w|\b(TODO|FIXME|XXX|HACK)\b")
    assert [module for module in modules() if elsewhere.search(text(module))] == []


def test_no_large_file_is_stored_but_weights() -> None:
    large = [path for path in stored_files() if path.stat().st_size > LARGEST_FILE and path.suffix != ".safetensors"]
    assert large == []
