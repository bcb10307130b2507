"""The bootstrap over cases: cases are drawn again, with all their readers and methods along.

Every statistic here is a function of sums over cases, so a draw needs no more than how often each case came: the
statistics hand in their sums per case, and get the sums of every draw back. Time grows linearly with cases.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.sheets import Booleans, Floats, Integers

CONFIDENCE = 0.95
# Draws are made a block at a time, so that memory stays flat however many cases there are.
BLOCK = 1 << 22

Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class CaseSums:
    """Named sums: `cases[name]` is c x k, one row per case; `draws[name]` is b x k, one row per bootstrap draw."""

    cases: Mapping[str, Floats]
    draws: Mapping[str, Floats]

    def total(self, name: str) -> Floats:
        """The sums over all cases (k), those of the published figure."""
        return np.asarray(self.cases[name].sum(axis=0), dtype=np.float64)


def per_case(case: Integers, cases: int, values: Floats | Integers | Booleans) -> Floats:
    """Sum the rows of `values` (n x k, or n for k = 1) over the sheets of each case: c x k."""
    columns = np.asarray(values, dtype=np.float64)
    columns = columns[:, np.newaxis] if columns.ndim == 1 else columns
    sums = np.empty((cases, columns.shape[1]))
    for index in range(columns.shape[1]):
        sums[:, index] = np.bincount(case, weights=columns[:, index], minlength=cases)
    return sums


def resample(tables: Mapping[str, Floats], *, seed: int, draws: int) -> CaseSums:
    """Draw cases with replacement, `draws` times, and sum each table over the cases drawn.

    All tables share the draws, so that differences between their figures are paired. The same seed gives the same sums.
    """
    table = np.hstack(list(tables.values()))
    sums = np.empty((draws, table.shape[1]))
    generator = np.random.default_rng(seed)
    cases = len(table)
    step = max(1, BLOCK // cases)
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        drawn = generator.integers(cases, size=(rows, cases))
        drawn += np.arange(rows)[:, np.newaxis] * cases
        times = np.bincount(drawn.ravel(), minlength=rows * cases).reshape(rows, cases)
        sums[start : start + rows] = times.astype(np.float64) @ table
    edges = np.cumsum([part.shape[1] for part in tables.values()])[:-1]
    return CaseSums(cases=tables, draws=dict(zip(tables, np.hsplit(sums, edges), strict=True)))


@dataclass(frozen=True)
class Interval:
    """A 95 % interval, both ends None where there is none. `undefined` is the share of draws without the figure."""

    low: float | None
    high: float | None
    undefined: float = 0.0


def percentile_intervals(figures: Floats) -> list[Interval]:
    """The middle 95 % of each column of `figures` (b x k); draws without the figure (NaN) are left out."""
    return [percentile_interval(column) for column in figures.T]


def percentile_interval(figures: Floats) -> Interval:
    """The middle 95 % of the figures of all draws (b)."""
    known = figures[~np.isnan(figures)]
    undefined = 1 - len(known) / len(figures) if len(figures) else 1.0
    if not len(known):
        return Interval(None, None, undefined)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, (tail, 1 - tail))
    return Interval(float(low), float(high), undefined)


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, giving NaN without a warning where the denominator is 0."""
    quotient: Floats = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
