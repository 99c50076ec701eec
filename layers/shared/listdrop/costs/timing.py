"""How long a plan takes at the provider's rate, and whether its deadline leaves time for that."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Protocol

from listdrop.costs.usage import foreseen
from listdrop.models import DEADLINE_ROOM, LONGEST_DEADLINE, Job, display_name

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
"""No stack keeps files for less, and no deadline may be longer than they are kept."""


class Gaps(Protocol):
    """The seconds between requests of an account, as `providers.base.Rates` has them."""

    @property
    def send_gap(self) -> float:
        """After a request that sends."""
        ...

    @property
    def poll_gap(self) -> float:
        """After a request that asks."""
        ...


def least_time(provider: str, batches: int, gaps: Gaps) -> timedelta:
    """Return how long the requests of a plan take at least: those that send, and those that ask."""
    work = foreseen(provider, batches)
    sends, polls = (batches, 0.0) if work is None else (work.sends, work.polls)
    return timedelta(seconds=sends * gaps.send_gap + polls * gaps.poll_gap)


def too_short(provider: str, least: timedelta, deadline: timedelta) -> str:
    """Say that a deadline leaves too little time, and what to do; empty if it does not."""
    if DEADLINE_ROOM * least <= deadline or deadline >= LONGEST_DEADLINE:
        return ""
    needed, given = max(1, round(least / _MINUTE)), round(deadline / _MINUTE, 1)
    advised = math.ceil(min(DEADLINE_ROOM * least, LONGEST_DEADLINE) / _MINUTE)
    kept = ", and the stack a RetentionDays that is no shorter, or drop the file in parts"
    return (
        f"The rate of {display_name(provider)} allows this in no less than {needed:,} min, and the "
        f"deadline is after {given:,g} min: what is not answered by then ends unknown. Let the "
        f'route have "deadline_minutes": {advised}{kept if advised * _MINUTE > _DAY else ""}.'
    )


def short_of_time(job: Job, gaps: Gaps) -> str:
    """Say the same of a job that has not ended yet."""
    if job.state.is_terminal:
        return ""
    least = least_time(job.provider, job.batches["planned"], gaps)
    return too_short(job.provider, least, job.time_to_run)
