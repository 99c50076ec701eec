"""What people are shown: jobs, rows, routes and files. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from listdrop.models import (
    BatchItem,
    Job,
    JobFigures,
    Page,
    ReasonCount,
    RowFilter,
    RowItem,
    StoredAccount,
    StoredRoute,
)

ALL_ROWS = RowFilter()


class Records(Protocol):
    """What became of uploads, for people who ask. Reads only.

    A question is asked again with the page's `cursor`, until that is empty. Raises `ValueError` for
    a cursor that no page had.
    """

    def job(self, job_id: str) -> Job:
        """Return a job. Raises `KeyError`."""
        ...

    def batches(self, job_id: str) -> Iterator[BatchItem]:
        """Yield a job's batches in order."""
        ...

    def jobs_of_day(self, day: date, cursor: str = "", limit: int = 50) -> Page[Job]:
        """Return the jobs that began on this day (UTC), the newest first."""
        ...

    def jobs_of_route(self, route: str, cursor: str = "", limit: int = 50) -> Page[Job]:
        """Return a route's jobs, the newest first."""
        ...

    def jobs_with(self, job: Job, apart: timedelta, most: int | None = None) -> Sequence[Job]:
        """Return the jobs of a job's upload that began no further than `apart` from it.

        They are looked for among the first `most` jobs of each day (UTC) of that time, or all.
        """
        ...

    def followers(self, jobs: Sequence[Job], most: int | None = None) -> Sequence[Job]:
        """Return the jobs that sent rows of these again or corrected them, the first one first.

        `jobs` are of one route. They are looked for among its next `most` jobs after the first of
        these, or all.
        """
        ...

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        """Return rows of a job, as far as its `row_items` had them kept.

        They are in order; of bad rows alone, those of a page are, and pages by 10,000 rows.
        """
        ...

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        """Return the rows that name a person, of any job, the newest first; see `RowItem.person`.

        It is a row's identity, or its other name. Names that belong together are each asked for.
        """
        ...

    def rows_without_items(self, person: str) -> Sequence[tuple[str, int]]:
        """Return jobs and numbers of rows that name a person, and have no item (yet)."""
        ...


class Figures(Protocol):
    """What the dashboard reads beside `Records`: little of each item, or few of many."""

    def jobs_of(self, day: date) -> Sequence[JobFigures]:
        """Return all jobs that began on this day (UTC), the newest first."""
        ...

    def batches(self, job_id: str, first: int, limit: int) -> Sequence[BatchItem]:
        """Return up to `limit` of a job's batches in order, from this number on."""
        ...

    def rows(self, job_id: str, numbers: Sequence[int]) -> Sequence[RowItem]:
        """Return a job's rows with these numbers in order, as far as they are kept."""
        ...

    def free_at(self, account: str) -> datetime | None:
        """Return when an account's budget has its next free slot; `None` if it was never used."""
        ...


class Directory(Protocol):
    """What routes and accounts there are. Never what a secret says."""

    def routes(self) -> Sequence[StoredRoute]:
        """Return all routes, by name."""
        ...

    def accounts(self) -> Sequence[StoredAccount]:
        """Return all accounts, by provider and name."""
        ...


class Downloads(Protocol):
    """Result files, for people who look at a job."""

    def link(self, job_id: str, name: str) -> str:
        """Return an address that gives the file to anyone who has it, for a minute."""
        ...

    def reasons(self, job_id: str) -> Sequence[ReasonCount]:
        """Return why rows are bad, the most frequent first; none before the job has ended."""
        ...
