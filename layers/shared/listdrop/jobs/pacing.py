"""When to ask next."""

from __future__ import annotations

from listdrop.providers.base import Pace

_LEAST_OF_AGE = 0.5
"""Of the time that has passed, however little seems to be left: the last tenth may take longest."""


def next_poll_seconds(pace: Pace, age: float, progress: float | None = None) -> float:
    """Return the provider's own seconds until the next poll of something sent `age` seconds ago.

    As long again as it has taken so far; where the provider reports progress, the estimated rest,
    but at least half of that and never more, because progress bars lie. Always within the
    provider's bounds, and never before its first-poll time. `tools/benchmarks/polling.py` compares
    this with the best that is possible.
    """
    wait = age
    if progress is not None and 0 < progress < 1:
        wait = age * min(max((1 - progress) / progress, _LEAST_OF_AGE), 1)
    return max(min(max(wait, pace.shortest), pace.longest), pace.first - age)
