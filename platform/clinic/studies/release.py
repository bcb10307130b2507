"""Let a file of an unblinded study leave the platform: to whom, why, and which, noted before the first byte goes.

From the export page to clinic.studies.export and clinic.studies.parcel. Who may ask, and the password once more, are
the caller's part; the reason and the audit row are made here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.studies.export import stream_csv, study_code
from clinic.studies.models import Study
from clinic.studies.parcel import bundle, everything
from clinic.studies.refusals import ReleaseRefusal
from evaluation.exports.streams import Contents, digest, put_by

WHY_MISSING = "Choose what the file is for."


class File(models.TextChoices):
    """What can leave a study."""

    ZIP = "zip", "Everything, signed (ZIP)"
    CSV = "csv", "The marks file alone (CSV)"


class Why(models.TextChoices):
    """What a file is for; the audit log keeps the code."""

    ANALYSIS = "analysis", "Statistical analysis"
    PUBLICATION = "publication", "A publication or its review"
    OVERSIGHT = "oversight", "Ethics committee, sponsor or inspection"
    ARCHIVE = "archive", "Archiving"


@dataclass(frozen=True)
class Released:
    """A file on its way out; `chunks` can be gone through once."""

    name: str
    content_type: str
    chunks: Iterable[bytes]


def release(study: Study, by: User, file: str, why: str) -> Released:
    """Note the act and hand the file over.

    Raises ReleaseRefusal without a reason, for an unknown file, where nothing was scored and where nothing can be
    signed; StillBlinded and VaultError as the files do. Nothing is noted of a file that does not leave.
    """
    if why not in Why.values:
        raise ReleaseRefusal("why", WHY_MISSING)
    if file not in File.values:
        raise ReleaseRefusal("file", "Choose one of the files.")
    return _MAKERS[File(file)](study, by, why)


def release_one(study: Study, by: User, name: str, why: str) -> Released | None:
    """The same for one file of the ZIP by its name there, without making the others; None where there is none.

    Raises what `release` raises.
    """
    if why not in Why.values:
        raise ReleaseRefusal("why", WHY_MISSING)
    made = bundle(study)
    pieces = made.member(name) if made else None
    if pieces is None:
        return None
    file = put_by()
    file.writelines(pieces)
    # A code in the log has no slash.
    record(by, Act.STUDY_EXPORTED, study, form="file", file=name.replace("/", ":"), why=why, sha256=digest(file))
    return Released(name.rpartition("/")[2], "application/octet-stream", Contents(file))


def _csv(study: Study, by: User, why: str) -> Released:
    chunks = stream_csv(study)
    record(by, Act.STUDY_EXPORTED, study, form=File.CSV.value, why=why)
    return Released(f"{study_code(study)}-marks.csv", "text/csv; charset=utf-8", chunks)


def _zip(study: Study, by: User, why: str) -> Released:
    file = everything(study)
    if file is None:
        raise ReleaseRefusal("file", "No scored sheet was submitted, so there are no tables. Take the marks file.")
    record(by, Act.STUDY_EXPORTED, study, form=File.ZIP.value, why=why, sha256=digest(file))
    return Released(f"{study_code(study)}.zip", "application/zip", Contents(file))


_MAKERS: dict[File, Callable[[Study, User, str], Released]] = {File.ZIP: _zip, File.CSV: _csv}
