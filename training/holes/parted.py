"""Clinical holes on faces without a cleft: where a clinician would paint, had a cleft drawn lip and nose out of place.

A clinician follows the parted lip, so the hole's lower end says nothing of whether the mouth beneath it is open. Drawn
at the healthy face's own landmarks it would say so, and a network would learn to read it there.
"""

import numpy as np
from numpy.typing import NDArray

from training.landmarks.points import MIRRORED
from training.synthetic.cleft import Cleft
from training.synthetic.clinical_mask import clinical_hole, draw_clefts

Points = NDArray[np.float64]
Table = dict[int, tuple[float, float]]

# How far a complete cleft (severity 1) of the person's left side, or of both, moves a landmark: along the line of the
# eyes towards their left, and down, in outer-eye distances. Means over 160 synthetic clefts (seeds from 5000000).
LEFT: Table = {
    31: (-0.02, 0.0), 32: (-0.04, 0.0), 33: (-0.06, -0.01), 34: (0.02, 0.02), 35: (0.07, 0.03),
    49: (-0.03, -0.01), 50: (-0.07, -0.04), 51: (-0.10, -0.09), 52: (-0.01, -0.07), 53: (0.09, -0.01),
    61: (-0.05, -0.03), 62: (-0.09, -0.10), 63: (0.14, -0.06),
}  # fmt: skip
BOTH: Table = {
    31: (-0.08, 0.03), 32: (-0.05, 0.02), 34: (0.05, 0.02), 35: (0.08, 0.03),
    49: (-0.11, -0.03), 50: (-0.03, -0.08), 51: (0.0, -0.11), 52: (0.03, -0.08), 53: (0.11, -0.03),
    61: (-0.12, -0.09), 62: (0.0, -0.13), 63: (0.12, -0.09),
}  # fmt: skip
RIGHT: Table = {int(MIRRORED[point]): (-across, down) for point, (across, down) in LEFT.items()}
SPREAD = 0.01


def clinical(landmarks: Points, rng: np.random.Generator, size: int, share: float) -> NDArray[np.bool_]:
    """A clinical hole (size x size, True = missing) at landmarks 68 x 2; this share of them as a cleft parts them."""
    if not share or rng.random() >= share:
        return clinical_hole(landmarks, rng, size=size)
    clefts = draw_clefts(rng)
    return clinical_hole(parted(landmarks, clefts, rng), rng, clefts, size)


def parted(landmarks: Points, clefts: tuple[Cleft, ...], rng: np.random.Generator) -> Points:
    """The landmarks (68 x 2 in pixels) of a healthy face as these clefts would leave them, and a hand's inexactness."""
    table = BOTH if len(clefts) == 2 else LEFT if clefts[0].side == "left" else RIGHT
    severity = sum(cleft.severity for cleft in clefts) / len(clefts) * rng.uniform(0.5, 1.3)
    across = landmarks[45] - landmarks[36]
    down = np.array([-across[1], across[0]])
    moved = landmarks + rng.normal(0, SPREAD, landmarks.shape) * np.linalg.norm(across)
    for point, (along, below) in table.items():
        moved[point] += severity * (along * across + below * down)
    return moved
