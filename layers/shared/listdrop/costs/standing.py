"""What a stack costs each month, beside its jobs: it stands, and it writes metrics."""

from __future__ import annotations

from typing import NamedTuple

from listdrop.costs.usage import prices

HOURS = 730
"""Of a month, as AWS counts it."""


class Stack(NamedTuple):
    """What a stack has that costs each month. `secrets`: one for each provider's account."""

    alarms: int
    keys: int
    secrets: int
    dashboards: int = 1

    def parts(self) -> dict[str, float]:
        """Return the list price of each part, in USD a month."""
        standing = prices()["standing"]
        counts = {
            "alarms": self.alarms,
            "keys": self.keys,
            "secrets": self.secrets,
            "dashboards": self.dashboards,
        }
        return {name: count * standing[name]["usd"] for name, count in counts.items()}


def metrics_a_month(sets: float, jobs_a_day: float) -> float:
    """Return what custom metrics cost a month, in USD, if jobs begin at any hour.

    A metric costs for each hour in which it gets a number, however many. `sets` is how many one job
    writes. Jobs of the same hour share them, and several jobs in each hour cost as much as one.
    """
    busy = 1 - (23 / 24) ** jobs_a_day  # the share of hours that have a job
    return float(busy * sets * prices()["standing"]["metrics"]["usd"])
