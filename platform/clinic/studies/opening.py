"""Check a draft study, draw its blinded order, and open it for its readers.

From a draft (clinic.studies.drafting) to an open study with frozen protocol, sealed allocation and both digests.
Whatever stands in the way is said all at once, each with what to mend.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import Role, User
from clinic.audit.chain import record
from clinic.inpainting.models import Checkpoint
from clinic.studies import blinding, protocol
from clinic.studies.allocation import room_for_repeats, wanted_repeats
from clinic.studies.leaks import audit
from clinic.studies.models import POSITIONS, BlindingAudit, SheetKind, State, Study
from clinic.studies.protocol import Protocol
from clinic.studies.ready import results_of_all
from clinic.studies.refusals import Hindrance, OpeningRefusal
from clinic.studies.telling import names_a_method
from inference.contract import METHODS


def hindrances(study: Study) -> list[Hindrance]:
    """Everything in the draft that stands in the way of opening, but for the blinding audit."""
    return [*_in_cases(study), *_in_methods(study), *_in_readers(study), *_in_texts(study), *_in_numbers(study)]


def prepare(study: Study, by: User) -> BlindingAudit:
    """Draw and seal the order of a draft and run the blinding audit on it; the report is stored, passed or not.

    Raises OpeningRefusal when the draft itself has something to mend.
    """
    _refuse_if(study, hindrances(study))
    return _drawn_and_audited(study, by)


def recheck(study: Study, by: User) -> BlindingAudit:
    """Run the blinding audit again on a study whose order stands, such as an open one; nothing is drawn anew."""
    if study.state == State.DRAFT:
        return prepare(study, by)
    with transaction.atomic():
        report = audit(study, by)
        record(by, "blinding-audited", study, passed=report.passed, pictures=report.pictures)
    return report


def current_audit(study: Study) -> BlindingAudit | None:
    """The newest blinding audit of exactly this draft; None when the draft was changed since, or never audited."""
    return study.blinding_audits.filter(draft_number=study.draft_number).first()


def open_study(study: Study, by: User) -> Study:
    """Freeze protocol and allocation and let the readers in; a draft not yet audited is audited first.

    Raises OpeningRefusal, with nothing opened; the report of a failed audit stays stored.
    """
    _refuse_if(study, hindrances(study))
    report = current_audit(study) or _drawn_and_audited(study, by)
    failed = [Hindrance("blinding", check["says"]) for check in report.report["checks"] if not check["passed"]]
    _refuse_if(study, failed)
    with transaction.atomic():
        for one in study.methods.all():
            one.checkpoint = Checkpoint.objects.get(method=one.method, active=True)
            one.save(update_fields=["checkpoint"])
        study.state = State.OPEN
        study.opened_at = timezone.now()
        study.protocol_digest = protocol.digest(frozen_protocol(study))
        study.save(update_fields=["state", "opened_at", "protocol_digest"])
        record(by, "study-opened", study, protocol=study.protocol_digest, allocation=study.allocation_digest)
    return study


def frozen_protocol(study: Study) -> dict[str, object]:
    """The whole protocol as one JSON document: agreed entries, cases, methods with checkpoints, readers by code."""
    return {
        "title": study.title,
        "protocol": study.protocol,
        "cases": [
            {"case": one.case.code, "kind": one.kind, "dataset": one.case.dataset}
            for one in study.cases.select_related("case").order_by("case__code")
        ],
        "methods": {one.method: one.checkpoint.sha256 if one.checkpoint else "" for one in study.methods.all()},
        "readers": [reader.code for reader in study.readers.all()],
        "allocation": study.allocation_digest,
    }


def _drawn_and_audited(study: Study, by: User) -> BlindingAudit:
    with transaction.atomic():
        blinding.allocate(study)
        report = audit(study, by)
        record(by, "blinding-audited", study, passed=report.passed, pictures=report.pictures)
    return report


def _refuse_if(study: Study, found: list[Hindrance]) -> None:
    if study.state != State.DRAFT:
        raise OpeningRefusal([Hindrance("state", "This study is open already. Clone it to change anything.")])
    if found:
        raise OpeningRefusal(found)


def _in_cases(study: Study) -> list[Hindrance]:
    chosen = list(study.cases.prefetch_related("case__photograph__crops__masks"))
    there = results_of_all(chosen)
    unready = sorted(one.case.code for one in chosen if set(there.get(one.pk, ())) != set(METHODS))
    found = []
    if not any(one.kind == SheetKind.SCORED for one in chosen):
        found.append(Hindrance("cases", "Choose at least one case to score."))
    if unready:
        codes = ", ".join(unready)
        found.append(
            Hindrance("cases", f"{codes}: not all four results are there. Run the jobs, or leave the case out.")
        )
    return found


def _in_methods(study: Study) -> list[Hindrance]:
    methods = list(study.methods.values_list("method", flat=True))
    if len(methods) != len(POSITIONS):
        said = f"A sheet shows {len(POSITIONS)} results; this study has {len(methods)} methods. Choose four."
        return [Hindrance("methods", said)]
    active = set(Checkpoint.objects.filter(active=True, method__in=methods).values_list("method", flat=True))
    missing = sorted(set(methods) - active)
    if not missing:
        return []
    said = f"No checkpoint is installed for {', '.join(missing)}. Ask the operator to run install_checkpoints."
    return [Hindrance("methods", said)]


def _in_readers(study: Study) -> list[Hindrance]:
    readers = [reader.user for reader in study.readers.select_related("user")]
    found = [] if readers else [Hindrance("readers", "Invite at least one reader.")]
    gone = [user.name for user in readers if not user.is_active or user.role != Role.SURGEON]
    if gone:
        found.append(
            Hindrance("readers", f"{', '.join(gone)} cannot sign in as a surgeon. Take the name off the list.")
        )
    owners = {one.case.owner_id for one in study.cases.select_related("case")}
    drawers = set(study.cases.values_list("case__photograph__crops__masks__drawn_by", flat=True))
    both = [user.name for user in readers if user.pk in owners | drawers]
    if both:
        said = f"{', '.join(both)} brought in a case or drew a mask, so cannot read blinded."
        found.append(Hindrance("readers", f"{said} Take the name off the list, or leave those cases out."))
    return found


def _in_texts(study: Study) -> list[Hindrance]:
    agreed = protocol.read(study.protocol)
    named = {
        "title": study.title,
        "question": agreed.question,
        "instructions": agreed.instructions,
        "consent": agreed.consent,
    }
    return [
        Hindrance(where, f"The {where} names a method, which would tell readers what is compared. Take the name out.")
        for where, text in named.items()
        if names_a_method(text)
    ]


def _in_numbers(study: Study) -> list[Hindrance]:
    agreed = protocol.read(study.protocol)
    found = []
    if agreed.photograph and study.cases.filter(kind=SheetKind.CONTROL).exists():
        found.append(
            Hindrance("photograph", "Beside the photograph a control is known at once. Leave out one of the two.")
        )
    if agreed.assignment == protocol.SPLIT and agreed.readers_per_case > study.readers.count():
        said = f"Each case goes to {agreed.readers_per_case} readers, but fewer are invited. Invite more."
        found.append(Hindrance("readers", said))
    if (room := _room_for_repeats(study, agreed)) is not None:
        found.append(room)
    if agreed.closes_on and date.fromisoformat(agreed.closes_on) < timezone.localdate():
        found.append(Hindrance("closes_on", "The closing day has passed. Choose a later one."))
    return found


def _room_for_repeats(study: Study, agreed: Protocol) -> Hindrance | None:
    """What is in the way when a reader's list is too short for the repeats that the protocol promises."""
    cases, readers = study.cases.filter(kind=SheetKind.SCORED).count(), study.readers.count()
    if agreed.assignment == protocol.SPLIT and readers:
        cases = cases * min(agreed.readers_per_case, readers) // readers
    wanted, room = wanted_repeats(agreed.repeat_share, cases), room_for_repeats(agreed.repeat_distance, cases)
    if wanted <= room:
        return None
    said = f"Of {wanted} hidden repeats only {room} fit: a reader has {cases} cases and a repeat comes"
    return Hindrance("repeat_distance", f"{said} {agreed.repeat_distance} sheets later. Shorten that, or add cases.")
