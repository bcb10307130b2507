"""What an administrator's home says: what needs somebody, and how much there is of everything.

From the tables of every app, for one hospital; to ``templates/home.html``. No picture, no method, no mark is read.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import Hospital, User
from clinic.audit.models import AuditEntry
from clinic.cases.models import Case
from clinic.inpainting.models import OPEN_STATES, InpaintingJob, JobState
from clinic.studies.models import State, Study

SILENCE = timedelta(minutes=10)
AT_MOST = 3


@dataclass(frozen=True)
class Need:
    """Something that waits for a person: a bold sentence, a plain one, and where to go."""

    tone: str
    icon: str
    bold: str
    plain: str
    act: str
    url: str


@dataclass(frozen=True)
class Figure:
    """One number that matters, with its word and a second line."""

    number: int
    word: str
    second: str
    url: str


def needs(hospital: Hospital) -> list[Need]:
    """Return what needs somebody, the gravest first, three at most."""
    found = [_silence(), _stopped(hospital), _closed(hospital), _first_passwords(hospital)]
    return [need for need in found if need is not None][:AT_MOST]


def figures(hospital: Hospital) -> list[Figure]:
    """Return the four numbers of this hospital: cases, studies, people and audit entries."""
    cases = Case.objects.filter(hospital=hospital).count()
    studies = Study.objects.filter(hospital=hospital).aggregate(
        every=Count("id"), open=Count("id", filter=Q(state=State.OPEN))
    )
    people = User.objects.filter(hospital=hospital).aggregate(
        active=Count("id", filter=Q(is_active=True)), closed=Count("id", filter=Q(is_active=False))
    )
    return [
        Figure(cases, "cases", "photographs sealed here", reverse("inpainting:cases")),
        Figure(studies["every"], "studies", f"{studies['open']} open to readers", reverse("studies:list")),
        Figure(people["active"], "people", f"can sign in, {people['closed']} cannot", reverse("people")),
        Figure(AuditEntry.objects.count(), "audit entries", "in one chain", reverse("audit:log")),
    ]


def _silence() -> Need | None:
    waiting = InpaintingJob.objects.filter(state__in=OPEN_STATES, updated_at__lt=timezone.now() - SILENCE).count()
    if not waiting:
        return None
    return Need(
        "bad",
        "server",
        "The worker does not answer.",
        f"{_counted(waiting, 'job waits', 'jobs wait')} in line and none is lost. Readers can go on. "
        "Call whoever runs the server.",
        "See the cases",
        reverse("inpainting:cases"),
    )


def _stopped(hospital: Hospital) -> Need | None:
    stopped = InpaintingJob.objects.filter(
        mask__crop__photograph__case__hospital=hospital, state__in=(JobState.FAILED, JobState.DEAD)
    ).count()
    if not stopped:
        return None
    return Need(
        "warn",
        "stop",
        f"{_counted(stopped, 'job', 'jobs')} stopped.",
        "The photographs are safe. The researcher of the case can try again.",
        "See the cases",
        reverse("inpainting:cases"),
    )


def _closed(hospital: Hospital) -> Need | None:
    closed = Study.objects.filter(hospital=hospital, state=State.CLOSED).count()
    if not closed:
        return None
    return Need(
        "",
        "lock",
        f"{_counted(closed, 'closed study is', 'closed studies are')} still blinded.",
        "No mark can change any more. The results open when it is unblinded.",
        "See the studies",
        reverse("studies:list"),
    )


def _first_passwords(hospital: Hospital) -> Need | None:
    waiting = User.objects.filter(hospital=hospital, is_active=True, password_is_temporary=True).count()
    if not waiting:
        return None
    return Need(
        "",
        "key",
        f"{_counted(waiting, 'person has', 'people have')} a first password.",
        "They choose their own when they next sign in.",
        "See the people",
        reverse("people"),
    )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
