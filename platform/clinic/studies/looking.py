"""A reader's look at a picture of a sheet: whose it is, a line in the audit log, and only then the bytes.

From a token or a sheet, for the picture views of pages and API, to a Delivery of clinic.studies.presentation.
"""

from uuid import UUID

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.studies.access import photographs_of, placements_of, readings_of
from clinic.studies.models import State
from clinic.studies.presentation import Delivery, given_picture, photograph_picture, result_picture
from clinic.studies.refusals import PictureGone

GONE = "There is no such picture, or it is not yours to see."


def picture_behind(token: str, by: User) -> Delivery:
    """One result of an own open sheet, or its photograph before surgery where the protocol shows it.

    Raises PictureGone for what is not there or not theirs, VaultError for what is damaged.
    """
    mine = placements_of(by).select_related(
        "reading__study_reader__arm_key", "reading__study_case__mask__crop__photograph"
    )
    placement = mine.filter(token=token).first()
    if placement is None:
        return _photograph_behind(token, by)
    record(by, Act.PICTURE_SEEN, placement.reading, position=placement.position)
    return result_picture(placement)


def given_on(reading_id: UUID, by: User) -> Delivery:
    """What all four methods were given on an own open sheet. Raises PictureGone and VaultError alike."""
    mine = readings_of(by).filter(study_reader__study__state=State.OPEN, pk=reading_id)
    one = mine.select_related("study_case__mask__crop__photograph").first()
    if one is None:
        raise PictureGone(GONE)
    record(by, Act.PICTURE_SEEN, one, position="given")
    return given_picture(one)


def _photograph_behind(token: str, by: User) -> Delivery:
    mine = photographs_of(by).filter(photograph_token=token)
    one = mine.select_related("study_case__mask__crop__photograph").first()
    if one is None:
        raise PictureGone(GONE)
    record(by, Act.PICTURE_SEEN, one, position="photograph")
    return photograph_picture(one)
