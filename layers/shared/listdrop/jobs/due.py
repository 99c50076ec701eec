"""Which of a job's batches Status asks about in a turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

from listdrop.jobs.turns import Work
from listdrop.models import BatchItem, BatchState

MOST_POLLS = 100
"""As many batches are asked about in one turn."""

Unit = list[BatchItem]
"""What is asked about at once: a batch, or all sent ones where they are one import."""

_SLACK = timedelta(milliseconds=500)


@dataclass(slots=True)
class Due:
    """What a turn asks about, and what else it saw."""

    first_open: int
    due: list[Unit] = field(default_factory=list)
    left: list[Unit] = field(default_factory=list)
    """Units that are sent, and not due."""
    poll_from: int = 1
    """Where the next turn goes on, if this one did not see all batches."""
    is_cut_short: bool = False
    """Whether there may be more that is due."""
    is_sendable: bool = False
    """Whether Send has something to do."""
    loaded: list[BatchItem] = field(default_factory=list)
    """Of an import of several batches, those that are settled already."""

    def see(self, batch: BatchItem) -> None:
        """Take note of how far all batches are terminal."""
        if batch.number == self.first_open and batch.state.is_terminal:
            self.first_open += 1

    def add(self, unit: Unit, now: datetime) -> None:
        """Take in what is sent."""
        is_due = (unit[0].next_poll_at or now) <= now + _SLACK
        (self.due if is_due else self.left).append(unit)


def look(work: Work, ends_at: datetime) -> Due:
    """Read what there is to ask about until the turn ends."""
    return _whole_import(work) if work.provider.commits else _next_ones(work, ends_at)


def _whole_import(work: Work) -> Due:
    """Find all batches of the job's one import."""
    found, sent = Due(work.job.first_open), list[BatchItem]()
    for batch in work.ports.jobs.batches(work.job.job_id, found.first_open):
        found.see(batch)
        found.is_sendable |= batch.is_unsent
        if batch.state is BatchState.SENT:
            sent.append(batch)
        elif batch.state is BatchState.COMPLETED:
            found.loaded.append(batch)
    if sent:
        found.add(sent, work.now())
    return found


def _next_ones(work: Work, ends_at: datetime) -> Due:
    """Find batches that are due, as many as the turn has time for.

    It goes round: it begins where the turn before stopped. So a turn reads hardly more batches
    than it asks about, however many are open.
    """
    job, now = work.job, work.now()
    gap = work.provider.rates.poll_gap
    most = min(MOST_POLLS, max(1, int((ends_at - now).total_seconds() / gap)))
    found = Due(job.first_open, is_sendable=job.first_unsent <= job.batches["planned"])
    for batch in _round(work):
        if len(found.due) == most:
            found.is_cut_short, found.poll_from = True, batch.number
            break
        found.see(batch)
        if batch.state is BatchState.SENT:
            found.add([batch], now)
    return found


def _round(work: Work) -> Iterator[BatchItem]:
    """Yield the batches that any Send has begun, once each, from where the last turn stopped."""
    start = max(work.job.poll_from, work.job.first_open)
    yield from _begun(work, start)
    yield from takewhile(lambda batch: batch.number < start, _begun(work, work.job.first_open))


def _begun(work: Work, first: int) -> Iterator[BatchItem]:
    batches = work.ports.jobs.batches(work.job.job_id, first)
    return takewhile(lambda batch: not batch.is_untouched, batches)


def has_parts(work: Work) -> bool:
    """Whether parts of a batch were taken that is not all sent, and that Send has to end."""
    begun = _begun(work, max(work.job.first_open, work.job.first_unsent))
    return not work.provider.commits and any(batch.is_unsent and batch.parts for batch in begun)
