"""The findings as an HTML fragment: headings and tables, no style and no script, for the results page and to keep."""

from html import escape

from evaluation.findings import Caution, Findings
from evaluation.printing.grid import MAIN, Cell, Grid, facts, grids


def render(findings: Findings) -> str:
    """The whole findings as one `section` element."""
    tables = [table(grid) for grid in grids(findings)]
    return "\n".join(
        (
            '<section class="evaluation">',
            f"<h2>{escape(findings.headline)}</h2>",
            fact_list(findings),
            *(caution_note(caution) for caution in findings.cautions),
            *tables[:MAIN],
            plain_words(findings),
            *tables[MAIN:],
            "</section>",
            "",
        )
    )


def caution_note(caution: Caution) -> str:
    """One warning."""
    return f'<p class="caution"><strong>{escape(caution.text)}</strong> {escape(caution.advice)}</p>'


def plain_words(findings: Findings) -> str:
    """The sentences, each with the figures it rests on."""
    items = (
        f"<li>{escape(statement.text)}<br><small>{escape(statement.basis)}</small></li>"
        for statement in findings.statements
    )
    return "\n".join(("<h3>In plain words</h3>", "<ol>", *items, "</ol>"))


def fact_list(findings: Findings) -> str:
    """Named facts as a description list."""
    items = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts(findings))
    return "\n".join(('<dl class="facts">', *items, "</dl>"))


def table(grid: Grid) -> str:
    """One table with its caption, heads tied to their cells by scope."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (*grid.label_heads, *grid.heads))
    return "\n".join(
        (
            "<table>",
            f"<caption><strong>{escape(grid.title)}</strong> {escape(grid.note)}</caption>",
            f"<thead><tr>{heads}</tr></thead>",
            "<tbody>",
            *(table_row(labels, cells) for labels, cells in grid.lines),
            "</tbody>",
            "</table>",
        )
    )


def table_row(labels: tuple[str, ...], cells: tuple[Cell, ...]) -> str:
    """One row; a figure has its count and interval below it."""
    heads = "".join(f'<th scope="row">{escape(label)}</th>' for label in labels)
    return f"<tr>{heads}{''.join(table_cell(cell) for cell in cells)}</tr>"


def table_cell(cell: Cell) -> str:
    """One figure: the value, then count and interval on lines of their own."""
    small = (f"<small>{escape(part)}</small>" for part in (cell.count, cell.interval) if part)
    return f"<td>{'<br>'.join((f'<strong>{escape(cell.text)}</strong>', *small))}</td>"
