"""Logistic regression for correlated marks: generalised estimating equations with independence as working correlation.

The coefficients are those of plain logistic regression; their covariance is the robust one over cases, in which the
marks of a case may be correlated in any way (Liang and Zeger 1986, Biometrika 73). Used by
`evaluation.analyses.order_effects`; the time grows linearly with marks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm

from evaluation.resampling import CONFIDENCE, Interval, per_case
from evaluation.sheets import Floats, Integers

STEPS = 50
TOLERANCE = 1e-10
# A log odds ratio beyond this means that a factor decides the outcome alone, and no finite estimate exists.
SEPARATED = 12.0
# Directions in which a covariance is this much smaller than in its largest are rounding.
SINGULAR = 1e-9


@dataclass(frozen=True)
class LogisticFit:
    """Log odds ratios (k) and their robust covariance (k x k)."""

    coefficients: Floats
    covariance: Floats

    def odds_ratio(self, index: int) -> tuple[float, Interval]:
        """One odds ratio with its 95 % Wald interval."""
        half = float(norm.ppf((1 + CONFIDENCE) / 2)) * float(np.sqrt(self.covariance[index, index]))
        center = float(self.coefficients[index])
        return float(np.exp(center)), Interval(float(np.exp(center - half)), float(np.exp(center + half)))

    def wald(self, indices: list[int]) -> tuple[float, float] | None:
        """Statistic and p-value of the hypothesis that these coefficients are all 0; None where cases are too few.

        The robust covariance has a rank below the number of cases, and the test needs that of the coefficients.
        """
        chosen, covariance = self.coefficients[indices], self.covariance[np.ix_(indices, indices)]
        if np.linalg.matrix_rank(covariance, rtol=SINGULAR, hermitian=True) < len(indices):
            return None
        statistic = float(chosen @ np.linalg.solve(covariance, chosen))
        return statistic, float(chi2.sf(statistic, len(indices)))


def fit(design: Floats, outcome: Floats, cluster: Integers) -> LogisticFit | None:
    """Fit `outcome` (n, 0 or 1) on `design` (n x k) with clusters (n, from 0); None where no finite estimate exists."""
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    theta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ theta, -30, 30)))
        bread = (design * (chance * (1 - chance))[:, np.newaxis]).T @ design
        if np.linalg.cond(bread) > 1 / np.finfo(np.float64).eps:
            return None
        step = np.linalg.solve(bread, design.T @ (outcome - chance))
        theta = theta + step
        if np.abs(theta).max() > SEPARATED:
            return None
        if np.abs(step).max() < TOLERANCE:
            break
    scores = per_case(cluster, int(cluster.max()) + 1, design * (outcome - chance)[:, np.newaxis])
    inverse = np.linalg.inv(bread)
    return LogisticFit(theta, np.asarray(inverse @ (scores.T @ scores) @ inverse))
