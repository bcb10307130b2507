"""Large studies: 10,000 draws over many sheets stay within seconds, and the time grows no faster than the sheets."""

import time

import numpy as np
import pytest

from evaluation.analysis import analyse
from evaluation.coverage import simulated

DRAWS = 10_000


def seconds_for(cases: int) -> float:
    """Processor time to analyse so many cases, read by three."""
    sheets = simulated(cases, np.random.default_rng(1))
    started = time.process_time()
    analyse(sheets, sheets, (), seed=1, draws=DRAWS)
    return time.process_time() - started


@pytest.mark.slow
def test_time_grows_no_faster_than_the_sheets() -> None:
    small, large = seconds_for(500), seconds_for(8000)
    assert large < 10
    assert large < 2 * 16 * small
