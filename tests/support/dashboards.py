"""The dashboard's ports in memory, and jobs to look at, for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from listdrop.cells.profiles import person_key
from listdrop.dashboard.ports import ActPorts, DashboardPorts
from listdrop.models import (
    Act,
    BatchItem,
    BatchState,
    Job,
    JobFigures,
    JobState,
    Outcome,
    Page,
    ReasonCount,
    Results,
    RowFilter,
    RowItem,
    StoredAccount,
    StoredRoute,
    Upload,
    no_counts,
)
from listdrop.ports import ALL_ROWS
from tests.support.clock import ManualClock
from tests.support.records import followers, jobs_with

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


class HurryingClock(ManualClock):
    """A clock by which everything takes a tenth of a second."""

    def now(self) -> datetime:
        """See the port."""
        self.advance(0.1)
        return super().now()


@dataclass
class Shelf:
    """Everything that there is to see. It is all the ports but the clock."""

    jobs: dict[str, Job] = field(default_factory=dict)
    rows_of: dict[str, list[RowItem]] = field(default_factory=dict)
    batches_of: dict[str, list[BatchItem]] = field(default_factory=dict)
    reasons_of: dict[str, list[ReasonCount]] = field(default_factory=dict)
    stored_routes: list[StoredRoute] = field(default_factory=list)
    stored_accounts: list[StoredAccount] = field(default_factory=list)
    budgets: dict[str, datetime] = field(default_factory=dict)
    days_read: list[date] = field(default_factory=list)
    without_items: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """By person, the rows that have no item."""
    searched_rows: int = 1_000
    """How many rows one search looks at."""

    def put(self, job: Job, rows: Iterable[RowItem] = (), batches: int = 0) -> Job:
        """Add a job."""
        self.jobs[job.job_id] = job
        self.rows_of[job.job_id] = list(rows)
        self.batches_of[job.job_id] = [new_batch(job, number + 1) for number in range(batches)]
        return job

    def ports(self, now: datetime = NOW, acts: ActPorts | None = None) -> DashboardPorts:
        """What an app is made with."""
        return DashboardPorts(
            acts=acts,
            records=_Records(self),
            figures=_Figures(self),
            directory=_Directory(self),
            downloads=_Downloads(self),
            clock=ManualClock(now),
        )


class MemoryAudit:
    """The audit port in memory."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    def record(self, act: Act) -> None:
        """See the port."""
        self.acts.append(act)

    def acts_on(self, subject: str) -> list[Act]:
        """See the port."""
        return [act for act in self.acts if act.subject == subject]


@dataclass
class _Records:
    shelf: Shelf

    def job(self, job_id: str) -> Job:
        return self.shelf.jobs[job_id]

    def batches(self, job_id: str) -> Iterator[BatchItem]:
        yield from self.shelf.batches_of[job_id]

    def jobs_of_day(self, day: date, cursor: str = "", limit: int = 50) -> Page[Job]:
        return _page(
            _newest(each for each in self.shelf.jobs.values() if each.created_at.date() == day),
            cursor,
            limit,
        )

    def jobs_of_route(self, route: str, cursor: str = "", limit: int = 50) -> Page[Job]:
        found = _newest(each for each in self.shelf.jobs.values() if each.route == route)
        return _page(found, cursor, limit)

    def jobs_with(self, job: Job, apart: timedelta, most: int | None = None) -> Sequence[Job]:
        return jobs_with(self.shelf.jobs.values(), job, apart)[:most]

    def followers(self, jobs: Sequence[Job], most: int | None = None) -> Sequence[Job]:
        return followers(self.shelf.jobs.values(), jobs)[:most]

    def rows_without_items(self, person: str) -> Sequence[tuple[str, int]]:
        return self.shelf.without_items.get(person, [])

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        start = _start(cursor)
        found: list[RowItem] = []
        rows = self.shelf.rows_of[job.job_id]
        for place in range(start, min(len(rows), start + self.shelf.searched_rows)):
            if len(found) == limit:
                return Page(found, str(place))
            if _fits(rows[place], wanted):
                found.append(rows[place])
        end = start + self.shelf.searched_rows
        return Page(found, str(end) if end < len(rows) else "")

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        found = [
            row for rows in self.shelf.rows_of.values() for row in rows if row.person == person
        ]
        return _page(sorted(found, key=lambda row: row.created_at, reverse=True), cursor, limit)


def _newest(jobs: Iterable[Job]) -> list[Job]:
    return sorted(jobs, key=lambda job: job.created_at, reverse=True)


def _start(cursor: str) -> int:
    return int(cursor or "0")


def _page(found: Sequence[Any], cursor: str, limit: int) -> Page[Any]:
    end = _start(cursor) + limit
    return Page(found[_start(cursor) : end], str(end) if end < len(found) else "")


