"""Everything a reader's browser is sent about a sheet's pictures, and nothing else.

From placements and the vault (clinic.studies.blinding, clinic.inpainting, clinic.cases) to bytes and headers for the
picture views and for the blinding audit, which both must see the same. Neither ETag nor date is among the headers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from clinic.cases.pictures import canonical, hole
from clinic.inpainting.results import picture
from clinic.studies import pictures
from clinic.studies.allocation import BROKEN, UNTOUCHED
from clinic.studies.blinding import arm_at
from clinic.studies.models import Placement, Reading, StudyCase
from clinic.studies.refusals import PictureGone

Pixels = npt.NDArray[np.uint8]
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Type": pictures.MIME,
    "Content-Disposition": "inline",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BROKEN_SEED = 256


@dataclass(frozen=True)
class Delivery:
    """One answer as it leaves: the bytes of the picture and its own headers."""

    body: bytes
    headers: dict[str, str]


def deliver(pixels: Pixels) -> Delivery:
    """A picture (256 x 256 x 3 uint8) as any reader gets it."""
    body = pictures.encode(pixels)
    return Delivery(body, {**HEADERS, "Content-Length": str(len(body))})


def result_picture(placement: Placement) -> Delivery:
    """The picture at one letter. Raises PictureGone when there is none any more, VaultError when it is damaged."""
    return deliver(arm_pixels(placement.reading.study_case, arm_at(placement)))


def given_picture(reading: Reading) -> Delivery:
    """What all four methods were given: the crop with its hole in neutral grey. Raises PictureGone, VaultError."""
    one = reading.study_case
    if one.mask is None:
        raise PictureGone("The mask of this sheet is gone.")
    return deliver(pictures.blanked(canonical(one.mask.crop), hole(one.mask)))


def photograph_picture(reading: Reading) -> Delivery:
    """The crop before surgery as it was, in the form of every other picture. Raises PictureGone, VaultError."""
    one = reading.study_case
    if one.mask is None or reading.photograph_token is None:
        raise PictureGone("This sheet shows no photograph.")
    return deliver(canonical(one.mask.crop))


def arm_pixels(one: StudyCase, arm: str) -> Pixels:
    """The pixels (256 x 256 x 3 uint8) of one arm of one case: a method's result, or one of the two controls."""
    if arm in (UNTOUCHED, BROKEN):
        return _control_pixels(one, arm)
    frozen = next((frozen for frozen in one.results.all() if frozen.method == arm), None)
    if frozen is None:
        raise PictureGone("The results of this sheet are gone.")
    return picture(frozen.result)


def _control_pixels(one: StudyCase, arm: str) -> Pixels:
    if one.mask is None:
        raise PictureGone("The mask of this sheet is gone.")
    pixels = canonical(one.mask.crop).copy()
    if arm == BROKEN:
        inside = hole(one.mask)
        # The hole's own pixels in a wrong order: right colours, no face, and nothing a reader could call valid.
        pixels[inside] = np.random.default_rng(BROKEN_SEED).permutation(pixels[inside])
    return pixels
