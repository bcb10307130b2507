"""What is wrong with a marks file: where, and by which rule.

The checks of `evaluation.cells` and `evaluation.sheet_rules` report here; `evaluation.marks` refuses the file with what
was gathered.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """The first fault of one kind. `line` counts from 1 (the head); 0 means the file as a whole."""

    kind: str
    line: int
    column: str
    rule: str
    others: int = 0

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (f"line {self.line}" if self.line else "", self.column and f"column {self.column}") if part
        )
        more = f" ({self.others} more of this kind)" if self.others else ""
        return f"{place}: {self.rule}{more}" if place else f"{self.rule}{more}"


class MarksError(ValueError):
    """Raised when a marks file is refused whole; `faults` holds the first fault of each kind, by line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass
class FaultList:
    """Gathers faults and keeps the first of each kind, counting the rest.

    `spoiled` holds the sheets (study, dataset, reading) with a row that could not be read: to check the rest of such a
    sheet would only report the same slip again as a missing method.
    """

    spoiled: set[tuple[str, ...]] = field(default_factory=set)
    _first: dict[str, Fault] = field(default_factory=dict)
    _count: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, line: int, column: str, rule: str) -> None:
        """Note one fault; of each `kind` the one on the lowest line is kept."""
        self._count[kind] = self._count.get(kind, 0) + 1
        known = self._first.get(kind)
        if known is None or line < known.line:
            self._first[kind] = Fault(kind, line, column, rule)

    def __bool__(self) -> bool:
        return bool(self._first)

    def refuse(self) -> None:
        """Raise `MarksError` if anything was noted."""
        if self:
            found = (
                Fault(fault.kind, fault.line, fault.column, fault.rule, self._count[kind] - 1)
                for kind, fault in self._first.items()
            )
            raise MarksError(tuple(sorted(found, key=lambda fault: (fault.line, fault.kind))))
