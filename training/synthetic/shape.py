"""Draw a head: age, sex, build and peoples blended as MakeHuman blends them, features, asymmetry and an expression.

From a random stream and `asset.head` to the head's own vertices (V, 3) in metres.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.synthetic.asset import head
from training.synthetic.feature_spreads import ASYMMETRIES, INFANT, OUTLINES, PAIRED_SPREADS, SPREADS
from training.synthetic.surface import landmarks_of

Kind = Literal["infant", "child", "adult"]
KINDS: tuple[Kind, ...] = ("infant", "child", "adult")
KIND_SHARES = (0.5, 0.25, 0.25)

AGES, AGE_ANCHORS = ("baby", "child", "young", "old"), (0.0, 1 / 3, 2 / 3, 1.0)
PEOPLES = ("african", "asian", "caucasian")
# MakeHuman's age scale runs 0 = one year, 1/3 = twelve, 2/3 = twenty-five, 1 = old; it is not calibrated here.
AGE_RANGES: dict[Kind, tuple[float, float]] = {"infant": (0.0, 0.05), "child": (0.12, 0.36), "adult": (0.56, 0.9)}
AMPLITUDES: dict[Kind, float] = {"infant": 0.75, "child": 0.85, "adult": 1.0}
ADULT_EYE_DISTANCE = 0.075  # metres between the outer corners, the head the expression targets were made for
TALLEST_SKULL = 1.42  # crown above the nasion in outer-eye distances; taller heads are lowered to it


@dataclass(frozen=True)
class Shape:
    """One head: `weights` maps target names to their strength, `peoples` sums to 1, `male` and `age` lie in 0..1."""

    kind: Kind
    age: float
    male: float
    peoples: tuple[float, float, float]
    weights: dict[str, float]


def draw(rng: np.random.Generator, kind: Kind | None, expression_rng: np.random.Generator) -> Shape:
    """Draw a head of this kind (or of a kind drawn by KIND_SHARES) with its expression."""
    drawn = KINDS[rng.choice(len(KINDS), p=KIND_SHARES)]
    chosen = drawn if kind is None else kind
    age, male = float(rng.uniform(*AGE_RANGES[chosen])), float(rng.uniform(0, 1))
    african, asian, caucasian = (float(share) for share in rng.dirichlet([0.6, 0.6, 0.6]))
    peoples = (african, asian, caucasian)
    muscle, weight = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.72))
    if chosen == "infant":
        weight = float(rng.uniform(0.4, 0.8))
    weights = _phenotype(age, male, muscle, weight, peoples)
    for name, value in (*_features(rng, chosen), *_expression(expression_rng, chosen, peoples)):
        weights[name] = weights.get(name, 0.0) + value
    return Shape(chosen, age, male, peoples, weights)


def vertices(shape: Shape) -> NDArray[np.float32]:
    """The head's own vertices (V, 3) in metres."""
    asset = head()
    known = {name: weight for name, weight in shape.weights.items() if name in asset.target_rows}
    rows = np.array([asset.target_rows[name] for name in known])
    weights = np.array(list(known.values()), np.float32)
    still = np.array([name.startswith("expression/") for name in known])
    base = asset.vertices + _blend(rows[~still], weights[~still])
    marks = landmarks_of(base)
    scale = float(np.linalg.norm(marks[36] - marks[45])) / ADULT_EYE_DISTANCE
    moved = base + _blend(rows[still], weights[still]) * np.float32(scale)
    return _lower_skull(moved)


