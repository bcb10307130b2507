"""The pace of a study as one line: sheets submitted day by day, and where they would be at this pace.

From clinic.studies.board to coordinates for the SVG of `studies/_board.html`; the sentence beside it says the same in
words.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic.studies.board import Board

LEFT, RIGHT, TOP, BOTTOM = 52.0, 600.0, 32.0, 214.0


@dataclass(frozen=True)
class Grid:
    """One horizontal line of the figure and its number of sheets."""

    y: float
    number: int


@dataclass(frozen=True)
class PaceLine:
    """The figure in its 640 x 250 box: points of the solid and of the dashed line, and the words at its marks."""

    grid: tuple[Grid, ...]
    solid: str
    dashed: str
    now: tuple[float, float]
    ahead: tuple[float, float] | None
    closing: float | None
    first: date
    last: date
    done_on: date | None
    sentence: str


def draw(board: Board) -> PaceLine | None:
    """The figure of a board; None before anything was submitted."""
    if not board.points or not board.done or not board.total:
        return None
    first, today = board.points[0][0], board.points[-1][0]
    done_on = _done_on(board, first, today)
    last = max(day for day in (today + timedelta(days=1), done_on, board.closes_on) if day)
    days = (last - first).days

    def at(day: date, sheets: float) -> tuple[float, float]:
        across = LEFT + (RIGHT - LEFT) * (day - first).days / days
        return round(across, 1), round(BOTTOM - (BOTTOM - TOP) * sheets / board.total, 1)

    now = at(today, board.done)
    ahead = at(done_on, board.total) if done_on and done_on > today else None
    return PaceLine(
        grid=tuple(Grid(at(first, number)[1], number) for number in _numbers(board.total)),
        solid=" ".join(f"{x},{y}" for x, y in (at(day, sheets) for day, sheets in board.points)),
        dashed=f"{now[0]},{now[1]} {ahead[0]},{ahead[1]}" if ahead else "",
        now=now,
        ahead=ahead,
        closing=at(board.closes_on, 0)[0] if board.closes_on and board.closes_on >= first else None,
        first=first,
        last=last,
        done_on=done_on,
        sentence=_sentence(board, done_on),
    )


def _done_on(board: Board, first: date, today: date) -> date | None:
    """The day on which all sheets would be in at the pace so far; None when they are."""
    if board.done == board.total:
        return None
    passed = max(1, (today - first).days)
    return today + timedelta(days=-(-(board.total - board.done) * passed // board.done))


def _numbers(total: int) -> list[int]:
    return sorted({0, round(total / 3), round(2 * total / 3), total})


def _sentence(board: Board, done_on: date | None) -> str:
    said = f"{board.done} of {board.total} sheets are submitted"
    if done_on:
        said += f"; at this pace all are by {done_on:%-d %B}"
    return f"{said}; the study closes on {board.closes_on:%-d %B}." if board.closes_on else f"{said}."
