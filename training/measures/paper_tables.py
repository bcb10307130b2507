"""Tables III and IV in the papers' layout, the papers' figures beside ours.

From published.csv, a table of facts with sources, and figures measured here; a cell without a figure says why below.
"""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.errors import CommandError
from training.measures.grid import Grid

PUBLISHED = Path(__file__).with_name("published.csv")
COLUMNS = ("table", "row", "group", "measure", "value", "source")
TITLES = {
    "III": "Table III: the four methods by share of the picture that is hole",
    "IV": "Table IV: what the landmarks and the gates bring (INCLG)",
}
MEASURES = {"psnr": ("PSNR ↑", 2), "ssim": ("SSIM ↑", 3), "fid": ("FID ↓", 2)}
GROUP_NAMES = {"regular": "regular mask"}
ROW_NAMES = {
    "edgeconnect": "EdgeConnect",
    "lafin": "LaFIn",
    "ctsdg": "CTSDG",
    "inclg": "Ours (INCLG)",
    "baseline": "Baseline",
    "landmarks": "Base+Lmk",
    "gated": "Ours",
}

# Our figures by (row, group, measure); a row, group or measure that was not measured is simply not in it.
Ours = Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Fact:
    """One cell of a published table; without a value, `source` says why there is none."""

    table: str
    row: str
    group: str
    measure: str
    value: float | None
    source: str


def read_facts(path: Path = PUBLISHED) -> list[Fact]:
    """The published cells in the order of the paper. Raises CommandError, naming the line, for anything else."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            lines = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as a table of published figures") from error
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise CommandError(f"{path}: the first line must be {','.join(COLUMNS)}")
    return [_fact(path, number, line) for number, line in enumerate(lines, start=2)]


def paper_table(table: str, facts: Sequence[Fact], ours: Ours, missing: Sequence[str] = ()) -> Grid:
    """The table as the paper lays it out, each cell twice: `paper / ours`. `missing` says why figures of ours lack."""
    chosen = [fact for fact in facts if fact.table == table]
    rows, groups, measures = (
        list(dict.fromkeys(getattr(fact, name) for fact in chosen)) for name in ("row", "group", "measure")
    )
    published = {(fact.row, fact.group, fact.measure): fact.value for fact in chosen}
    columns = [(group, measure) for group in groups for measure in measures]
    heads = [f"{GROUP_NAMES.get(group, f'{group} %')}: {MEASURES[measure][0]}" for group, measure in columns]
    body = [
        (
            ROW_NAMES[row],
            *(f"{_text(published.get((row, *column)), column[1])} / {_text(ours.get((row, *column)), column[1])}"
              for column in columns),
        )
        for row in rows
    ]  # fmt: skip
    sources = dict.fromkeys(f"The papers' figures: {fact.source}" for fact in chosen)
    notes = ("Each cell: the paper's figure / ours; blank where there is none.", *sources, *missing)
    return Grid(f"table-{table.lower()}", TITLES[table], ("method", *heads), tuple(body), notes)


def _fact(path: Path, number: int, line: Mapping[str, str | None]) -> Fact:
    """One line of the table of facts."""
    cells = {name: (line.get(name) or "").strip() for name in COLUMNS}
    known = cells["table"] in TITLES and cells["row"] in ROW_NAMES and cells["measure"] in MEASURES
    if None in line or not known or not cells["group"]:
        raise CommandError(f"{path}, line {number}: not a cell of Table III or IV")
    if not cells["source"]:
        raise CommandError(f"{path}, line {number}: say in `source` where the figure stands, or why there is none")
    try:
        value = float(cells.pop("value")) if cells["value"] else None
    except ValueError as error:
        raise CommandError(f"{path}, line {number}: the value is not a number") from error
    if value is not None and not math.isfinite(value):
        raise CommandError(f"{path}, line {number}: the value is not a number")
    return Fact(cells["table"], cells["row"], cells["group"], cells["measure"], value, cells["source"])


def _text(value: float | None, measure: str) -> str:
    return "" if value is None else f"{value:.{MEASURES[measure][1]}f}"
