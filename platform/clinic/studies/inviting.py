"""Invite a surgeon into a study by a link: one use, two weeks, chosen password, consent, and then the study itself.

From the study page and the board to an account without a password, a reader of the draft, and an Invitation that
knows the link by its SHA-256 only. An account that has a password needs no link: its owner is chosen in the draft.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinic.accounts import people
from clinic.accounts.models import Role, User
from clinic.audit.chain import record
from clinic.studies import reading
from clinic.studies.blinding import forget
from clinic.studies.invitation import Invitation
from clinic.studies.models import State, Study, StudyReader
from clinic.studies.refusals import InvitationGone, InvitationRefusal

LASTS = timedelta(days=14)
READABLE = (State.DRAFT, State.OPEN)
TAKEN = "Somebody already signs in with this address. Use another."


def listed(study: Study) -> QuerySet[Invitation]:
    """The newest invitation of each person first; for those who run the study."""
    return study.invitations.select_related("user", "invited_by")


@transaction.atomic
def invite(study: Study, name: str, email: str, by: User) -> tuple[Invitation, str]:
    """Make an account without a password, put it among the readers of a draft, and return invitation and link token.

    The token is 43 characters, told once and stored nowhere. Raises InvitationRefusal (not a draft, address taken) and
    ValidationError (name or address malformed).
    """
    if study.state != State.DRAFT:
        raise InvitationRefusal("email", "Readers are fixed when a study opens. Clone it to invite another.")
    user = _known(study, email, by) or _new_surgeon(name, email, by)
    _add_reader(study, user)
    return _issue(study, user, by)


@transaction.atomic
def renew(invitation: Invitation, by: User) -> tuple[Invitation, str]:
    """Make the earlier link void and return a new one; refused once the person has a password or the study is over."""
    study, user = Study.objects.get(pk=invitation.study_id), User.objects.get(pk=invitation.user_id)
    if study.state not in READABLE:
        raise InvitationRefusal("state", "This study is over; nobody can be invited into it any more.")
    if user.has_usable_password():
        raise InvitationRefusal("email", f"{user.name} has a password already and signs in like everybody else.")
    people.reopen_account(user)
    return _issue(study, user, by)


@transaction.atomic
def revoke(invitation: Invitation, by: User) -> None:
    """Take a link back; the account behind it is closed while it has no password. Raises InvitationRefusal."""
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not taken:
        raise InvitationRefusal("state", "This link was used or taken back before.")
    user = User.objects.get(pk=invitation.user_id)
    if not user.has_usable_password():
        people.close_account(user)
    record(by, "invitation-revoked", invitation, study=str(invitation.study_id))


def find(token: str) -> Invitation:
    """The invitation behind a link. Raises InvitationGone when it is unknown, used, taken back or over."""
    found = Invitation.objects.select_related("study", "user", "invited_by").filter(digest=_digest(token)).first()
    if found is None or not found.waits or found.study.state not in READABLE or not found.user.is_active:
        raise InvitationGone
    return found


@transaction.atomic
def accept(token: str, password: str) -> Invitation:
    """Use a link: store the chosen password and the consent. Of two uses at once exactly one wins.

    Raises InvitationGone, and ValidationError for a weak password; then the link can be used again.
    """
    found = find(token)
    now = timezone.now()
    claimed = Invitation.objects.filter(pk=found.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
    if not claimed.update(accepted_at=now):
        raise InvitationGone
    people.choose_password(found.user, password)
    record(found.user, "invitation-accepted", found, study=str(found.study_id))
    reader = StudyReader.objects.filter(study=found.study, user=found.user).select_related("user").first()
    if reader is not None:
        reading.agree(reader)
    return found


def _known(study: Study, email: str, by: User) -> User | None:
    """The surgeon of this hospital who was invited before and has no password yet; None for a new address."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        return None
    if user.role != Role.SURGEON or user.hospital_id != by.hospital_id:
        raise InvitationRefusal("email", TAKEN)
    if study.readers.filter(user=user).exists():
        raise InvitationRefusal("email", f"{user.name} is a reader of this study already.")
    if user.has_usable_password():
        raise InvitationRefusal("email", f"{user.name} has an account here. Choose the name among the draft's readers.")
    people.reopen_account(user)
    return user


def _new_surgeon(name: str, email: str, by: User) -> User:
    user = people.create_person(
        email=email, name=name, role=Role.SURGEON, hospital=by.hospital, password=people.spoken_password()
    )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    record(by, "person-created", user, role=user.role)
    return user


def _add_reader(study: Study, user: User) -> None:
    """A new reader makes the drawn order and its audit void, as every change of a draft does."""
    forget(study)
    study.draft_number += 1
    study.save(update_fields=["draft_number"])
    last = study.readers.order_by("-position").first()
    StudyReader.objects.create(study=study, user=user, position=last.position + 1 if last else 1)


def _issue(study: Study, user: User, by: User) -> tuple[Invitation, str]:
    token, now = token_urlsafe(32), timezone.now()
    Invitation.objects.filter(study=study, user=user, accepted_at=None, revoked_at=None).update(revoked_at=now)
    invitation = Invitation.objects.create(
        study=study, user=user, digest=_digest(token), invited_by=by, invited_at=now, expires_at=now + LASTS
    )
    record(by, "reader-invited", invitation, study=str(study.pk))
    return invitation, token


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
