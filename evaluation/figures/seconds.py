"""Figure 6: active time per sheet, by reader."""

from matplotlib.figure import Figure

from evaluation.estimates import Row
from evaluation.figures.style import INK, RULE, rows_from_top, stack, titled, value_at_right
from evaluation.findings import Findings

ROW = 0.24


def able(findings: Findings) -> bool:
    """Whether any time was recorded."""
    return bool(findings.table("seconds").rows)


def draw(findings: Findings) -> Figure:
    """The median as a point on the line of the middle half."""
    datasets = by_dataset(findings)
    figure, panels = stack([ROW * max(2, len(rows)) for rows in datasets.values()])
    longest = max(row.cells["upper quartile"].value or 0.0 for rows in datasets.values() for row in rows)
    for panel, (dataset, rows) in zip(panels, datasets.items(), strict=True):
        titled(panel, dataset)
        rows_from_top(panel, [row.labels[1] for row in rows])
        panel.set_xlim(0, longest * 1.05 or 1)
        panel.grid(axis="x", color=RULE)
        panel.set_axisbelow(True)
        for index, row in enumerate(rows):
            low, middle, high = (
                row.cells[name].value or 0.0 for name in ("lower quartile", "median", "upper quartile")
            )
            panel.plot([low, high], [index, index], color=INK, linewidth=3, solid_capstyle="butt")
            panel.plot([middle], [index], color=INK, marker="o", markersize=7, markerfacecolor="white")
            value_at_right(panel, index, f"{middle:.0f} s")
    return figure


def by_dataset(findings: Findings) -> dict[str, list[Row]]:
    """The rows of the table of seconds by data set."""
    found: dict[str, list[Row]] = {}
    for row in findings.table("seconds").rows:
        found.setdefault(row.labels[0], []).append(row)
    return found


def sentence(findings: Findings) -> str:
    """The figure in words."""
    parts = [f"{row.labels[1]} on {row.labels[0]} {row.cells['median'].text}" for row in findings.table("seconds").rows]
    return f"Median seconds per sheet: {', '.join(parts)}."
