"""Could readers tell which result was whose? Their guesses of the new method on the last sheets, against chance.

A guess names the position that a reader takes for the new method; guesses come from a file beside the marks file. With
blinding intact each of m methods is named on 1/m of the sheets.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from scipy.stats import binomtest

from evaluation.estimates import Row, exact, row
from evaluation.guesses import Guess
from evaluation.methods import OURS
from evaluation.resampling import CONFIDENCE, Interval
from evaluation.sheets import Sheets
from evaluation.significance import SignificanceTest


def blinding_rows(sheets: Sheets, guesses: Iterable[Guess]) -> tuple[dict[str, list[Row]], list[SignificanceTest]]:
    """How often each method was named, with a Wilson interval, and the exact test of right guesses against chance."""
    named = [guess.method for guess in guesses if guess.dataset == sheets.dataset and guess.method]
    if not named:
        return {}, []
    count = Counter(named)
    estimates = []
    for method in sheets.methods:
        bounds = binomtest(count[method], len(named)).proportion_ci(CONFIDENCE, method="wilson")
        interval = Interval(float(bounds.low), float(bounds.high))
        estimates.append(exact(float(count[method]), float(len(named)), interval))
    rows = {"guesses": [row((sheets.dataset,), sheets.methods, estimates)]}
    return rows, right_guess_test(sheets.dataset, sheets.methods, count[OURS], len(named))


def right_guess_test(dataset: str, methods: Sequence[str], right: int, total: int) -> list[SignificanceTest]:
    """Whether the new method was named more often or more seldom than by chance; nothing where it took no part."""
    if OURS not in methods:
        return []
    chance = 1 / len(methods)
    index = (right / total - chance) / (1 - chance)
    return [
        SignificanceTest(
            key="blinding",
            title="Blinding, exact binomial test",
            dataset=dataset,
            subject=f"{OURS} named",
            statistic=index,
            degrees=None,
            p=float(binomtest(right, total, chance).pvalue),
            adjusted_p=None,
            note=f"Blinding index 0 is chance ({chance:.3f} of the guesses), 1 is always recognised;"
            f" {right} of {total} guesses were right. Sheets of one reader are taken as independent.",
        )
    ]
