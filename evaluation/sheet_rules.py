"""The rules between the rows of a marks file: what makes four rows one sheet, and sheets one data set.

`evaluation.marks` calls `check_sheets` once every cell has been read; faults go to the list it hands in.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from evaluation.faults import FaultList
from evaluation.methods import NAMES
from evaluation.schema import Mark

Row = tuple[int, Mark]
FEWEST_METHODS, MOST_METHODS = 2, 26
SAME_ON_A_SHEET = ("case", "phase", "side", "reader", "repeat", "kind", "sequence")


def check_sheets(rows: Sequence[Row], faults: FaultList) -> None:
    """Check numbered rows against each other; `rows` pairs each mark with its line in the file."""
    sheets: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        mark = row[1]
        key = (mark.study, mark.dataset, mark.reading)
        if key not in faults.spoiled:
            sheets[key].append(row)
    for sheet in sheets.values():
        check_one_reading(sheet, faults)
        check_positions(sheet, faults)
        check_ranks(sheet, faults)
    check_repeated_sheets(sheets.values(), faults)
    check_methods(sheets.values(), faults)


def check_one_reading(sheet: Sequence[Row], faults: FaultList) -> None:
    """A reading is one reader on one case, and judges each method once."""
    first_line, first = sheet[0]
    methods: dict[str, int] = {}
    for line, mark in sheet:
        for column in SAME_ON_A_SHEET:
            if getattr(mark, column) != getattr(first, column):
                faults.add(
                    f"mixed {column}",
                    line,
                    column,
                    f"reading {mark.reading!r} has another {column} here than on line {first_line};"
                    " a reading is one reader on one case",
                )
        if mark.method in methods:
            faults.add(
                "duplicate method",
                line,
                "method",
                f"duplicate (reading, method): {mark.method!r} stands on reading {mark.reading!r} already,"
                f" on line {methods[mark.method]}",
            )
        methods.setdefault(mark.method, line)


def check_positions(sheet: Sequence[Row], faults: FaultList) -> None:
    """A sheet of n results fills the positions A to the n-th letter, each once."""
    seen: dict[str, int] = {}
    last = chr(ord("A") + len(sheet) - 1)
    for line, mark in sheet:
        if mark.position in seen:
            faults.add(
                "duplicate position",
                line,
                "position",
                f"position {mark.position} of reading {mark.reading!r} is taken already, on line {seen[mark.position]}",
            )
        elif mark.position > last:
            faults.add(
                "position out of range",
                line,
                "position",
                f"position {mark.position} is beyond {last}: reading {mark.reading!r} has {len(sheet)} results",
            )
        seen.setdefault(mark.position, line)


def check_ranks(sheet: Sequence[Row], faults: FaultList) -> None:
    """Ranks exist exactly for the valid results of a sheet, run 1 to k, and reasons exist for invalid ones only."""
    for line, mark in sheet:
        if not mark.valid and mark.rank is not None:
            faults.add("rank with invalid", line, "rank", f"an invalid result has no rank, but {mark.rank} stands here")
        if mark.valid and mark.rank is None:
            faults.add("valid without rank", line, "rank", "a valid result needs a rank, but the cell is empty")
        if mark.valid and mark.reason:
            faults.add(
                "reason with valid", line, "reason", f"a valid result has no reason, but {mark.reason!r} is here"
            )
    ranked = [(line, mark.rank) for line, mark in sheet if mark.valid and mark.rank is not None]
    expected = set(range(1, len(ranked) + 1))
    for line, rank in ranked:
        if rank in expected:
            expected.remove(rank)
        else:
            faults.add(
                "ranks not 1..k",
                line,
                "rank",
                f"the ranks of reading {sheet[0][1].reading!r} are not 1..{len(ranked)}, each once: {rank} is"
                f" {'repeated' if rank <= len(ranked) else 'too high'}",
            )


def check_repeated_sheets(sheets: Iterable[Sequence[Row]], faults: FaultList) -> None:
    """One reader reads one case once per repeat."""
    seen: dict[tuple[str, str, str, str, int, str], Row] = {}
    for sheet in sheets:
        line, mark = sheet[0]
        key = (mark.study, mark.dataset, mark.case, mark.reader, mark.repeat, mark.kind)
        if mark.kind == "scored" and key in seen:
            faults.add(
                "duplicate sheet",
                line,
                "reading",
                f"reader {mark.reader!r} has read case {mark.case!r} already, on line {seen[key][0]};"
                " number a second reading in column repeat",
            )
        seen.setdefault(key, sheet[0])


def check_methods(sheets: Iterable[Sequence[Row]], faults: FaultList) -> None:
    """Every scored sheet of a data set judges the same methods, 2 to 26 of them."""
    datasets: dict[str, list[Sequence[Row]]] = defaultdict(list)
    for sheet in sheets:
        if sheet[0][1].kind == "scored":
            datasets[sheet[0][1].dataset].append(sheet)
    for dataset, members in datasets.items():
        expected = expected_methods(members)
        if not FEWEST_METHODS <= len(expected) <= MOST_METHODS:
            line = members[0][0][0]
            faults.add(
                "number of methods",
                line,
                "method",
                f"data set {dataset!r} compares {len(expected)} methods; {FEWEST_METHODS} to {MOST_METHODS} can be",
            )
        for sheet in members:
            check_methods_of_sheet(sheet, expected, faults)


def expected_methods(sheets: Sequence[Sequence[Row]]) -> set[str]:
    """The methods a data set compares: the published ones it names, and every other that no sheet lacks.

    A name of our own making cannot be told from a slip of the pen on a single sheet, so at least two must hold it.
    """
    present = [{mark.method for _, mark in sheet} for sheet in sheets]
    everywhere = set.intersection(*present) if len(present) > 1 else set()
    return {method for method in set.union(*present) if method in NAMES or method in everywhere}


def check_methods_of_sheet(sheet: Sequence[Row], expected: set[str], faults: FaultList) -> None:
    """Note the methods that one sheet should not have, and those it lacks."""
    for line, mark in sheet:
        if mark.method not in expected:
            faults.add(
                "unknown method",
                line,
                "method",
                f"unknown method {mark.method!r}; known here: {', '.join(sorted(expected))}. A method that is not one"
                " of the published four must stand on every sheet of its data set",
            )
    missing = expected - {mark.method for _, mark in sheet}
    if missing:
        line, mark = sheet[0]
        faults.add(
            "missing method",
            line,
            "method",
            f"reading {mark.reading!r} lacks {', '.join(sorted(missing))}; every sheet of a data set judges the same"
            " methods",
        )
