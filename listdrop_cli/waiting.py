"""Waiting for the jobs of uploads: which there will be, how far they are, how they ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, Job, JobState, Upload, job_id_for
from listdrop.ports import Records
from listdrop.tables.naming import is_archive
from listdrop.tables.unpacking import receive, tables
from listdrop_cli.output import FAILED, NO, YES
from listdrop_cli.questions import balance_of

APPEARS = timedelta(minutes=30)
"""Twice the time after which a lost event is found: a job that is not there then never will be."""

_QUICK = timedelta(minutes=1)
_MARGIN = timedelta(minutes=30)
_NO_GOOD = frozenset(
    {JobState.FAILED, JobState.EXPIRED, JobState.REJECTED, JobState.CANCELLED}
)  # fmt: skip


class NotThereError(Exception):
    """Jobs did not appear, or did not end, in a time in which they always do."""


@dataclass(frozen=True)
class Dropped:
    """An upload as it was stored, and the jobs that it becomes.

    Where its route turns out to be unusable, there is the job `rejected` instead of them.
    """

    upload: Upload
    job_ids: Sequence[str]
    rejected: str
    file: str = ""
    jobs: list[Job] = field(default_factory=list)


def dropped(
    upload: Upload,
    destinations: Iterable[Destination],
    names: Sequence[str] = ("",),
    file: str = "",
) -> Dropped:
    """Say which jobs an upload becomes: one for each table and destination."""
    ids = [
        job_id_for(upload.model_copy(update={"table": name}), upload.route, destination)
        for name in names
        for destination in destinations
    ]
    return Dropped(upload, list(dict.fromkeys(ids)), job_id_for(upload, upload.route, None), file)


def table_names(name: str, chunks: Iterable[bytes]) -> list[str]:
    """Return the tables that Submit finds in a file; one without a name, unless it is an archive.

    So it is for an archive that cannot be used: it is rejected as a whole.
    """
    if not is_archive(name):
        return [""]
    try:
        package = receive(chunks)
        with package.file:
            return tables(package)
    except UploadRejectedError:
        return [""]


def wait_for(
    all_dropped: Sequence[Dropped],
    records: Records,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    show: Callable[[Sequence[Job]], None],
) -> list[Job]:
    """Ask until all jobs of the uploads have ended, showing those that are there; returns them.

    One that waits for approval may wait for days, so it is not waited for.

    Raises `NotThereError`.
    """
    began = now()
    ended: dict[str, Job] = {}
    while True:
        seen, is_whole = _look(all_dropped, records, ended)
        show(seen)
        ended = {job.job_id: job for job in seen if _is_over(job)}
        if is_whole and len(ended) == len(seen):
            return seen
        _check(seen, now(), began, is_whole=is_whole)
        sleep(1 if now() - began < _QUICK else 5)


def _is_over(job: Job) -> bool:
    return job.state.is_terminal or job.state is JobState.HELD


def _look(
    all_dropped: Sequence[Dropped], records: Records, ended: dict[str, Job]
) -> tuple[list[Job], bool]:
    """Return the jobs that are there, and whether all are."""
    seen: list[Job] = []
    is_whole = True
    for each in all_dropped:
        found = [job for job_id in each.job_ids if (job := _job(job_id, records, ended))]
        if not found and (job := _job(each.rejected, records, ended)):
            seen.append(job)
            continue
        # Without any that is expected, as the jobs that rows name are gone, the rejected one comes.
        is_whole = is_whole and 0 < len(found) == len(each.job_ids)
        seen += found
    return seen, is_whole


def _job(job_id: str, records: Records, ended: dict[str, Job]) -> Job | None:
    if job_id in ended:
        return ended[job_id]
    try:
        return records.job(job_id)
    except KeyError:
        return None


def _check(seen: Sequence[Job], now: datetime, began: datetime, *, is_whole: bool) -> None:
    if not is_whole and now > began + APPEARS:
        raise NotThereError(
            "Some of the upload's jobs have not appeared within half an hour: see the alarms "
            "DeadLetters and OldUploads in docs/operations.md."
        )
    for job in seen:
        if not _is_over(job) and now > job.deadline_at + _MARGIN:
            raise NotThereError(
                f"Job {job.job_id} has not ended half an hour after its deadline: see the alarm "
                "UnfinishedJobs in docs/operations.md."
            )


def exit_code(jobs: Iterable[Job]) -> int:
    """Return what a script is told: 0 no bad row, 1 bad rows or a job that waits, 2 no good."""
    code = YES
    for job in jobs:
        if job.state in _NO_GOOD:
            return FAILED
        if balance_of(job).bad or job.state is JobState.HELD:
            code = NO
    return code
