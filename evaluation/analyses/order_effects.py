"""Does it matter where a result stood on the screen, or when in the reader's list the sheet came?

Validity and first place of each mark, by method, position and sequence, in one logistic regression with cases as
clusters. In a well-balanced study both are close to 1 and the test of position finds nothing.
"""

import numpy as np

from evaluation.analyses.clustered_logistic import LogisticFit, fit
from evaluation.estimates import Estimate, Row, coefficient, row
from evaluation.sheets import Floats, Sheets
from evaluation.significance import SignificanceTest

OUTCOMES = ("valid", "first place")
SHEETS_PER_STEP = 10


def order_effects(sheets: Sheets) -> tuple[dict[str, list[Row]], list[SignificanceTest]]:
    """Odds ratios of position (against A) and of ten more sheets read, and the test of position, for each outcome."""
    rows, tests = [], []
    design, has_sequence = design_of(sheets)
    for outcome, happened in zip(OUTCOMES, (sheets.valid, sheets.rank == 1), strict=True):
        cluster = np.repeat(sheets.case, len(sheets.methods))
        found = fit(design, happened.ravel().astype(np.float64), cluster)
        if found:
            rows.append(row((sheets.dataset, outcome), columns_of(sheets, has_sequence), ratios(sheets, found)))
        tests.append(position_test(sheets, outcome, found))
    return ({"order_effects": rows} if rows else {}), tests


def design_of(sheets: Sheets) -> tuple[Floats, bool]:
    """One row per mark: intercept, methods but the first, positions but A, and sequence where it was recorded."""
    methods = len(sheets.methods)
    others = np.arange(1, methods)
    method = np.tile(np.arange(methods), sheets.count)[:, np.newaxis] == others
    place = sheets.place.reshape(-1, 1) == others
    columns = [np.ones((len(method), 1)), method, place]
    has_sequence = not bool(np.isnan(sheets.sequence).any()) and len(np.unique(sheets.sequence)) > 1
    if has_sequence:
        sequence = (sheets.sequence - sheets.sequence.mean()) / SHEETS_PER_STEP
        columns.append(np.repeat(sequence, methods)[:, np.newaxis])
    return np.hstack(columns).astype(np.float64), has_sequence


def position_columns(sheets: Sheets) -> list[int]:
    """Where the positions B, C, ... stand among the coefficients."""
    methods = len(sheets.methods)
    return list(range(methods, 2 * methods - 1))


def columns_of(sheets: Sheets, has_sequence: bool) -> list[str]:
    """The names of the odds ratios that are printed."""
    positions = [f"position {chr(ord('A') + place)}" for place in range(1, len(sheets.methods))]
    return [*positions, *(["ten sheets later"] if has_sequence else [])]


def ratios(sheets: Sheets, found: LogisticFit) -> list[Estimate]:
    """The printed odds ratios: those of the positions, then that of the sequence if it is in the fit."""
    first = position_columns(sheets)[0]
    return [coefficient(*found.odds_ratio(index)) for index in range(first, len(found.coefficients))]


def position_test(sheets: Sheets, outcome: str, found: LogisticFit | None) -> SignificanceTest:
    """Whether all positions have the same odds."""
    tested = found.wald(position_columns(sheets)) if found else None
    statistic, p = tested or (None, None)
    return SignificanceTest(
        key="position_effect",
        title="Order, Wald test of position",
        dataset=sheets.dataset,
        subject=outcome,
        statistic=statistic,
        degrees=len(sheets.methods) - 1 if tested else None,
        p=p,
        adjusted_p=None,
        note=_note(found, tested),
    )


def _note(found: LogisticFit | None, tested: tuple[float, float] | None) -> str:
    if found is None:
        return "No finite estimate exists: a method, position or sequence decides the outcome alone."
    if tested is None:
        return "Not tested: the cases are too few, or too much alike, to tell the positions apart."
    return "Logistic regression on method, position and sequence, with cases as clusters."
