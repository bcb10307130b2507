"""Close a study, and unblind it by two people.

From the study page to states and audit rows. Each step goes one way and is refused anywhere else on the road.
"""

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import Role, User
from clinic.audit.chain import record
from clinic.studies import blinding
from clinic.studies.models import State, Study, Unblinding
from clinic.studies.refusals import LifecycleRefusal


@transaction.atomic
def close(study: Study, by: User) -> Study:
    """End reading: from now on no mark can change. Drafts that were not submitted are kept but do not count."""
    if study.state != State.OPEN:
        raise LifecycleRefusal("Only an open study can be closed.")
    study.state, study.closed_at = State.CLOSED, timezone.now()
    study.save(update_fields=["state", "closed_at"])
    record(by, "study-closed", study)
    return study


@transaction.atomic
def ask_unblinding(study: Study, by: User, reason: str) -> Unblinding:
    """First of two: a closed study's researcher or an administrator asks, with a reason from the list. Nothing is shown
    yet.
    """
    if study.state != State.CLOSED:
        raise LifecycleRefusal("A study is unblinded after it was closed, and once.")
    if by.role == Role.SURGEON:
        raise LifecycleRefusal("Surgeons do not unblind studies.")
    if reason not in Unblinding.Why.values:
        raise LifecycleRefusal("Choose a reason from the list.")
    asked, new = Unblinding.objects.get_or_create(study=study, defaults={"reason": reason, "asked_by": by})
    if not new:
        raise LifecycleRefusal(f"{asked.asked_by.name} has asked already. A second person has to confirm.")
    record(by, "unblinding-asked", study, reason=reason)
    return asked


@transaction.atomic
def confirm_unblinding(study: Study, by: User) -> Study:
    """Second of two: an administrator who is not the one who asked. The sealed allocation is checked against its digest
    first.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    asked = Unblinding.objects.filter(study=study).select_related("asked_by").first()
    if study.state != State.CLOSED or asked is None:
        raise LifecycleRefusal("Nobody has asked to unblind this study.")
    if by.role != Role.ADMINISTRATOR:
        raise LifecycleRefusal("Only an administrator confirms an unblinding.")
    if asked.asked_by_id == by.pk:
        raise LifecycleRefusal("Unblinding takes two people. Someone else has to confirm.")
    if blinding.digest_of(study) != study.allocation_digest:
        raise LifecycleRefusal("The sealed allocation does not match its digest. Nothing was unblinded; call for help.")
    asked.confirmed_by, asked.confirmed_at = by, timezone.now()
    asked.save(update_fields=["confirmed_by", "confirmed_at"])
    study.state, study.unblinded_at = State.UNBLINDED, asked.confirmed_at
    study.save(update_fields=["state", "unblinded_at"])
    record(by, "study-unblinded", study, reason=asked.reason, asked_by=str(asked.asked_by_id))
    return study


@transaction.atomic
def withdraw_unblinding(study: Study, by: User) -> None:
    """Take back a request that nobody has confirmed."""
    if not Unblinding.objects.filter(study=study, confirmed_at=None).delete()[0]:
        raise LifecycleRefusal("There is no open request to take back.")
    record(by, "unblinding-withdrawn", study)
