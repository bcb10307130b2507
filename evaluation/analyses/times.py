"""Active seconds per sheet, by reader: quartiles, for the progress of a study and its planning."""

import numpy as np

from evaluation.estimates import Row, coefficient, row
from evaluation.resampling import Interval
from evaluation.sheets import Floats, Sheets

COLUMNS = ("sheets timed", "lower quartile", "median", "upper quartile")
NO_INTERVAL = Interval(None, None)


def seconds_by_reader(sheets: Sheets) -> dict[str, Floats]:
    """The recorded times of each reader who has any."""
    recorded = ~np.isnan(sheets.seconds)
    times = {name: sheets.seconds[recorded & (sheets.reader == index)] for index, name in enumerate(sheets.readers)}
    return {name: seconds for name, seconds in times.items() if len(seconds)}


def time_rows(sheets: Sheets) -> dict[str, list[Row]]:
    """A row per reader with recorded times."""
    rows = []
    for name, seconds in seconds_by_reader(sheets).items():
        quartiles = np.quantile(seconds, (0.25, 0.5, 0.75))
        figures = [coefficient(float(value), NO_INTERVAL, places=0) for value in (len(seconds), *quartiles)]
        rows.append(row((sheets.dataset, name), COLUMNS, figures))
    return {"seconds": rows} if rows else {}
