"""How far a job is, and how long it will still take: the same for terminals and pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from listdrop.models import Job, JobState
from listdrop.notices.wording import number, plural

_OWN_PACE = 10
"""The first batches to be answered, this many, count as answered at the pace of sending: the time
between the first two answers says little."""


class Estimate(NamedTuple):
    """The time left. `is_least`: nothing is answered yet, so this is only the time for sending."""

    left: timedelta
    is_least: bool = False

    @property
    def words(self) -> str:
        """Return `about 4 min`, in steps that are as coarse as the estimate is."""
        seconds = max(1.0, self.left.total_seconds())
        if seconds < 90:
            found = f"{-(-round(seconds) // 10) * 10} s"
        elif seconds < 5_400:
            found = f"{round(seconds / 60)} min"
        else:
            found = f"{round(seconds / 3_600)} h"
        return f"{'at least' if self.is_least else 'about'} {found}"


def time_left(job: Job, send_gap: float, now: datetime) -> Estimate | None:
    """Estimate from the batches of this job that were sent and answered so far.

    `send_gap` is the provider's, in seconds (`providers.base.Rates`): no batch takes less. Rows
    that were settled by the plan are in no batch, so they are no pace. The time is counted from the
    last batch that was sent or answered, so that it runs down while nothing happens; once it has
    run out, there is no estimate. Nor is there one while something is wrong with the provider,
    which is said instead, or if there is nothing to go by. It is never beyond the deadline.
    """
    if job.state.is_terminal or job.stop_reason or job.last_error or job.sending_since is None:
        return None
    planned, sent, answered = (job.batches[each] for each in ("planned", "sent", "terminal"))
    seen_at = max(job.progressed_at or job.sending_since, job.sending_since)
    passed = seen_at - job.sending_since
    through = max(sent, answered)
    unsent = max(0, planned - through)
    gap = timedelta(seconds=send_gap)
    if through:  # counters are told every few seconds, so that at first there is no pace
        gap = max(gap, passed / through)
    if not unsent:  # the provider may still be at it long after the last was sent
        gap = passed / max(planned, 1)
    if answered:
        left = max(unsent * gap, (planned - answered) * _answer_gap(job, gap, seen_at))
    else:
        left = unsent * gap
    left = min(seen_at + left, job.deadline_at) - now
    return Estimate(left, is_least=not answered) if left > timedelta() else None


def _answer_gap(job: Job, gap: timedelta, seen_at: datetime) -> timedelta:
    """Return the time from one answered batch to the next, since the first ones were."""
    first = job.first_answers
    if first is None:
        return gap
    early = min(first.batches, _OWN_PACE)
    since = max(seen_at - first.at, timedelta())
    return (since + early * gap) / (max(job.batches["terminal"] - first.batches, 0) + early)


def progress(job: Job) -> str:
    """Return how far a job is: `sending: 71 of 196 batches sent, 3 answered`.

    Empty for a job that has ended, or has nothing to send. Of one that waits for approval, until
    when it does.
    """
    if job.state is JobState.HELD:
        return _waiting(job)
    planned, sent, answered = (job.batches[each] for each in ("planned", "sent", "terminal"))
    if job.state.is_terminal or not planned:
        return ""
    through = max(sent, answered)
    doing = "sending" if through < planned else "waiting for answers"
    if job.stop_reason:
        doing = "stopped"
    batches = plural(planned, "batch", "batches")
    return f"{doing}: {number(through)} of {batches} sent, {number(answered)} answered"


def _waiting(job: Job) -> str:
    if job.held_until is None:
        return "waits for approval"
    by = f"{job.held_until:%Y-%m-%d %H:%M} UTC"
    return f"waits for approval; without an answer by {by} it is refused"
