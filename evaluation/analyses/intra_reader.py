"""How far a reader agrees with themselves: first readings against hidden repeats of the same case.

Cohen's kappa on validity (Cohen 1960), mean Kendall tau-b on the penalised ranks of a sheet (Kendall 1945), intervals
by drawing cases again.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.estimates import Row, coefficient, row
from evaluation.resampling import CaseSums, per_case, percentile_interval, ratio, resample
from evaluation.sheets import Booleans, Floats, Integers, Sheets

COLUMNS = ("percent_agreement", "cohen_kappa", "kendall_tau_b")
EVERY_READER = "all readers"


@dataclass(frozen=True)
class Repeats:
    """Paired sheets: `first` and `second` (p) index the sheets of one data set."""

    first: Integers
    second: Integers


def paired(sheets: Sheets) -> Repeats:
    """Every repeat with the first reading of the same study, case and reader."""
    keys = list(zip(sheets.study.tolist(), sheets.case.tolist(), sheets.reader.tolist(), strict=True))
    originals = {key: index for index, key in enumerate(keys) if sheets.repeat[index] == 0}
    found = [(originals[key], index) for index, key in enumerate(keys) if sheets.repeat[index] > 0 and key in originals]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Repeats(pairs[:, 0], pairs[:, 1])


def tau_b(first: Floats | Integers, second: Floats | Integers) -> Floats:
    """Kendall's tau-b between the rows of two arrays (p x m); NaN where one of two rows is all ties."""
    one = np.sign(first[:, :, np.newaxis] - first[:, np.newaxis, :]).reshape(len(first), -1)
    other = np.sign(second[:, :, np.newaxis] - second[:, np.newaxis, :]).reshape(len(second), -1)
    untied = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1).astype(np.float64))
    return ratio((one * other).sum(axis=1).astype(np.float64), untied)


def cohen_kappa(table: Floats) -> Floats:
    """Cohen's kappa from counts (b x 4): both valid, first only, second only, neither; NaN where all are alike."""
    both, first, second, neither = table.T
    total = table.sum(axis=1)
    observed = ratio(both + neither, total)
    by_chance = ratio((both + first) * (both + second) + (neither + first) * (neither + second), total**2)
    return ratio(observed - by_chance, 1 - by_chance)


def pair_sums(sheets: Sheets, repeats: Repeats, chosen: Booleans) -> Floats:
    """Per-case sums over the chosen pairs (c x 6): the four verdict counts, tau-b, and how often tau-b exists."""
    first, second = repeats.first[chosen], repeats.second[chosen]
    one, other = sheets.valid[first], sheets.valid[second]
    tau = tau_b(sheets.doubled_penalised_rank[first], sheets.doubled_penalised_rank[second])
    known = ~np.isnan(tau)
    verdicts = [(one & other), (one & ~other), (~one & other), (~one & ~other)]
    columns = [verdict.sum(axis=1) for verdict in verdicts] + [np.where(known, tau, 0), known]
    return per_case(sheets.case[first], len(sheets.cases), np.column_stack(columns))


def figures(sums: Floats) -> dict[str, Floats]:
    """The three coefficients from sums (b x 6)."""
    verdicts = sums[:, :4]
    return {
        "percent_agreement": ratio(verdicts[:, 0] + verdicts[:, 3], verdicts.sum(axis=1)),
        "cohen_kappa": cohen_kappa(verdicts),
        "kendall_tau_b": ratio(sums[:, 4], sums[:, 5]),
    }


def intra_reader_rows(sheets: Sheets, *, seed: int, draws: int) -> dict[str, list[Row]]:
    """A row for all readers and one for each; no rows without repeats. `sheets` holds the repeats as well."""
    repeats = paired(sheets)
    if not len(repeats.first):
        return {}
    reader = sheets.reader[repeats.first]
    groups = {EVERY_READER: np.ones(len(reader), dtype=np.bool_)}
    groups |= {sheets.readers[index]: reader == index for index in np.unique(reader)}
    repeated = np.unique(sheets.case[repeats.first])
    tables = {name: pair_sums(sheets, repeats, chosen)[repeated] for name, chosen in groups.items()}
    sums = resample(tables, seed=seed, draws=draws)
    return {"intra_reader": [reader_row(sheets.dataset, name, sums) for name in groups]}


def reader_row(dataset: str, name: str, sums: CaseSums) -> Row:
    """One reader's agreement with themselves."""
    point, drawn = figures(sums.total(name)[np.newaxis]), figures(sums.draws[name])
    estimates = [coefficient(float(point[key][0]), percentile_interval(drawn[key])) for key in COLUMNS]
    return row((dataset, name), COLUMNS, estimates)
