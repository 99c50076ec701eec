"""New jobs: one for each destination of an upload, or of one of its tables; and their start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from listdrop.models import NO_ROUTE, Destination, Job, Route, Submission, Turn, Upload, job_id_for
from listdrop.models.routes import USUAL_DEADLINE
from listdrop.ports import Executions, OpenJobs

_DEFAULT_RETENTION_DAYS = 30


def new_job(
    upload: Upload, route_name: str, route: Route | None, to: Destination | None, now: datetime
) -> Job:
    """Return a job as it is before it is planned; without a destination, to be rejected."""
    deadline = route.deadline if route else USUAL_DEADLINE
    return Job(
        job_id=job_id_for(upload, route_name, to),
        upload=upload,
        dropped_by=upload.dropped_by,
        route=route_name or NO_ROUTE,
        provider=to.provider if to else "none",
        account=to.account if to else "none",
        destination=to.model_dump(mode="json") if to else {},
        created_at=now,
        updated_at=now,
        deadline_at=now + deadline,
        expires_at=int((now + _kept(route, deadline)).timestamp()),
        row_items=route.row_items if route else "all",
    )


def _kept(route: Route | None, deadline: timedelta) -> timedelta:
    """Return how long a job stays in the table, with all that is stored of it.

    One that is still at work must not vanish, however short its retention: it may wait for a person
    before it begins, and after its sample, and after each it has all of its deadline.
    """
    if route is None:
        return timedelta(days=_DEFAULT_RETENTION_DAYS)
    longest = route.waits + route.runs * deadline
    return max(timedelta(days=route.retention_days), longest + timedelta(days=1))


def with_more_time(job: Job, route: Route, more: timedelta, most: timedelta) -> Job:
    """Return a job with more time for its plan than a job of its route usually has.

    `most` is how much more any job of its upload has: all are kept until the last of them has
    ended, as the message of the upload tells of all.
    """
    return job.model_copy(
        update={
            "deadline_at": job.deadline_at + more,
            "expires_at": job.expires_at + int((route.runs * most).total_seconds()),
        }
    )


def new_jobs(upload: Upload, route: Route, decided: Submission, now: datetime) -> dict[str, Job]:
    """Return the jobs of an upload by their ids, in the order of the route's destinations."""
    jobs = [new_job(upload, upload.route, route, each, now) for each in route.destinations]
    for place, named in enumerate(decided.named):
        origin = decided.origin(upload.table, named)
        jobs[place] = jobs[place].model_copy(update=origin)
    return {job.job_id: job for job in jobs}


def takes_of(upload: Upload, route: Route, decided: Submission) -> dict[str, frozenset[str]]:
    """Return, by job, the jobs whose rows are for it, where rows say so themselves."""
    if not decided.by_row:
        return {}
    ids = (job_id_for(upload, upload.route, each) for each in route.destinations)
    return {job_id: frozenset(named) for job_id, named in zip(ids, decided.named, strict=True)}


class StartPorts(Protocol):
    """What a start works with."""

    @property
    def jobs(self) -> OpenJobs:
        """Jobs."""
        ...

    @property
    def executions(self) -> Executions:
        """The state machine."""
        ...


def start_job(job: Job, ports: StartPorts) -> None:
    """Start a planned job's execution, or find it started: with Finish if nothing is to send."""
    following = "finish" if job.verdict or not job.batches["planned"] else "send"
    turn = Turn(
        job_id=job.job_id,
        provider=job.provider,
        deadline_at=job.deadline_at,
        next=following,
        generation=job.generation,
    )
    ports.jobs.update(job.job_id, execution_arn=ports.executions.start(turn))
