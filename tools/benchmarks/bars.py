"""What is asked of Listdrop's speed, memory and cost, and whether it was reached."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from tools.benchmarks.measured import Figures, Part

MOST_LOSS = 0.25
"""What part of its speed a stage may lose against what was measured before."""
MOST_GROWTH = 1.75
"""How much longer a row may take in ten times as many: twice is quadratic work in a tenth of it."""
_FILE = Path(__file__).with_suffix(".toml")


class Bar(NamedTuple):
    """A bar, and the figures of a part that it is about: those whose name matches."""

    what: str
    part: str
    figures: str
    but: Sequence[str] = ()
    least: float | None = None
    most: float | None = None

    def worst(self, figures: Figures) -> tuple[str, float] | None:
        """Return the figure that is furthest from the bar, if any matches."""
        found = [
            (name, value)
            for name, value in figures.items()
            if fnmatchcase(name, self.figures) and not any(fnmatchcase(name, no) for no in self.but)
        ]
        order = min if self.most is None else max
        return order(found, key=lambda each: each[1]) if found else None

    def is_met(self, value: float) -> bool:
        """Return whether a figure reaches the bar."""
        return value >= (self.least or 0) if self.most is None else value <= self.most


class Judged(NamedTuple):
    """A bar, and the worst of its figures."""

    bar: Bar
    name: str
    value: float

    @property
    def is_met(self) -> bool:
        """Return whether the bar is reached."""
        return self.bar.is_met(self.value)


def bars() -> list[Bar]:
    """Return every bar."""
    return [Bar(**each) for each in tomllib.loads(_FILE.read_text("utf-8"))["bar"]]


def judged(parts: Mapping[str, Part]) -> list[Judged]:
    """Compare what was measured with its bars."""
    found = ((bar, bar.worst(parts[bar.part].figures)) for bar in bars() if bar.part in parts)
    return [Judged(bar, *worst) for bar, worst in found if worst]


def unknown(parts: Mapping[str, Part]) -> list[Bar]:
    """Return the bars of these parts that no figure is about."""
    return [bar for bar in bars() if bar.part in parts and not bar.worst(parts[bar.part].figures)]
