"""The tables of `measure`: every filler in the hole against Telea, on whole pictures, and by side and severity.

From the figures of training.measures.scores to grids of text.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from training.measures.grid import Grid
from training.measures.paper_figures import ByGroup
from training.measures.questions import Question, severity_bounds
from training.measures.scores import Figures, interval

# Fillers by name, each with its figures by kind of question (faces, clefts).
Scores = Mapping[str, Mapping[str, Figures]]

RULER = "telea"
NONE = "-"
SEAM = (
    "Seam: mean jump of bytes across the hole's rim over the truth's own jump along the same rim; "
    "1 is no more than the face itself has."
)
SIDES = ("left", "right", "bilateral")
SEVERITIES = ("mild", "moderate", "severe")


def grids(scores: Scores, patients: Sequence[Question]) -> list[Grid]:
    """All that say something of these people; the last one only where there are patients."""
    return [in_the_hole(scores), whole_picture(scores), *([counterfactual(scores, patients)] if patients else [])]


def in_the_hole(scores: Scores) -> Grid:
    """PSNR with its interval, the paired gain over Telea, SSIM and the seam, for each kind of question."""
    kinds = list(scores[RULER])
    heads = [
        head
        for kind in kinds
        for head in (
            f"{kind} (N = {len(scores[RULER][kind])}), dB",
            "over Telea, dB",
            "SSIM",
            "seam",
        )
    ]
    rows = [(name, *(cell for kind in kinds for cell in _hole_cells(scores, name, kind))) for name in scores]
    return Grid(
        "in-the-hole",
        "PSNR and SSIM inside the hole",
        ("filler", *heads),
        tuple(rows),
        (
            "In brackets: bootstrap 95 % interval over people. Gains are paired: the same holes, filled twice.",
            SEAM,
        ),
    )


def _hole_cells(scores: Scores, name: str, kind: str) -> tuple[str, ...]:
    found, ruler = scores[name][kind], scores[RULER][kind]
    gain = "" if name == RULER else interval(found.values["hole_psnr"] - ruler.values["hole_psnr"]).text
    return (
        interval(found.values["hole_psnr"]).text,
        gain or NONE,
        printed(found.mean("hole_ssim"), 3),
        printed(found.seam, 2),
    )


def whole_picture(scores: Scores) -> Grid:
    """PSNR, SSIM and L1 of the whole composite and, for methods that predict them, the landmarks' error."""
    kinds = list(scores[RULER])
    columns = (
        ("psnr", "PSNR", 2),
        ("ssim", "SSIM", 4),
        ("l1", "L1, %", 3),
        ("landmarks", "landmarks, px", 2),
        ("landmarks_normalised", "landmarks, % of eyes", 2),
    )
    rows = [
        (name, *(printed(scores[name][kind].mean(measure), places) for kind in kinds for measure, _, places in columns))
        for name in scores
    ]
    heads = [f"{kind}: {label}" for kind in kinds for _, label, _ in columns]
    note = "The known bytes are the photograph's own"
    note += "; on clefts they differ from the truth's beside the hole." if "clefts" in kinds else "."
    return Grid("whole-picture", "The whole picture", ("filler", *heads), tuple(rows), (note,))


def by_share(measured: ByGroup, notes: Sequence[str]) -> Grid:
    """Every filler by share of hole: PSNR, SSIM, L1, FID of the whole composite, and the landmarks' error."""
    columns = (("psnr", "PSNR", 2), ("ssim", "SSIM", 3), ("l1", "L1, %", 3), ("landmarks_normalised", "landmarks", 2))
    names = list(next(iter(measured.values())))
    rows = [
        (
            name,
            *(
                cell
                for fillers in measured.values()
                for cell in (
                    *(printed(fillers[name].figures.mean(measure), places) for measure, _, places in columns),
                    printed(fillers[name].distance, 2),
                )
            ),
        )
        for name in names
    ]
    heads = [f"{group} %: {label}" for group in measured for label in (*(label for _, label, _ in columns), "FID")]
    note = "Landmarks: mean distance of the 68 points in percent of that of the outer corners of the eyes."
    return Grid("by-share", "By share of the picture that is hole", ("filler", *heads), tuple(rows), (note, *notes))


def counterfactual(scores: Scores, questions: Sequence[Question]) -> Grid:
    """Patients against the same people rendered without a cleft: gain over Telea by side and by tercile of severity."""
    low, high = severity_bounds(questions)
    severity = np.array([question.severity for question in questions])
    side = np.array([question.side for question in questions])
    third = np.digitize(severity, (low, high))
    groups = {name: side == name for name in SIDES} | {name: third == k for k, name in enumerate(SEVERITIES)}
    shown = {name: chosen for name, chosen in groups.items() if chosen.any()}
    rows = []
    for name in scores:
        own = scores[name]["clefts"].values["hole_psnr"]
        gains = own - scores[RULER]["clefts"].values["hole_psnr"]
        rows.append((name, *(interval(own[c] if name == RULER else gains[c]).text for c in shown.values())))
    return Grid(
        "counterfactual",
        "Clefts against the same person without one: PSNR in the hole, Telea in dB and the others in dB over it",
        ("filler", *(f"{name} (N = {int(chosen.sum())})" for name, chosen in shown.items())),
        tuple(rows),
        (
            f"Severity by terciles: mild below {low:.2f}, severe from {high:.2f}; of bilateral clefts the worse side.",
            "In brackets: bootstrap 95 % interval over patients.",
        ),
    )


def printed(value: float | None, places: int) -> str:
    """A figure with this many places, or a dash where there is none."""
    return NONE if value is None else f"{value:.{places}f}"
