"""One at a time, over all jobs: the account's request in flight, and what an import has to itself.

A slot says when a request may leave, and nothing of the one before it, which may take a minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from listdrop.models import Job
from listdrop.ports import Budget, Clock
from listdrop.providers.base import Provider

REQUEST_SECONDS = 90
"""Longer than any request may take: after it, a request that a crash left counts as over."""

HELD_SECONDS = 2 * REQUEST_SECONDS
"""For how long a turn takes the account at once, for as many requests as it makes meanwhile."""

RUN_SECONDS = 20 * 60
"""From one sign of a running import to the moment when it counts as over. It is asked about every
two minutes, after a failed turn within five, and after a `Retry-After` within fifteen."""

BLOCKED_SECONDS = (5, 60)
"""From a request that finds another in its way to its next try, at most: of a job that is new, and
of one that has waited long."""

RUN_AGAIN_SECONDS = (60, 60 * 60)
"""The same for an import that finds another in its way."""

_PART_OF_AGE = 5
"""A try waits for this part of the job's age, so that of a hundred jobs that wait for each other
for hours, none takes hundreds of turns."""


class Leases:
    """What one turn of a job holds of an account, for itself alone.

    A lease that is not given back ends.
    """

    def __init__(
        self,
        job: Job,
        provider: Provider[Any, Any],
        budget: Budget,
        clock: Clock,
        wait_scale: float,
        kind: str,
    ) -> None:
        self._job_id = job.job_id
        self._created_at = job.created_at
        self._account = f"{job.provider}#{job.account}"
        self._provider = provider
        self._budget = budget
        self._clock = clock
        self._wait_scale = wait_scale
        self._turn = f"{job.job_id} {kind} {clock.now().isoformat()}"
        self._is_in_until: datetime | None = None

    def enter(self) -> datetime | None:
        """Take the account for a request, if it takes one at a time; or return when to retry.

        The turn keeps it for its next requests: their slots are its own, and other jobs come after.
        """
        if not self._provider.rates.one_at_a_time:
            return None
        now = self._clock.now()
        if self._is_in_until and self._is_in_until >= now + self._scaled(REQUEST_SECONDS):
            return None
        blocked = self._take(self._account, self._turn, HELD_SECONDS, BLOCKED_SECONDS)
        self._is_in_until = None if blocked else now + self._scaled(HELD_SECONDS)
        return blocked

    def __enter__(self) -> Self:
        """Begin a turn."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the turn, however: give the account back."""
        if self._is_in_until is not None:
            self._budget.give_back(self._account, self._turn)
            self._is_in_until = None

    def begin_import(self) -> datetime | None:
        """Have the job's import run alone from now on, or still; or return when to retry."""
        what = self._provider.runs_alone
        if not what:
            return None
        return self._take(f"{self._account}#{what}", self._job_id, RUN_SECONDS, RUN_AGAIN_SECONDS)

    def end_import(self) -> None:
        """Let the next import run: the job's is certainly over, or was never begun."""
        if what := self._provider.runs_alone:
            self._budget.give_back(f"{self._account}#{what}", self._job_id)

    def _take(
        self, name: str, holder: str, seconds: float, again: tuple[float, float]
    ) -> datetime | None:
        now = self._clock.now()
        until = self._budget.take(name, holder, now + self._scaled(seconds), now)
        if until is None:
            return None
        shortest, longest = map(self._scaled, again)
        age = (now - self._created_at) / _PART_OF_AGE
        return min(until, now + min(max(shortest, age), longest))

    def _scaled(self, seconds: float) -> timedelta:
        return timedelta(seconds=seconds * self._wait_scale)
