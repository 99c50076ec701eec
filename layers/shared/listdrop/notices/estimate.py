"""Estimates the time left for a job, for terminals and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from listdrop.models import Job


@dataclass(frozen=True, slots=True)
class Estimate:
    """The time left. `is_least`: nothing is answered yet, so this is only the time for sending."""

    left: timedelta
    is_least: bool = False


def time_left(job: Job, send_gap: float, now: datetime) -> Estimate | None:
    """Estimate from the share of rows with an outcome, and from the rate limit for unsent batches.

    `send_gap` is the provider's, in seconds (`providers.base.Rates`). Returns `None` if there is
    nothing to go by, or the job has ended. The estimate is never beyond the deadline.
    """
    if job.state.is_terminal or job.sending_since is None:
        return None
    unsent = max(0, job.batches["planned"] - job.batches["sent"])
    least = timedelta(seconds=unsent * send_gap)
    latest = max(job.deadline_at - now, timedelta())
    planned = job.batches["planned"]
    share = job.percent / 100 or (job.batches["terminal"] / planned if planned else 0)
    if 0 < share < 1:
        passed = now - job.sending_since
        return Estimate(min(max(passed * (1 - share) / share, least), latest))
    return Estimate(min(least, latest), is_least=True) if unsent else None
