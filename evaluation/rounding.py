"""Printing exact fractions: half up on the fraction itself, never on a binary float.

29/16 = 1.8125 is printed 1.813 (as the papers do); a float rounds it to 1.812. Every printed figure that is a count
over a count comes from here.
"""

PLACES = 3
UNDEFINED = "–"


def half_up(numerator: int, denominator: int, places: int = PLACES) -> str:
    """The decimal text of a fraction of whole numbers from 0, rounded half up; a dash where the denominator is 0."""
    if denominator == 0:
        return UNDEFINED
    scale = 10**places
    scaled = (2 * numerator * scale + denominator) // (2 * denominator)
    return f"{scaled // scale}.{scaled % scale:0{places}d}"


def decimal(value: float | None, places: int = PLACES) -> str:
    """The decimal text of a figure that is no fraction of counts; a dash where it does not exist."""
    if value is None or value != value:
        return UNDEFINED
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text
