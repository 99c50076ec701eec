"""The records port, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from listdrop.cells.profiles import profile_slug
from listdrop.models import (
    BatchItem,
    Job,
    Page,
    PlannedRow,
    RowFilter,
    RowItem,
    RowResult,
    warning_text,
    warnings_of,
)
from listdrop.ports import ALL_ROWS
from tests.support.jobs import MemoryJobs

T = TypeVar("T")


class MemoryRecords:
    """The records port, on the same memory as `MemoryJobs`. A cursor is where to go on."""

    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    def job(self, job_id: str) -> Job:
        """See the port."""
        return self._jobs.get(job_id)

    def batches(self, job_id: str) -> Iterator[BatchItem]:
        """See the port."""
        return self._jobs.batches(job_id)

    def jobs_of_day(self, day: date, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        found = [job for job in self._newest() if job.created_at.date() == day]
        return _page(found, cursor, limit)

    def jobs_of_route(self, route: str, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        return _page([job for job in self._newest() if job.route == route], cursor, limit)

    def jobs_with(self, job: Job, apart: timedelta, most: int | None = None) -> Sequence[Job]:
        """See the port."""
        return jobs_with(self._jobs.jobs.values(), job, apart)[:most]

    def followers(self, jobs: Sequence[Job], most: int | None = None) -> Sequence[Job]:
        """See the port."""
        return followers(self._jobs.jobs.values(), jobs)[:most]

    def _newest(self) -> list[Job]:
        return sorted(self._jobs.jobs.values(), key=lambda job: job.created_at, reverse=True)

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        """See the port."""
        found = [
            item
            for item in self._items(job)
            if not wanted.outcomes or item.outcome in wanted.outcomes
            if _has_text(item, wanted.text)
        ]
        return _page(found, cursor, limit)

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        """See the port."""
        marked = set(self._jobs.marked(person))
        found = [
            item
            for job in self._newest()
            for item in self._items(job)
            if item.person == person or (job.job_id, item.row) in marked
        ]
        return _page(found, cursor, limit)

    def rows_without_items(self, person: str) -> Sequence[tuple[str, int]]:
        """See the port."""
        rows = self._jobs.rows
        return sorted(
            (job_id, row)
            for job_id, row in self._jobs.marked(person)
            if row not in rows.get(job_id, {})
        )

    def _items(self, job: Job) -> list[RowItem]:
        return [
            _row_item(job, planned, result)
            for _, (planned, result) in sorted(self._jobs.rows.get(job.job_id, {}).items())
        ]


def jobs_with(jobs: Iterable[Job], job: Job, apart: timedelta) -> list[Job]:
    """Return the jobs of a job's upload, and of about its time."""
    return [
        each
        for each in jobs
        if (each.upload.bucket, each.upload.key, each.upload.version_id)
        == (job.upload.bucket, job.upload.key, job.upload.version_id)
        and abs(each.created_at - job.created_at) <= apart
    ]


def followers(jobs: Iterable[Job], followed: Iterable[Job]) -> list[Job]:
    """Return those of the jobs that followed on others, the first one first."""
    ids = {job.job_id for job in followed}
    found = (each for each in jobs if not ids.isdisjoint((each.retry_of, each.corrects)))
    return sorted(found, key=lambda each: each.created_at)


def _row_item(job: Job, planned: PlannedRow, result: RowResult) -> RowItem:
    identity = planned.identity
    person = f"EMAIL#{identity}" if "@" in identity else ""
    if identity and identity == profile_slug(planned.linkedin_url).lower():
        person = f"LINKEDIN#{identity}"
    warning = warnings_of(planned, result)
    told = {name: getattr(planned, name) for name in ("row", "line", "email", "linkedin_url")}
    return RowItem(
        job_id=job.job_id,
        provider=job.provider,
        person=person,
        created_at=job.created_at,
        warning_text=warning_text(warning),
        **told,
        **result._asdict() | {"warning": warning},
    )


def _has_text(item: RowItem, text: str) -> bool:
    places = (item.email, item.linkedin_url, item.reason, item.reason_text)
    return text.lower() in item.person or any(text in place for place in places)


def _page(found: Sequence[T], cursor: str, limit: int) -> Page[T]:
    start = int(cursor or 0)
    end = start + limit
    return Page(found[start:end], str(end) if end < len(found) else "")
