"""The notes on training name every fault and every published recipe, in the code's own words."""

from pathlib import Path

from training.settings.faults import FAULTS

ROOT = Path(__file__).parents[2]
NOTE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")


def test_every_fault_stands_in_the_table_and_no_other() -> None:
    section = NOTE.split("### Faults", 1)[1].split("\n### ", 1)[0]
    rows = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in section.splitlines() if "| `" in row]
    written = {(f"`{name}`", ", ".join(f.methods), f.published, f.intended) for name, f in FAULTS.items()}
    assert set(rows) == written


def test_every_published_recipe_is_begun_in_the_notes() -> None:
    recipes = [path for path in (ROOT / "training" / "recipes").glob("*.toml") if "-compact" not in path.stem]
    missing = [path.name for path in recipes if f"python -m training train training/recipes/{path.name}" not in NOTE]
    assert missing == []
