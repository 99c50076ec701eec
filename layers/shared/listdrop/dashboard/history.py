"""The last days, added up. Finished days are cached in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from listdrop.dashboard.adding import DayFigures, add_up
from listdrop.models import JobFigures
from listdrop.ports import Clock, Figures

DAYS = 30
_READERS = 8
_KEPT_A_DAY = timedelta(minutes=5)


class History:
    """Figures by date. A day that is over, and whose jobs have all ended, only loses expired jobs.

    Such a day is cached for five minutes for each day of its age, so that not all days are read
    again at once. Any other day is read every time.
    """

    def __init__(self, figures: Figures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock
        self._kept: dict[date, tuple[DayFigures, datetime]] = {}

    def days(self) -> Sequence[DayFigures]:
        """Return the last thirty days, today last. Several threads may call it at once."""
        today = self._clock.now().date()
        return self._read([today - timedelta(days=back) for back in reversed(range(DAYS))])

    def has(self, since: datetime) -> bool:
        """Whether the time since then is within the last thirty days, the first of them whole."""
        return since.astimezone(UTC).date() >= self._clock.now().date() - timedelta(days=DAYS)

    def jobs(self, since: datetime, until: datetime) -> Iterator[JobFigures]:
        """Yield the jobs that began from `since` until before `until`, the newest first."""
        last = min(until.astimezone(UTC), self._clock.now()).date()
        first = since.astimezone(UTC).date()
        wanted = [last - timedelta(days=back) for back in range((last - first).days + 1)]
        for day in self._read(wanted):
            found = day.newest if day.has_all else self._figures.jobs_of(day.day)
            yield from (job for job in found if since <= job.created_at < until)

    def _read(self, wanted: Sequence[date]) -> Sequence[DayFigures]:
        now = self._clock.now()
        kept = {day: each for day, each in self._kept.items() if now < each[1]}
        missing = [day for day in wanted if day not in kept]
        with ThreadPoolExecutor(_READERS) as readers:
            read = dict(zip(missing, readers.map(self._add_up, missing), strict=True))
        for day, found in read.items():
            age = now.date() - day
            if age and not found.total.running:
                kept[day] = (found, now + _KEPT_A_DAY * age.days)
        self._kept = kept  # never changed, only replaced
        return [read[day] if day in read else kept[day][0] for day in wanted]

    def _add_up(self, day: date) -> DayFigures:
        return add_up(day, self._figures.jobs_of(day))
