"""How far a turn has come is told of now and then: a write for each batch would cost as much again.

What a turn did not tell because it died is missing in what people see, until Finish counts all
batches. Row items of which nobody told are written again by Finish.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from listdrop.jobs.settling import Settled
from listdrop.models import BatchItem, Job, Tally
from listdrop.models.numbers import with_more
from listdrop.ports import Clock, TurnJobs

_EVERY = timedelta(seconds=15)


class Telling:
    """What one turn has come to, and has not told yet."""

    def __init__(self, job: Job, jobs: TurnJobs, clock: Clock) -> None:
        self._job_id = job.job_id
        self._jobs = jobs
        self._clock = clock
        self._items_of = job.items_of
        self._told_at = clock.now()
        self._clear()

    def _clear(self) -> None:
        self._counts: Counter[str] = Counter()
        self._sent = self._terminal = 0
        self._at: datetime | None = None
        self._with_items: list[int] = []

    def add_sent(self, batch: BatchItem) -> None:
        """Count a batch that was sent, or no longer count one that will be sent again."""
        self._sent += 1 if batch.was_sent else -1
        self._at = batch.sent_at or self._at
        self._tell_in_time()

    def add_settled(self, settled: Settled) -> None:
        """Count a batch that is terminal."""
        self._counts.update(settled.counts)
        self._terminal += 1
        self._at = settled.batch.terminal_at
        if settled.has_items and not settled.batch.has_items:
            self._with_items.append(settled.batch.number)
        self._tell_in_time()

    def _tell_in_time(self) -> None:
        if self._clock.now() >= self._told_at + _EVERY:
            self.tell()

    def tell(self) -> None:
        """Tell what was not told yet."""
        if not (self._sent or self._terminal):
            return
        self._items_of = with_more(self._items_of, self._with_items)
        tally = Tally(self._counts, self._sent, self._terminal, self._at, self._items_of)
        self._clear()
        self._told_at = self._clock.now()
        self._jobs.tell(self._job_id, tally)
