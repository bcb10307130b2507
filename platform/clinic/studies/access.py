"""Who may see which study and which sheet: every view and every verb starts from these querysets.

From a signed-in person to the rows that are theirs; a foreign id is simply not found (404). Surgeons meet only studies
they read in, and of readings only their own.
"""

from django.db.models import QuerySet

from clinic.accounts.models import Role, User
from clinic.cases.models import Case
from clinic.studies.models import Placement, Reading, State, Study, StudyReader


def studies_of(person: User) -> QuerySet[Study]:
    """Studies `person` may look at: the hospital's, a researcher's own, or those a surgeon reads, once open."""
    if person.role == Role.ADMINISTRATOR:
        return Study.objects.filter(hospital=person.hospital)
    if person.role == Role.RESEARCHER:
        return Study.objects.filter(hospital=person.hospital, created_by=person)
    return Study.objects.filter(readers__user=person).exclude(state=State.DRAFT)


def run_by(person: User) -> QuerySet[Study]:
    """Studies `person` may change, open and close: never a surgeon's."""
    return Study.objects.none() if person.role == Role.SURGEON else studies_of(person)


def readings_of(person: User) -> QuerySet[Reading]:
    """Sheets that are `person`'s own, in studies that have been opened."""
    return Reading.objects.filter(study_reader__user=person).exclude(study_reader__study__state=State.DRAFT)


def placements_of(person: User) -> QuerySet[Placement]:
    """Pictures `person` may fetch: those of own sheets, while the study is open."""
    return Placement.objects.filter(reading__study_reader__user=person, reading__study_reader__study__state=State.OPEN)


def photographs_of(person: User) -> QuerySet[Reading]:
    """Sheets of `person` that offer the photograph before surgery, while the study is open."""
    return readings_of(person).filter(study_reader__study__state=State.OPEN, photograph_token__isnull=False)


def offered_cases(person: User) -> QuerySet[Case]:
    """Cases `person` may put into a study: those they may see in the case list."""
    return Case.objects.visible_to(person)


def offered_readers(person: User) -> QuerySet[User]:
    """Surgeons `person` may invite: those of the same hospital whose account is active."""
    return User.objects.filter(role=Role.SURGEON, hospital=person.hospital, is_active=True)


def reader_in(study: Study, person: User) -> StudyReader:
    """The place of `person` among the readers; raises StudyReader.DoesNotExist."""
    return study.readers.get(user=person)
