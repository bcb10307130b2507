"""Figure 2: how often each method came first, second, ..., and how often it was invalid."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from evaluation.figures.style import HATCH, INK, rank_shade, rows_from_top, stack, titled
from evaluation.findings import Findings
from evaluation.methods import label
from evaluation.sheets import Integers, Sheets

ROW = 0.27
ORDINALS = ("first", "second", "third", "fourth")
LEAST_LABELLED = 0.025
LIGHT = 0.5


def draw(findings: Findings) -> Figure:
    """Stacked bars, dark for first, hatched for invalid, with the counts in them."""
    datasets = list(findings.sheets.values())
    figure, panels = stack([ROW * len(sheets.methods) for sheets in datasets], right=0.15, top=0.4)
    for panel, sheets in zip(panels, datasets, strict=True):
        titled(panel, f"{sheets.dataset}, {sheets.count} sheets")
        rows_from_top(panel, [label(method) for method in sheets.methods])
        panel.set_xlim(0, sheets.count)
        panel.set_xticks([])
        for index, counts in enumerate(distribution(sheets)):
            bar(panel, index, counts, sheets.count)
    places = max(len(sheets.methods) for sheets in datasets)
    handles = [Patch(facecolor=rank_shade(place, places), label=ordinal(place)) for place in range(1, places + 1)]
    handles.append(Patch(facecolor="white", edgecolor=HATCH, hatch="////", label="invalid"))
    figure.legend(handles=handles, loc="lower center", ncols=min(6, len(handles)), frameon=False, fontsize=8)
    return figure


def distribution(sheets: Sheets) -> Integers:
    """How often each method was invalid (column 0) and had each rank (m x (m + 1))."""
    places = len(sheets.methods) + 1
    return np.stack([np.bincount(ranks, minlength=places) for ranks in sheets.rank.T])


def bar(panel: Axes, row: int, counts: Integers, sheets: int) -> None:
    """One method's bar: its ranks from the first, then the invalid."""
    places = len(counts) - 1
    left = 0
    for place in [*range(1, places + 1), 0]:
        width = int(counts[place])
        if not width:
            continue
        if place:
            shade = rank_shade(place, places)
            panel.barh(row, width, 0.72, left, color=shade, edgecolor="white", linewidth=1)
            ink = "white" if sum(shade[:3]) / 3 < LIGHT else INK
        else:
            panel.barh(row, width, 0.72, left, color="white", edgecolor=HATCH, hatch="////", linewidth=0)
            ink = INK
        if width >= LEAST_LABELLED * sheets:
            box = None if place else {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            panel.text(left + width / 2, row, str(width), ha="center", va="center", color=ink, fontsize=8, bbox=box)
        left += width


def ordinal(place: int) -> str:
    """`first`, `second`, ...; from the fifth on in figures."""
    return ORDINALS[place - 1] if place <= len(ORDINALS) else f"{place}th"


def sentence(findings: Findings) -> str:
    """The figure in words."""
    parts = []
    for sheets in findings.sheets.values():
        counts = distribution(sheets)
        spoken = ", ".join(
            f"{label(method)} first {line[1]} times, invalid {line[0]} times"
            for method, line in zip(sheets.methods, counts, strict=True)
        )
        parts.append(f"{sheets.dataset}: {spoken}")
    return f"Ranks of each method, with the invalid shown. {'; '.join(parts)}."
