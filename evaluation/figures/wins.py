"""Figure 3: who was placed above whom, a matrix per data set."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.estimates import Row
from evaluation.figures.style import INK, stack
from evaluation.findings import Findings
from evaluation.methods import in_order, label

ROW = 0.42
LIGHTEST, DARKEST = 0.93, 0.6


def draw(findings: Findings) -> Figure:
    """Cells are darker the more often the row's method was placed above the column's; counts in them."""
    datasets = matrices(findings)
    figure, panels = stack([ROW * len(rows) for rows in datasets.values()], right=0.15, top=0.75)
    for panel, (dataset, rows) in zip(panels, datasets.items(), strict=True):
        methods = in_order(row.labels[1] for row in rows)
        sheets = next(iter(rows[0].cells.values())).denominator
        panel.annotate(
            f"{dataset}, {sheets:g} sheets",
            (0, 1),
            (-94, 32),
            "axes fraction",
            "offset points",
            fontweight="bold",
        )
        panel.set_xlim(-0.5, len(methods) - 0.5)
        panel.set_ylim(len(methods) - 0.5, -0.5)
        panel.set_xticks(range(len(methods)), [label(method) for method in methods])
        panel.set_yticks(range(len(methods)), [label(method) for method in methods])
        panel.tick_params(labeltop=True, labelbottom=False, labelcolor=INK, labelsize=8 if len(methods) < 6 else 6)
        for row in rows:
            fill(panel, row, methods)
    return figure


def fill(panel: Axes, row: Row, methods: tuple[str, ...]) -> None:
    """One line of the matrix."""
    line = methods.index(row.labels[1])
    for method, cell in row.cells.items():
        column = methods.index(method)
        shade = LIGHTEST - (LIGHTEST - DARKEST) * (cell.value or 0.0)
        panel.barh(line, 1, 1, column - 0.5, color=(shade,) * 3, edgecolor="white", linewidth=2)
        panel.text(column, line, f"{cell.numerator:g}", ha="center", va="center", fontweight="bold")


def matrices(findings: Findings) -> dict[str, list[Row]]:
    """The rows of the win matrix by data set."""
    found: dict[str, list[Row]] = {}
    for row in findings.table("wins").rows:
        found.setdefault(row.labels[0], []).append(row)
    return found


def sentence(findings: Findings) -> str:
    """The figure in words: the pair with the most wins of each data set."""
    parts = []
    for dataset, rows in matrices(findings).items():
        share, winner, loser = max(
            (cell.value or 0.0, row.labels[1], method) for row in rows for method, cell in row.cells.items()
        )
        parts.append(f"{dataset}: most often {label(winner)} above {label(loser)}, on {share:.0%} of the sheets")
    return f"How often each method was placed above each other. {'; '.join(parts)}."
