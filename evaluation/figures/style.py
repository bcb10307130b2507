"""How every figure looks: one ink, shapes for methods, greys that stay in order when printed.

The figure modules draw on sheets made here; `evaluation.figures.gallery` saves them. Nothing global in matplotlib is
touched, and no figure has a colour per method.
"""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

INK = "#1c1c1c"
MUTED = "#5a5a5a"
RULE = "#d9d9d9"
HATCH = "#9a9a9a"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
RANK_RAMP = LinearSegmentedColormap.from_list("ranks", ["#123f4d", "#447a8c", "#93bac6", "#cfe2e8"])
WIDTH = 6.6
LEFT, RIGHT, TOP, BOTTOM = 1.35, 0.75, 0.35, 0.45
SETTINGS = mpl.RcParams(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": MUTED,
        "ytick.color": INK,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "vermilion",
    }
)


def stack(heights: Sequence[float], *, right: float = RIGHT, top: float = TOP) -> tuple[Figure, list[Axes]]:
    """A figure with panels of these heights (inches) one above the other, room for a title over each."""
    total = sum(heights) + len(heights) * (top + BOTTOM)
    figure = Figure(figsize=(WIDTH, total))
    panels, above = [], total
    for height in heights:
        above -= top + height
        box = (LEFT / WIDTH, above / total, (WIDTH - LEFT - right) / WIDTH, height / total)
        panels.append(bare(figure.add_axes(box)))
        above -= BOTTOM
    return figure, panels


def bare(panel: Axes) -> Axes:
    """A panel without frame and tick marks."""
    for side in panel.spines.values():
        side.set_visible(False)
    panel.tick_params(length=0)
    return panel


def titled(panel: Axes, title: str) -> None:
    """A bold title at the left edge of the figure, over the row labels."""
    panel.annotate(
        title, (0, 1), (-LEFT * 72 + 4, 8), "axes fraction", "offset points", fontweight="bold", annotation_clip=False
    )


def rows_from_top(panel: Axes, names: Sequence[str]) -> None:
    """Name the rows of a panel, the first on top."""
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(len(names) - 0.5, -0.5)


def value_at_right(panel: Axes, row: float, text: str) -> None:
    """A printed figure beside a row."""
    panel.annotate(text, (1, row), (8, 0), panel.get_yaxis_transform(), "offset points", va="center")


def rank_shade(place: int, places: int) -> tuple[float, float, float, float]:
    """The shade of a rank: dark is first, and each is lighter than the one before."""
    return RANK_RAMP((place - 1) / max(1, places - 1))


def marker(index: int) -> str:
    """The shape of the n-th method of a figure."""
    return MARKERS[index % len(MARKERS)]
