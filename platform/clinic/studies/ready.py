"""Which results stand for the cases of a study now: found for all cases at once, so that large studies open quickly.

From masks and jobs (clinic.cases, clinic.inpainting) to the checks before opening and to the results frozen there. The
rule is that of clinic.inpainting.results: the case's present mask, and checkpoints that are active.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from clinic.inpainting.models import Result
from clinic.studies.models import StudyCase


def results_of_all(chosen: Iterable[StudyCase]) -> dict[UUID, dict[str, Result]]:
    """Results by study case and method; a case without a mask, or whose jobs have not answered, has fewer or none.

    Sets `mask` on each study case to the case's present one. Prefetch `case__photograph__crops__masks` for one query in
    all.
    """
    by_mask = {}
    for one in chosen:
        one.mask = one.case.current_mask
        if one.mask is not None:
            by_mask[one.mask.pk] = one.pk
    found: defaultdict[UUID, dict[str, Result]] = defaultdict(dict)
    answered = Result.objects.filter(job__mask__in=list(by_mask), job__checkpoint__active=True).select_related("job")
    for result in answered:
        found[by_mask[result.job.mask_id]][result.job.method] = result
    return found
