"""The whole evaluation of one marks file, in any output format.

The clinic's results page and the command line both call `evaluate` and `Report.render`, so that they print the same
bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from evaluation.analysis import Analysis, analyse
from evaluation.catalogue import HEADINGS
from evaluation.cautions import cautions
from evaluation.estimates import Table
from evaluation.findings import Counts, Findings, Origin
from evaluation.guesses import Guess
from evaluation.marks import Marks
from evaluation.plain_words import Evidence, headline, statements
from evaluation.printing import as_csv, as_html, as_json, as_latex, as_markdown
from evaluation.sheets import Sheets, first_readings, repeated_sheets

DEFAULT_SEED = 7
DEFAULT_DRAWS = 10_000
TIE_RULE = "no ties"

PRINTERS: Mapping[str, Callable[[Findings], str]] = {
    "markdown": as_markdown.render,
    "csv": as_csv.render,
    "latex": as_latex.render,
    "html": as_html.render,
    "json": as_json.render,
}


@dataclass(frozen=True)
class Report:
    """The findings, and how to print them; `guesses` are those that went in."""

    findings: Findings
    guesses: tuple[Guess, ...] = ()

    def render(self, output_format: str) -> str:
        """The report as text: `markdown`, `csv`, `latex`, `html` (a fragment without styles or scripts) or `json`."""
        return PRINTERS[output_format](self.findings)


def evaluate(
    marks: Marks, *, seed: int = DEFAULT_SEED, draws: int = DEFAULT_DRAWS, guesses: Sequence[Guess] = ()
) -> Report:
    """Compute every table and test of a marks file. The same marks, seed, draws and guesses give the same report."""
    repeated = repeated_sheets(marks)
    sheets = first_readings(repeated)
    analyses = {name: analyse(found, repeated[name], guesses, seed=seed, draws=draws) for name, found in sheets.items()}
    evidence = [Evidence(found, analyses[name].rows, analyses[name].tests) for name, found in sheets.items()]
    return Report(
        Findings(
            origin=Origin(studies_of(marks), software(), marks.sha256, seed, draws, TIE_RULE),
            counts=tuple(counted(found) for found in sheets.values()),
            headline=headline(evidence),
            cautions=tuple(
                caution for name, found in sheets.items() for caution in cautions(found, analyses[name].rows, draws)
            ),
            statements=tuple(statement for one in evidence for statement in statements(one)),
            tables=tables(list(analyses.values())),
            tests=tuple(test for analysis in analyses.values() for test in analysis.tests),
            mean_ranks=tuple(analysis.mean_ranks for analysis in analyses.values()),
            sheets=sheets,
        ),
        tuple(guesses),
    )


def tables(analyses: Sequence[Analysis]) -> tuple[Table, ...]:
    """The rows of all data sets under the headings of the catalogue."""
    return tuple(
        Table(heading, tuple(row for analysis in analyses for row in analysis.rows.get(heading.key, ())))
        for heading in HEADINGS
    )


def counted(sheets: Sheets) -> Counts:
    """How much a data set holds."""
    return Counts(
        dataset=sheets.dataset,
        cases=len(sheets.cases),
        readers=len(sheets.readers),
        sheets=sheets.count,
        nothing_valid=int((sheets.valid_count == 0).sum()),
    )


def studies_of(marks: Marks) -> tuple[str, ...]:
    """The studies whose marks a file holds, by name; most files hold one."""
    return tuple(sorted({mark.study for mark in marks.rows}))


def software() -> str:
    """Name and version of what computed the figures."""
    try:
        return f"Vermilion {version('vermilion')}"
    except PackageNotFoundError:
        return "Vermilion, not installed"
