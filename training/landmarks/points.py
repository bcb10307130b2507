"""The order of the 68 points (iBUG 300-W): which belong together, and which change places in a mirror.

Known to whoever names single points: faces, holes, measures.
"""

import numpy as np

PARTS = {
    "jaw": slice(0, 17),
    "brows": slice(17, 27),
    "nose": slice(27, 36),
    "eyes": slice(36, 48),
    "mouth": slice(48, 68),
}
# Where each point goes when left and right change places.
MIRRORED = np.array(
    [
        *range(16, -1, -1),  # jaw
        *range(26, 16, -1),  # brows
        *range(27, 31),  # bridge of the nose
        *range(35, 30, -1),  # its base
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
        *(*range(54, 47, -1), *range(59, 54, -1)),  # outer lip
        *(*range(64, 59, -1), *range(67, 64, -1)),  # inner lip
    ]
)
