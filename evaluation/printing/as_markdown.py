"""The findings as Markdown tables, the form a person reads in a terminal."""

from evaluation.findings import Findings
from evaluation.printing.grid import MAIN, Grid, facts, grids


def render(findings: Findings) -> str:
    """The whole findings as Markdown with a final line end."""
    parts = [
        f"# {escaped(findings.headline)}",
        bullets(facts(findings)),
        *(f"> **{escaped(caution.text)}** {escaped(caution.advice)}" for caution in findings.cautions),
        *(section(grid) for grid in grids(findings)[:MAIN]),
        "## In plain words",
        *(
            f"{number}. {escaped(statement.text)}  \n   {escaped(statement.basis)}"
            for number, statement in enumerate(findings.statements, start=1)
        ),
        *(section(grid) for grid in grids(findings)[MAIN:]),
    ]
    return "\n\n".join(parts) + "\n"


def bullets(items: list[tuple[str, str]]) -> str:
    """Named facts, one a line."""
    return "\n".join(f"- {name}: {escaped(value)}" for name, value in items)


def section(grid: Grid) -> str:
    """One table under its title."""
    heads = (*grid.label_heads, *grid.heads)
    rule = ["---"] * len(grid.label_heads) + ["---:"] * len(grid.heads)
    lines = [line(heads), line(rule)]
    lines.extend(line((*labels, *(cell.joined() for cell in cells))) for labels, cells in grid.lines)
    return "\n".join((f"## {grid.title}", "", grid.note, "", *lines))


def line(cells: tuple[str, ...] | list[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def escaped(text: str) -> str:
    """Text with the characters that would end a cell or begin markup made plain."""
    return "".join(f"\\{character}" if character in "\\|*_`<" else character for character in text)
