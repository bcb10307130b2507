"""All figures of an evaluation, as SVG and PNG with the same bytes each time.

The command line writes them into a folder, the results page shows them, the exports pack them.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from evaluation.figures import agreement, critical_difference, ranks, seconds, validity, wins
from evaluation.figures.style import SETTINGS
from evaluation.findings import Findings

DOTS_PER_INCH = 200


@dataclass(frozen=True)
class Plan:
    """A figure: its file name, title and caption; `sentence` says it in words, `able` whether findings can fill it."""

    name: str
    title: str
    caption: str
    draw: Callable[[Findings], Figure]
    sentence: Callable[[Findings], str]
    able: Callable[[Findings], bool] = lambda findings: True


@dataclass(frozen=True)
class Picture:
    """A drawn figure. `sentence` is its alternative text."""

    name: str
    title: str
    caption: str
    sentence: str
    svg: bytes
    png: bytes


PLANS = (
    Plan(
        "validity",
        "Valid probability",
        "Mark: share of sheets. Line: 95 % interval, cases drawn again with all their readers.",
        validity.draw,
        validity.sentence,
    ),
    Plan(
        "ranks",
        "Ranks, with the invalid shown",
        "Numbers are sheets. Darker is better; hatched is invalid.",
        ranks.draw,
        ranks.sentence,
    ),
    Plan(
        "wins",
        "Who was placed above whom",
        "Sheets on which the row was placed above the column; sheets where neither was valid count for none.",
        wins.draw,
        wins.sentence,
    ),
    Plan(
        "critical-difference",
        "Mean ranks and their critical difference",
        "Within-case ranks of penalised ranks; 1 is best. Bars join methods that Nemenyi's test does not tell apart.",
        critical_difference.draw,
        critical_difference.sentence,
    ),
    Plan(
        "agreement",
        "Agreement on validity",
        "Fleiss' kappa with its 95 % interval; 0 is chance, 1 is complete.",
        agreement.draw,
        agreement.sentence,
        agreement.able,
    ),
    Plan(
        "seconds",
        "Time per sheet",
        "Active seconds by reader. Point: median. Line: the middle half of the sheets.",
        seconds.draw,
        seconds.sentence,
        seconds.able,
    ),
)


def able(findings: Findings) -> tuple[Plan, ...]:
    """The figures that the findings can fill, undrawn."""
    return tuple(plan for plan in PLANS if plan.able(findings))


def gallery(findings: Findings) -> Iterator[Picture]:
    """Every figure that the findings can fill."""
    return (drawn(plan, findings) for plan in able(findings))


def drawn(plan: Plan, findings: Findings) -> Picture:
    """One figure in both forms; the findings must be able to fill it."""
    with mpl.rc_context(SETTINGS):
        figure = plan.draw(findings)
        return Picture(plan.name, plan.title, plan.caption, plan.sentence(findings), svg(figure), png(figure))


def svg_of(plan: Plan, findings: Findings) -> bytes:
    """One figure as SVG alone."""
    with mpl.rc_context(SETTINGS):
        return svg(plan.draw(findings))


def svg(figure: Figure) -> bytes:
    """The figure as SVG without a date."""
    output = io.BytesIO()
    figure.savefig(output, format="svg", metadata={"Date": None, "Creator": "Vermilion"})
    return output.getvalue()


def png(figure: Figure) -> bytes:
    """The figure as PNG for print."""
    output = io.BytesIO()
    figure.savefig(output, format="png", dpi=DOTS_PER_INCH, metadata={"Software": "Vermilion"})
    return output.getvalue()


def write_figures(findings: Findings, folder: Path) -> None:
    """Write every figure into `folder` as <name>.svg and <name>.png; makes the folder if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in gallery(findings):
        (folder / f"{picture.name}.svg").write_bytes(picture.svg)
        (folder / f"{picture.name}.png").write_bytes(picture.png)
