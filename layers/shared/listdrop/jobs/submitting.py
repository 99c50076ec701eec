"""Submit: one upload becomes one planned job for each destination of its route."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from listdrop.costs.timing import least_time
from listdrop.errors import UploadRejectedError
from listdrop.jobs import sampling
from listdrop.jobs.announcing import ask_for_approval
from listdrop.jobs.deciding import decide
from listdrop.jobs.holding import held
from listdrop.jobs.new_jobs import new_job, new_jobs, start_job, takes_of, with_more_time
from listdrop.jobs.same_content import earlier_job, said_of
from listdrop.models import (
    REASONS,
    UNSUBSCRIBED_LIST,
    Job,
    JobState,
    Route,
    Submission,
    Upload,
    job_id_for,
    no_counts,
)
from listdrop.notices.links import NO_LINKS, Links
from listdrop.plans.listed import ListedPeople
from listdrop.plans.plan import Plan
from listdrop.plans.planning import plan_upload
from listdrop.plans.uses import job_columns, payload_keys
from listdrop.ports import (
    Clock,
    Deliveries,
    Executions,
    Files,
    KnownProviders,
    Notices,
    PlannedJobs,
    Routes,
    StagedFiles,
    Submissions,
    Uploads,
)
from listdrop.tables.naming import is_archive, is_no_upload
from listdrop.tables.unpacking import Package, receive, tables, unsupported_table

PLANNING = timedelta(minutes=15)
"""How long a Submit may take; afterwards another may plan the job again."""

_TOGETHER = 5
"""Destinations that are planned while an upload is read once. Each takes up to 20 MB of memory, and
on disk a little more than the upload, or two to three times as much where its rows are short."""


class SubmitPorts(NamedTuple):
    """What Submit works with."""

    uploads: Uploads
    routes: Routes
    providers: KnownProviders
    submissions: Submissions
    jobs: PlannedJobs
    files: Files
    executions: Executions
    deliveries: Deliveries
    notices: Notices
    clock: Clock
    staged: StagedFiles
    links: Links = NO_LINKS
    """Where notices lead."""
    kept_days: int = 0
    """For how many days plans are kept; 0 if that is not known."""


def submit_upload(upload: Upload, ports: SubmitPorts, seconds: float) -> list[str]:
    """Plan and start the upload's jobs; returns the ids of those that this call started.

    May be called any number of times for the same upload version: a job that was planned is not
    planned again, and one that was started is left alone. After `seconds` no table, and no further
    destinations of it, are begun: the upload is delivered again, for another call to go on. A file
    that no person meant (`is_no_upload`) makes no job.
    """
    if is_no_upload(upload.key):
        return []
    now = ports.clock.now()
    submission = ports.submissions.submission(upload)
    if submission is None:
        submission = ports.submissions.keep_submission(upload, decide(upload, ports), now)
    if submission.is_done:
        return []
    if submission.dropped_by:
        upload = upload.model_copy(update={"dropped_by": submission.dropped_by})
    if submission.route is None:
        job = new_job(upload, upload.route, None, None, now)
        error = UploadRejectedError(submission.reason, submission.reason_text)
        ports.submissions.expect(upload, 1)
        started = _reject_all({job.job_id: job}, error, ports, now)
    else:
        ends_at = now + timedelta(seconds=seconds)
        started = _submit_all(upload, submission.route, submission, ports, now, ends_at)
    if started.is_whole:
        ports.submissions.mark_submitted(upload)
    elif started.is_cut_short:
        ports.deliveries.deliver(upload)
    return started.job_ids


class _Started(NamedTuple):
    """Jobs that were started, and whether all are: none is another Submit's, or for later."""

    job_ids: list[str]
    is_whole: bool
    is_cut_short: bool = False


