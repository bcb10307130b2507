"""The findings as JSON, for programs: `tables.<key>.<data set>.<method>` holds a figure with its counts and interval.

Figures that are not printed exactly are rounded to nine places, so that the bytes do not depend on the machine.
"""

import json
from dataclasses import asdict
from typing import Any

from evaluation.estimates import Estimate, Table
from evaluation.findings import Findings
from evaluation.significance import SignificanceTest, printed_p

PLACES = 9


def render(findings: Findings) -> str:
    """The whole findings as indented JSON with a final line end."""
    content = {
        "origin": asdict(findings.origin),
        "counts": {counts.dataset: asdict(counts) for counts in findings.counts},
        "headline": findings.headline,
        "cautions": [asdict(caution) for caution in findings.cautions],
        "in_plain_words": [asdict(statement) for statement in findings.statements],
        "tables": {table.heading.key: nested(table) for table in findings.tables},
        "tests": tests(findings.tests),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def nested(table: Table) -> dict[str, Any]:
    """A table as nested objects: one level per label, then one per column."""
    tree: dict[str, Any] = {}
    for row in table.rows:
        branch = tree
        for label in row.labels:
            branch = branch.setdefault(label, {})
        branch.update({column: entry(estimate, table.heading.counts) for column, estimate in row.cells.items()})
    return tree


def tests(found: tuple[SignificanceTest, ...]) -> dict[str, Any]:
    """The tests as nested objects: by key, data set and what was compared."""
    tree: dict[str, Any] = {}
    for test in found:
        tree.setdefault(test.key, {}).setdefault(test.dataset, {})[test.subject] = {
            "statistic": plain(test.statistic),
            "degrees": test.degrees,
            "p": plain(test.p),
            "adjusted_p": plain(test.adjusted_p),
            "text": printed_p(test.p),
            "note": test.note,
        }
    return tree


def entry(estimate: Estimate, counts: tuple[str, str] | None) -> dict[str, Any]:
    """One figure: its counts under their names, or its value; then `text`, `low` and `high`."""
    if counts:
        figure = {counts[0]: plain(estimate.numerator), counts[1]: plain(estimate.denominator)}
    else:
        figure = {"value": plain(estimate.value)}
    interval = estimate.interval
    return figure | {"text": estimate.text, "low": plain(interval.low), "high": plain(interval.high)}


def plain(number: float | None) -> float | int | None:
    """A number as JSON prints it: whole numbers without a point, others rounded."""
    if number is None:
        return None
    rounded = round(number, PLACES)
    return int(rounded) if rounded == int(rounded) else rounded
