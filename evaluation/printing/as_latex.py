"""The findings as LaTeX tables (booktabs), to stand in a paper."""

from evaluation.findings import Findings
from evaluation.printing.grid import Grid, facts, grids

SPECIAL = {
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
    "<": "$<$",
    ">": "$>$",
    "–": "--",
}


def render(findings: Findings) -> str:
    """Every table as a LaTeX float; the facts stand in front as comments. Needs `\\usepackage{booktabs}`."""
    notes = [f"{name}: {value}" for name, value in facts(findings)]
    notes += [f"{caution.text} {caution.advice}" for caution in findings.cautions]
    comments = "\n".join(f"% {note}" for note in notes)
    return "\n\n".join((comments, *(table(grid) for grid in grids(findings)))) + "\n"


def table(grid: Grid) -> str:
    """One float."""
    columns = "l" * len(grid.label_heads) + "r" * len(grid.heads)
    return "\n".join(
        (
            r"\begin{table}",
            rf"\caption{{{escaped(grid.title)}. {escaped(grid.note)}}}",
            r"\centering",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            line((*grid.label_heads, *grid.heads)),
            r"\midrule",
            *(line((*labels, *(cell.joined() for cell in cells))) for labels, cells in grid.lines),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        )
    )


def line(cells: tuple[str, ...]) -> str:
    """One row."""
    return f"{' & '.join(escaped(cell) for cell in cells)} \\\\"


def escaped(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(SPECIAL.get(character, character) for character in text)