def _fits(row: RowItem, wanted: RowFilter) -> bool:
    text = f"{row.person} {row.email} {row.linkedin_url} {row.reason} {row.reason_text}"
    return (not wanted.outcomes or row.outcome in wanted.outcomes) and wanted.text in text


@dataclass
class _Figures:
    shelf: Shelf

    def jobs_of(self, day: date) -> Sequence[JobFigures]:
        self.shelf.days_read.append(day)
        found = _newest(job for job in self.shelf.jobs.values() if job.created_at.date() == day)
        return [
            JobFigures(
                job_id=job.job_id,
                upload=job.upload,
                route=job.route,
                provider=job.provider,
                account=job.account,
                state=job.state,
                counts=job.counts,
                sent=job.batches["sent"],
                created_at=job.created_at,
                finished_at=job.finished_at,
                reason=job.reason,
                stop_reason=job.stop_reason,
                last_error=job.last_error,
                dropped_by=job.dropped_by,
                follows=job.corrects or job.retry_of,
            )
            for job in found
        ]

    def batches(self, job_id: str, first: int, limit: int) -> Sequence[BatchItem]:
        return self.shelf.batches_of[job_id][first - 1 : first - 1 + limit]

    def rows(self, job_id: str, numbers: Sequence[int]) -> Sequence[RowItem]:
        found = (row for row in self.shelf.rows_of[job_id] if row.row in numbers)
        return sorted(found, key=lambda row: row.row)

    def free_at(self, account: str) -> datetime | None:
        return self.shelf.budgets.get(account)


@dataclass
class _Directory:
    shelf: Shelf

    def routes(self) -> Sequence[StoredRoute]:
        return sorted(self.shelf.stored_routes, key=lambda route: route.name)

    def accounts(self) -> Sequence[StoredAccount]:
        return sorted(self.shelf.stored_accounts, key=lambda each: (each.provider, each.name))


@dataclass
class _Downloads:
    shelf: Shelf

    def link(self, job_id: str, name: str) -> str:
        return f"https://files.example/{job_id}/{name}?signed"

    def reasons(self, job_id: str) -> Sequence[ReasonCount]:
        return self.shelf.reasons_of.get(job_id, [])


# ---------------------------------------------------------------- what there is to see


def new_job(number: int = 1, **members: Any) -> Job:
    """An ended job with ten rows, unless it is told otherwise; `counts` are added to none."""
    provider = members.get("provider", "kakiyo")
    route = members.get("route", "spring")
    created_at = members.get("created_at", NOW - timedelta(hours=2))
    counts = no_counts() | members.pop("counts", {"rows": 10, "confirmed": 8, "refused": 2})
    state = members.get("state", JobState.PARTIAL)
    ended = {"progress": 100, "finished_at": created_at + timedelta(minutes=3, seconds=20)}
    given = {
        "job_id": f"{route}-{provider}-{number:016x}",
        "upload": Upload(bucket="uploads", key=f"inbox/{route}/people.csv", version_id="v1"),
        "route": route,
        "provider": provider,
        "account": "default",
        "state": state,
        "counts": counts,
        "batches": {"planned": 1, "sent": 1, "terminal": 1},
        "created_at": created_at,
        "updated_at": created_at,
        "planned_at": created_at + timedelta(seconds=1),
        "started_at": created_at + timedelta(seconds=2),
        "sending_since": created_at + timedelta(seconds=3),
        "deadline_at": created_at + timedelta(hours=6),
        "expires_at": int((created_at + timedelta(days=30)).timestamp()),
        "results": Results(results="s3://r/1", rejects="s3://r/2", retry="s3://r/3"),
    }
    if state.is_terminal:
        given |= ended
    else:
        given["results"] = None
    return Job(**(given | members))


def new_row(job: Job, number: int, outcome: Outcome, **members: Any) -> RowItem:
    """A row of a person of its own, unless it is told otherwise."""
    email = members.get("email", f"person{number}@example.com")
    given = {
        "job_id": job.job_id,
        "provider": job.provider,
        "row": number,
        "line": number + 1,
        "outcome": outcome,
        "email": email,
        "person": person_key(email),
        "created_at": job.created_at,
    }
    return RowItem(**(given | members))


def new_batch(job: Job, number: int, **members: Any) -> BatchItem:
    """A batch of a hundred rows that came to its end."""
    sent_at = job.created_at + timedelta(seconds=3 * number)
    given = {
        "job_id": job.job_id,
        "number": number,
        "state": BatchState.COMPLETED,
        "first_row": 1 + 100 * (number - 1),
        "rows": 100,
        "first_byte": 0,
        "last_byte": 1,
        "attempts": 1,
        "raw_status": "completed",
        "sent_at": sent_at,
        "terminal_at": sent_at + timedelta(seconds=40),
    }
    return BatchItem(**(given | members))
