"""The worth of each method by the Plackett-Luce model over the valid results of each sheet.

A method of worth w is placed before the others of a set with probability w over the set's sum (Plackett 1975, Luce
1959). A slight pull towards equal worth keeps it finite for a method that was first whenever it was valid.
"""

import numpy as np

from evaluation.estimates import Row, coefficient, row
from evaluation.resampling import CaseSums, per_case, percentile_intervals
from evaluation.sheets import Booleans, Floats, Sheets

PENALTY = 0.1
STEPS = 50
TOLERANCE = 1e-10
LONGEST_STEP = 2.0
# Newton's method runs on every draw at once; this many are enough for an interval.
MOST_DRAWS = 1000
# The sets that can be chosen from double with each method; beyond this a worth would cost more than it tells.
MOST_METHODS = 8


def choices_of(sheets: Sheets) -> tuple[Booleans, dict[str, Floats]]:
    """The sets chosen from, and per-case counts: choices won by each method (c x m), choices from each set (c x s).

    A sheet with k valid results is k - 1 choices: the first among all valid, the second among the rest, and so on.
    """
    methods = len(sheets.methods)
    cases, sets, won = [], [], []
    for place in range(1, methods):
        chosen = sheets.valid_count > place
        cases.append(sheets.case[chosen])
        sets.append(sheets.rank[chosen] >= place)
        won.append(sheets.rank[chosen] == place)
    case, members = np.concatenate(cases), np.concatenate(sets)
    distinct, which = np.unique(members, axis=0, return_inverse=True)
    drawn_from = which.reshape(-1, 1) == np.arange(len(distinct))
    total = len(sheets.cases)
    return distinct, {
        "choices won": per_case(case, total, np.concatenate(won)),
        "choices from": per_case(case, total, drawn_from),
    }


def log_worths(sets: Booleans, won: Floats, chosen_from: Floats) -> Floats:
    """Maximise the penalised likelihood by Newton's method, for many draws at once.

    `sets` s x m, `won` b x m, `chosen_from` b x s; gives b x m, each row summing to 0.
    """
    theta = np.zeros_like(won)
    identity = 2 * PENALTY * np.eye(won.shape[1])
    for _ in range(STEPS):
        weights = sets * np.exp(theta)[:, np.newaxis, :]
        share = weights / weights.sum(axis=2, keepdims=True)
        expected = chosen_from[:, :, np.newaxis] * share
        gradient = won - expected.sum(axis=1) - 2 * PENALTY * theta
        curvature = -np.einsum("bsm,bsn->bmn", expected, share) + identity
        curvature += np.eye(won.shape[1]) * expected.sum(axis=1)[:, :, np.newaxis]
        step = np.linalg.solve(curvature, gradient[:, :, np.newaxis])[:, :, 0]
        theta = theta + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max(initial=0) < TOLERANCE:
            break
    return theta


def worths(sets: Booleans, won: Floats, chosen_from: Floats) -> Floats:
    """Worths that sum to 1 (b x m): the probability of being placed first if all methods were valid."""
    strength = np.exp(log_worths(sets, won, chosen_from))
    shares: Floats = strength / strength.sum(axis=1, keepdims=True)
    return shares


def worth_rows(sheets: Sheets, sets: Booleans, sums: CaseSums) -> dict[str, list[Row]]:
    """The worth of each method; no rows where no sheet has two valid results, or for more than eight methods."""
    if not len(sets) or len(sheets.methods) > MOST_METHODS:
        return {}
    point = worths(sets, sums.total("choices won")[np.newaxis], sums.total("choices from")[np.newaxis])[0]
    drawn = worths(sets, sums.draws["choices won"][:MOST_DRAWS], sums.draws["choices from"][:MOST_DRAWS])
    estimates = [
        coefficient(value, interval) for value, interval in zip(point, percentile_intervals(drawn), strict=True)
    ]
    return {"worth": [row((sheets.dataset,), sheets.methods, estimates)]}
