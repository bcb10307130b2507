"""Paint skin and lips: tone, flush, mottling, freckles, moles and the vermilion.

From a random stream and canonical positions to linear albedo per vertex or fragment for `shading`.
"""

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from training.synthetic.colour import linear, mix, step
from training.synthetic.noise import noise
from training.synthetic.shape import Shape
from training.synthetic.surface import Surface

FloatArray = NDArray[np.float32]

TONES = linear([(240, 208, 190), (229, 186, 158), (206, 156, 122), (172, 119, 87), (130, 86, 61), (94, 62, 46)])
TONE_OF_PEOPLES = np.array([4.4, 1.2, 0.5])  # african, asian, caucasian
BLOOD = np.array([0.10, -0.17, -0.13], np.float32)
SHADE = np.array([0.7, 1.0, 0.9], np.float32)


@dataclass(frozen=True)
class Skin:
    """One person's skin: linear `tone` and `lips` (3,), strengths of what lies on it, gloss and roughness."""

    tone: tuple[float, float, float]
    lips: tuple[float, float, float]
    cheeks: float
    nose: float
    under_eyes: float
    freckles: float
    moles: int
    gloss: float
    sharpness: float
    seed: int

    @property
    def luminance(self) -> float:
        """Mean of the linear tone."""
        return sum(self.tone) / 3


def draw(rng: np.random.Generator, shape: Shape) -> Skin:
    """Draw the skin of a person of this age and descent."""
    middle = float(np.dot(np.power(shape.peoples, 0.85), TONE_OF_PEOPLES))
    place = float(np.clip(middle + rng.normal(0, 0.45), 0, 4.999))
    index, share = int(place), place - int(place)
    tone = TONES[index] * (1 - share) + TONES[index + 1] * share
    tone = tone * (1 + rng.normal(0, 0.03)) * (1 + rng.normal(0, 0.015, 3))
    lips = tone * np.array([0.89, 0.60, 0.60]) + np.array([0.06, 0.015, 0.025]) * tone.mean()
    lips = lips * rng.uniform(0.88, 1.06)
    painted = shape.kind == "adult" and shape.male < 0.4 and rng.random() < 0.25
    if painted:
        lips = lips * np.array([0.95, 0.6, 0.65])
    infant = shape.kind == "infant"
    return Skin(
        tone=(float(tone[0]), float(tone[1]), float(tone[2])),
        lips=(float(lips[0]), float(lips[1]), float(lips[2])),
        cheeks=float(rng.uniform(0.1, 0.6)) * (1.15 if infant else 1.0),
        nose=float(rng.uniform(0.1, 0.45)),
        under_eyes=float(rng.uniform(0.02, 0.14)),
        freckles=0.0 if infant or rng.random() < 0.8 else float(rng.uniform(0.3, 1.0)),
        moles=0 if infant else int(rng.integers(0, 4)),
        gloss=float(rng.uniform(0.25, 0.65)),
        sharpness=float(rng.uniform(14, 26)),
        seed=int(rng.integers(1_000_000)),
    )


def blob(points: FloatArray, centre: FloatArray, radii: tuple[float, float, float]) -> FloatArray:
    """A soft ellipsoid exp(-r^2) (N,) about `centre` in canonical units."""
    return np.asarray(_blob(points, *(float(value) for value in (*centre, *radii))), np.float32)


@nb.njit(cache=True, fastmath=True)
def _blob(points: FloatArray, x: float, y: float, z: float, rx: float, ry: float, rz: float) -> FloatArray:
    result = np.zeros(points.shape[0], np.float32)
    for i in range(points.shape[0]):
        square = ((points[i, 0] - x) / rx) ** 2 + ((points[i, 1] - y) / ry) ** 2 + ((points[i, 2] - z) / rz) ** 2
        if square < 16:
            result[i] = math.exp(-square)
    return result


