"""Adds up jobs: how many there were, how they ended, their rows' outcomes, the slowest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from listdrop.dashboard.listing import needs_attention
from listdrop.models import Group, JobFigures, JobState, LastError, Outcome, rows_in

OF_THE_ACCOUNT = frozenset({"unknown_account", "bad_account", "provider_auth", "provider_quota"})
"""Reasons for which a job could not use its account."""
_NEWEST = 500
"""Jobs of a day that are remembered, so that lists need not read them again."""


def took(job: JobFigures) -> timedelta | None:
    """Return how long a job took, from its creation to its end; `None` if it has not ended."""
    return job.finished_at - job.created_at if job.finished_at else None


@dataclass(slots=True)
class Tally:
    """Totals of some jobs. `sent` counts batches that were sent; `latest` began last.

    `errors` are what jobs that have not ended say is wrong with their provider. `told` is the last
    of those that learned how the account is: by an answer, or by having none.
    """

    jobs: int = 0
    states: Counter[JobState] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    rows: int = 0
    sent: int = 0
    slowest: JobFigures | None = None
    latest: JobFigures | None = None
    told: JobFigures | None = None
    errors: list[LastError] = field(default_factory=list)

    def add(self, job: JobFigures) -> None:
        """Add one job."""
        self.jobs += 1
        self.states[job.state] += 1
        self.rows += job.counts["rows"]
        self.sent += job.sent
        for outcome in Outcome:
            if job.counts[outcome]:
                self.outcomes[outcome] += job.counts[outcome]
        if job.last_error is not None and not job.state.is_terminal:
            self.errors.append(job.last_error)
        self._compare(job, job, job if _has_asked(job) else None)

    def include(self, other: Tally) -> None:
        """Add another tally."""
        self.jobs += other.jobs
        self.states.update(other.states)
        self.outcomes.update(other.outcomes)
        self.rows += other.rows
        self.sent += other.sent
        self.errors += other.errors
        self._compare(other.slowest, other.latest, other.told)

    def _compare(
        self, slow: JobFigures | None, late: JobFigures | None, told: JobFigures | None
    ) -> None:
        lasted = took(slow) if slow else None
        known = took(self.slowest) if self.slowest else None
        if lasted is not None and (known is None or lasted > known):
            self.slowest = slow
        if late and (self.latest is None or late.created_at > self.latest.created_at):
            self.latest = late
        if told and (self.told is None or told.created_at > self.told.created_at):
            self.told = told

    @property
    def good(self) -> int:
        """Rows with a good outcome."""
        return rows_in(self.outcomes, Group.GOOD)

    @property
    def judged(self) -> int:
        """Rows that had a chance, and are good or bad.

        Settled rows do not say how well it went; nor do rows that were not fit to be sent, which
        are all known before the first good one.
        """
        return self.good + self.bad - self.outcomes[Outcome.INVALID]

    @property
    def bad(self) -> int:
        """Rows with a bad outcome."""
        return rows_in(self.outcomes, Group.BAD)

    @property
    def running(self) -> int:
        """Jobs that have not ended."""
        return sum(count for state, count in self.states.items() if not state.is_terminal)


def _has_asked(job: JobFigures) -> bool:
    reason = job.reason or job.stop_reason
    return bool(job.sent or job.last_error or reason in OF_THE_ACCOUNT)


@dataclass(slots=True)
class DayFigures:
    """A day's jobs, added up: all of them, and by provider, route and account.

    Of `newest` there are not more than are worth remembering. `followed` are the jobs, of any
    day, that jobs of this day send again or correct, with how many rows these have.
    """

    day: date
    total: Tally = field(default_factory=Tally)
    providers: dict[str, Tally] = field(default_factory=dict)
    routes: dict[str, Tally] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Tally] = field(default_factory=dict)
    newest: list[JobFigures] = field(default_factory=list)
    attention: list[JobFigures] = field(default_factory=list)
    followed: Counter[str] = field(default_factory=Counter)

    @property
    def has_all(self) -> bool:
        """Whether `newest` are all of its jobs."""
        return len(self.newest) == self.total.jobs

    def add(self, job: JobFigures) -> None:
        """Add one job; the newest come first."""
        self.total.add(job)
        self.providers.setdefault(job.provider, Tally()).add(job)
        self.routes.setdefault(job.route, Tally()).add(job)
        self.accounts.setdefault((job.provider, job.account), Tally()).add(job)
        if len(self.newest) < _NEWEST:
            self.newest.append(job)
        if needs_attention(job):
            self.attention.append(job)
        if job.follows:
            self.followed[job.follows] += job.counts["rows"]


def add_up(day: date, jobs: Iterable[JobFigures]) -> DayFigures:
    """Add up the jobs of one day, the newest first."""
    found = DayFigures(day)
    for job in jobs:
        found.add(job)
    return found


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of several tallies."""
    whole = Tally()
    for tally in tallies:
        whole.include(tally)
    return whole


def merged_by(
    days: Iterable[DayFigures], part: Callable[[DayFigures], Mapping[str, Tally]]
) -> dict[str, Tally]:
    """Return the sums of one part of several days by name, the one with most rows first."""
    whole: dict[str, Tally] = {}
    for day in days:
        for name, tally in part(day).items():
            whole.setdefault(name, Tally()).include(tally)
    return dict(sorted(whole.items(), key=lambda item: (-item[1].rows, item[0])))


def merged_accounts(days: Iterable[DayFigures]) -> dict[tuple[str, str], Tally]:
    """Return the sums of several days by account."""
    whole: dict[tuple[str, str], Tally] = {}
    for day in days:
        for account, tally in day.accounts.items():
            whole.setdefault(account, Tally()).include(tally)
    return whole
