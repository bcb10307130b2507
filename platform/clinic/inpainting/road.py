"""Where a case stands on its road, in words: photograph, crop, mask, four jobs, ready.

From: the rows of a case and its jobs. To: the list of cases, the case page and its fragment. Nothing here tells one
method from another: jobs come shuffled, and neither names nor times leave this module.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Prefetch, QuerySet

from clinic.cases.models import Case, Crop, Mask
from clinic.inpainting.models import InpaintingJob, JobState
from inference.contract import METHODS

REASONS = {
    "no-answer": "the worker did not answer",
    "case-unreadable": "the case could not be opened",
    "checkpoint-missing": "the worker lacks a checkpoint",
    "checkpoint-refused": "the worker refused a checkpoint",
    "out-of-memory": "the worker ran out of memory",
    "timed-out": "the worker ran out of time",
    "engine-failed": "the worker could not finish",
}
STATES = {
    JobState.DONE: ("good", "check", "Done", "result sealed"),
    JobState.DISPATCHED: ("work", "spin", "Running", "with the worker"),
    JobState.QUEUED: ("wait", "clock", "Waiting", "next in line"),
    JobState.FAILED: ("bad", "stop", "Stopped", ""),
    JobState.DEAD: ("bad", "stop", "Stopped", ""),
}


class Place(StrEnum):
    """What a case waits for."""

    CROP = "crop"
    MASK = "mask"
    RUN = "run"
    RUNNING = "running"
    STOPPED = "stopped"
    READY = "ready"


TO_DO = frozenset({Place.CROP, Place.MASK, Place.RUN, Place.STOPPED})


@dataclass(frozen=True)
class Line:
    """One job as the page shows it: tone and icon of its tag, a word, and what more may be said."""

    tone: str
    icon: str
    word: str
    says: str


@dataclass(frozen=True)
class Road:
    """Where one case stands; `lines` are its jobs, shuffled."""

    case: Case
    crop: Crop | None
    mask: Mask | None
    place: Place
    lines: tuple[Line, ...]
    done: int
    running: int
    stopped: int
    reason: str
    changed: datetime

    @property
    def tag(self) -> Line:
        """The state of the case in one tag."""
        return {
            Place.CROP: Line("warn", "fit", "Choose the crop", ""),
            Place.MASK: Line("warn", "brush", "Draw the mask", ""),
            Place.RUN: Line("warn", "arrow", "Run the four jobs", ""),
            Place.RUNNING: Line("work", "spin", f"{self.done} of {len(METHODS)} jobs done", ""),
            Place.STOPPED: Line("bad", "stop", "Job stopped", ""),
            Place.READY: Line("good", "check", "Ready", ""),
        }[self.place]

    @property
    def lead(self) -> str:
        """Where the case is and what it needs, in one or two sentences."""
        return {
            Place.CROP: "The photograph is sealed. Choose the square that every method receives.",
            Place.MASK: "The crop is kept. Draw the hole over the cleft.",
            Place.RUN: "The mask is kept. Four methods can now fill its hole.",
            Place.RUNNING: f"{counted(self.done, 'result')} in, {self.running} under way. Nothing is needed from you.",
            Place.STOPPED: f"{counted(self.done, 'result')} in. {counted(self.stopped, 'job')} stopped: {self.reason}.",
            Place.READY: "All four results are sealed. The case can join a study.",
        }[self.place]

    @property
    def moving(self) -> bool:
        """Whether a job may change by itself, so that the page should look again."""
        return self.running > 0

    @property
    def jobs_say(self) -> str:
        """The four jobs in one line of counts."""
        if not self.lines:
            return "not sent yet"
        counts = ((self.done, "done"), (self.running, "under way"), (self.stopped, "stopped"))
        return ", ".join(f"{count} {word}" for count, word in counts if count)


def counted(number: int, what: str) -> str:
    """Return "One result", "Two results", "No results": a sentence's beginning."""
    word = ("No", "One", "Two", "Three", "Four")[number]
    return f"{word} {what}" if number == 1 else f"{word} {what}s"


def with_roads(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Fetch with `cases` all that `road_of` needs, in a fixed number of queries."""
    jobs = Prefetch("photograph__crops__masks__jobs", InpaintingJob.objects.filter(checkpoint__active=True))
    return cases.select_related("photograph", "owner").prefetch_related("photograph__crops__masks__drawn_by", jobs)


def road_of(case: Case) -> Road:
    """Return where `case` stands; `case` comes from `with_roads`."""
    crop, mask = case.current_crop, case.current_mask
    jobs = list(mask.jobs.all()) if mask else []
    stopped = [job for job in jobs if job.failure]
    done = sum(job.state == JobState.DONE for job in jobs)
    times = [row.created_at for row in (case, crop, mask) if row] + [job.updated_at for job in jobs]
    return Road(
        case=case,
        crop=crop,
        mask=mask,
        place=place_of(crop, mask, jobs),
        lines=tuple(shuffled(jobs)),
        done=done,
        running=len(jobs) - done - len(stopped),
        stopped=len(stopped),
        reason=REASONS.get(stopped[0].failure, stopped[0].failure) if stopped else "",
        changed=max(times),
    )


def place_of(crop: Crop | None, mask: Mask | None, jobs: list[InpaintingJob]) -> Place:
    """Return the first thing the case still waits for."""
    if crop is None:
        return Place.CROP
    if mask is None:
        return Place.MASK
    if len(jobs) < len(METHODS):
        return Place.RUN
    if any(job.failure for job in jobs):
        return Place.STOPPED
    return Place.READY if all(job.state == JobState.DONE for job in jobs) else Place.RUNNING


def shuffled(jobs: Iterable[InpaintingJob]) -> list[Line]:
    """Return the jobs in an order made anew for each view, then by state: rows move only when something happens."""
    lines = [line_of(job) for job in jobs]
    random.SystemRandom().shuffle(lines)
    order = [word for _, _, word, _ in STATES.values()]
    return sorted(lines, key=lambda line: order.index(line.word))


def line_of(job: InpaintingJob) -> Line:
    """Return one job without its method or its times."""
    tone, icon, word, says = STATES[JobState(job.state)]
    return Line(tone, icon, word, REASONS.get(job.failure, job.failure) if job.failure else says)
