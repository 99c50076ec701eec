"""Which jobs a list shows and in which order: for the dashboard, and for the command `jobs`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar

from listdrop.models import PROBLEMS, Job, JobFigures, JobState, Page
from listdrop.ports import Records

A_DAY = timedelta(days=1)
AnyJob = Job | JobFigures
SomeJob = TypeVar("SomeJob", bound=AnyJob)
_JOBS_PER_PAGE = 100
_PERIODS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": A_DAY,
    "w": timedelta(weeks=1),
}
_PERIOD = re.compile(r"([0-9]{1,4})\s*([mhdw])", re.IGNORECASE)
_LONGEST = timedelta(days=3_650)
"""No job is kept for longer."""


class JobFilter(NamedTuple):
    """Which jobs are wanted: those that began from `since` until before `until`.

    Of the others, what is empty asks nothing. `file` and `dropped_by` are parts of the upload's
    name and of who dropped it, without case.
    """

    since: datetime
    until: datetime
    states: frozenset[JobState] = frozenset()
    providers: frozenset[str] = frozenset()
    route: str = ""
    file: str = ""
    dropped_by: str = ""

    def has(self, job: AnyJob) -> bool:
        """Whether a job is wanted."""
        return (
            self.since <= job.created_at < self.until
            and (not self.states or job.state in self.states)
            and (not self.providers or job.provider in self.providers)
            and self.route in ("", job.route)
            and self.file.lower() in job.upload.name.lower()
            and self.dropped_by.lower() in job.dropped_by.lower()
        )


def jobs_in(records: Records, wanted: JobFilter) -> Iterator[Job]:
    """Yield the jobs that are wanted, the newest first, reading as they are asked for."""
    return filter(wanted.has, all_since(records, wanted))


def all_since(records: Records, wanted: JobFilter) -> Iterator[Job]:
    """Yield the jobs of the route, or of the days, that may be wanted, the newest first."""
    for ask in _questions(records, wanted):
        page = ask("")
        while True:
            for job in page.items:
                if job.created_at < wanted.since:
                    return
                yield job
            if not page.cursor:
                break
            page = ask(page.cursor)


def _questions(records: Records, wanted: JobFilter) -> Iterator[Callable[[str], Page[Job]]]:
    if wanted.route:
        yield lambda cursor: records.jobs_of_route(wanted.route, cursor, _JOBS_PER_PAGE)
        return
    last, first = _utc_day(wanted.until), _utc_day(wanted.since)
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        yield lambda cursor, day=day: records.jobs_of_day(day, cursor, _JOBS_PER_PAGE)  # type: ignore[misc] # mypy does not infer a lambda's default


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def needs_attention(job: AnyJob) -> bool:
    """Whether somebody should look at a job: it ended badly, waits for them, or gets no answer."""
    is_stuck = job.last_error is not None and not job.state.is_terminal
    return job.state in PROBLEMS or is_stuck


def attention_first(jobs: Iterable[SomeJob]) -> Sequence[SomeJob]:
    """Return the jobs that need attention before the others, which keep their order."""
    return sorted(jobs, key=lambda job: not needs_attention(job))


def why(job: AnyJob) -> str:
    """Return in a few words why a job is as it is: the reason's code, or what is wrong now."""
    if job.reason or job.stop_reason:
        return job.reason or job.stop_reason
    return job.last_error.text if job.last_error and not job.state.is_terminal else ""


def period(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """Return from when until when jobs are wanted; by default from a day before its end on.

    Both are as `moment_of` reads them. Raises `ValueError` with a sentence.
    """
    soon = now + A_DAY
    end = min(moment_of(until, now, is_end=True), soon) if until else soon
    begin = moment_of(since, now) if since else min(now, end) - A_DAY
    if begin > end:
        last = until if until and end < soon else "tomorrow"
        raise ValueError(f"The period ends before it begins: {since} is after {last}.")
    return max(begin, now - _LONGEST), end


def moment_of(text: str, now: datetime, *, is_end: bool = False) -> datetime:
    """Read a moment: `7d` ago (minutes, hours, days, weeks), a day, or a day and a time in UTC.

    A day as an end is until its last moment. Raises `ValueError` with a sentence.
    """
    wanted = text.strip()
    try:
        if found := _PERIOD.fullmatch(wanted):
            return now - int(found[1]) * _PERIODS[found[2].lower()]
        if len(wanted) == len("2026-11-21"):
            day = datetime.combine(date.fromisoformat(wanted), datetime.min.time(), UTC)
            return day + A_DAY if is_end else day
        moment = datetime.fromisoformat(wanted)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a time: write 12h or 7d for that long ago, a day as 2026-11-21, or "
            "2026-11-21T09:30 (UTC)."
        ) from None
