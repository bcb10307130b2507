"""Does a text give a method away? Asked of a study's texts before it opens, of its pages, and of each token drawn.

From the names of evaluation.methods to clinic.studies.opening, clinic.studies.leaks and clinic.studies.addresses.
"""

import re

from evaluation.methods import NAMES

TELLING = tuple(NAMES)
NOT_A_LETTER = re.compile(r"[^a-z]")


def names_a_method(text: str) -> bool:
    """Whether a text gives a method away, in any case and with or without hyphens."""
    plain = NOT_A_LETTER.sub("", text.lower())
    return any(name in plain for name in TELLING)
