"""Draft a study, change the draft, or clone a study into a new draft.

From the study form and the demo to Study, StudyCase, StudyMethod and StudyReader rows. Every change makes a new draft
number, which makes earlier checks and the drawn allocation void (clinic.studies.blinding): what opens is what was
checked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from clinic.accounts.models import Role, User
from clinic.audit.chain import record
from clinic.cases.models import Case
from clinic.studies.access import offered_cases, offered_readers
from clinic.studies.blinding import forget
from clinic.studies.models import SheetKind, State, Study, StudyCase, StudyMethod, StudyReader
from clinic.studies.protocol import Protocol
from clinic.studies.refusals import DraftRefusal
from inference.contract import METHODS

TITLE_LENGTH = 120


@dataclass(frozen=True)
class Draft:
    """Everything the study form holds; lists keep their order, readers become R1, R2 and so on."""

    title: str
    cases: Sequence[Case]
    readers: Sequence[User]
    training: Sequence[Case] = ()
    control: Sequence[Case] = ()
    methods: Sequence[str] = METHODS
    protocol: Protocol = field(default_factory=Protocol)


@transaction.atomic
def draft(wanted: Draft, by: User) -> Study:
    """Store a new draft study of `by`'s hospital; raises DraftRefusal."""
    _check(wanted, by)
    study = Study.objects.create(hospital=by.hospital, title=wanted.title.strip(), created_by=by)
    _fill(study, wanted)
    record(by, "study-drafted", study, cases=len(wanted.cases), readers=len(wanted.readers))
    return study


@transaction.atomic
def change(study: Study, wanted: Draft, by: User) -> Study:
    """Replace a draft by another; raises DraftRefusal when the study is no longer a draft."""
    _require_draft(study)
    _check(wanted, by)
    forget(study)
    study.title = wanted.title.strip()
    study.draft_number += 1
    study.save(update_fields=["title", "draft_number"])
    study.cases.all().delete()
    study.readers.all().delete()
    study.methods.all().delete()
    _fill(study, wanted)
    record(by, "study-changed", study, draft=study.draft_number)
    return study


@transaction.atomic
def clone(study: Study, by: User) -> Study:
    """A new draft with the same protocol, cases, methods and readers; the frozen study stays as it is."""
    copy = Study.objects.create(
        hospital=study.hospital,
        title=f"{study.title} (copy)"[:TITLE_LENGTH],
        protocol=study.protocol,
        cloned_from=study,
        created_by=by,
    )
    StudyCase.objects.bulk_create(
        StudyCase(study=copy, case_id=one.case_id, kind=one.kind) for one in study.cases.order_by("case__code")
    )
    StudyMethod.objects.bulk_create(StudyMethod(study=copy, method=one.method) for one in study.methods.all())
    StudyReader.objects.bulk_create(
        StudyReader(study=copy, user_id=one.user_id, position=one.position) for one in study.readers.all()
    )
    record(by, "study-drafted", copy, cloned_from=str(study.pk))
    return copy


def discard(study: Study, by: User) -> None:
    """Throw a draft away; raises DraftRefusal once it has been opened."""
    _require_draft(study)
    with transaction.atomic():
        forget(study)
        record(by, "study-discarded", study)
        study.delete()


def _require_draft(study: Study) -> None:
    if study.state != State.DRAFT:
        raise DraftRefusal("state", "This study is frozen. Clone it to change anything.")


def _check(wanted: Draft, by: User) -> None:
    if by.role == Role.SURGEON:
        raise DraftRefusal("state", "Surgeons read studies; a researcher or an administrator drafts them.")
    if not wanted.title.strip():
        raise DraftRefusal("title", "Give the study a title.")
    if len(wanted.title.strip()) > TITLE_LENGTH:
        raise DraftRefusal("title", f"The title is longer than {TITLE_LENGTH} characters.")
    chosen = [*wanted.cases, *wanted.training, *wanted.control]
    if len({case.pk for case in chosen}) != len(chosen):
        raise DraftRefusal("cases", "A case stands in the study twice; choose it once, for one purpose.")
    if offered_cases(by).filter(pk__in=[case.pk for case in chosen]).count() != len(chosen):
        raise DraftRefusal("cases", "One of these cases is not yours to study.")
    if len({reader.pk for reader in wanted.readers}) != len(wanted.readers):
        raise DraftRefusal("readers", "A reader is named twice.")
    if offered_readers(by).filter(pk__in=[reader.pk for reader in wanted.readers]).count() != len(wanted.readers):
        raise DraftRefusal("readers", "One of these readers is not a surgeon of your hospital with an active account.")
    if unknown := set(wanted.methods) - set(METHODS):
        raise DraftRefusal("methods", f"There is no method {sorted(unknown)[0]}.")


def _fill(study: Study, wanted: Draft) -> None:
    study.protocol = wanted.protocol.as_json()
    study.save(update_fields=["protocol"])
    for kind, cases in _by_kind(wanted):
        StudyCase.objects.bulk_create(StudyCase(study=study, case=case, kind=kind) for case in cases)
    StudyMethod.objects.bulk_create(StudyMethod(study=study, method=method) for method in wanted.methods)
    StudyReader.objects.bulk_create(
        StudyReader(study=study, user=reader, position=place) for place, reader in enumerate(wanted.readers, start=1)
    )


def _by_kind(wanted: Draft) -> Iterable[tuple[SheetKind, Sequence[Case]]]:
    return (
        (SheetKind.SCORED, wanted.cases),
        (SheetKind.TRAINING, wanted.training),
        (SheetKind.CONTROL, wanted.control),
    )
