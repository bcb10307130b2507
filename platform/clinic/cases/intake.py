"""Admits a photograph: verified, upright, rebuilt from its pixels and sealed, together with the facts of its case.

From: the page of a new case, the demo. To: a `Case` with its `Photograph`, or one `IntakeRefusal` and nothing stored.
"""

import re

from django.db import transaction

from clinic.accounts.models import Hospital, User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases import apart
from clinic.cases.models import Case, Phase, Photograph, Severity, Side
from clinic.cases.refusals import IntakeRefusal
from clinic.cases.uploads import CAP
from clinic.vault.models import CaseKey, SealedObject
from clinic.vault.store import new_case_key, seal
from clinic.vault.vml1 import Kind

# The vault seals at most 64 MiB; only a picture that is noise all over comes near as a lossless PNG.
LARGEST_SEALED = 64 * 2**20
CODE = re.compile(r"[A-Z]{2,8}-[0-9]{1,6}")
DATASET = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")
NOTHING = "Nothing was stored."

WORDS = {
    "pixels": "This photograph is too large. It has {megapixels:.0f} megapixels; the limit is 24. "
    "Export it at 6000 × 4000 or smaller and upload again.",
    "small": "This photograph is too small. It has {width} × {height} pixels; each side needs at least 256. "
    "Upload the original rather than a thumbnail.",
    "pages": "This file holds {pages} pictures. Export the one you mean and upload it alone.",
    "depth": "This file keeps brightness as 32-bit numbers, whose white is unknown. Export it with 8 or 16 bits.",
    "damaged": "This photograph is damaged or cut short. Copy it from the camera once more and upload again.",
    "effort": "This file asks for more memory or time than a photograph needs. Export it as JPEG and upload again.",
}


def admit(
    *, owner: User, upload: bytes, side: str, severity: str, phase: str, dataset: str, code: str | None = None
) -> Case:
    """Store one new case of `owner`'s hospital and return it.

    `upload` is a whole JPEG, PNG or TIFF file of at most 32 MiB and 24 megapixels; `code` defaults to the hospital's
    next. Raises `IntakeRefusal` before anything is stored.
    """
    check_facts(side, severity, phase, dataset, code)
    picture = verified(upload)
    with transaction.atomic():
        # Everyone who numbers a case of this hospital waits here, so that no code is given twice.
        hospital = Hospital.objects.select_for_update().get(pk=owner.hospital_id)
        case = Case(
            hospital=hospital, owner=owner, code=free_code(hospital, code), case_key=new_case_key(),
            cleft_side=side, severity=severity, phase=phase, dataset=dataset,
        )  # fmt: skip
        case.save(force_insert=True)
        photograph = Photograph(case=case, width=picture.width, height=picture.height, format=picture.format)
        photograph.sealed = sealed(case.case_key, Kind.PHOTO, picture.png, case, photograph)
        photograph.preview = sealed(case.case_key, Kind.PRESENTATION, picture.preview, case, photograph)
        photograph.save(force_insert=True)
        record(owner, Act.CASE_ADMITTED, case, width=picture.width, height=picture.height)
    return case


def sealed(key: CaseKey, kind: Kind, plaintext: bytes, case: Case, photograph: Photograph) -> SealedObject:
    """Seal one form of the photograph, bound to its case and to itself."""
    return seal(key, kind, plaintext, context=(case.id.bytes, photograph.id.bytes))


def check_facts(side: str, severity: str, phase: str, dataset: str, code: str | None) -> None:
    """Refuse a fact that is missing or malformed; free text could carry a name, so codes and data sets are narrow."""
    if side not in Side.values:
        raise IntakeRefusal("INTAKE-SIDE", "Choose the cleft side: the patient's left or right, or bilateral.", "side")
    if severity not in Severity.values:
        raise IntakeRefusal("INTAKE-SEVERITY", "Choose the severity: incomplete or complete.", "severity")
    if phase not in Phase.values:
        raise IntakeRefusal("INTAKE-PHASE", "Choose the phase: pre-op or post-op.", "phase")
    if not DATASET.fullmatch(dataset):
        words = "Name the data set with at most 40 letters, digits, spaces, dots or hyphens, such as CleftLip10."
        raise IntakeRefusal("INTAKE-DATASET", words, "dataset")
    if code is not None and not CODE.fullmatch(code):
        words = "Write the case code as capitals, a hyphen and digits, such as VM-0145. It must not name the patient."
        raise IntakeRefusal("INTAKE-CODE", words, "code")


def free_code(hospital: Hospital, wanted: str | None) -> str:
    """Return `wanted` if the hospital does not use it yet, or its next VM number; the caller holds its lock."""
    codes = Case.objects.filter(hospital=hospital).values_list("code", flat=True)
    if wanted is None:
        numbers = [int(code.removeprefix("VM-")) for code in codes if code.startswith("VM-")]
        return f"VM-{max(numbers, default=0) + 1:04d}"
    if wanted in set(codes):
        raise IntakeRefusal(
            "INTAKE-TAKEN", f"{wanted} is taken. Choose another code, or leave the field empty.", "code"
        )
    return wanted


def check_size(size: int) -> None:
    """Refuse a file of no bytes or of more than 32 MiB."""
    if size == 0:
        raise IntakeRefusal("INTAKE-EMPTY", f"This file is empty. Choose the photograph again. {NOTHING}", "upload")
    if size > CAP:
        words = f"This photograph is too large. It has {size / 2**20:.0f} MB; the limit is {CAP // 2**20}."
        raise IntakeRefusal("INTAKE-SIZE", f"{words} Export it as JPEG and upload again. {NOTHING}", "upload")


def verified(upload: bytes) -> apart.Picture:
    """Return the picture in `upload`, having passed size, magic, format, dimensions and a whole decode."""
    check_size(len(upload))
    if not upload.startswith(MAGIC):
        words = "This is not a JPEG, PNG or TIFF file, whatever its name says. Export the photograph as one of these."
        raise IntakeRefusal("INTAKE-TYPE", f"{words} {NOTHING}", "upload")
    try:
        picture = apart.decode(upload, "photograph")
    except apart.DecodeError as error:
        megapixels = error.figures.get("width", 0) * error.figures.get("height", 0) / 1e6
        words = WORDS[error.code].format(megapixels=megapixels, **error.figures)
        raise IntakeRefusal(f"INTAKE-{error.code.upper()}", f"{words} {NOTHING}", "upload") from error
    if len(picture.png) > LARGEST_SEALED:
        words = (
            "This photograph is noise all over and too large to keep without loss. Export it at 5000 × 3300 or less."
        )
        raise IntakeRefusal("INTAKE-NOISE", f"{words} {NOTHING}", "upload")
    return picture