def _blend(rows: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    shift = weights @ head().targets[rows] if len(rows) else np.zeros(head().vertices.size, np.float32)
    return np.asarray(shift, np.float32).reshape(-1, 3)


def _lower_skull(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compress what lies above the brow when the crown stands too tall over the eyes."""
    marks = landmarks_of(points)
    unit = np.linalg.norm(marks[36] - marks[45])
    brow = marks[[19, 24], 2].mean() + 0.15 * unit
    crown, limit = points[:, 2].max() - brow, marks[27, 2] + TALLEST_SKULL * unit - brow
    if crown > limit:
        above = points[:, 2] > brow
        points[above, 2] = brow + (points[above, 2] - brow) * (limit / crown)
    return points


def _interpolation(value: float, anchors: tuple[float, ...]) -> NDArray[np.float64]:
    """Weights of the anchors (ascending) whose linear interpolation gives `value`, clamped to their range."""
    return np.array([np.interp(value, anchors, np.eye(len(anchors))[k]) for k in range(len(anchors))])


def _phenotype(
    age: float, male: float, muscle: float, weight: float, peoples: tuple[float, float, float]
) -> dict[str, float]:
    """Strength of each MakeHuman macro target: the product of the interpolation weights its name lists."""
    ages = dict(zip(AGES, _interpolation(age, AGE_ANCHORS), strict=True))
    sexes = {"male": male, "female": 1 - male}
    levels = ("min", "average", "max")
    muscles = dict(zip(levels, _interpolation(muscle, (0, 0.5, 1)), strict=True))
    builds = dict(zip(levels, _interpolation(weight, (0, 0.5, 1)), strict=True))
    strengths = {
        f"universal-{sex}-{at}-{m}muscle-{b}weight": s * a * mw * bw
        for sex, s in sexes.items()
        for at, a in ages.items()
        for m, mw in muscles.items()
        for b, bw in builds.items()
    }
    strengths |= {
        f"{people}-{sex}-{at}": p * s * a
        for people, p in zip(PEOPLES, peoples, strict=True)
        for sex, s in sexes.items()
        for at, a in ages.items()
    }
    return {name: float(strength) for name, strength in strengths.items() if strength > 0}


def _signed(stem: str, ends: tuple[str, str], value: float) -> tuple[str, float]:
    """A stem's positive or negative target with the strength to give it."""
    return f"{stem}-{ends[1] if value > 0 else ends[0]}", abs(value)


def _features(rng: np.random.Generator, kind: Kind) -> list[tuple[str, float]]:
    """Local targets: each feature away from the mean in about half of all people, both sides nearly alike."""
    amplitude, offsets = AMPLITUDES[kind], INFANT if kind == "infant" else {}
    chosen: list[tuple[str, float]] = []
    for stem, (ends, spread) in SPREADS.items():
        value = float(np.clip(rng.normal(0, spread * amplitude), -0.7, 0.7)) * float(rng.random() < 0.6)
        chosen.append(_signed(stem, ends, value + offsets.get(stem, 0.0)))
    for stem, (ends, spread) in PAIRED_SPREADS.items():
        value = float(np.clip(rng.normal(0, spread * amplitude), -0.7, 0.7)) * float(rng.random() < 0.6)
        for side, jitter in (("l", rng.normal(0, 0.04)), ("r", rng.normal(0, 0.04))):
            chosen.append(_signed(f"{side}-{stem}", ends, value + float(jitter) + offsets.get(stem, 0.0)))
    outline = str(rng.choice(OUTLINES))
    chosen.append((outline, float(rng.uniform(0, 0.45)) * (0.4 if kind == "infant" else 1.0)))
    for name in ASYMMETRIES:
        strength = abs(float(rng.normal(0, 0.16))) * float(rng.random() < 0.3)
        chosen.append((f"{name}-{rng.choice(['l', 'r'])}", strength))
    return chosen


def _expression(rng: np.random.Generator, kind: Kind, peoples: tuple[float, float, float]) -> list[tuple[str, float]]:
    """Expression units, each blended over the peoples it was made for: smiles, open mouths, frowns, lids, brows."""
    units: dict[str, float] = {}
    mood = rng.random()
    if mood < 0.38:
        units["mouth-corner-puller"] = rng.uniform(0.05, 0.6)
    elif mood < 0.5:
        units["mouth-depression"] = rng.uniform(0.05, 0.45)
    elif mood < 0.6:
        units["mouth-pursing"] = rng.uniform(0.05, 0.35)
    elif mood < 0.66:
        units["mouth-retraction"] = rng.uniform(0.05, 0.4)
    if rng.random() < 0.42:
        units["mouth-open"] = rng.uniform(0.05, 0.42)
    lids = rng.uniform(0, 0.12 if kind == "infant" else 0.2)
    for side in ("left", "right"):
        units[f"eye-{side}-closure"] = lids + abs(rng.normal(0, 0.02))
        units[f"eyebrows-{side}-up"] = max(0.0, rng.normal(0, 0.2))
        units[f"eyebrows-{side}-inner-up"] = max(0.0, rng.normal(0, 0.15))
    return [
        (f"expression/{people}/{unit}", float(strength) * share)
        for unit, strength in units.items()
        for people, share in zip(PEOPLES, peoples, strict=True)
    ]
