"""Reads the results of a case: which methods have answered, and what each made.

From `record`, which stores them; to `clinic.cases`' pages and `clinic.studies`. Everything here concerns the case's
present mask: results of older masks stay stored but are no longer the case's.
"""

import numpy as np

from clinic.cases.models import Case
from clinic.inpainting.models import InpaintingJob, Result
from clinic.vault.models import SealedObject
from clinic.vault.store import seal, unseal
from clinic.vault.vml1 import Kind
from inference.contract import METHODS, SIZE, Pixels


def results_of(case: Case) -> dict[str, Result]:
    """Return the results of the case's present mask with the active checkpoints, by method, in the methods' order."""
    jobs = jobs_of(case)
    results = Result.objects.filter(job__in=list(jobs.values())).select_related("job__mask__crop__photograph", "sealed")
    found = {result.job.method: result for result in results}
    return {method: found[method] for method in METHODS if method in found}


def jobs_of(case: Case) -> dict[str, InpaintingJob]:
    """Return the jobs of the case's present mask with the active checkpoints, by method, in the methods' order."""
    mask = case.current_mask
    if mask is None:
        return {}
    jobs = {job.method: job for job in mask.jobs.filter(checkpoint__active=True).select_related("checkpoint")}
    return {method: jobs[method] for method in METHODS if method in jobs}


def is_ready(case: Case) -> bool:
    """Tell whether all four methods have answered for the case's present mask."""
    return len(results_of(case)) == len(METHODS)


def picture(result: Result) -> Pixels:
    """Return the composite, uint8 256x256x3; outside the hole it is the crop itself. Raises `VaultError`."""
    plaintext = unseal(result.sealed, context=_context(result))
    return np.frombuffer(plaintext, np.uint8).reshape(SIZE, SIZE, 3)


def seal_composite(result: Result, pixels: Pixels) -> SealedObject:
    """Seal a composite for `result`, which is not stored yet."""
    case_key = result.job.mask.crop.photograph.case.case_key
    return seal(case_key, Kind.COMPOSITE, pixels.tobytes(), context=_context(result))


def _context(result: Result) -> tuple[bytes, ...]:
    return (result.job.mask.crop.photograph.case_id.bytes, result.id.bytes)
