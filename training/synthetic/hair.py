"""Dress a head: hair or fuzz, a knitted hat or a hood, a shirt below the neck.

From a random stream and the surface to a thicker mesh and to the colours of what covers it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.synthetic.colour import linear, mix, step
from training.synthetic.noise import noise
from training.synthetic.raster import vertex_normals
from training.synthetic.shape import Shape
from training.synthetic.surface import Surface

FloatArray = NDArray[np.float32]
Style = Literal["bare", "hair", "hat", "hood"]
STYLES: tuple[Style, ...] = ("bare", "hair", "hat", "hood")
STYLE_SHARES = {
    "infant": (0.52, 0.26, 0.21, 0.01),
    "child": (0.03, 0.89, 0.06, 0.02),
    "adult": (0.08, 0.87, 0.03, 0.02),
}
THICKNESS: dict[Style, tuple[float, float]] = {
    "bare": (0.0, 0.0),
    "hair": (0.03, 0.12),
    "hat": (0.08, 0.1),
    "hood": (0.09, 0.11),
}

DARK_HAIR = linear((26, 20, 18))
HAIR = linear([(28, 22, 20), (45, 32, 24), (78, 52, 34), (120, 86, 52), (168, 134, 92), (70, 66, 66)])
HAIR_SHARES = (0.34, 0.26, 0.17, 0.11, 0.08, 0.04)
HATS = linear([(232, 232, 228), (226, 196, 200), (176, 198, 220), (198, 212, 190), (128, 142, 164), (96, 74, 82)])
SHIRTS = linear([(228, 228, 232), (164, 184, 210), (196, 168, 174), (96, 120, 128), (74, 74, 84), (192, 200, 176)])


@dataclass(frozen=True)
class Dress:
    """What one person wears: hairline moved by `hairline` units, `density` of hair 0..1, linear colours (3,)."""

    style: Style
    hairline: float
    thickness: float
    density: float
    hair: tuple[float, float, float]
    cloth: tuple[float, float, float]
    shirt: tuple[float, float, float]
    seed: int


def _colour(value: FloatArray) -> tuple[float, float, float]:
    return float(value[0]), float(value[1]), float(value[2])


def draw(rng: np.random.Generator, shape: Shape) -> Dress:
    """Draw what a person of this kind and descent wears."""
    style = STYLES[rng.choice(len(STYLES), p=STYLE_SHARES[shape.kind])]
    light_haired = shape.peoples[2] > 0.5
    hair = HAIR[rng.choice(len(HAIR), p=HAIR_SHARES)] if light_haired else DARK_HAIR * rng.uniform(0.9, 1.5)
    return Dress(
        style=style,
        hairline=float(rng.uniform(-0.06, 0.08)),
        thickness=float(rng.uniform(*THICKNESS[style])),
        density=1.0 if style == "hair" else float(rng.uniform(0.0, 0.4)),
        hair=_colour(hair),
        cloth=_colour(HATS[rng.integers(len(HATS))]),
        shirt=_colour(SHIRTS[rng.integers(len(SHIRTS))]),
        seed=int(rng.integers(1_000_000)),
    )


def scalp(dress: Dress, surface: Surface) -> FloatArray:
    """How far each vertex lies beyond the hairline (V,), in units; negative on the face."""
    at, marks = surface.canonical, surface.canonical_landmarks
    x, y, z = at.T
    line = z - (marks[19, 2] + 0.58) + 1.08 * np.clip(y - 0.15, -0.2, 1)
    line = line - 0.55 * np.clip(np.abs(x) - 0.35, 0, 1) * (y < 0.55) - dress.hairline
    if dress.style == "hood":
        around = np.hypot(x / 1.05, (z - marks[30, 2] + 0.1) / 1.25)
        line = np.maximum(line, step(0.55, 0.8, around) - 0.6)
    if dress.style == "hat":
        line = line + 0.1
    line = np.where(surface.skin, line, -1.0)
    if dress.style != "hood":
        line = np.where(surface.ear, np.minimum(line, -0.3), line)
    return np.asarray(line, np.float32)


def shirt(surface: Surface) -> FloatArray:
    """How far each vertex lies below the collar (V,), in units."""
    x, y, z = surface.canonical.T
    chin = surface.canonical_landmarks[8, 2]
    shoulders = np.maximum((np.abs(x) - 0.62) * (z < chin - 0.12), 0) * 0.6
    below = np.maximum(chin - 0.28 + 0.25 * np.clip(-y, -1, 1) - z, 0)
    return np.asarray((shoulders + below) * surface.skin, np.float32)


def put_on(dress: Dress, surface: Surface, points: FloatArray, unit: float) -> FloatArray:
    """Thicken the mesh (V, 3) by hair, hat, hood and shirt; `unit` is the outer-eye distance in metres."""
    line = scalp(dress, surface)
    if dress.style == "hood":
        points = _under_hood(surface, points, line)
    normals = vertex_normals(points, surface.triangles)
    thickness = dress.thickness * unit * step(0, 0.18, line)
    if dress.style == "hair":
        thickness = thickness * (1 + 0.25 * noise(surface.canonical, 3, dress.seed))
    thickness = thickness + 0.05 * unit * step(0, 0.1, shirt(surface))
    return np.asarray(points + normals * thickness[:, None], np.float32)


def _under_hood(surface: Surface, points: FloatArray, line: FloatArray) -> FloatArray:
    """Smooth the head under a hood and lay the ears on, so that the cloth hangs over no hollow."""
    smooth = points
    for _ in range(14):
        smooth = np.asarray(surface.average @ smooth)
    points = mix(points, smooth, step(0, 0.12, line))
    middle = points[:, 0].mean()
    flat = points * np.array([0.84, 1, 1], np.float32) + np.array([0.16 * middle, 0, 0], np.float32)
    return mix(points, flat, step(0, 0.1, line) * surface.ear)


def paint(
    dress: Dress, albedo: FloatArray, at: FloatArray, line: FloatArray, collar: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cover `albedo` (N, 3) with hair, cloth and shirt; also return what is left of the skin's gloss (N,)."""
    strands = noise(at, 9, dress.seed + 31, 3, (5, 1.3, 1.3))
    if dress.style in ("hair", "bare"):
        cover = step(-0.02, 0.12, line + 0.07 * strands) * np.float32(dress.density)
        colour = np.array(dress.hair, np.float32) * (1 + 0.55 * strands)[:, None]
        gloss = 1 - 0.6 * cover
    else:
        cover = step(-0.005, 0.02, line)
        knit = 0.85 + 0.15 * np.sin(at[:, 2] * 95) * np.sin(np.arctan2(at[:, 0], at[:, 1] + 0.8) * 70)
        colour = np.array(dress.cloth, np.float32) * (knit if dress.style == "hat" else 1 + 0.05 * strands)[:, None]
        gloss = 1 - 0.95 * cover
    albedo = mix(albedo, colour, cover)
    worn = step(0, 0.03, collar)
    return mix(albedo, dress.shirt, worn), np.asarray(gloss * (1 - worn), np.float32)
