"""Charts as shapes with numbers, drawn by the templates as SVG; a table beside each says it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from listdrop.dashboard.adding import DayFigures
from listdrop.models import Outcome

BAR_WIDTH = 1_000
"""Of a bar that stands for a whole: its parts are thousandths."""
_HEIGHT = 200
_STEP = 30
_GAP = 6
_LINES = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: where it begins, how long it is, what it stands for."""

    name: str
    start: float
    length: float
    count: int


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day's column: its pieces from the bottom up."""

    day: date
    x: int
    rows: int
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class DayChart:
    """Columns of the last days. `lines` are heights with the number that they stand for."""

    bars: Sequence[DayBar]
    lines: Sequence[tuple[float, int]]
    width: int
    height: int
    column: int


def day_chart(days: Sequence[DayFigures]) -> DayChart:
    """Draw rows by outcome, a column a day."""
    top, lines = _scale(max((day.total.outcomes.total() for day in days), default=0))
    bars = []
    for index, day in enumerate(days):
        counts = {outcome: day.total.outcomes[outcome] for outcome in Outcome}
        parts = tuple(_column(counts, top))
        bars.append(DayBar(day.day, index * _STEP, day.total.outcomes.total(), parts))
    return DayChart(bars, lines, len(days) * _STEP, _HEIGHT, _STEP - _GAP)


def _column(counts: Mapping[Outcome, int], top: int) -> Iterator[Part]:
    foot = float(_HEIGHT)
    for outcome, count in counts.items():
        if count:
            height = _HEIGHT * count / top
            foot -= height
            yield Part(outcome.value, round(foot, 2), round(height, 2), count)


def _scale(highest: int) -> tuple[int, Sequence[tuple[float, int]]]:
    """Return a round number over the highest, and the lines up to it: at most five."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            steps = max(1, -(-highest // step))
            if steps <= _LINES:
                top = step * steps
                lines = [(_HEIGHT - _HEIGHT * n / steps, n * step) for n in range(steps + 1)]
                return top, lines
        size *= 10


def balance_bar(counts: Mapping[str, int]) -> Sequence[Part]:
    """Divide a whole among the outcomes, and what is not settled yet."""
    rows = counts["rows"]
    parts = []
    start = 0.0
    for outcome in Outcome:
        if counts[outcome]:
            length = BAR_WIDTH * counts[outcome] / rows
            parts.append(Part(outcome.value, round(start, 2), round(length, 2), counts[outcome]))
            start += length
    open_rows = rows - sum(part.count for part in parts)
    if open_rows:
        parts.append(Part("open", round(start, 2), round(BAR_WIDTH - start, 2), open_rows))
    return parts
