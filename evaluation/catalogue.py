"""The tables an evaluation prints: their keys, titles, notes and the names of their counts.

The analyses hand in rows under these keys; every output format prints the tables in this order. docs/statistics.md
explains each.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """What stands above a table. `counts` names numerator and denominator of its figures, where they are ratios."""

    key: str
    title: str
    note: str
    labels: tuple[str, ...] = ("dataset",)
    counts: tuple[str, str] | None = None


VALID_OF_SHEETS = ("count", "sheets")
RANKS_OF_VALID = ("rank_sum", "count")

HEADINGS = (
    Heading(
        "validity",
        "Table I. Valid probability",
        "Share of sheets on which the result was judged valid; count/sheets; 95 % interval by drawing cases again.",
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "average_rank",
        "Table II. Average rank",
        "Mean rank over valid marks only, 1 is best; rank sum/valid marks; 95 % interval by drawing cases again.",
        counts=RANKS_OF_VALID,
    ),
    Heading(
        "penalised_rank",
        "Penalised rank",
        "Mean rank over all sheets, 1 is best; invalid results share the middle of the places left on their sheet.",
        counts=("rank_sum", "sheets"),
    ),
    Heading(
        "first_place",
        "First-place share",
        "Share of sheets on which the result was valid and ranked first.",
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "differences",
        "Differences between methods",
        "First method minus second, paired by case; more validity is better, and less penalised rank.",
        labels=("dataset", "method", "against"),
    ),
    Heading(
        "wins",
        "Who was placed above whom",
        "Share of sheets on which the row's method was placed above the column's; neither valid counts for none.",
        labels=("dataset", "method"),
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "worth",
        "Plackett-Luce worth",
        "Chance to be placed first if all were valid, from the order of the valid results; slightly pulled together.",
    ),
    Heading(
        "average_rank_by_k",
        "Average rank by the number of valid results",
        "As Table II, over the sheets with k valid results only.",
        labels=("dataset", "valid results"),
        counts=RANKS_OF_VALID,
    ),
    Heading(
        "validity_by_reader",
        "Valid probability by reader",
        "As Table I, one reader's sheets.",
        labels=("dataset", "reader"),
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "average_rank_by_reader",
        "Average rank by reader",
        "As Table II, one reader's sheets.",
        labels=("dataset", "reader"),
        counts=RANKS_OF_VALID,
    ),
    Heading(
        "validity_by_side",
        "Valid probability by side of the cleft",
        "As Table I, the cases of one side.",
        labels=("dataset", "side"),
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "average_rank_by_side",
        "Average rank by side of the cleft",
        "As Table II, the cases of one side.",
        labels=("dataset", "side"),
        counts=RANKS_OF_VALID,
    ),
    Heading(
        "validity_by_phase",
        "Valid probability by phase",
        "As Table I, the cases of one phase.",
        labels=("dataset", "phase"),
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "average_rank_by_phase",
        "Average rank by phase",
        "As Table II, the cases of one phase.",
        labels=("dataset", "phase"),
        counts=RANKS_OF_VALID,
    ),
    Heading(
        "validity_naive",
        "Valid probability, naive interval",
        "As Table I with Wilson's interval, which ignores clustering: it takes every sheet for an independent case.",
        counts=VALID_OF_SHEETS,
    ),
    Heading(
        "agreement",
        "Agreement of readers on validity",
        "Units are results on cases; 0 is what chance gives and 1 is complete, but for percent agreement.",
    ),
    Heading(
        "rank_agreement",
        "Agreement of readers on ranks",
        "Kendall's W per case, averaged; Krippendorff's ordinal alpha; both on penalised ranks.",
    ),
    Heading(
        "intra_reader",
        "Agreement of readers with themselves",
        "First readings against hidden repeats: verdicts by percent and kappa, penalised ranks by Kendall's tau-b.",
        labels=("dataset", "reader"),
    ),
    Heading(
        "order_effects",
        "Order effects",
        "Odds ratios of position (against A) and of ten more sheets read; robust 95 % intervals, cases as clusters.",
        labels=("dataset", "outcome"),
    ),
    Heading(
        "guesses",
        "Guesses of the new method",
        "Share of guesses that named each method; with blinding intact all are near one over the number of methods.",
        counts=("count", "guesses"),
    ),
    Heading(
        "seconds",
        "Seconds per sheet",
        "Active time, by reader.",
        labels=("dataset", "reader"),
    ),
)
