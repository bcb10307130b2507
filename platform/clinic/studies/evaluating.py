"""The parts of evaluation that load much, resolved when they are first used and not before.

The one place where the clinic reaches statistics, figures and exports: ``evaluating.report.evaluate(...)``. They bring
in scipy, matplotlib, pyarrow, reportlab and xlsxwriter, which a web process needs for few of its pages (decision 11).
What is light is imported as anything else.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation import planning as planning
    from evaluation import report as report
    from evaluation.exports import bundle as bundle
    from evaluation.figures import gallery as gallery
    from evaluation.printing import grid as grid

HEAVY = {
    "planning": "evaluation.planning",
    "report": "evaluation.report",
    "bundle": "evaluation.exports.bundle",
    "gallery": "evaluation.figures.gallery",
    "grid": "evaluation.printing.grid",
}


def __getattr__(name: str) -> ModuleType:
    """Import the module on its first use (PEP 562); from then on it stands here like any other name."""
    if name not in HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = globals()[name] = import_module(HEAVY[name])
    return module