def _submit_all(  # what there is to submit with
    upload: Upload,
    route: Route,
    decided: Submission,
    ports: SubmitPorts,
    now: datetime,
    ends_at: datetime,
) -> _Started:
    started: list[str] = []
    is_whole = True
    with ExitStack() as stack:
        listed = None
        uploads = [upload]
        if is_archive(upload.key):
            try:
                listed = ListedPeople(
                    _received(upload, ports, stack), route.columns, route.encoding
                )
                names = tables(listed.package)
                uploads = [upload.model_copy(update={"table": name}) for name in names]
            except UploadRejectedError as error:
                jobs = _with_begun(new_jobs(upload, route, decided, now), decided, ports, now)
                ports.submissions.expect(upload, len(jobs))
                return _reject_all(jobs, error, ports, now)
        refusals = {
            each.table: refusal
            for each in uploads
            if listed and (refusal := unsupported_table(listed.package, each.table))
        }
        job_ids = [
            job_id_for(each, each.route, to)
            for each in uploads
            for to in ((None,) if each.table in refusals else route.destinations)
        ]
        ports.submissions.expect(upload, len(job_ids), job_ids if listed else ())
        for table in uploads:
            if refusal := refusals.get(table.table):
                job = new_job(table, upload.route, route, None, now)
                found = _reject_all({job.job_id: job}, refusal, ports, now)
                started += found.job_ids
                is_whole &= found.is_whole
                continue
            for jobs in _together(new_jobs(table, route, decided, now)):
                if ports.clock.now() >= ends_at and started:
                    return _Started(started, is_whole=False, is_cut_short=True)
                found = _submit_table(table, route, decided, jobs, ports, now, listed)
                started += found.job_ids
                is_whole &= found.is_whole
    return _Started(started, is_whole)


def _together(jobs: dict[str, Job]) -> Iterator[dict[str, Job]]:
    """Yield the jobs that are planned at once."""
    left = iter(jobs.items())
    while some := dict(islice(left, _TOGETHER)):
        yield some


def _received(upload: Upload, ports: SubmitPorts, stack: ExitStack) -> Package:
    package = receive(ports.uploads.read(upload))
    stack.callback(package.file.close)
    return package


def _submit_table(  # what there is to submit with
    upload: Upload,
    route: Route,
    decided: Submission,
    jobs: dict[str, Job],
    ports: SubmitPorts,
    now: datetime,
    listed: ListedPeople | None,
) -> _Started:
    """Submit an upload that is one table, or one table of an archive."""
    jobs, is_whole = _begin(ports, jobs, now)
    planned = [job for job in jobs.values() if job.planned_at]
    started = [job.job_id for job in planned]
    for job in planned:
        _start(ports, jobs.pop(job.job_id))
    if jobs:
        started += _plan_all(upload, route, decided, jobs, ports, now, listed)
    if route.hold:
        found = map(ports.jobs.get, started)
        ask_for_approval([job for job in found if job.state is JobState.HELD], ports)
    return _Started(started, is_whole)


def _begin(ports: SubmitPorts, jobs: dict[str, Job], now: datetime) -> tuple[dict[str, Job], bool]:
    """Take the jobs that are ours: to plan, or planned but never started after a crash.

    Returns also whether none is being planned by another.
    """
    mine = {}
    is_whole = True
    for job_id, job in jobs.items():
        existing = ports.jobs.begin(job, now + PLANNING)
        if existing is None:
            mine[job_id] = job
        elif existing.planned_at is None:
            is_whole = False
        elif existing.state is JobState.HELD:
            if existing.hold_told_at is None:  # a Submit died before it asked
                mine[job_id] = existing
        elif not existing.execution_arn and not existing.state.is_terminal:
            mine[job_id] = existing
    return mine, is_whole


def _reject_all(
    jobs: dict[str, Job], error: UploadRejectedError, ports: SubmitPorts, now: datetime
) -> _Started:
    mine, is_whole = _begin(ports, jobs, now)
    for job in mine.values():
        if job.planned_at:  # before the file was deleted
            _start(ports, job)
        else:
            _reject(ports, job, error, now)
    ask_for_approval([job for job in mine.values() if job.state is JobState.HELD], ports)
    return _Started(list(mine), is_whole)


def _with_begun(
    jobs: dict[str, Job], decided: Submission, ports: SubmitPorts, now: datetime
) -> dict[str, Job]:
    """Return the jobs of an archive that cannot be read: with those begun while it could be."""
    begun = {}
    for job_id in decided.job_ids:
        with suppress(KeyError):
            begun[job_id] = ports.jobs.get(job_id).model_copy(update={"updated_at": now})
    return begun if begun and len(begun) == len(decided.job_ids) else begun | jobs


