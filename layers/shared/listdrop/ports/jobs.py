"""Jobs, by who does what with them. One table implements all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from listdrop.models import (
    BatchItem,
    EndedJob,
    Job,
    Marks,
    Place,
    PlannedRow,
    RowResult,
    Session,
    Submission,
    Tally,
    Upload,
)


class Submitted(Protocol):
    """Which uploads are taken care of, whatever was decided about them."""

    def is_submitted(self, upload: Upload) -> bool:
        """Whether all jobs of an upload are started."""
        ...


class Submissions(Submitted, Protocol):
    """What was decided about uploads."""

    def submission(self, upload: Upload) -> Submission | None:
        """Return what was decided about an upload; `None` if nothing is, or it is long ago."""
        ...

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """Remember what is decided, for as long as its jobs may last.

        Returns what another decided before, if any.
        """
        ...

    def expect(self, upload: Upload, jobs: int, job_ids: Sequence[str] = ()) -> None:
        """Remember how many jobs an upload makes, before any of them is started.

        `job_ids` are those of an archive's tables, which nobody can tell once it is deleted.
        Without them, those that were given before stay.
        """
        ...

    def mark_submitted(self, upload: Upload) -> None:
        """Remember that all jobs of an upload are started."""
        ...


class Endings(Protocol):
    """Which jobs of an upload have ended, and whether that was announced."""

    def add(self, job: Job, ended: EndedJob) -> None:
        """Remember that a job has ended. May be repeated."""
        ...

    def all_of(self, upload: Upload) -> Sequence[EndedJob]:
        """Return the jobs of an upload if all have ended; nothing while one has not."""
        ...

    def claim(self, job: Job, now: datetime, until: datetime) -> bool:
        """Take it upon a job's Finish to announce its upload, until then.

        False if it is announced already, or if another has taken it upon itself.
        """
        ...

    def mark_announced(self, upload: Upload, now: datetime) -> None:
        """Remember that the end of an upload was announced."""
        ...


class Sweeps(Protocol):
    """What Sweep remembers between its calls."""

    def place(self) -> Place | None:
        """Return where the last sweep stopped; `None` if it reached the end."""
        ...

    def stop_at(self, place: Place | None, now: datetime) -> None:
        """Remember where a sweep stopped."""
        ...

    def count_delivery(self, upload: Upload, now: datetime, apart: timedelta) -> int | None:
        """Count one more delivery of an upload, and return how many those are.

        Returns `None`, and counts nothing, if that is less than `apart` after the last one.
        """
        ...


class KnownJobs(Protocol):
    """Jobs, whatever their state."""

    def get(self, job_id: str) -> Job:
        """Return a job. Raises `KeyError`."""
        ...


class OpenJobs(KnownJobs, Protocol):
    """Jobs that have not ended, which is all that Cancel needs."""

    def update(self, job_id: str, **changes: Any) -> None:
        """Change members of a job that is not terminal; silently not, if it is."""
        ...

    def stop(self, job_id: str, reason: str, text: str) -> Job:
        """Have no more requests be made for a job; returns the job as it is then.

        The first reason stays. A job whose end is decided is not changed. Raises `KeyError`.
        """
        ...


class HoldingJobs(OpenJobs, Protocol):
    """Jobs that are made to wait for a person, and who was asked."""

    def hold(self, job: Job) -> None:
        """List a job among those that wait, before it is stored as one. May be repeated."""
        ...

    def mark_hold_told(self, job_id: str, now: datetime) -> None:
        """Remember that somebody was asked."""
        ...


class HeldJobs(HoldingJobs, Protocol):
    """Jobs that wait for a person."""

    def answer(self, job_id: str, plan_hash: str, **changes: Any) -> bool:
        """Change members of a job that still waits with this plan; false if none does."""
        ...

    def forgotten(self, now: datetime) -> Iterator[str]:
        """Yield the jobs that were to be answered before now, also those that were."""
        ...


class PlannedJobs(HeldJobs, Protocol):
    """What Submit does with jobs: it plans them, and claims the content that they send."""

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """Take the job for planning, for this long.

        Returns `None` when it is ours to plan, else the job as it is: planned before, or being
        planned by another. If a Submit that died had begun it, what others wrote since stays.
        """
        ...

    def claim_content(self, content: str, job: Job) -> str:
        """Claim a content for a destination; returns the id of the job that has it, or this."""
        ...

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """Claim a content that another job imported nothing of; false if a third was faster."""
        ...

    def save_marks(self, jobs: Sequence[Job], marks: Marks) -> None:
        """Store by which marks the rows of these jobs, all of one upload, are found."""
        ...

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """Store the batches, and then of the job what Submit decides (`PLANNED_MEMBERS`).

        What others wrote meanwhile stays. A job that is planned already is not changed.
        """
        ...


class Batches(Protocol):
    """Batches of jobs, and the items of their rows."""

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """Yield a job's batches in order, from this number on, reading as they are asked for."""
        ...

    def save_batch(self, batch: BatchItem) -> BatchItem:
        """Store a batch, if nobody else has since it was read, and return it with its new version.

        Raises `ClaimLostError`.
        """
        ...

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """Store row items, as far as the job's `row_items` asks for them. May be repeated.

        Raises `TableBusyError` if the table does not take them for a while; some may be stored.
        """
        ...


class TurnJobs(HoldingJobs, Batches, Protocol):
    """What a turn of Send or Status does with its job."""

    def set_held(self, job_id: str, generation: int, **changes: Any) -> bool:
        """Change members of a running job that waits from now on; false if it does not.

        `generation` is that of the execution that an answer starts. The job does not wait if it was
        stopped, its end is decided, or it has waited in that generation before.
        """
        ...

    def show(self, job: Job, **changes: Any) -> None:
        """Change members as `update` does, and have lists show how far this job is, as just read.

        Its counts change with every batch, and `get` has what was told. Lists have it from here.
        """
        ...

    def tell(self, job_id: str, tally: Tally) -> None:
        """Add what a turn has come to.

        What it did not come to tell because it died, the job lacks until Finish counts everything.
        """
        ...

    def save_session(self, job: Job, session: Session | None) -> Job:
        """Store the session, if nobody else has since `job` was read, and its end is not decided.

        Raises `ClaimLostError`.
        """
        ...


class EndingJobs(HoldingJobs, Batches, Protocol):
    """What Finish does with jobs."""

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See `TurnJobs`."""
        ...

    def decide(self, job: Job) -> Job:
        """Store how a job ends (`DECIDED_MEMBERS`), once; returns the job as it is stored.

        It is not decided if it was stopped since `job` was read, as that may change how it ends.
        """
        ...

    def finish(self, job: Job) -> bool:
        """Store the job's terminal state; false if it was terminal already."""
        ...

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """Remember that the notice was published."""
        ...
