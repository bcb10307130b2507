"""Figure 5: agreement of readers on validity, Fleiss' kappa per data set."""

from matplotlib.figure import Figure

from evaluation.estimates import Row
from evaluation.figures.style import INK, MUTED, RULE, rows_from_top, stack, value_at_right
from evaluation.findings import Findings

ROW = 0.42


def able(findings: Findings) -> bool:
    """Whether there is anything to agree on."""
    return bool(defined(findings))


def draw(findings: Findings) -> Figure:
    """A point and a line per data set, chance dotted."""
    rows = defined(findings)
    figure, (panel,) = stack([ROW * len(rows)])
    rows_from_top(panel, [row.labels[0] for row in rows])
    panel.grid(axis="x", color=RULE)
    panel.set_axisbelow(True)
    lowest = min(row.cells["fleiss_kappa"].interval.low or 0.0 for row in rows)
    panel.set_xlim(min(-0.1, lowest - 0.02), 1.02)
    panel.axvline(0, color=MUTED, linestyle=":")
    panel.annotate("chance", (0, 1), (0, 4), panel.get_xaxis_transform(), "offset points", ha="center", color=MUTED)
    for index, row in enumerate(rows):
        kappa = row.cells["fleiss_kappa"]
        interval = kappa.interval
        if interval.low is not None and interval.high is not None:
            panel.plot([interval.low, interval.high], [index, index], color=INK, marker="|", markersize=8)
        panel.plot([kappa.value or 0.0], [index], color=INK, marker="o", markersize=6.5)
        value_at_right(panel, index, kappa.text)
    return figure


def defined(findings: Findings) -> list[Row]:
    """The rows of data sets that have a kappa."""
    return [row for row in findings.table("agreement").rows if row.cells["fleiss_kappa"].value is not None]


def sentence(findings: Findings) -> str:
    """The figure in words."""
    parts = [f"{row.labels[0]} {row.cells['fleiss_kappa'].text}" for row in findings.table("agreement").rows]
    return f"Fleiss kappa on validity, 0 is chance and 1 is complete: {', '.join(parts)}."
