"""One signed ZIP with everything that leaves a study: marks, tables, figures, report, protocol, allocation and digests.

From an unblinded study to the bytes an administrator downloads (clinic.studies.release). `protocol.json` and
`allocation.json` are the very texts whose SHA-256 were published at opening, so `sha256sum` alone proves that nothing
was moved. The key is the one that signs orders; what is signed says in its first line that it is a list of exports.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic.inpainting.identity import platform_key
from clinic.studies import protocol
from clinic.studies.blinding import opened_allocation
from clinic.studies.export import marks_rows
from clinic.studies.models import Study
from clinic.studies.opening import frozen_protocol
from clinic.studies.refusals import ReleaseRefusal
from clinic.studies.results import report
from evaluation import signatures
from evaluation.exports import bundle
from evaluation.marks import check_marks
from inference.keys import KeyFileError

UNSIGNED = "The platform's signing key cannot be read, so nothing left. Ask the operator to look at it."


def everything(study: Study) -> bytes | None:
    """The whole ZIP, the same bytes each time; None when no scored sheet was submitted.

    Raises StillBlinded before unblinding, VaultError when the seal cannot be opened and ReleaseRefusal when there is no
    key to sign with.
    """
    found = report(study)
    if found is None:
        return None
    documents = bundle.Study(
        protocol=protocol.canonical(frozen_protocol(study)),
        allocation=protocol.canonical(opened_allocation(study)),
        signer=signatures.signer(_key()),
    )
    return bundle.bundle(check_marks(marks_rows(study)), found, documents)


def public_key() -> bytes:
    """The public half of the signing key as PEM, by which anyone checks a ZIP. Raises ReleaseRefusal."""
    return signatures.public_pem(_key().public_key())


def _key() -> Ed25519PrivateKey:
    try:
        return platform_key()
    except KeyFileError:
        raise ReleaseRefusal("file", UNSIGNED) from None
