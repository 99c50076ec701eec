"""When to ask next."""

from __future__ import annotations

from listdrop.providers.base import Pace


def next_poll_seconds(pace: Pace, age: float, progress: float | None = None) -> float:
    """Return the provider's own seconds until the next poll of something sent `age` seconds ago.

    A quarter of the time since sending; where the provider reports progress, the estimated rest,
    but never more than the time already passed, because progress bars lie. Always within the
    provider's bounds, and never before its first-poll time.
    """
    if progress is not None and 0 < progress < 1:
        wait = min(age * (1 - progress) / progress, age)
    else:
        wait = age / 4
    return max(min(max(wait, pace.shortest), pace.longest), pace.first - age)