def flush(skin: Skin, surface: Surface, clouds: FloatArray) -> FloatArray:
    """How much redder each vertex is (V,): cheeks, tip of the nose, chin, ears."""
    at, marks = surface.canonical, surface.canonical_landmarks
    lift = np.array([0, 0, 0.1], np.float32)
    right, left = marks[2] * 0.45 + marks[31] * 0.55 + lift, marks[14] * 0.45 + marks[35] * 0.55 + lift
    red = skin.cheeks * (blob(at, right, (0.26, 0.5, 0.2)) + blob(at, left, (0.26, 0.5, 0.2)))
    red += skin.nose * blob(at, marks[30], (0.14, 0.25, 0.12)) + 0.2 * blob(at, marks[8], (0.2, 0.3, 0.14))
    red += 0.3 * surface.ear
    return np.asarray(red * (1 + 0.5 * clouds) * (0.35 + 0.65 * min(1.0, skin.luminance * 2.2)), np.float32)


def under_eyes(skin: Skin, surface: Surface) -> FloatArray:
    """How much darker each vertex is (V,) below the eyes."""
    at, marks = surface.canonical, surface.canonical_landmarks
    below = np.array([0, 0, 0.07], np.float32)
    right, left = (marks[40] + marks[41]) / 2 - below, (marks[46] + marks[47]) / 2 - below
    return skin.under_eyes * (blob(at, right, (0.17, 0.4, 0.06)) + blob(at, left, (0.17, 0.4, 0.06)))


def vertex_albedo(skin: Skin, surface: Surface) -> FloatArray:
    """The slow part of the skin's colour (V, 3): tone, clouds, flush, shade below the eyes."""
    clouds = noise(surface.canonical, 2.2, skin.seed, 3)
    albedo = np.array(skin.tone, np.float32) * (1 + 0.05 * clouds)[:, None]
    albedo = albedo * (1 + flush(skin, surface, clouds)[:, None] * BLOOD)
    return np.asarray(albedo * (1 - under_eyes(skin, surface)[:, None] * SHADE), np.float32)


def fine_albedo(skin: Skin, albedo: FloatArray, at: FloatArray, surface: Surface, detail: float) -> FloatArray:
    """Add what is finer than the mesh to `albedo` (N, 3) at canonical positions `at`: pores, freckles, moles.

    `detail` is pixels per unit: pores show only where pixels are small enough to hold them.
    """
    grain = noise(at, 26, skin.seed + 5)
    if detail > 400:
        grain = grain + noise(at, 150, skin.seed + 6)
    albedo = albedo * (1 + 0.03 * grain)[:, None]
    marks = surface.canonical_landmarks
    if skin.freckles:
        spots = step(0.35, 0.75, noise(at, 44, skin.seed + 9, 1)) * blob(at, marks[28], (0.75, 0.8, 0.32))
        albedo = albedo * (1 - 0.22 * skin.freckles * spots[:, None] * np.array([0.7, 1, 1.1], np.float32))
    spread = np.random.default_rng(skin.seed)
    for _ in range(skin.moles):
        place = np.array([spread.uniform(-0.6, 0.6), 0, spread.uniform(-0.8, 0.6)], np.float32)
        radius = spread.uniform(0.007, 0.014)
        away = np.hypot(at[:, 0] - place[0], at[:, 2] - place[2])
        albedo = albedo * (1 - 0.55 * step(1, 0.6, away / radius)[:, None])
    return np.asarray(albedo, np.float32)


def paint_lips(skin: Skin, albedo: FloatArray, at: FloatArray, lip: FloatArray) -> FloatArray:
    """Mix the vermilion, finely creased from edge to edge, into `albedo` (N, 3) where `lip` (N,) is 1."""
    creases = noise(at, 6, skin.seed + 3, 2, (7, 0.6, 0.6))
    vermilion = np.array(skin.lips, np.float32) * (1 + 0.10 * creases)[:, None]
    return mix(albedo, vermilion, lip * np.float32(0.85))
