"""How many cases a study needs: the power for a paired difference, from the marks file of a pilot.

From the planning page to evaluation.planning, which `python -m evaluation plan` runs as well; nothing is stored. The
file is refused whole with line, column and rule of each fault, as on the command line.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinic.studies import evaluating
from clinic.studies.refusals import PilotRefusal
from evaluation.marks import MarksError, read_marks
from evaluation.methods import in_order
from evaluation.sheets import Sheets, scored_sheets

if TYPE_CHECKING:
    from evaluation.planning import Power, Question

SIMULATIONS = 2000
CASES = (10, 20, 40, 80, 160, 320)


@dataclass(frozen=True)
class Plan:
    """What the page shows: the pilot's data set, what was asked, and the power for each number of cases."""

    dataset: str
    pilot_cases: int
    question: "Question"
    powers: "list[Power]"

    @property
    def enough(self) -> int | None:
        """The fewest of these numbers of cases with a power of at least 80 %; None when none has."""
        return next((one.cases for one in self.powers if one.share >= 0.8), None)


def plan(pilot: bytes, dataset: str, question: "Question") -> Plan:
    """Simulate studies of growing size from a pilot marks file; `dataset` may be "" when the pilot has only one.

    Raises PilotRefusal for a file with faults, a data set or a method that is not in it, and a difference that no valid
    probability reaches.
    """
    try:
        pilots = scored_sheets(read_marks(pilot))
    except MarksError as refusal:
        raise PilotRefusal("pilot", " ".join(f"{fault}." for fault in refusal.faults)) from None
    sheets = _chosen(pilots, dataset)
    for field, method in (("method", question.method), ("against", question.against)):
        if method not in sheets.methods:
            known = ", ".join(in_order(sheets.methods))
            raise PilotRefusal(field, f"The pilot has no method {method}; it has {known}.")
    if question.method == question.against:
        raise PilotRefusal("against", "Choose two different methods.")
    try:
        powers = [_power(sheets, question, cases) for cases in CASES]
    except ValueError as impossible:
        raise PilotRefusal("difference", f"With this difference {impossible}. Choose a smaller one.") from None
    return Plan(sheets.dataset, len(sheets.cases), question, powers)


def _power(sheets: Sheets, question: "Question", cases: int) -> "Power":
    seed = evaluating.planning.DEFAULT_SEED
    return evaluating.planning.power(sheets, question, cases, simulations=SIMULATIONS, seed=seed)


def _chosen(pilots: dict[str, Sheets], dataset: str) -> Sheets:
    if not dataset and len(pilots) == 1:
        return next(iter(pilots.values()))
    if dataset not in pilots:
        raise PilotRefusal("dataset", f"Name one of the pilot’s data sets: {', '.join(pilots)}.")
    return pilots[dataset]
