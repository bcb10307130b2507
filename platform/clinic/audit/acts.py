"""The acts that the audit log knows, each with the words that the audit page shows for it.

Written by every app through clinic.audit.chain; an act outside this table is shown by its code.
"""

from django.db import models


class Act(models.TextChoices):
    """What was done, as a code; the label completes a sentence that begins with a name."""

    SIGNED_IN = "signed-in", "signed in"
    SIGN_IN_REFUSED = "sign-in-refused", "refused a sign-in"
    SIGNED_OUT = "signed-out", "signed out"
    LOCKED = "locked", "locked the screen"
    UNLOCKED = "unlocked", "unlocked the screen"
    PERSON_CREATED = "person-created", "created a person"
    PERSON_DEACTIVATED = "person-deactivated", "closed an account"
    PERSON_REACTIVATED = "person-reactivated", "reopened an account"
    PASSWORD_RESET = "password-reset", "handed out a new password"
    PASSWORD_CHOSEN = "password-chosen", "chose a new password"
    TOKEN_CREATED = "token-created", "made an access token"
    TOKEN_REVOKED = "token-revoked", "revoked an access token"
    CASE_ADMITTED = "case-admitted", "admitted a case"
    CASE_WITHDRAWN = "case-withdrawn", "erased a case"
    CROP_CHOSEN = "crop-chosen", "chose a crop"
    MASK_SAVED = "mask-saved", "saved a mask"
    PICTURE_SEEN = "picture-seen", "saw a picture"
    PICTURES_SEEN = "pictures-seen", "saw four pictures"
    JOBS_SENT = "jobs-sent", "sent four jobs"
    JOB_RETRIED = "job-retried", "tried a job again"
    JOB_STOPPED = "job-stopped", "stopped a job"
    RESULT_RECORDED = "result-recorded", "recorded a result"
    OUTCOME_REFUSED = "outcome-refused", "refused an outcome"
    STUDY_DRAFTED = "study-drafted", "drafted a study"
    STUDY_CHANGED = "study-changed", "changed a study"
    STUDY_OPENED = "study-opened", "opened a study"
    STUDY_CLOSED = "study-closed", "closed a study"
    STUDY_UNBLINDED = "study-unblinded", "unblinded a study"
    STUDY_EXPORTED = "study-exported", "exported a study"
    READING_OPENED = "reading-opened", "opened a reading"
    READING_SUBMITTED = "reading-submitted", "submitted a reading"
    READING_CORRECTED = "reading-corrected", "corrected a reading"
    TRAINING_COMPARED = "training-compared", "compared the photographs with training's pictures"


WORDS: dict[str, str] = dict(Act.choices)


def words(act: str) -> str:
    """Return the words for an act's code, or the code itself with spaces."""
    return WORDS.get(act, act.replace("-", " "))


def _beginning(*starts: str) -> tuple[str, ...]:
    return tuple(act for act in Act.values if act.startswith(starts))


# The one-press filters of the audit page: key, label, and the acts they let through (none: all).
KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "All", ()),
    ("pictures", "Pictures seen", (Act.PICTURE_SEEN, Act.PICTURES_SEEN)),
    ("cases", "Cases", _beginning("case-", "crop-", "mask-", "job", "result-", "outcome-")),
    ("studies", "Studies", _beginning("study-", "reading-")),
    ("accounts", "Accounts", _beginning("sign", "lock", "unlock", "person-", "password-", "token-")),
)
