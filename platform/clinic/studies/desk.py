"""What the reading page holds: one sheet as its reader may know it.

From a Reading to the context of `studies/reading.html` and the JSON beside it. This list is the whole of it: no case
code (a hidden repeat would be known by it), no method, no id but the sheet's own and the random tokens. The blinding
audit reads the same.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from clinic.cases.models import Phase, Side
from clinic.studies import pace, protocol
from clinic.studies.drafts import state_of
from clinic.studies.models import Reading, Reason, SheetKind, State

REASONS = [(reason.value, reason.label) for reason in Reason if reason.value]


@dataclass(frozen=True)
class Picture:
    """One tile: its letter and the address of its picture."""

    position: str
    address: str


@dataclass(frozen=True)
class Desk:
    """Everything on the page; `ticks` holds one word per sheet: done, now or open."""

    number: int
    total: int
    done: int
    ticks: tuple[str, ...]
    left: str
    given: str
    photograph: str
    patient: str
    training: bool
    submitted: bool
    pictures: tuple[Picture, ...]
    instructions: str
    previous: str
    previous_number: int
    saved: str
    sheet: dict[str, Any]

    @property
    def to_go(self) -> int:
        """Sheets not submitted yet."""
        return self.total - self.done


def desk(reading: Reading) -> Desk:
    """The page of one sheet; two queries for the reader's progress and one for the pictures."""
    reader = reading.study_reader
    own = list(reader.readings.order_by("sequence"))
    agreed = protocol.read(reader.study.protocol)
    before = [one for one in own if one.sequence < reading.sequence]
    return Desk(
        number=reading.sequence,
        total=len(own),
        done=sum(1 for one in own if one.submitted_at),
        ticks=tuple(_tick(one, reading) for one in own),
        left=pace.left_in_words(own),
        given=reverse("studies:given", args=[reading.pk]),
        photograph=reverse("studies:picture", args=[reading.photograph_token]) if reading.photograph_token else "",
        patient=patient(reading),
        training=reading.kind == SheetKind.TRAINING,
        submitted=reading.submitted_at is not None,
        pictures=tuple(
            Picture(placement.position, reverse("studies:picture", args=[placement.token]))
            for placement in reading.placements.all()
        ),
        instructions=agreed.instructions,
        previous=reverse("studies:reading", args=[before[-1].pk]) if before and agreed.corrections else "",
        previous_number=reading.sequence - 1,
        saved=saved_words(reading),
        sheet=state(reading),
    )


def state(reading: Reading) -> dict[str, Any]:
    """What the page's script starts from, and gets again when another window was faster."""
    return {
        "revision": reading.revision,
        "judgements": state_of(reading),
        "seconds": reading.seconds,
        "submitted": reading.submitted_at is not None,
        "open": reading.study_reader.study.state == State.OPEN,
        "asks": reading.asks_guess,
        "draft": reverse("studies:draft", args=[reading.pk]),
        "guess": reverse("studies:guess", args=[reading.pk]),
        "submit": reverse("studies:submit", args=[reading.pk]),
    }


def saved_words(reading: Reading) -> str:
    """What the page says of the last save, by the clock."""
    if reading.draft_at is not None:
        return f"Draft saved {timezone.localtime(reading.draft_at):%H:%M}"
    if reading.submitted_at is not None:
        return f"Submitted {timezone.localtime(reading.submitted_at):%H:%M}"
    return "Nothing to save yet"


def patient(reading: Reading) -> str:
    """What is said of the patient: side, severity and phase, never the code."""
    case = reading.study_case.case
    side = "Cleft on both sides" if case.cleft_side == Side.BILATERAL else f"Cleft on the patient’s {case.cleft_side}"
    phase = "before surgery" if case.phase == Phase.PRE_OP else "after surgery"
    return f"{side}, {case.severity}, {phase}."


def _tick(one: Reading, here: Reading) -> str:
    if one.pk == here.pk:
        return "now"
    return "done" if one.submitted_at else "open"
