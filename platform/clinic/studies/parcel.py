"""One ZIP with everything that leaves a study: marks, tables, figures, report, protocol, allocation and digests.

From an unblinded study to the bytes an administrator downloads. `protocol.json` and `allocation.json` are the very
texts whose SHA-256 were published at opening, so `sha256sum` alone proves that nothing was moved.
"""

from clinic.studies import protocol
from clinic.studies.blinding import opened_allocation
from clinic.studies.export import marks_rows
from clinic.studies.models import Study
from clinic.studies.opening import frozen_protocol
from clinic.studies.results import report
from evaluation.exports.bundle import bundle
from evaluation.marks import check_marks


def everything(study: Study) -> bytes | None:
    """The whole ZIP, the same bytes each time; None when no scored sheet was submitted.

    Raises StillBlinded before unblinding and VaultError when the seal cannot be opened.
    """
    found = report(study)
    if found is None:
        return None
    return bundle(
        check_marks(marks_rows(study)),
        found,
        protocol=protocol.canonical(frozen_protocol(study)),
        allocation=protocol.canonical(opened_allocation(study)),
    )