def _plan_all(  # what there is to plan with
    upload: Upload,
    route: Route,
    decided: Submission,
    jobs: dict[str, Job],
    ports: SubmitPorts,
    now: datetime,
    listed: ListedPeople | None,
) -> list[str]:
    mine = list(jobs.values())
    with ExitStack() as stack:
        try:
            with _room_to_plan():
                package = listed.package if listed else _received(upload, ports, stack)
                sealed = {"upload": upload.model_copy(update={"sha256": package.sha256})}
                mine = [job.model_copy(update=sealed) for job in mine]
                destinations = [(job.job_id, ports.providers.of(job.destination)) for job in mine]
                planned = plan_upload(
                    package,
                    upload.key,
                    route,
                    destinations,
                    stack,
                    table=upload.table,
                    takes=takes_of(upload, route, decided),
                    suppression=_suppression(upload, route, ports),
                    listed=listed,
                )
        except UploadRejectedError as error:
            return [_reject(ports, job, error, now) for job in mine]
        read = {
            "table": planned.info,
            "source": planned.columns.source,
            "warnings": planned.warnings,
        }
        # How long a job is kept has to be known before anything is stored that is kept with it.
        mine = _in_time(mine, planned.plans, route, ports.kept_days)
        ports.jobs.save_marks(
            [job for job, plan in zip(mine, planned.plans, strict=True) if isinstance(plan, Plan)],
            planned.marks,
        )
        if planned.is_list:
            reason = REASONS[UNSUBSCRIBED_LIST]
            read |= {"reason": reason.code, "reason_text": reason.sentence}
        return [
            _reject(ports, job, plan, now)
            if isinstance(plan, UploadRejectedError)
            else _store(
                job.model_copy(
                    update=read | {"columns": job_columns(plan.provider, planned.columns)}
                ),
                plan,
                planned.sha256,
                route,
                ports,
                now,
            )
            for job, plan in zip(mine, planned.plans, strict=True)
        ]


@contextmanager
def _room_to_plan() -> Iterator[None]:
    """Raise `UploadRejectedError` (`too_big`) where the function's disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        text = "The rows to send do not fit on the disk: drop the file in parts."
        raise UploadRejectedError("too_big", text) from error


def _suppression(
    upload: Upload, route: Route, ports: SubmitPorts
) -> Callable[[], Iterator[bytes]] | None:
    key = route.suppression_list
    return None if key is None else lambda: ports.uploads.read_list(upload.bucket, key)


def _store(  # what there is to store
    job: Job, plan: Plan, sha256: str, route: Route, ports: SubmitPorts, now: datetime
) -> str:
    earlier = earlier_job(job, sha256, route, ports.jobs, ports.providers)
    batches = 0 if earlier else plan.batches
    if earlier:
        changes: dict[str, Any] = {
            "verdict": JobState.SKIPPED,
            "duplicate_of": earlier.job_id,
            "reason": "same_content",
            "reason_text": said_of(earlier),
        }
        counts = no_counts() | {"rows": plan.rows}
    else:
        changes = sampling.check_of(plan, route, job.warnings)
        changes |= held(plan, route, job.warnings, now) if batches else {}
        counts = plan.counts
    counted = {"planned": batches, "sent": 0, "terminal": 0}
    changes |= {"counts": counts, "batches": counted, "planned_at": now, "updated_at": now}
    changes |= {"has_marks": True, "requests": 0, "payload_keys": payload_keys(plan)}
    job = job.model_copy(update=changes)
    if job.state is JobState.HELD:
        ports.jobs.hold(job)
    ports.files.save_plan(job.job_id, plan.file)
    ports.jobs.save_plan(job, plan.items() if batches else ())
    _start(ports, job)
    return job.job_id


def _in_time(
    jobs: Sequence[Job],
    plans: Sequence[Plan | UploadRejectedError],
    route: Route,
    kept_days: int,
) -> list[Job]:
    """Return jobs with as much time as their plans need, and no more than these are kept."""
    more = [_more_time(plan, route, kept_days) for plan in plans]
    most = max(more)
    return [with_more_time(job, route, own, most) for job, own in zip(jobs, more, strict=True)]


def _more_time(plan: Plan | UploadRejectedError, route: Route, kept_days: int) -> timedelta:
    if isinstance(plan, UploadRejectedError):
        return timedelta()
    least = least_time(plan.provider.name, plan.batches, plan.provider.rates)
    return route.deadline_for(least, kept_days) - route.deadline


def _reject(ports: SubmitPorts, job: Job, error: UploadRejectedError, now: datetime) -> str:
    changes = {
        "verdict": JobState.REJECTED,
        "reason": error.reason,
        "reason_text": error.text,
        "planned_at": now,
        "updated_at": now,
    }
    job = job.model_copy(update=changes)
    ports.jobs.save_plan(job, [])
    _start(ports, job)
    return job.job_id


def _start(ports: SubmitPorts, job: Job) -> None:
    """Start a job, unless it waits for approval."""
    if job.state is not JobState.HELD:
        start_job(job, ports)
