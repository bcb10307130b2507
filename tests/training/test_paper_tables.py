"""Rosa sets her figures beside the papers': nothing is invented, and every blank says why."""

import csv
from pathlib import Path

import pytest

from training.errors import CommandError
from training.holes.files import GROUPS
from training.measures.grid import Grid, comma_separated, latex, markdown, write
from training.measures.paper_tables import paper_table, read_facts

HEAD = "table,row,group,measure,value,source"


def facts_file(folder: Path, *lines: str) -> Path:
    path = folder / "facts.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return path


def test_every_cell_of_both_tables_is_kept_once() -> None:
    facts = read_facts()
    cells = [(fact.table, fact.row, fact.group, fact.measure) for fact in facts]
    assert len(set(cells)) == len(cells) == 4 * 3 * 3 + 3 * 1 * 3
    assert {group for table, _, group, _ in cells if table == "III"} == set(GROUPS)


def test_table_three_has_the_four_methods_by_group_of_masks() -> None:
    grid = paper_table("III", read_facts(), {})
    assert [row[0] for row in grid.rows] == ["EdgeConnect", "LaFIn", "CTSDG", "Ours (INCLG)"]
    assert grid.heads[1::3] == ("0-20 %: PSNR ↑", "20-40 %: PSNR ↑", "40-60 %: PSNR ↑")


def test_table_four_has_the_three_variants() -> None:
    grid = paper_table("IV", read_facts(), {})
    assert [row[0] for row in grid.rows] == ["Baseline", "Base+Lmk", "Ours"]


def test_the_papers_figure_stands_before_ours_and_what_is_missing_stays_blank(tmp_path: Path) -> None:
    path = facts_file(tmp_path, "III,lafin,0-20,psnr,12.5,a made-up example", "III,lafin,0-20,fid,,not printed in it")
    grid = paper_table("III", read_facts(path), {("lafin", "0-20", "psnr"): 23.456}, ["no weights"])
    assert grid.rows == (("LaFIn", "12.50 / 23.46", " / "),)
    assert any("a made-up example" in note for note in grid.notes)
    assert any("not printed in it" in note for note in grid.notes)
    assert grid.notes[-1] == "no weights"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("V,lafin,0-20,psnr,1,here", "line 2: not a cell"),
        ("III,lafin,0-20,psnr,1,", "line 2: say in `source`"),
        ("III,lafin,0-20,psnr,many,here", "line 2: the value is not a number"),
        ("III,lafin,0-20,psnr,nan,here", "line 2: the value is not a number"),
        ("III,nobody,0-20,psnr,1,here", "line 2: not a cell"),
        ("III,lafin,0-20,psnr,1,here,more", "line 2: not a cell"),
    ],
)
def test_a_line_that_is_no_fact_is_refused_by_number(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        read_facts(facts_file(tmp_path, line))


def test_another_files_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="the first line must be"):
        read_facts(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        read_facts(tmp_path / "none.csv")


def test_a_grid_is_written_in_three_forms_that_hold_the_same_cells(tmp_path: Path) -> None:
    grid = Grid("small", "A title", ("filler", "50 %"), (("a_b", "1.5"), ("c", "2 & 3")), ("A note",))
    write(grid, tmp_path)
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in tmp_path.glob("small.*")}
    assert texts == {".md": markdown(grid), ".csv": comma_separated(grid), ".tex": latex(grid)}
    assert list(csv.reader(texts[".csv"].splitlines())) == [["filler", "50 %"], ["a_b", "1.5"], ["c", "2 & 3"]]
    assert r"a\_b & 1.5 \\" in texts[".tex"]
    assert r"c & 2 \& 3 \\" in texts[".tex"]
    assert "- A note" in texts[".md"]


def test_markdown_columns_stand_below_each_other() -> None:
    grid = Grid("small", "A title", ("filler", "dB"), (("telea", "1"), ("navier-stokes", "12.34")))
    widths = {len(line) for line in markdown(grid).splitlines() if line.startswith("|")}
    assert len(widths) == 1
