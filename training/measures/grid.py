"""A printed table: a title, heads, rows of text and notes, as Markdown, CSV and LaTeX.

Made by training.measures.report and training.measures.paper_tables; written by the command `measure`.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "±": r"$\pm$",
        "≥": r"$\geq$",
        "↑": r"$\uparrow$",
        "↓": r"$\downarrow$",
    }
)


@dataclass(frozen=True)
class Grid:
    """A table of text; the first head stands over the rows' names. Notes stand below it."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def markdown(grid: Grid) -> str:
    """As a person reads it in a terminal: columns are padded to one width."""
    widths = [max(len(line[column]) for line in (grid.heads, *grid.rows)) for column in range(len(grid.heads))]
    rule = ["-" * max(widths[0], 3), *("-" * max(width - 1, 2) + ":" for width in widths[1:])]
    lines = [_padded(line, widths) for line in (grid.heads, rule, *grid.rows)]
    notes = [f"- {note}" for note in grid.notes]
    return "\n".join((f"**{grid.title}**", "", *lines, *([""] if notes else []), *notes)) + "\n"


def comma_separated(grid: Grid) -> str:
    """As a spreadsheet reads it: the heads and the rows, without title and notes."""
    output = io.StringIO()
    csv.writer(output, lineterminator="\n").writerows((grid.heads, *grid.rows))
    return output.getvalue()


def latex(grid: Grid) -> str:
    """As a paper prints it. Needs `\\usepackage{booktabs}`; the notes stand in the caption."""
    caption = " ".join(f"{text.rstrip('.')}." for text in (grid.title, *grid.notes))
    body = [_latex_line(row) for row in grid.rows]
    return "\n".join(
        (
            r"\begin{table}",
            rf"\caption{{{caption.translate(SPECIAL)}}}",
            r"\centering",
            rf"\begin{{tabular}}{{l{'r' * (len(grid.heads) - 1)}}}",
            r"\toprule",
            _latex_line(grid.heads),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        )
    )


def write(grid: Grid, folder: Path) -> None:
    """The three forms into a folder, named after the table's key."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, form in ((".md", markdown), (".csv", comma_separated), (".tex", latex)):
        (folder / f"{grid.key}{suffix}").write_text(form(grid), encoding="utf-8")


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = cells
    rest = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
    return f"| {' | '.join((first.ljust(widths[0]), *rest))} |"


def _latex_line(cells: Sequence[str]) -> str:
    return f"{' & '.join(cell.translate(SPECIAL) for cell in cells)} \\\\"
