"""What the study pages show: the list, a reader's own page, and the desk from which a study is run.

From the rows to frozen pages for `studies/studies.html`, `studies/mine.html` and `studies/study.html`. Position counts
are shown without names: letters w to z drawn anew on every view.
"""

from dataclasses import dataclass
from datetime import date
from random import sample
from typing import Any

from django.db.models import Count, Q, QuerySet

from clinic.accounts.models import Role, User
from clinic.studies import board, opening, pace, protocol
from clinic.studies.access import reader_in, studies_of
from clinic.studies.blinding import position_counts
from clinic.studies.forms import AskForm
from clinic.studies.models import POSITIONS, BlindingAudit, Reading, SheetKind, State, Study, Unblinding
from clinic.studies.protocol import Protocol
from clinic.studies.refusals import Hindrance
from evaluation.methods import in_order

STEPS = (
    (State.DRAFT, "Draft", "nothing is fixed yet"),
    (State.OPEN, "Open", "readers mark sheets"),
    (State.CLOSED, "Closed", "no mark can change"),
    (State.UNBLINDED, "Unblinded", "needs two people"),
)
SHORT_LIST = 9


@dataclass(frozen=True)
class Step:
    """One of the four states: `look` is done, now or ahead."""

    word: str
    note: str
    look: str


@dataclass(frozen=True)
class ReaderPage:
    """A surgeon's own study: sheets with their dots, and the one to go on with."""

    study: Study
    consented: bool
    agreed: Protocol
    readings: list[Reading]
    dots: list[board.Dot]
    done: int
    following: Reading | None
    left: str

    @property
    def total(self) -> int:
        """All sheets of this reader."""
        return len(self.readings)

    @property
    def may_read(self) -> bool:
        """Whether sheets can be read or corrected now."""
        return self.study.state == State.OPEN


@dataclass(frozen=True)
class DeskPage:
    """A study as those who run it see it; `counts` are rows of four numbers under letters that stand for methods."""

    study: Study
    agreed: Protocol
    steps: list[Step]
    cases: dict[str, int]
    methods: int
    readers: list[Any]
    sheets: dict[str, int]
    hindrances: list[Hindrance]
    audit: BlindingAudit | None
    counts: list[tuple[str, list[int]]]
    same_for_all: bool
    unblinding: Unblinding | None
    may_ask: bool
    may_confirm: bool
    ask: AskForm
    closes_on: date | None

    @property
    def digests(self) -> dict[str, str]:
        """Protocol's and allocation's digests in groups of eight, to be read aloud."""
        named = {"protocol": self.study.protocol_digest, "allocation": self.study.allocation_digest}
        return {name: " ".join(whole[at : at + 8] for at in range(0, len(whole), 8)) for name, whole in named.items()}

    @property
    def may_open(self) -> bool:
        """Whether "Freeze and open" is awake."""
        return self.study.state == State.DRAFT and bool(self.audit and self.audit.passed) and not self.hindrances


def listed(person: User) -> QuerySet[Study]:
    """Studies of a person with the counts that the list shows; a surgeon's counts are of own sheets."""
    own = Q(readers__user=person) if person.role == Role.SURGEON else Q()
    sheets = Count("readers__readings", filter=own, distinct=True)
    submitted = Q(readers__readings__submitted_at__isnull=False) & own
    return (
        Study.objects.filter(pk__in=studies_of(person).values("pk"))
        .annotate(
            sheets=sheets,
            submitted=Count("readers__readings", filter=submitted, distinct=True),
            case_count=Count("cases", distinct=True),
            reader_count=Count("readers", distinct=True),
        )
        .order_by("-created_at")
    )


def reader_page(study: Study, person: User) -> ReaderPage:
    """One surgeon's sheets; hidden repeats look like any other sheet here."""
    reader = reader_in(study, person)
    readings = list(reader.readings.order_by("sequence"))
    looks = ["done" if one.submitted_at else "half" if one.draft_at else "waiting" for one in readings]
    return ReaderPage(
        study=study,
        consented=reader.agreed_at is not None,
        agreed=protocol.read(study.protocol),
        readings=readings,
        dots=[
            board.Dot(look, "training" if one.kind == SheetKind.TRAINING else "scored")
            for look, one in zip(looks, readings, strict=True)
        ],
        done=looks.count("done"),
        following=next((one for one in readings if not one.submitted_at), None),
        left=pace.left_in_words(readings),
    )


def desk_page(study: Study, person: User) -> DeskPage:
    """Everything the desk shows. Nothing in it tells how any method is doing."""
    agreed = protocol.read(study.protocol)
    asked = Unblinding.objects.filter(study=study).select_related("asked_by", "confirmed_by").first()
    waiting = study.state == State.CLOSED and asked is not None
    counts = _counts(study)
    return DeskPage(
        study=study,
        agreed=agreed,
        steps=_steps(study),
        cases=_by_kind(study),
        methods=study.methods.count(),
        readers=list(study.readers.select_related("user")),
        sheets=_sheets(study),
        hindrances=opening.hindrances(study) if study.state == State.DRAFT else [],
        audit=opening.current_audit(study),
        counts=counts[0] if counts else [],
        same_for_all=all(_alike(rows, counts[0]) for rows in counts),
        unblinding=asked,
        may_ask=study.state == State.CLOSED and asked is None,
        may_confirm=bool(waiting and asked and asked.asked_by_id != person.pk and person.role == Role.ADMINISTRATOR),
        ask=AskForm(),
        closes_on=date.fromisoformat(agreed.closes_on) if agreed.closes_on else None,
    )


def _steps(study: Study) -> list[Step]:
    reached = [state for state, _, _ in STEPS].index(State(study.state))
    dates = (study.created_at, study.opened_at, study.closed_at, study.unblinded_at)
    steps = []
    for place, ((_, word, note), moment) in enumerate(zip(STEPS, dates, strict=True)):
        since = f"since {moment:%-d %B %Y}" if moment and place <= reached else note
        steps.append(Step(word, since, "done" if place < reached else "now" if place == reached else "ahead"))
    return steps


def _by_kind(study: Study) -> dict[str, int]:
    kinds = list(study.cases.values_list("kind", flat=True))
    return {kind: kinds.count(kind) for kind in SheetKind.values}


def _sheets(study: Study) -> dict[str, int]:
    """Sheets of the longest list, by what they are for."""
    counted: dict[str, dict[str, int]] = {}
    for reader, kind, repeat in Reading.objects.filter(study_reader__study=study).values_list(
        "study_reader_id", "kind", "repeat"
    ):
        name = "repeat" if repeat else kind
        table = counted.setdefault(str(reader), {})
        table[name] = table.get(name, 0) + 1
    return max(counted.values(), key=lambda table: sum(table.values()), default={})


def _counts(study: Study) -> list[list[tuple[str, list[int]]]]:
    """Per reader, how often each method stands at A to D, the methods behind letters drawn anew."""
    tables = list(position_counts(study).values())
    methods = in_order({method for table in tables for method in table})
    names = dict(zip(sample(methods, len(methods)), "wxyz", strict=False))
    blank = [0] * len(POSITIONS)
    return [
        sorted((names[method], table.get(method, blank)) for method in methods if method in names) for table in tables
    ]


def _alike(rows: list[tuple[str, list[int]]], first: list[tuple[str, list[int]]]) -> bool:
    return [counts for _, counts in rows] == [counts for _, counts in first]
