"""What somebody should look at first: on the overview, of the last days' jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from listdrop.dashboard.adding import DayFigures
from listdrop.dashboard.grouping import Dropped, grouped
from listdrop.models import Group, JobFigures, JobState, rows_in

DAYS = 7
"""Jobs that ended badly longer ago than this are only in lists: somebody has seen them by now."""
_ENDED = (JobState.REJECTED, JobState.FAILED, JobState.EXPIRED, JobState.PARTIAL)


def to_look_at(days: Sequence[DayFigures]) -> Sequence[Dropped[JobFigures]]:
    """Return the uploads with jobs that need attention, and of each only those jobs.

    First what waits for somebody, then what gets no answer, then what ended worst; of each the
    newest first. A job of which all bad rows were corrected or sent again needs no more attention:
    what is left of them is left to the jobs that followed. `days` end today.
    """
    followed: Counter[str] = Counter()
    for day in days:
        followed.update(day.followed)
    found = [
        job
        for age, day in enumerate(reversed(days))
        for job in day.attention
        if not _is_taken_on(job, followed) and (age < DAYS or not job.state.is_terminal)
    ]
    return sorted(grouped(found), key=lambda each: min(map(_rank, each.jobs)))


def _is_taken_on(job: JobFigures, followed: Mapping[str, int]) -> bool:
    return job.job_id in followed and followed[job.job_id] >= rows_in(job.counts, Group.BAD)


def _rank(job: JobFigures) -> int:
    if job.state is JobState.HELD:
        return 0
    return 2 + _ENDED.index(job.state) if job.state in _ENDED else 1


def latest(days: Sequence[DayFigures], most: int) -> Sequence[Dropped[JobFigures]]:
    """Return the newest uploads, of the last days that had any."""
    found: list[Dropped[JobFigures]] = []
    for day in reversed(days):
        found += grouped(day.newest)
        if len(found) >= most:
            break
    return found[:most]
