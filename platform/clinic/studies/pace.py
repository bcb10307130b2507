"""How long sheets take a reader, and how much is left.

From the seconds on submitted readings to the rounded guesses of reading page and board. Training sheets are slower and
left out.
"""

from collections.abc import Sequence
from statistics import median, quantiles

from clinic.studies.models import Reading, SheetKind

FEWEST = 2


def median_seconds(readings: Sequence[Reading]) -> float | None:
    """Median active time of the submitted sheets in seconds; None while there are fewer than two."""
    spent = _spent(readings)
    return median(spent) if len(spent) >= FEWEST else None


def middle_half(readings: Sequence[Reading]) -> tuple[float, float] | None:
    """First and third quartile in seconds; None while there are fewer than four sheets."""
    spent = _spent(readings)
    if len(spent) < 4:
        return None
    low, _, high = quantiles(spent, n=4, method="inclusive")
    return low, high


def seconds_left(readings: Sequence[Reading]) -> float | None:
    """The reader's own median times the sheets left; None while there is no median."""
    typical = median_seconds(readings)
    return None if typical is None else typical * sum(1 for one in readings if one.submitted_at is None)


def left_in_words(readings: Sequence[Reading]) -> str:
    """A rounded guess such as "about 19 min left"; "" while it would be a mere guess or nothing is left."""
    seconds = seconds_left(readings)
    return f"about {in_words(seconds)} left" if seconds else ""


def in_words(seconds: float) -> str:
    """A length of time to the next minute, half hour or so: "1 min", "19 min", "1 h 30 min"."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def clock(seconds: float) -> str:
    """Minutes and seconds, such as 1:12."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _spent(readings: Sequence[Reading]) -> list[int]:
    return [one.seconds for one in readings if one.submitted_at and one.kind != SheetKind.TRAINING and one.seconds > 0]
