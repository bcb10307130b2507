"""The outcome of one significance test, as every format prints it, and the correction for several tests.

The tests themselves stand in `evaluation.analyses`; none of them claims more than its p-value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST_PRINTED = 0.001


@dataclass(frozen=True)
class SignificanceTest:
    """One test on one data set. `subject` says what was compared; None stands where a figure does not exist."""

    key: str
    title: str
    dataset: str
    subject: str
    statistic: float | None
    degrees: int | None
    p: float | None
    adjusted_p: float | None
    note: str


def printed_p(p: float | None) -> str:
    """A p-value as printed: three places, or `< 0.001`; a dash where the test could not be made."""
    if p is None:
        return "–"
    return f"{p:.3f}" if p >= SMALLEST_PRINTED else f"< {SMALLEST_PRINTED}"


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment of several p-values, in their order (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for step, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - step) * p_values[index]))
        adjusted[index] = highest
    return adjusted
