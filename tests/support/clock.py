"""The time of tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When every test begins."""


class ManualClock:
    """The clock port: time passes when somebody waits, or when the test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """See the port."""
        return self._now

    def wait_until(self, moment: datetime) -> None:
        """See the port."""
        self._now = max(self._now, moment)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


class Waits(ManualClock):
    """A clock that remembers how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait_until(self, moment: datetime) -> None:
        """See the port."""
        self.waits.append((moment - self.now()).total_seconds())
        super().wait_until(moment)
