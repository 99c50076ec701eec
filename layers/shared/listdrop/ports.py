"""What the use cases need from outside, as protocols; implemented in `aws/` and in fakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any, NamedTuple, Protocol

from listdrop.models import (
    Account,
    BatchItem,
    Job,
    JobFigures,
    Page,
    PlannedRow,
    ReasonCount,
    Results,
    Route,
    RowFilter,
    RowItem,
    RowResult,
    Session,
    StoredAccount,
    StoredRoute,
    Submission,
    Ticket,
    Turn,
    Upload,
)
from listdrop.providers.base import Provider
from listdrop.providers.http import HttpClient

ALL_ROWS = RowFilter()

AnyProvider = type[Provider[Any, Any]]
"""A provider's class, whatever its destinations and accounts are."""


class Clock(Protocol):
    """Time, in UTC."""

    def now(self) -> datetime:
        """Return the moment."""
        ...

    def wait_until(self, moment: datetime) -> None:
        """Keep two requests apart. For about a second at most; longer waits are the workflow's."""
        ...


class Uploads(Protocol):
    """The uploads bucket."""

    def read(self, upload: Upload) -> Iterator[bytes]:
        """Yield the bytes of exactly this version. Raises `UploadRejectedError` if it is gone."""
        ...

    def retry_of(self, upload: Upload) -> str:
        """Return the id of the job whose rows this version sends again, as it says itself.

        Empty if it says nothing, or is gone.
        """
        ...

    def versions(self, since: datetime) -> Iterator[Upload]:
        """Yield the versions of uploads that were stored since then; folders are none."""
        ...

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """Yield the bytes of a suppression list as it is now.

        Raises `UploadRejectedError` (`bad_route`) if there is none, or none that may be read.
        """
        ...


class Deliveries(Protocol):
    """The queue by which Submit learns of uploads."""

    def deliver(self, upload: Upload) -> None:
        """Tell of an upload, as S3 does."""
        ...


class Routes(Protocol):
    """Routes as their owner wrote them."""

    def get(self, name: str) -> Route:
        """Return a route. Raises `UploadRejectedError` (`unknown_route`, `bad_route`)."""
        ...


class Accounts(Protocol):
    """Secrets of provider accounts."""

    def get(self, provider: AnyProvider, name: str, *, fresh: bool = False) -> Account:
        """Return an account, at most five minutes old, or `fresh`.

        Raises `UploadRejectedError` (`unknown_account`, `bad_account`).
        """
        ...


class Providers(Protocol):
    """The registry, and the door to the providers' APIs."""

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        """Build the provider that a stored destination names."""
        ...

    def http(self) -> HttpClient:
        """Return a client for the requests of one turn; that of the turn before is closed."""
        ...


class Jobs(Protocol):
    """Jobs, batches and rows, and the claim on a content."""

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """Take the job for planning, for this long.

        Returns `None` when it is ours to plan, else the job as it is: planned before, or being
        planned by another.
        """
        ...

    def submission(self, upload: Upload) -> Submission | None:
        """Return what was decided about an upload; `None` if nothing is, or it is long ago."""
        ...

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """Remember for a month what is decided; returns what another decided before, if any."""
        ...

    def mark_submitted(self, upload: Upload) -> None:
        """Remember that all jobs of an upload are started."""
        ...

    def get(self, job_id: str) -> Job:
        """Return a job. Raises `KeyError`."""
        ...

    def claim_content(self, content: str, job: Job) -> str:
        """Claim a content for a destination; returns the id of the job that has it, or this."""
        ...

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """Claim a content that another job imported nothing of; false if a third was faster."""
        ...

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """Store the batches, and then the job with its `planned_at`."""
        ...

    def update(self, job_id: str, **changes: Any) -> None:
        """Change members of a job that is not terminal; silently not, if it is."""
        ...

    def save_session(self, job: Job, session: Session | None) -> Job:
        """Store the session, if nobody else has since `job` was read. Raises `ClaimLostError`."""
        ...

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """Yield a job's batches in order, from this number on, reading as they are asked for."""
        ...

    def save_batch(
        self, batch: BatchItem, *, counts: Mapping[str, int] | None = None, sent: int = 0
    ) -> BatchItem:
        """Store a batch, if nobody else has since it was read, and return it with its new version.

        A terminal batch adds its outcome `counts` to the job's, in the same transaction; `sent`
        is added to the job's batches sent. Raises `ClaimLostError`.
        """
        ...

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """Store row items, as far as the job's `row_items` asks for them. May be repeated."""
        ...

    def finish(self, job: Job) -> bool:
        """Store the job's terminal state; false if it was terminal already."""
        ...

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """Remember that the notice was published."""
        ...


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

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        """Return rows of a job, as far as its `row_items` had them kept.

        They are in order; of bad rows alone, those of a page are, and pages by 10,000 rows.
        """
        ...

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        """Return the rows of a person, of any job, the newest first; see `RowItem.person`."""
        ...


