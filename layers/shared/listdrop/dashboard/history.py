"""The last days, added up. Finished days are cached in memory."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from listdrop.dashboard.adding import DayFigures, add_up
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
        now = self._clock.now()
        kept = {day: each for day, each in self._kept.items() if now < each[1]}
        wanted = [now.date() - timedelta(days=back) for back in reversed(range(DAYS))]
        missing = [day for day in wanted if day not in kept]
        with ThreadPoolExecutor(_READERS) as readers:
            read = dict(zip(missing, readers.map(self._read, missing), strict=True))
        for day, found in read.items():
            age = now.date() - day
            if age and not found.total.running:
                kept[day] = (found, now + _KEPT_A_DAY * age.days)
        self._kept = kept  # never changed, only replaced
        return [read[day] if day in read else kept[day][0] for day in wanted]

    def _read(self, day: date) -> DayFigures:
        return add_up(day, self._figures.jobs_of(day))
