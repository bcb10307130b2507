"""The mask bench: the page to draw on, saving what was drawn, importing a mask file, going back to a version.

From: the bench's script in the browser of the researcher who owns the case. To: `masking`, whose refusals are answered
in words that leave everything drawn where it is.
"""

from uuid import UUID

import numpy as np
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from numpy.typing import NDArray

from clinic.accounts.access import allow, person
from clinic.accounts.models import Role
from clinic.cases import masking, pictures
from clinic.cases.answers import pictured_case, pictured_crop, refused
from clinic.cases.models import Crop, Source
from clinic.cases.refusals import MaskRefusal

BITS = masking.SIZE**2 // 8


@allow(Role.RESEARCHER)
@require_http_methods(["GET", "POST"])
def bench(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Show the mask bench, or save the hole in the body of the request as the next version."""
    case = pictured_case(request, case_id)
    crop = case.current_crop
    if request.method == "POST":
        return saved(request, crop)
    if crop is None:
        return redirect("cases:crop", case_id)
    masks = list(crop.masks.select_related("drawn_by").order_by("-version"))
    context = {"case": case, "crop": crop, "masks": masks, "next_version": masks[0].version + 1 if masks else 1}
    return render(request, "cases/mask.html", context)


@allow(Role.RESEARCHER)
@require_POST
def mask_file(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Answer a mask file with the 8192 bytes of its hole; nothing is stored until the bench saves it."""
    crop = pictured_crop(request, case_id)
    try:
        upload = request.FILES.get("mask")
        if upload is None:
            raise MaskRefusal("MASK-NONE", "No mask file came along. Choose one, then import.", "mask")
        return bits(masking.read_mask_file(upload.read(), crop))
    except MaskRefusal as refusal:
        return refused(refusal)


@allow(Role.RESEARCHER)
@require_GET
def mask_version(request: HttpRequest, case_id: UUID, version: int) -> HttpResponse:
    """Answer the 8192 bytes of one version of the current crop's mask, to draw on from there."""
    masks = pictured_crop(request, case_id).masks
    return bits(pictures.hole(get_object_or_404(masks, version=version)))


def saved(request: HttpRequest, crop: Crop | None) -> JsonResponse:
    """Save the 8192 bytes of the body as the next version, if the bench was opened with the crop that is current."""
    try:
        if crop is None or request.GET.get("crop") != str(crop.id):
            words = "The crop was changed in another window. Your strokes are kept here; open that crop to draw on it."
            raise MaskRefusal("MASK-CROP", words)
        source = Source.IMPORTED if request.GET.get("source") == Source.IMPORTED else Source.DRAWN
        mask = masking.save_mask(crop, hole_of(request.body), person(request), source)
    except MaskRefusal as refusal:
        return refused(refusal)
    return JsonResponse({"version": mask.version, "coverage": mask.coverage}, status=201)


def hole_of(body: bytes) -> NDArray[np.bool_]:
    """Return the 256 x 256 hole packed in `body`, first point in the highest bit."""
    if len(body) != BITS:
        raise MaskRefusal("MASK-SHAPE", "The mask arrived incomplete. Your strokes are kept here; save once more.")
    flat = np.unpackbits(np.frombuffer(body, dtype=np.uint8))
    return flat.reshape(masking.SIZE, masking.SIZE).astype(bool)


def bits(hole: NDArray[np.bool_]) -> HttpResponse:
    """Answer a hole as its 8192 bytes."""
    return HttpResponse(np.packbits(hole).tobytes(), content_type="application/octet-stream")
