"""Chooses the crop of a photograph and keeps the versions of its mask, drawn by hand or read from a file.

From: the crop page, the mask bench, the demo. To: `Crop` and `Mask` rows, sealed; or one refusal and nothing stored.
"""

import io

import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases import apart, pictures
from clinic.cases.models import Crop, Mask, Photograph, Source
from clinic.cases.refusals import CropRefusal, MaskRefusal
from clinic.cases.uploads import CAP
from clinic.vault.store import seal
from clinic.vault.vml1 import Kind
from inference import canonical

SIZE = 256
SMALLEST_CROP = 256
VIEW = 1024
# A mask that was resized keeps grey rims; more grey than this is no mask but a picture.
MOST_GREY = 0.05


def centred_square(width: int, height: int) -> tuple[int, int, int]:
    """Return left, top and side of the largest square in the middle of a photograph: where choosing a crop begins."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side


def choose_crop(photograph: Photograph, left: int, top: int, side: int, by: User) -> Crop:
    """Cut the square at (`left`, `top`), `side` px wide, and make it the current crop; the same square stays as it is.

    All in pixels of the photograph. Raises `CropRefusal` when the square is under 256 px or leaves the photograph.
    """
    check_square(photograph, left, top, side)
    current = photograph.case.current_crop
    if current is not None and (current.left, current.top, current.side) == (left, top, side):
        return current
    pixels = pictures.photograph(photograph)
    key, case = photograph.case.case_key, photograph.case
    with transaction.atomic():
        crop = Crop(photograph=photograph, left=left, top=top, side=side, created_by=by)
        context = (case.id.bytes, crop.id.bytes)
        square = canonical.square(pixels, left, top, side)
        crop.sealed = seal(key, Kind.CROP, square.tobytes(), context=context)
        crop.view = seal(key, Kind.PRESENTATION, large_square(pixels, left, top, side), context=context)
        crop.save(force_insert=True)
        record(by, Act.CROP_CHOSEN, crop, left=left, top=top, side=side)
    return crop


def check_square(photograph: Photograph, left: int, top: int, side: int) -> None:
    """Refuse a square that is too small or does not lie wholly on the photograph."""
    largest = min(photograph.width, photograph.height)
    if not SMALLEST_CROP <= side <= largest:
        words = f"The square is {side} px wide. Choose between {SMALLEST_CROP} and {largest} px."
        raise CropRefusal("CROP-SIDE", words, "side")
    if not 0 <= left <= photograph.width - side:
        words = f"The square leaves the photograph. Choose a left edge between 0 and {photograph.width - side} px."
        raise CropRefusal("CROP-LEFT", words, "left")
    if not 0 <= top <= photograph.height - side:
        words = f"The square leaves the photograph. Choose a top edge between 0 and {photograph.height - side} px."
        raise CropRefusal("CROP-TOP", words, "top")


def large_square(pixels: NDArray[np.uint8], left: int, top: int, side: int) -> bytes:
    """Return the square as a PNG file of at most 1024 px, which is what the mask is drawn on."""
    edge = min(side, VIEW)
    image = Image.fromarray(pixels[top : top + side, left : left + side])
    return pictures.png(np.asarray(image.resize((edge, edge), Image.Resampling.LANCZOS)))


def save_mask(crop: Crop, hole: NDArray[np.bool_], by: User, source: str = Source.DRAWN) -> Mask:
    """Seal `hole` (256 x 256, True = hole) as the next version on `crop` and return it.

    Raises `MaskRefusal` when the hole is empty or leaves nothing of the picture.
    """
    if hole.shape != (SIZE, SIZE) or hole.dtype != np.bool_:
        raise MaskRefusal("MASK-SHAPE", "This is no mask of 256 × 256 points. Load the page again, then save.")
    if not hole.any():
        raise MaskRefusal("MASK-EMPTY", "The hole is empty. Draw over the cleft, then save.")
    if hole.all():
        raise MaskRefusal("MASK-FULL", "The hole covers the whole crop. Erase all but the cleft, then save.")
    with transaction.atomic():
        # Two benches saving at once wait here, so that both versions are kept.
        Crop.objects.select_for_update().get(pk=crop.pk)
        last = crop.masks.order_by("-version").first()
        mask = Mask(crop=crop, version=last.version + 1 if last else 1, coverage=float(hole.mean()))
        mask.drawn_by, mask.source = by, source
        case = crop.photograph.case
        bits = np.packbits(hole).tobytes()
        mask.sealed = seal(case.case_key, Kind.MASK, bits, context=(case.id.bytes, mask.id.bytes))
        mask.save(force_insert=True)
        record(by, Act.MASK_SAVED, mask, version=mask.version, coverage=round(mask.coverage, 4), source=str(source))
    return mask


def read_mask_file(upload: bytes, crop: Crop) -> NDArray[np.bool_]:
    """Return the hole (256 x 256, True = hole) of a black and white picture, white being the hole.

    The file is a JPEG, PNG or TIFF of the photograph's size (the crop is cut from it) or of 256 x 256.
    Raises `MaskRefusal`.
    """
    grey = grey_picture(upload)
    photograph = crop.photograph
    if ((grey > 32) & (grey < 223)).mean() > MOST_GREY:
        words = "This picture is not black and white. Import a mask whose hole is white and whose rest is black."
        raise MaskRefusal("MASK-GREY", words, "mask")
    if grey.shape == (photograph.height, photograph.width):
        return cut_from_photograph(grey, crop)
    if grey.shape == (SIZE, SIZE):
        return checked(canonical.binarise(grey))
    words = (
        f"This mask has {grey.shape[1]} × {grey.shape[0]} pixels. It must have those of the photograph, "
        f"{photograph.width} × {photograph.height}, or 256 × 256."
    )
    raise MaskRefusal("MASK-SIZE", words, "mask")


def grey_picture(upload: bytes) -> NDArray[np.uint8]:
    """Decode a mask file apart from this process: height x width, 0 to 255."""
    if not 0 < len(upload) <= CAP:
        raise MaskRefusal(
            "MASK-BYTES", f"A mask file holds between 1 byte and {CAP // 2**20} MB. Choose another.", "mask"
        )
    try:
        picture = apart.decode(upload, "mask")
    except apart.DecodeError as error:
        words = "This mask cannot be read. Import a black and white JPEG, PNG or TIFF picture of at most 24 megapixels."
        raise MaskRefusal("MASK-FILE", words, "mask") from error
    with Image.open(io.BytesIO(picture.png), formats=("PNG",)) as image:
        return np.asarray(image)


def cut_from_photograph(grey: NDArray[np.uint8], crop: Crop) -> NDArray[np.bool_]:
    """Cut the crop from a mask as large as the photograph; a hole that leaves the crop is refused, never trimmed."""
    square = (slice(crop.top, crop.top + crop.side), slice(crop.left, crop.left + crop.side))
    outside = canonical.binarise(grey)
    outside[square] = False
    if outside.any():
        words = "Part of this hole lies outside the crop. Choose a larger crop, or import a mask that stays within it."
        raise MaskRefusal("MASK-OUTSIDE", words, "mask")
    return checked(canonical.square_hole(grey, crop.left, crop.top, crop.side))


def checked(hole: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return `hole` unless it has no white point at all."""
    if not hole.any():
        words = "This mask has no hole: nothing in it is white. Import a mask whose hole is white."
        raise MaskRefusal("MASK-EMPTY", words, "mask")
    return hole
