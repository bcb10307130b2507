"""Figure 1: valid probability with its interval, a panel per data set."""

from matplotlib.figure import Figure

from evaluation.estimates import Row
from evaluation.figures.style import INK, RULE, marker, rows_from_top, stack, titled, value_at_right
from evaluation.findings import Findings
from evaluation.methods import label

ROW = 0.26


def draw(findings: Findings) -> Figure:
    """A point and a line per method; counts at the right."""
    rows = findings.table("validity").rows
    figure, panels = stack([ROW * len(row.cells) for row in rows])
    highest = max(
        bound
        for row in rows
        for cell in row.cells.values()
        for bound in (cell.interval.high, cell.value)
        if bound is not None
    )
    for panel, row in zip(panels, rows, strict=True):
        titled(panel, row.labels[0])
        rows_from_top(panel, [label(method) for method in row.cells])
        panel.set_xlim(-0.01, max(0.5, highest) + 0.02)
        panel.grid(axis="x", color=RULE)
        panel.set_axisbelow(True)
        for index, cell in enumerate(row.cells.values()):
            value, interval = cell.value or 0.0, cell.interval
            if interval.low is not None and interval.high is not None:
                panel.plot([interval.low, interval.high], [index, index], color=INK, marker="|", markersize=7)
            panel.plot([value], [index], color=INK, marker=marker(index), markersize=6.5)
            value_at_right(panel, index, f"{cell.numerator:g}/{cell.denominator:g}")
    return figure


def sentence(findings: Findings) -> str:
    """The figure in words, for those who do not see it."""
    parts = [f"{row.labels[0]}: {spoken(row)}" for row in findings.table("validity").rows]
    return f"Share of sheets on which each method was valid. {'; '.join(parts)}."


def spoken(row: Row) -> str:
    """One data set's figures, read out."""
    return ", ".join(
        f"{label(method)} {cell.numerator:g} of {cell.denominator:g}" for method, cell in row.cells.items()
    )
