"""Opens the sealed pictures of a case, as arrays for the jobs and as PNG files for the pages.

From: the vault, through rows of `clinic.cases.models`. To: `clinic.inpainting`, `clinic.studies` and the picture views,
which record in the audit log who sees what before the bytes leave.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinic.cases.models import Case, Crop, Mask, Photograph
from clinic.vault.store import unseal

SIZE = 256
THUMBNAIL = 88


def canonical(crop: Crop) -> NDArray[np.uint8]:
    """Return the crop as every method receives it, before blanking: 256 x 256 x 3 RGB. Raises `VaultError`."""
    plaintext = unseal(crop.sealed, context=(crop.photograph.case_id.bytes, crop.id.bytes))
    return np.frombuffer(plaintext, dtype=np.uint8).reshape(SIZE, SIZE, 3)


def hole(mask: Mask) -> NDArray[np.bool_]:
    """Return the hole of a mask: 256 x 256, True = hole. Raises `VaultError`."""
    plaintext = unseal(mask.sealed, context=(mask.crop.photograph.case_id.bytes, mask.id.bytes))
    return np.unpackbits(np.frombuffer(plaintext, dtype=np.uint8)).reshape(SIZE, SIZE).astype(bool)


def photograph(row: Photograph) -> NDArray[np.uint8]:
    """Return the upright original: height x width x 3 RGB, at most 24 megapixels. Raises `VaultError`."""
    plaintext = unseal(row.sealed, context=(row.case_id.bytes, row.id.bytes))
    with Image.open(io.BytesIO(plaintext), formats=("PNG",)) as image:
        return np.asarray(image)


def preview(row: Photograph) -> bytes:
    """Return the photograph as a PNG file of at most 1280 px, for choosing the crop. Raises `VaultError`."""
    return unseal(row.preview, context=(row.case_id.bytes, row.id.bytes))


def view(crop: Crop) -> bytes:
    """Return the crop as a PNG file of at most 1024 px, for drawing the mask. Raises `VaultError`."""
    return unseal(crop.view, context=(crop.photograph.case_id.bytes, crop.id.bytes))


def thumbnail(case: Case) -> bytes:
    """Return a PNG file of 88 x 88 px: the crop, or the middle of the photograph while none is chosen."""
    crop = case.current_crop
    if crop is not None:
        image = Image.fromarray(canonical(crop))
    else:
        image = Image.open(io.BytesIO(preview(case.photograph)), formats=("PNG",))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    return png(np.asarray(square))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Write `pixels` (height x width x 3, or height x width for grey) as a PNG file that holds nothing else."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
