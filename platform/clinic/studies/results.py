"""The results of an unblinded study: the figures of `python -m evaluation`, from the same marks.

From clinic.studies.export to the results page; nothing is computed here, so page and command line cannot differ.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from clinic.studies import evaluating
from clinic.studies.export import BLINDED, guesses, marks_of
from clinic.studies.models import Mark, SheetKind, State, Study
from clinic.studies.refusals import StillBlinded

if TYPE_CHECKING:
    from evaluation.findings import Findings
    from evaluation.printing.grid import Grid
    from evaluation.report import Report

REMEMBERED = 4


@dataclass(frozen=True)
class Caption:
    """What stands around one figure; `sentence` says it in words."""

    name: str
    title: str
    caption: str
    sentence: str


@dataclass(frozen=True)
class ResultsPage:
    """What the results page prints, in its order: totals, the two published tables, words, all other tables."""

    findings: "Findings"
    main: "list[Grid]"
    more: "list[Grid]"
    figures: list[Caption]

    @property
    def cases(self) -> int:
        """Cases in all data sets."""
        return sum(counts.cases for counts in self.findings.counts)

    @property
    def readers(self) -> int:
        """Readers of the data set that has most."""
        return max(counts.readers for counts in self.findings.counts)

    @property
    def sheets(self) -> int:
        """Scored sheets in all data sets."""
        return sum(counts.sheets for counts in self.findings.counts)

    @property
    def nothing_valid(self) -> int:
        """Sheets on which nothing was acceptable."""
        return sum(counts.nothing_valid for counts in self.findings.counts)


def report(study: Study) -> "Report | None":
    """The evaluation of all submitted marks, with the seed and draws of the command line; None when nothing was scored.

    Raises StillBlinded before unblinding and VaultError when the seal cannot be opened.
    """
    if study.state != State.UNBLINDED:
        raise StillBlinded(BLINDED)
    marks = Mark.objects.filter(reading__study_case__study=study)
    return _evaluated(study, marks.count(), marks.filter(valid=True).count())


def page(found: "Report") -> ResultsPage:
    """The page of a report."""
    tables, main = evaluating.grid.grids(found.findings), evaluating.grid.MAIN
    return ResultsPage(found.findings, tables[:main], tables[main:], figures(found))


def figures(found: "Report") -> list[Caption]:
    """The figures that these findings can fill, undrawn: their files are asked for one by one."""
    able = evaluating.gallery.able(found.findings)
    return [Caption(plan.name, plan.title, plan.caption, plan.sentence(found.findings)) for plan in able]


def figure_svg(found: "Report", name: str) -> bytes | None:
    """One figure as SVG; None when there is none of this name, or the findings cannot fill it."""
    able = evaluating.gallery.able(found.findings)
    plan = next((plan for plan in able if plan.name == name), None)
    return evaluating.gallery.svg_of(plan, found.findings) if plan else None


@lru_cache(maxsize=REMEMBERED)
def _evaluated(study: Study, marks: int, valid: int) -> "Report | None":
    # An unblinded study's marks do not change, but for a case that is erased: then the counts are others. The page and
    # each of its figures ask, and ten thousand draws take seconds.
    if not Mark.objects.filter(reading__study_case__study=study, reading__kind=SheetKind.SCORED).exists():
        return None
    return evaluating.report.evaluate(marks_of(study), guesses=guesses(study))
