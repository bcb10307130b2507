"""What may stand on a sheet: the rule of verdicts, reasons and ranks, apart from page and database.

From the JSON of the reading page to judgements that clinic.studies.reading stores and clinic.studies.drafts keeps. A
draft may be unfinished; a submitted sheet has a verdict on every letter and ranks 1..k without a gap over its k valid
ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clinic.studies.models import POSITIONS, Reason
from clinic.studies.refusals import SheetRefusal


@dataclass(frozen=True)
class Judgement:
    """One letter's verdict: `rank` 1..4 exactly when valid; `reason` only when invalid, "" when left open."""

    position: str
    valid: bool
    reason: str = ""
    rank: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The judgement as the page and the history keep it."""
        return asdict(self)


def read(entries: object) -> list[Judgement]:
    """Judgements from the page's JSON, sorted by letter; only shape and single entries are checked (a draft may be
    partial).
    """
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SheetRefusal("SHEET-SHAPE", "The sheet did not arrive whole. Nothing was changed; send it again.")
    judgements = sorted((_judgement(entry) for entry in entries), key=lambda judgement: judgement.position)
    letters = [judgement.position for judgement in judgements]
    if len(set(letters)) != len(letters):
        raise SheetRefusal("SHEET-TWICE", "One letter is judged twice. Nothing was changed.")
    _check_ranks(judgements)
    return judgements


def check_whole(judgements: Sequence[Judgement]) -> None:
    """Refuse a sheet on which a letter has no verdict yet."""
    missing = [position for position in POSITIONS if position not in {judgement.position for judgement in judgements}]
    if missing:
        raise SheetRefusal("SHEET-OPEN", f"Still to judge: {', '.join(missing)}. Your draft is kept.")


def as_json(judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    """The whole sheet in the form that drafts and history keep."""
    return [judgement.as_json() for judgement in judgements]


def _judgement(entry: dict[str, Any]) -> Judgement:
    position, valid = entry.get("position"), entry.get("valid")
    reason, rank = entry.get("reason") or "", entry.get("rank")
    if position not in POSITIONS or not isinstance(valid, bool) or set(entry) - {"position", "valid", "reason", "rank"}:
        raise SheetRefusal("SHEET-SHAPE", "The sheet did not arrive whole. Nothing was changed; send it again.")
    if reason not in Reason.values:
        raise SheetRefusal("SHEET-REASON", f"{position} has a reason that is not on the list.")
    if valid and reason:
        raise SheetRefusal("SHEET-REASON", f"{position} is valid, so it has no reason.")
    if valid != (type(rank) is int):
        raise SheetRefusal("SHEET-RANK", f"{position} needs a rank exactly when it is valid.")
    return Judgement(position, valid, str(reason), rank)


def _check_ranks(judgements: Sequence[Judgement]) -> None:
    ranks = sorted(judgement.rank for judgement in judgements if judgement.rank is not None)
    if ranks != list(range(1, len(ranks) + 1)):
        raise SheetRefusal(
            "SHEET-RANKS", f"The {len(ranks)} valid results need the ranks 1 to {len(ranks)}, each once."
        )
