"""Figure 4: mean ranks on a line, with the critical difference of Nemenyi's test.

Bars join methods that do not lie further apart than the critical difference (after Demsar 2006, figure 1).
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.analyses.pairwise import MeanRanks
from evaluation.figures.style import INK, MUTED, marker, stack, titled, value_at_right
from evaluation.findings import Findings
from evaluation.methods import label

ROW = 0.24


def draw(findings: Findings) -> Figure:
    """A row per method at its mean rank, best on top, and the bars that join methods below them."""
    groups = [joined(found) for found in findings.mean_ranks]
    heights = [
        ROW * (len(found.methods) + len(bars) + 1) for found, bars in zip(findings.mean_ranks, groups, strict=True)
    ]
    figure, panels = stack(heights)
    for panel, found, bars in zip(panels, findings.mean_ranks, groups, strict=True):
        titled(panel, found.dataset)
        place(panel, found, bars)
    return figure


def place(panel: Axes, found: MeanRanks, bars: list[tuple[float, float]]) -> None:
    """Draw one data set."""
    order = sorted(range(len(found.methods)), key=lambda index: found.ranks[index])
    names = [label(found.methods[index]) for index in order]
    rows = len(order) + len(bars) + 1
    panel.set_yticks([*range(len(order)), rows - 1], [*names, "critical difference"])
    panel.set_ylim(rows - 0.5, -0.5)
    panel.set_xlim(0.9, len(order) + 0.1)
    panel.set_xticks(range(1, len(order) + 1))
    for row, index in enumerate(order):
        rank = found.ranks[index]
        panel.plot([1, rank], [row, row], color=MUTED, linewidth=0.8, linestyle=":")
        panel.plot([rank], [row], color=INK, marker=marker(index), markersize=6.5)
        value_at_right(panel, row, f"{rank:.2f}")
    for row, (low, high) in enumerate(bars, start=len(order)):
        panel.plot([low, high], [row, row], color=INK, linewidth=4, solid_capstyle="butt")
    end = min(1 + found.critical_difference, len(order) + 0.1)
    panel.plot([1, end], [rows - 1, rows - 1], color=INK, marker="|", markersize=8)
    value_at_right(panel, rows - 1, f"{found.critical_difference:.2f}")


def joined(found: MeanRanks) -> list[tuple[float, float]]:
    """The longest runs of mean ranks that span no more than the critical difference, of two methods or more."""
    ranks = sorted(found.ranks)
    runs: list[tuple[float, float]] = []
    for start, low in enumerate(ranks):
        high = max(rank for rank in ranks[start:] if rank - low <= found.critical_difference)
        if high > low and not any(first <= low and high <= last for first, last in runs):
            runs.append((low, high))
    return runs


def sentence(findings: Findings) -> str:
    """The figure in words."""
    parts = []
    for found in findings.mean_ranks:
        ranks = ", ".join(
            f"{label(method)} {rank:.2f}" for rank, method in sorted(zip(found.ranks, found.methods, strict=True))
        )
        parts.append(f"{found.dataset}: {ranks}, critical difference {found.critical_difference:.2f}")
    return f"Mean ranks per case. {'; '.join(parts)}."
