"""New jobs: one for each destination of an upload, or of one of its tables; and their start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from listdrop.models import Destination, Job, Route, Submission, Turn, Upload, job_id_for
from listdrop.ports import Executions, OpenJobs

_DEFAULT_RETENTION_DAYS = 30


def new_job(
    upload: Upload, route_name: str, route: Route | None, to: Destination | None, now: datetime
) -> Job:
    """Return a job as it is before it is planned; without a destination, to be rejected."""
    kept = timedelta(days=route.retention_days if route else _DEFAULT_RETENTION_DAYS)
    deadline_at = now + (route.deadline if route else timedelta(hours=6))
    held = timedelta(hours=route.hold_hours if route and (route.hold or route.sample) else 0)
    return Job(
        job_id=job_id_for(upload, route_name, to),
        upload=upload,
        dropped_by=upload.dropped_by,
        route=route_name or "none",
        provider=to.provider if to else "none",
        account=to.account if to else "none",
        destination=to.model_dump(mode="json") if to else {},
        created_at=now,
        updated_at=now,
        deadline_at=deadline_at,
        # A job that is still at work must not vanish, however short its retention.
        expires_at=int(max(now + kept, deadline_at + held + timedelta(days=1)).timestamp()),
        row_items=route.row_items if route else "all",
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
