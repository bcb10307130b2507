"""The methods as the tables print them: their order and their names.

Method ids come from a marks file; every table and figure takes its order and its labels from here.
"""

from collections.abc import Iterable

NAMES = {"edgeconnect": "EdgeConnect", "lafin": "LaFIn", "ctsdg": "CTSDG", "inclg": "INCLG"}
OURS = "inclg"


def in_order(methods: Iterable[str]) -> tuple[str, ...]:
    """Order method ids as the papers' tables do: the published rivals, then others by id, then ours."""
    published = list(NAMES)
    others = len(published)
    return tuple(
        sorted(
            set(methods),
            key=lambda method: (method == OURS, published.index(method) if method in NAMES else others, method),
        )
    )


def label(method: str) -> str:
    """The name a figure prints, such as `INCLG`; a method that is not published keeps its id."""
    return NAMES.get(method, method)


def heading(method: str) -> str:
    """The name a table's head prints, such as `INCLG (ours)`."""
    return f"{label(method)} (ours)" if method == OURS else label(method)
