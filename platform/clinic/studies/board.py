"""Who is done, who is in the middle, who has gone quiet: the progress of a study, per reader and never per method.

From readings to the board page. Hidden repeats are marked here, and nowhere a reader can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from clinic.studies import pace, protocol
from clinic.studies.models import Reading, State, Study, StudyReader

SILENT_DAYS = 4


@dataclass(frozen=True)
class Dot:
    """One sheet of one reader: `look` is done, half or waiting, `kind` training, repeat, control or scored."""

    look: str
    kind: str


@dataclass(frozen=True)
class Line:
    """One reader: sheets, pace and state; `tone` and `icon` draw the tag that `state` words."""

    reader: StudyReader
    dots: tuple[Dot, ...]
    done: int
    total: int
    median: str
    left: str
    seconds_left: float
    state: str
    tone: str
    icon: str
    last: datetime | None
    silent_days: int

    @property
    def finished(self) -> bool:
        """Whether no sheet is left."""
        return self.done == self.total


@dataclass(frozen=True)
class Board:
    """The whole page; times are words, `pace` points are (day, sheets submitted until its end)."""

    lines: tuple[Line, ...]
    done: int
    total: int
    median: str
    middle_half: str
    work_left: str
    busy: int
    closes_on: date | None
    days_left: int | None
    points: tuple[tuple[date, int], ...]

    @property
    def percent(self) -> int:
        """Sheets submitted of all, in whole per cent."""
        return round(100 * self.done / self.total) if self.total else 0


def board(study: Study) -> Board:
    """The progress of a study that has been opened; three queries whatever its size."""
    readings = list(Reading.objects.filter(study_reader__study=study).order_by("sequence"))
    readers = list(study.readers.select_related("user"))
    own = {reader.pk: [one for one in readings if one.study_reader_id == reader.pk] for reader in readers}
    lines = tuple(_line(reader, own[reader.pk]) for reader in readers)
    quartiles = pace.middle_half(readings)
    median = pace.median_seconds(readings)
    closes = protocol.read(study.protocol).closes_on
    day = date.fromisoformat(closes) if closes else None
    left = sum(line.seconds_left for line in lines)
    return Board(
        lines=lines,
        done=sum(line.done for line in lines),
        total=len(readings),
        median=pace.clock(median) if median else "",
        middle_half=f"middle half {pace.clock(quartiles[0])} to {pace.clock(quartiles[1])}" if quartiles else "",
        work_left=pace.in_words(left) if left else "",
        busy=sum(not line.finished for line in lines),
        closes_on=day,
        days_left=(day - timezone.localdate()).days if day and study.state == State.OPEN else None,
        points=_points(study, readings),
    )


def headline(found: Board) -> str:
    """One sentence on how the readers stand, such as "One reader has finished, one is in the middle."."""
    words = {
        "finished": ("has finished", "have finished"),
        "reading": ("is in the middle", "are in the middle"),
        "silent": ("has gone quiet", "have gone quiet"),
        "waiting": ("has not begun", "have not begun"),
    }
    kinds = [_kind(line) for line in found.lines]
    parts = [f"{_number(kinds.count(kind))} {words[kind][kinds.count(kind) > 1]}" for kind in words if kind in kinds]
    if not parts:
        return "Nobody is invited."
    first, *rest = parts
    noun = " reader" if first.startswith("One ") else " readers"
    first = first.replace(" ", noun + " ", 1)
    return ", ".join([first, *(part.lower() for part in rest)]) + "."


def _number(count: int) -> str:
    return ("No", "One", "Two", "Three", "Four", "Five", "Six")[count] if count < 7 else str(count)


def _kind(line: Line) -> str:
    if line.finished:
        return "finished"
    if line.last is None:
        return "waiting"
    return "silent" if line.silent_days >= SILENT_DAYS else "reading"


def _line(reader: StudyReader, readings: Sequence[Reading]) -> Line:
    done = [one for one in readings if one.submitted_at]
    touched = [moment for one in readings for moment in (one.submitted_at, one.draft_at, one.opened_at) if moment]
    last = max(touched, default=None)
    silent = (timezone.now() - last).days if last else 0
    median = pace.median_seconds(readings)
    left = pace.seconds_left(readings)
    state, tone, icon = _state(readings, last, silent)
    return Line(
        reader=reader,
        dots=tuple(_dot(one) for one in readings),
        done=len(done),
        total=len(readings),
        median=_seconds(median) if median else "",
        left="done" if len(done) == len(readings) else f"about {pace.in_words(left)}" if left else "",
        seconds_left=left or 0.0,
        state=state,
        tone=tone,
        icon=icon,
        last=last,
        silent_days=silent,
    )


def _state(readings: Sequence[Reading], last: datetime | None, silent: int) -> tuple[str, str, str]:
    if all(one.submitted_at for one in readings):
        return "Finished", "good", "check"
    if last is None:
        return "Not begun", "wait", "clock"
    if silent >= SILENT_DAYS:
        return f"Silent for {silent} days", "warn", "clock"
    paused = next((one for one in readings if one.paused and not one.submitted_at), None)
    if paused is not None:
        return f"Paused in sheet {paused.sequence}", "work", "pause"
    return "Reading", "work", "eye"


def _dot(one: Reading) -> Dot:
    look = "done" if one.submitted_at else "half" if one.draft_at else "waiting"
    return Dot(look, "repeat" if one.repeat else one.kind)


def _seconds(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def _points(study: Study, readings: Sequence[Reading]) -> tuple[tuple[date, int], ...]:
    """Sheets submitted by the end of each day since opening."""
    if study.opened_at is None:
        return ()
    days = sorted(timezone.localdate(one.submitted_at) for one in readings if one.submitted_at)
    first, last = timezone.localdate(study.opened_at), timezone.localdate(study.closed_at)
    span = (last - first).days
    return tuple(
        (day, sum(one <= day for one in days)) for day in (first + timedelta(days=step) for step in range(span + 1))
    )
