"""Paint eyeballs: white, iris, pupil and the two highlights that make them wet.

From a random stream and fragments on an eyeball to linear colours for `shading`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthetic.camera import rotation
from training.synthetic.colour import linear, mix, step
from training.synthetic.noise import noise
from training.synthetic.shape import Shape

FloatArray = NDArray[np.float32]

COLOURS = linear([(58, 36, 24), (80, 50, 30), (110, 90, 50), (90, 110, 80), (100, 130, 150)])
COLOUR_SHARES = (0.46, 0.22, 0.12, 0.08, 0.12)
DARK = linear((50, 31, 22))
WHITE = np.array([0.60, 0.56, 0.54], np.float32)
IRIS_DEGREES = {"infant": 28.0, "child": 26.0, "adult": 24.5}


@dataclass(frozen=True)
class Eyes:
    """Both eyes: linear `colour` (3,), iris and pupil radius in degrees about the gaze, gaze turns in radians."""

    colour: tuple[float, float, float]
    iris: float
    pupil: float
    gaze: tuple[float, float]
    seed: int


def draw(rng: np.random.Generator, shape: Shape) -> Eyes:
    """Draw the eyes of a person of this descent and age; light eyes come with European descent."""
    drawn = COLOURS[rng.choice(len(COLOURS), p=COLOUR_SHARES)]
    colour = drawn if shape.peoples[2] > 0.5 else DARK * (1 + rng.normal(0, 0.15))
    return Eyes(
        colour=(float(colour[0]), float(colour[1]), float(colour[2])),
        iris=IRIS_DEGREES[shape.kind],
        pupil=float(rng.uniform(8, 11)),
        gaze=(float(rng.normal(0, 0.05)), float(rng.normal(0, 0.04))),
        seed=int(rng.integers(1_000_000)),
    )


def paint(
    eyes: Eyes,
    outward: FloatArray,
    to_camera: FloatArray,
    irradiance: FloatArray,
    turn: FloatArray,
    key: FloatArray,
    strength: float,
) -> FloatArray:
    """Linear colour (N, 3) of fragments of one eyeball; `outward` (N, 3) are unit vectors from its centre."""
    gaze = turn @ rotation(*eyes.gaze, 0) @ np.array([0, -1, 0], np.float32)
    angle = np.degrees(np.arccos(np.clip(outward @ gaze, -1, 1)))
    fibres = noise(outward, 18, eyes.seed)
    iris = np.array(eyes.colour, np.float32) * (1 + 0.45 * fibres * step(eyes.pupil, eyes.iris, angle))[:, None]
    iris = iris * (1 - 0.65 * step(eyes.iris - 6, eyes.iris, angle))[:, None]
    iris = iris * (1 - 0.97 * step(eyes.pupil + 1.5, eyes.pupil - 1.5, angle))[:, None]
    pink = np.array([0.3, 1, 1], np.float32)
    white = WHITE * (1 - 0.28 * step(35, 70, angle)[:, None] * pink)
    albedo = mix(white, iris, step(eyes.iris + 2, eyes.iris - 2, angle))
    shone = albedo * (irradiance * 0.85 + 0.04)
    window = np.array([-0.25, -0.75, 0.6], np.float32)
    for lamp, power, bright in ((key, 380, 1.1 * strength), (window / np.linalg.norm(window), 900, 0.5)):
        half = to_camera + lamp
        half = half / np.linalg.norm(half, axis=1, keepdims=True)
        shone = shone + (np.clip((outward * half).sum(1), 0, 1) ** power * bright)[:, None]
    return np.asarray(shone, np.float32)
