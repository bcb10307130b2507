"""Finish a picture as a camera does: white balance, lens blur, sensor noise, JPEG.

From a random stream and an encoded float picture to uint8 for `photograph`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Finish:
    """One camera: exposure, gain and white shift, blur in pixels of a 256 picture, noise in 0..1, JPEG quality."""

    exposure: float
    gain: float
    white: tuple[float, float, float]
    blur: float
    noise: float
    quality: int
    seed: int


def draw(rng: np.random.Generator) -> Finish:
    """Draw one camera."""
    white = rng.normal(0, 0.012, 3)
    return Finish(
        exposure=float(rng.uniform(0.62, 0.84)),
        gain=float(rng.uniform(0.95, 1.06)),
        white=(float(white[0]), float(white[1]), float(white[2])),
        blur=float(rng.uniform(0.2, 0.6)),
        noise=float(rng.uniform(0.003, 0.011)),
        quality=int(rng.integers(86, 97)),
        seed=int(rng.integers(1_000_000)),
    )


def develop(finish: Finish, picture: FloatArray) -> NDArray[np.uint8]:
    """Turn an sRGB-encoded picture (H, W, 3) in 0..1 into uint8, the same grain for the same size."""
    height, width = picture.shape[:2]
    picture = picture * np.float32(finish.gain) + np.array(finish.white, np.float32)
    blurred = cv2.GaussianBlur(picture, (0, 0), finish.blur * (min(width, height) / 256) ** 0.35)
    grain = np.random.default_rng(finish.seed).standard_normal(picture.shape, dtype=np.float32)
    grain *= np.float32(finish.noise)
    exposed = np.clip((blurred + grain) * 255, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", exposed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, finish.quality])[1]
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(unpacked[..., ::-1])
