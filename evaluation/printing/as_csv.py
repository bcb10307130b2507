"""The findings as one tidy CSV: a row per figure, for spreadsheets and other programs.

Columns: table, dataset, group, column, text, numerator, denominator, value, low, high. The p-values of the tests come
last, their degrees of freedom as denominator.
"""

import csv
import io

from evaluation.findings import Findings
from evaluation.printing.as_json import plain
from evaluation.significance import printed_p

COLUMNS = ("table", "dataset", "group", "column", "text", "numerator", "denominator", "value", "low", "high")


def render(findings: Findings) -> str:
    """Every figure of every table, one a line; `group` joins the labels after the data set by a slash."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    for table in findings.tables:
        for row in table.rows:
            dataset, *group = row.labels
            for column, estimate in row.cells.items():
                numbers = (estimate.numerator, estimate.denominator, estimate.value)
                bounds = (estimate.interval.low, estimate.interval.high)
                figures = [plain(number) for number in (*numbers, *bounds)]
                writer.writerow([table.heading.key, dataset, "/".join(group), column, estimate.text, *figures])
    for test in findings.tests:
        figures = [None, test.degrees, plain(test.p), None, None]
        writer.writerow([test.key, test.dataset, test.subject, "p", printed_p(test.p), *figures])
    return output.getvalue()
