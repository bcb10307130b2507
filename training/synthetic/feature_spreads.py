"""How far each feature of a head may stray: the MakeHuman targets in use and their standard deviations.

Read by `shape`; what is left out (whole-head translations, ages, dimples) gave odd heads when looked at.
"""

Ends = tuple[str, str]
INCREASE: Ends = ("decr", "incr")
UP: Ends = ("down", "up")

# stem -> (negative and positive ending of its two targets, standard deviation of its strength)
SPREADS: dict[str, tuple[Ends, float]] = {
    "chin-bones": (INCREASE, 0.25),
    "chin-height": (INCREASE, 0.25),
    "chin-jaw-drop": (INCREASE, 0.2),
    "chin-prognathism": (INCREASE, 0.18),
    "chin-prominent": (INCREASE, 0.25),
    "chin-width": (INCREASE, 0.3),
    "eyebrows-angle": (UP, 0.3),
    "eyebrows-trans": (UP, 0.3),
    "forehead-nubian": (INCREASE, 0.25),
    "forehead-scale-vert": (INCREASE, 0.15),
    "forehead-temple": (INCREASE, 0.25),
    "head-fat": (INCREASE, 0.25),
    "head-scale-horiz": (INCREASE, 0.18),
    "head-scale-vert": (INCREASE, 0.1),
    "mouth-angles": (UP, 0.25),
    "mouth-cupidsbow": (INCREASE, 0.4),
    "mouth-cupidsbow-width": (INCREASE, 0.3),
    "mouth-lowerlip-ext": (UP, 0.2),
    "mouth-lowerlip-height": (INCREASE, 0.35),
    "mouth-lowerlip-middle": (UP, 0.15),
    "mouth-lowerlip-volume": (INCREASE, 0.4),
    "mouth-lowerlip-width": (INCREASE, 0.3),
    "mouth-philtrum-volume": (INCREASE, 0.4),
    "mouth-scale-horiz": (INCREASE, 0.3),
    "mouth-scale-vert": (INCREASE, 0.2),
    "mouth-upperlip-ext": (UP, 0.2),
    "mouth-upperlip-height": (INCREASE, 0.35),
    "mouth-upperlip-middle": (UP, 0.15),
    "mouth-upperlip-volume": (INCREASE, 0.4),
    "mouth-upperlip-width": (INCREASE, 0.3),
    "nose-base": (UP, 0.25),
    "nose-curve": (("concave", "convex"), 0.25),
    "nose-flaring": (INCREASE, 0.3),
    "nose-greek": (INCREASE, 0.2),
    "nose-hump": (INCREASE, 0.2),
    "nose-nostrils-angle": (UP, 0.2),
    "nose-nostrils-width": (INCREASE, 0.3),
    "nose-point": (UP, 0.3),
    "nose-point-width": (INCREASE, 0.3),
    "nose-scale-depth": (INCREASE, 0.2),
    "nose-scale-horiz": (INCREASE, 0.25),
    "nose-scale-vert": (INCREASE, 0.2),
    "nose-septumangle": (INCREASE, 0.2),
    "nose-volume": (INCREASE, 0.25),
    "nose-width1": (INCREASE, 0.3),
    "nose-width2": (INCREASE, 0.3),
    "nose-width3": (INCREASE, 0.3),
}

# The same for features with a left and a right target, `l-` and `r-` before the stem.
PAIRED_SPREADS: dict[str, tuple[Ends, float]] = {
    "cheek-bones": (INCREASE, 0.3),
    "cheek-inner": (INCREASE, 0.25),
    "cheek-volume": (INCREASE, 0.3),
    "ear-flap": (INCREASE, 0.3),
    "ear-lobe": (INCREASE, 0.3),
    "ear-scale": (INCREASE, 0.3),
    "ear-scale-vert": (INCREASE, 0.25),
    "ear-wing": (INCREASE, 0.3),
    "eye-bag": (INCREASE, 0.25),
    "eye-bag-height": (INCREASE, 0.2),
    "eye-corner1": (UP, 0.3),
    "eye-corner2": (UP, 0.3),
    "eye-epicanthus": (("in", "out"), 0.35),
    "eye-eyefold": (UP, 0.3),
    "eye-eyefold-angle": (UP, 0.3),
    "eye-height1": (INCREASE, 0.25),
    "eye-height2": (INCREASE, 0.25),
    "eye-height3": (INCREASE, 0.25),
    "eye-scale": (INCREASE, 0.2),
    "eye-trans": (("in", "out"), 0.25),
}

OUTLINES = (
    "head-oval",
    "head-round",
    "head-square",
    "head-rectangular",
    "head-triangular",
    "head-diamond",
    "head-invertedtriangular",
)

ASYMMETRIES = (
    "asym-brown-1",
    "asym-brown-2",
    "asym-cheek-1",
    "asym-cheek-2",
    "asym-eye-1",
    "asym-eye-3",
    "asym-eye-5",
    "asym-jaw-1",
    "asym-jaw-2",
    "asym-mouth-1",
    "asym-mouth-2",
    "asym-nose-1",
    "asym-nose-2",
)

# Added to every infant: the youngest MakeHuman head is a one-year-old's, and its eyes look narrow.
INFANT: dict[str, float] = {
    "eye-scale": 0.3,
    "eye-height1": 0.25,
    "eye-height2": 0.3,
    "eye-height3": 0.2,
    "eyebrows-angle": 0.1,
    "nose-point": 0.25,
    "cheek-volume": 0.1,
    "head-scale-vert": -0.05,
    "nose-scale-vert": -0.2,
}
