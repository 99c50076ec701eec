"""Charts as shapes with numbers. The templates draw them as SVG, with a table of the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from listdrop.dashboard.adding import DayFigures
from listdrop.models import Outcome

BAR_WIDTH = 1_000
"""Width of a bar that stands for all rows: one unit is a thousandth."""
_HEIGHT = 200
_STEP = 30
_GAP = 6
_LINES = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar: its start, its length, and the rows it stands for."""

    name: str
    start: float
    length: float
    count: int


class DayBar(NamedTuple):
    """One day's column, its pieces from bottom to top."""

    day: date
    x: int
    rows: int
    parts: Sequence[Part]


class DayChart(NamedTuple):
    """Columns of the last days. `lines` are heights, each with the number it stands for."""

    bars: Sequence[DayBar]
    lines: Sequence[tuple[float, int]]
    width: int
    height: int
    column: int


def day_chart(days: Sequence[DayFigures]) -> DayChart:
    """Return the chart of rows by outcome, one column for each day."""
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
    """Return a round number not below `highest`, and the lines of a scale of at most five steps."""
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
    """Divide a job's rows among the outcomes and the rows still open."""
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
