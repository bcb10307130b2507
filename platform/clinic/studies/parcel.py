"""One signed ZIP with everything that leaves a study: marks, tables, figures, report, protocol, allocation and digests.

From an unblinded study to the files an administrator downloads (clinic.studies.release). `protocol.json` and
`allocation.json` are the very texts whose SHA-256 were published at opening, so `sha256sum` alone proves that nothing
was moved. The key is the one that signs orders; what is signed says in its first line that it is a list of exports.
Files are made when they are asked for, piece by piece, and longer ones wait on the disk.
"""

from functools import partial
from typing import IO, TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic.inpainting.identity import platform_key
from clinic.studies import evaluating, protocol
from clinic.studies.blinding import opened_allocation
from clinic.studies.export import marks_of
from clinic.studies.models import Study
from clinic.studies.opening import frozen_protocol
from clinic.studies.refusals import ReleaseRefusal
from clinic.studies.results import report
from evaluation import signatures
from evaluation.exports.streams import put_by
from inference.keys import KeyFileError

if TYPE_CHECKING:
    from evaluation.exports.bundle import Bundle

UNSIGNED = "The platform's signing key cannot be read, so nothing left. Ask the operator to look at it."


def bundle(study: Study) -> "Bundle | None":
    """The ZIP before it is made, to be asked for any of its files; None when no scored sheet was submitted.

    Raises StillBlinded before unblinding, VaultError when the seal cannot be opened and ReleaseRefusal when there is no
    key to sign with.
    """
    found = report(study)
    if found is None:
        return None
    documents = evaluating.bundle.Study(
        protocol=protocol.canonical(frozen_protocol(study)),
        allocation=protocol.canonical(opened_allocation(study)),
        signer=signatures.signer(_key()),
    )
    return evaluating.bundle.Bundle(partial(marks_of, study), found, documents)


def everything(study: Study) -> IO[bytes] | None:
    """The whole ZIP as an open temporary file, the same bytes each time; None and refusals as those of `bundle`."""
    made = bundle(study)
    if made is None:
        return None
    file = put_by()
    made.write(file)
    file.seek(0)
    return file


def public_key() -> bytes:
    """The public half of the signing key as PEM, by which anyone checks a ZIP. Raises ReleaseRefusal."""
    return signatures.public_pem(_key().public_key())


def _key() -> Ed25519PrivateKey:
    try:
        return platform_key()
    except KeyFileError:
        raise ReleaseRefusal("file", UNSIGNED) from None
