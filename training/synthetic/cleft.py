"""Part the upper lip of a head: the gap from the lip's margin towards the nostril, the nose it pulls along, its flesh.

From `Cleft`s and a head's surface to a deformed surface, and to the colours inside the gap for `shading`.
Side and severity follow the clinic's words; the shape is a caricature that no clinician has reviewed.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.synthetic.colour import linear, mix, step
from training.synthetic.noise import noise
from training.synthetic.surface import Surface, landmarks_of

FloatArray = NDArray[np.float32]
Side = Literal["left", "right"]

MUCOSA, GUM, THROAT = linear((142, 62, 60)), linear((184, 106, 102)), linear((44, 14, 14))
LATERAL = 1.15  # how far the outer side of the lip moves, in half widths


@dataclass(frozen=True)
class Cleft:
    """One cleft of the lip on the patient's own `side`; `severity` 0 (a notch) to 1 (complete, into the nostril)."""

    side: Side
    severity: float

    def __post_init__(self) -> None:
        if self.side not in ("left", "right"):
            raise ValueError(f"a cleft's side is left or right, not {self.side!r}")
        if not 0 <= self.severity <= 1:
            raise ValueError(f"a cleft's severity lies in 0..1, not {self.severity}")


@dataclass(frozen=True)
class Gap:
    """Where a cleft runs on one head: from `start` (x, z) along `along` for `length`, `across` points outwards.

    `outward` is +1 towards the subject's left, `medial` how far the inner side moves in half widths; all lengths in
    metres, `unit` is the outer-eye distance.
    """

    cleft: Cleft
    start: FloatArray
    along: FloatArray
    across: FloatArray
    length: float
    outward: float
    medial: float
    unit: float

    def coordinates(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Distance across in metres (N,) and way along in lengths (N,) of points (N, 3)."""
        away = points[:, [0, 2]] - self.start
        v = away @ self.along / self.length
        return np.asarray(away @ self.across, np.float32), np.asarray(v, np.float32)

    def half_width(self, v: FloatArray) -> FloatArray:
        """Half the gap's width in metres at way `v` (N,): wide at the lip, closing where the cleft ends."""
        severity = self.cleft.severity
        end = 0.42 + 0.88 * severity
        closing = np.sqrt(np.clip((end + 0.06 - v) / 0.42, 0, 1))  # a rounded arch, not a spike
        taper = np.clip(1 - (0.55 - 0.25 * severity) * np.clip(v, 0, 1.2), 0.2, 1)
        return np.asarray(self.unit * (0.03 + 0.082 * severity) * taper * closing, np.float32)


def plan(cleft: Cleft, marks: FloatArray, alone: bool) -> Gap:
    """Lay a cleft on a head with these landmarks (68, 3): from the lip's lower margin to the nostril's sill.

    With a second cleft on the other side both run further out and leave the middle of the lip between them.
    """
    left = cleft.side == "left"
    outward = 1.0 if left else -1.0
    inner, sill, wing = marks[63 if left else 61], marks[34 if left else 32], marks[35 if left else 31]
    near, wide = (0.55, 0.25) if alone else (0.85, 0.4)
    start = (near * inner + (1 - near) * marks[62])[[0, 2]]
    end = np.array([(1 - wide) * sill[0] + wide * wing[0], sill[2]])
    length = float(np.linalg.norm(end - start))
    along = ((end - start) / length).astype(np.float32)
    across = np.array([along[1], -along[0]], np.float32)
    if across[0] * outward < 0:
        across = -across
    unit = float(np.linalg.norm(marks[36] - marks[45]))
    return Gap(cleft, start.astype(np.float32), along, across, length, outward, 0.8 if alone else 0.35, unit)


def part(
    clefts: tuple[Cleft, ...], surface: Surface, points: FloatArray
) -> tuple[FloatArray, tuple[Gap, ...], tuple[FloatArray, ...]]:
    """Open every cleft on the surface (V, 3): the new surface, the gaps and each gap's hold on every vertex (V,)."""
    gaps, alone = [], len(clefts) < 2
    for cleft in clefts:
        marks = landmarks_of(points)
        gap = plan(cleft, marks, alone)
        points = _open(gap, surface, points, marks)
        points = _pull_nose(gap, surface, points, marks, alone)
        gaps.append(gap)
    holds = tuple(_hold(gap, surface, points) for gap in gaps)
    if not alone:
        points = _push_premaxilla(clefts, surface, points)
    return points, tuple(gaps), holds


def _front(surface: Surface, points: FloatArray, marks: FloatArray, unit: float) -> FloatArray:
    """1 on the front of the upper lip, 0 behind it and off the skin."""
    return step(0.16 * unit, 0.07 * unit, points[:, 1] - marks[51, 1]) * surface.skin


def _open(gap: Gap, surface: Surface, points: FloatArray, marks: FloatArray) -> FloatArray:
    """Push the two sides of the upper lip apart and roll their margins up towards the nostril."""
    u, v = gap.coordinates(points)
    unit, severity = gap.unit, gap.cleft.severity
    held = _front(surface, points, marks, unit) * step(-0.16, -0.02, v) * surface.upper_lip
    near = np.exp(-((np.abs(u) / (0.19 * unit)) ** 1.5))
    apart = np.sign(u) * gap.half_width(v) * near * held * np.where(u > 0, LATERAL, gap.medial)
    roll = np.exp(-((np.abs(u) / (0.11 * unit)) ** 2)) * held * step(1.0, 0.0, v) * unit * (0.02 + 0.06 * severity)
    moved = points.copy()
    moved[:, 0] += apart * gap.across[0]
    moved[:, 2] += apart * gap.across[1] + roll
    return moved


def _pull_nose(gap: Gap, surface: Surface, points: FloatArray, marks: FloatArray, alone: bool) -> FloatArray:
    """Draw the wing of the nose outwards, down and back; a single cleft also draws the tip to the other side."""
    unit, severity = gap.unit, gap.cleft.severity
    wing = marks[35 if gap.outward > 0 else 31]
    x, y, z = points.T
    away = (x - wing[0]) ** 2 + (z - wing[2] - 0.03 * unit) ** 2
    pull = np.exp(-away / (2 * (0.12 * unit) ** 2)) * step(0.25 * unit, 0.1 * unit, y - marks[33, 1])
    pull = pull * surface.skin * step(-0.35, 0.35, (x - marks[33, 0]) * gap.outward / (0.1 * unit)) * severity * unit
    shift = np.stack([gap.outward * pull * 0.07, pull * 0.05, -pull * 0.03], 1)
    if alone:
        away = (x - marks[30, 0]) ** 2 + (z - marks[33, 2]) ** 2
        tip = np.exp(-away / (2 * (0.11 * unit) ** 2)) * _front(surface, points, marks, unit)
        shift[:, 0] -= gap.outward * tip * unit * 0.03 * severity
    return np.asarray(points + shift, np.float32)


def _push_premaxilla(clefts: tuple[Cleft, ...], surface: Surface, points: FloatArray) -> FloatArray:
    """Bring the middle of a lip cleft on both sides forward, where nothing holds it back."""
    marks = landmarks_of(points)
    unit = float(np.linalg.norm(marks[36] - marks[45]))
    severity = sum(cleft.severity for cleft in clefts) / 2
    middle = (marks[51] + marks[33]) / 2
    away = ((points[:, 0] - middle[0]) / (0.075 * unit)) ** 2 + ((points[:, 2] - middle[2]) / (0.16 * unit)) ** 2
    bulge = np.exp(-away) * _front(surface, points, marks, unit) * surface.upper_lip
    moved = points.copy()
    moved[:, 1] -= bulge * unit * 0.075 * severity
    return moved


def _hold(gap: Gap, surface: Surface, points: FloatArray) -> FloatArray:
    """1 where the gap may show: the front of the upper lip, not the columella before it."""
    marks = landmarks_of(points)
    level = np.minimum(marks[33, 1], marks[51, 1])
    before = step(-0.12 * gap.unit, -0.05 * gap.unit, points[:, 1] - level)
    _, v = gap.coordinates(points)
    return _front(surface, points, marks, gap.unit) * step(-0.16, -0.02, v) * surface.upper_lip * before


@dataclass(frozen=True)
class Flesh:
    """What a gap makes of fragments: new `albedo` (N, 3) and `normals` (N, 3), `shade` (N,), gap and lip shares."""

    albedo: FloatArray
    normals: FloatArray
    shade: FloatArray
    gap: FloatArray
    lip: FloatArray


def paint(
    gap: Gap,
    points: FloatArray,
    hold: FloatArray,
    albedo: FloatArray,
    normals: FloatArray,
    lips: tuple[float, float, float],
    turn: FloatArray,
) -> Flesh:
    """Colour fragments at `points` (N, 3) metres: vermilion along both edges, gum and mucosa in the gap."""
    u, v = gap.coordinates(points)
    width = gap.half_width(v)
    wander = 1 + 0.06 * noise(points / np.float32(gap.unit), 9, 77, 2)
    middle, half = (LATERAL - gap.medial) / 2 * width, (LATERAL + gap.medial) / 2 * 0.97 * width
    side = (u - middle) / np.maximum(half * wander, 1e-5)
    active = step(0.35, 0.75, hold) * step(0.004, 0.014, width / gap.unit)
    inside = step(1.03, 0.9, np.abs(side)) * active * step(-0.45, -0.2, v)
    beyond = np.maximum(np.abs(side) - 1, 0) * half / gap.unit
    edge = np.exp(-((beyond / 0.026) ** 2)) * active * step(1.0, 0.5, v) * step(-0.4, -0.1, v) * (1 - inside)
    albedo = mix(albedo, np.array(lips, np.float32) * np.float32(0.95), (edge * 0.8).astype(np.float32))
    ridge = step(0.0, 0.35, v) * step(1.15, 0.75, v) * step(1.0, 0.3, np.abs(side))
    flesh = mix(np.broadcast_to(MUCOSA, albedo.shape), GUM, ridge)
    deep = np.maximum(step(0.34, 0.06, v), step(0.85, 1.15, v) * 0.8)
    flesh = mix(flesh, THROAT, deep) * np.float32(0.7 + 0.3 * min(1.0, sum(lips)))
    albedo = mix(albedo, flesh, inside)
    rim = np.exp(-(((np.abs(side) - 1.05) / 0.3) ** 2)) * active * (1 - inside)
    sideways = turn @ np.array([gap.across[0], 0, gap.across[1]], np.float32)
    bulge = np.where(inside > 0.5, 0.5 * np.clip(side, -1, 1), -0.7 * np.sign(side) * rim)
    normals = normals + (bulge * active)[:, None] * sideways
    walls = np.exp(-(((np.abs(side) - 0.95) / 0.22) ** 2)) * active
    shade = (1 - inside * (0.42 - 0.15 * ridge + 0.25 * step(0.8, 1.15, v))) * (1 - 0.3 * walls * inside)
    shade = shade * (1 - 0.15 * np.exp(-(((np.abs(side) - 1.0) / 0.15) ** 2)) * active)
    return Flesh(albedo, normals.astype(np.float32), shade.astype(np.float32), inside, edge.astype(np.float32))
