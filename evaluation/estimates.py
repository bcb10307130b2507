"""A printed figure together with what it was counted from and its interval.

The statistics make `Estimate`s, grouped in `Table`s; every output format prints the same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.catalogue import Heading
from evaluation.methods import NAMES, in_order
from evaluation.resampling import CaseSums, Interval, percentile_intervals, ratio
from evaluation.rounding import PLACES, decimal, half_up


@dataclass(frozen=True)
class Estimate:
    """One figure: `text` as printed, `value` in full, the counts it is the ratio of (None if it is no ratio)."""

    text: str
    value: float | None
    numerator: float | None
    denominator: float | None
    interval: Interval


@dataclass(frozen=True)
class Row:
    """One row of a table: its labels, the data set first, and its figures by column."""

    labels: tuple[str, ...]
    cells: Mapping[str, Estimate]


@dataclass(frozen=True)
class Table:
    """A table of estimates under its heading."""

    heading: Heading
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that any row has, in the order of the methods where they are methods."""
        present = dict.fromkeys(column for row in self.rows for column in row.cells)
        return in_order(present) if present.keys() & NAMES.keys() else tuple(present)


def ratio_estimates(sums: CaseSums, numerator: str, denominator: str) -> list[Estimate]:
    """Ratios of two named sums, column by column, exact as printed; a denominator of one column serves all."""
    above = sums.total(numerator)
    below = np.broadcast_to(sums.total(denominator), above.shape)
    intervals = percentile_intervals(
        ratio(sums.draws[numerator], np.broadcast_to(sums.draws[denominator], sums.draws[numerator].shape))
    )
    return [
        exact(float(top), float(bottom), interval)
        for top, bottom, interval in zip(above, below, intervals, strict=True)
    ]


def exact(numerator: float, denominator: float, interval: Interval) -> Estimate:
    """A ratio of counts or of half counts (penalised ranks), rounded half up on the exact fraction."""
    return Estimate(
        text=half_up(round(2 * numerator), round(2 * denominator)),
        value=numerator / denominator if denominator else None,
        numerator=numerator,
        denominator=denominator,
        interval=interval if denominator else Interval(None, None, interval.undefined),
    )


def coefficient(value: float, interval: Interval, *, places: int = PLACES) -> Estimate:
    """A figure that is no ratio of counts, such as kappa; NaN where it does not exist."""
    known = None if np.isnan(value) else float(value)
    return Estimate(
        decimal(known, places), known, None, None, interval if known is not None else Interval(None, None, 1.0)
    )


def row(labels: Sequence[str], columns: Sequence[str], estimates: Sequence[Estimate]) -> Row:
    """A table row from estimates in the order of its columns."""
    return Row(tuple(labels), dict(zip(columns, estimates, strict=True)))
