"""What jobs use and what that costs, as figures. Both are counted, not measured."""

from __future__ import annotations

from tools.benchmarks.counting import counted
from tools.benchmarks.data import DESTINATIONS
from tools.benchmarks.measured import Figures
from tools.costs import ALL_ITEMS, BAD_ITEMS, cost


def figures(rows: int) -> Figures:
    """Return what a job uses at each provider, and what 100,000 rows cost."""
    told: dict[str, float] = {}
    for name in DESTINATIONS:
        told |= {f"{name}.{what}": value for what, value in counted(name, rows).items()}
        told |= {f"{name}.usd_all": cost(name, ALL_ITEMS), f"{name}.usd_bad": cost(name, BAD_ITEMS)}
    return told