class Figures(Protocol):
    """What the dashboard reads beside `Records`: little of each item, or few of many."""

    def jobs_of(self, day: date) -> Sequence[JobFigures]:
        """Return all jobs that began on this day (UTC), the newest first."""
        ...

    def batches(self, job_id: str, first: int, limit: int) -> Sequence[BatchItem]:
        """Return so many of a job's batches in order, from this number on."""
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
        """Return an address that gives the file to whoever has it, for a minute."""
        ...

    def reasons(self, job_id: str) -> Sequence[ReasonCount]:
        """Return why rows are bad, the most frequent first; none before the job has ended."""
        ...


class Files(Protocol):
    """The results bucket: plans, settled outcomes, result files."""

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        """Store a job's plan: every data row in order, some hundred to a line (see `plan`)."""
        ...

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """Return a part of the plan, both ends included."""
        ...

    def plan_lines(self, job_id: str) -> Iterator[bytes]:
        """Yield all lines of the plan."""
        ...

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        """Store what became of a batch's rows."""
        ...

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """Return what `save_outcomes` stored. Raises `KeyError`."""
        ...

    def save_result(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """Store a result file."""
        ...

    def results(self, job_id: str) -> Results:
        """Return the addresses of a job's result files."""
        ...


class PersonRow(NamedTuple):
    """Where a person's row item is, and what it says of the person besides."""

    job_id: str
    row: int
    email: str
    linkedin_url: str


class People(Protocol):
    """Row items by person, and what has to be known of jobs before a person is erased."""

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """Yield the row items of a person, `EMAIL#<address>` or `LINKEDIN#<slug>`."""
        ...

    def jobs_of(self, upload: Upload) -> Iterator[str]:
        """Yield the ids of all jobs of an upload's version."""
        ...

    def open_jobs(self, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the ids of jobs begun in this time that have not ended, or not told of it yet."""
        ...

    def erase(self, job_id: str, row: int) -> bool:
        """Leave a row item only its number, line and outcome; false if there was no more of it."""
        ...

    def erase_reason(self, job_id: str, row: int) -> bool:
        """Take away a row item's reason; false if that was done before, or there is no item."""
        ...


class Archive(Protocol):
    """Everything that is stored in files, with its old versions: for erasing.

    Files have the names that they have below `jobs/<job id>/`.
    """

    def job_ids(self) -> Iterator[str]:
        """Yield the ids of all jobs that there is any file of."""
        ...

    def names(self, job_id: str) -> Iterator[str]:
        """Yield the names of a job's files."""
        ...

    def read(self, job_id: str, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file; none if there is no such file."""
        ...

    def replace(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """Store a file in place of the one there is."""
        ...

    def drop_old_versions(self, job_id: str) -> int:
        """Delete all versions of a job's files but the latest; returns how many."""
        ...

    def delete_upload(self, upload: Upload) -> bool:
        """Delete a version of an upload for good; false if it was gone."""
        ...


class Budget(Protocol):
    """Request slots of provider accounts, shared by all jobs."""

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """Reserve `count` slots, `gap` seconds apart, at the earliest moment that is free."""
        ...

    def hold(self, account: str, until: datetime) -> None:
        """Give out no slot before this moment."""
        ...


class Executions(Protocol):
    """The state machine."""

    def start(self, turn: Turn) -> str:
        """Start a job's execution, or find it started, and return its ARN."""
        ...


class Notices(Protocol):
    """The results topic."""

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """Publish one notice: JSON for programs, plain sentences for e-mail."""
        ...


class Events(Protocol):
    """Counts and times of noteworthy things, for metrics and alarms. Never holds personal data.

    What has a `route` can be asked for by route as well; never by job, of which there are too many.
    """

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """Count something that happened."""
        ...

    def measure(self, name: str, provider: str, seconds: float, *, route: str) -> None:
        """Remember how long something took."""
        ...
