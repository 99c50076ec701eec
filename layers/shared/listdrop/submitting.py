"""Submit: one upload becomes one planned job for each destination of its route."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any, NamedTuple

import orjson

from listdrop.errors import InvalidRowError, UploadRejectedError
from listdrop.mapping import Columns, known_headers, map_columns, prospect_of
from listdrop.models import (
    BatchItem,
    Destination,
    Job,
    JobState,
    Outcome,
    PlannedRow,
    Prospect,
    Route,
    RowResult,
    TableInfo,
    Turn,
    Upload,
    content_key,
    job_id_for,
    no_counts,
)
from listdrop.plan import encode_row
from listdrop.ports import Executions, Files, Jobs, Providers, Routes, Uploads
from listdrop.providers.base import Provider
from listdrop.reading import Row, Table, read_table, spool

PLANNING = timedelta(minutes=15)
"""How long a Submit may take; afterwards another may plan the job again."""

_DEFAULT_RETENTION_DAYS = 30
_PERSONAL_FIELDS = ("email", "first_name", "last_name", "full_name", "phone", "linkedin_url")


@dataclass(frozen=True, slots=True)
class SubmitPorts:
    """What Submit works with."""

    uploads: Uploads
    routes: Routes
    providers: Providers
    jobs: Jobs
    files: Files
    executions: Executions


def submit_upload(upload: Upload, ports: SubmitPorts, now: datetime) -> list[str]:
    """Plan and start the upload's jobs; returns the ids of those that this call started.

    May be called any number of times for the same upload version: a job that was planned is not
    planned again, and one that was started is left alone.
    """
    try:
        route = ports.routes.get(upload.route)
    except UploadRejectedError as error:
        job = _new_job(upload, upload.route, None, None, now)
        jobs = _begin(ports, {job.job_id: job}, now)
        return [_reject(ports, each, error, now) for each in jobs.values()]
    wanted = {
        job.job_id: job
        for job in (_new_job(upload, upload.route, route, each, now) for each in route.destinations)
    }
    jobs = _begin(ports, wanted, now)
    started = [job_id for job_id, job in jobs.items() if job.planned_at]
    for job_id in started:
        _start(ports, jobs.pop(job_id))
    if jobs:
        started += _plan_all(upload, route, jobs, ports, now)
    return started


def _new_job(
    upload: Upload, route_name: str, route: Route | None, to: Destination | None, now: datetime
) -> Job:
    days = route.retention_days if route else _DEFAULT_RETENTION_DAYS
    return Job(
        job_id=job_id_for(upload, route_name, to),
        upload=upload,
        route=route_name or "none",
        provider=to.provider if to else "none",
        account=to.account if to else "none",
        destination=to.model_dump(mode="json") if to else {},
        created_at=now,
        updated_at=now,
        deadline_at=now + (route.deadline if route else timedelta(hours=6)),
        expires_at=int((now + timedelta(days=days)).timestamp()),
        row_items=route.row_items if route else "all",
    )


def _begin(ports: SubmitPorts, jobs: dict[str, Job], now: datetime) -> dict[str, Job]:
    """Take the jobs that are ours: to plan, or planned but never started after a crash."""
    mine = {}
    for job_id, job in jobs.items():
        existing = ports.jobs.begin(job, now + PLANNING)
        if existing is None:
            mine[job_id] = job
        elif existing.planned_at and not existing.execution_arn and not existing.state.is_terminal:
            mine[job_id] = existing
    return mine


def _plan_all(
    upload: Upload, route: Route, jobs: dict[str, Job], ports: SubmitPorts, now: datetime
) -> list[str]:
    try:
        source = spool(ports.uploads.read(upload))
    except UploadRejectedError as error:
        return [_reject(ports, job, error, now) for job in jobs.values()]
    with ExitStack() as files:
        files.enter_context(source.file)
        sealed = upload.model_copy(update={"sha256": source.sha256})
        plans = [
            _Plan(
                job.model_copy(update={"upload": sealed}),
                ports.providers.of(job.destination),
                files.enter_context(tempfile.TemporaryFile()),
            )
            for job in jobs.values()
        ]
        try:
            table = read_table(source, known_headers(route.columns))
            columns = map_columns(table.header, route.columns)
            info = _read_rows(table, columns, plans)
        except UploadRejectedError as error:
            return [_reject(ports, plan.job, error, now) for plan in plans]
        changes = {"table": info, "source": columns.source}
        return [_store(plan, changes, route, ports, now) for plan in plans]


def _read_rows(table: Table, columns: Columns, plans: list[_Plan]) -> TableInfo:
    """Read every row once, and add it to every plan."""
    width = columns.width
    widest = width
    for row in table.rows:
        problem = None
        if len(row.cells) < width:
            text = f"The row has {len(row.cells)} cells, the header {width}."
            problem = RowResult(Outcome.INVALID, "row_too_short", text)
        elif len(row.cells) > width and any(row.cells[width:]):
            widest = max(widest, len(row.cells))
            text = f"The row has {len(row.cells)} cells, the header {width}."
            problem = RowResult(Outcome.INVALID, "row_too_long", text)
        whole = Row(row.row, row.line, row.cells + [""] * (width - len(row.cells)))
        prospect = prospect_of(whole, columns)
        for plan in plans:
            plan.add(prospect, problem)
    if not plans[0].rows:
        raise UploadRejectedError("empty_file", "The file has a header, but no data rows.")
    personal = {index for name in _PERSONAL_FIELDS for index in columns.fields.get(name, ())}
    return TableInfo(**table.dialect.model_dump(), width=widest, personal=tuple(sorted(personal)))


def _store(
    plan: _Plan, changes: dict[str, Any], route: Route, ports: SubmitPorts, now: datetime
) -> str:
    job = plan.job.model_copy(update=changes)
    batches = plan.finish()
    earlier = _earlier_job(job, route, ports)
    if earlier:
        batches = []
        changes = {"verdict": JobState.SKIPPED, "duplicate_of": earlier, "reason": "same_content"}
        changes["reason_text"] = f"The same content went to this destination in job {earlier}."
        counts = no_counts() | {"rows": plan.rows}
    else:
        changes = {}
        counts = plan.counts
    counted = {"planned": len(batches), "sent": 0, "terminal": 0}
    changes |= {"counts": counts, "batches": counted, "planned_at": now, "updated_at": now}
    job = job.model_copy(update=changes)
    ports.files.save_plan(job.job_id, plan.file)
    ports.jobs.save_plan(job, batches)
    _start(ports, job)
    return job.job_id


def _earlier_job(job: Job, route: Route, ports: SubmitPorts) -> str:
    """Return the job that took this content for this destination, or may have; empty if none."""
    content = content_key(job.upload.sha256, ports.providers.of(job.destination).destination)
    holder = ports.jobs.claim_content(content, job)
    while holder != job.job_id and route.duplicate_content == "skip":
        try:
            earlier = ports.jobs.get(holder)
        except KeyError:  # its retention is over
            return ""
        if not earlier.state.is_terminal or _may_have_imported(earlier):
            return holder
        if ports.jobs.take_over_content(content, job, holder):
            return ""
        holder = ports.jobs.claim_content(content, job)
    return ""


def _may_have_imported(job: Job) -> bool:
    taken = (Outcome.CONFIRMED, Outcome.ACCEPTED, Outcome.EXISTING, Outcome.UNKNOWN)
    return any(job.counts.get(outcome, 0) for outcome in taken)


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
    following = "finish" if job.verdict or not job.batches["planned"] else "send"
    turn = Turn(job_id=job.job_id, provider=job.provider, next=following)
    ports.jobs.update(job.job_id, execution_arn=ports.executions.start(turn))


class _Placed(NamedTuple):
    """A row in a batch: its number, its size in a request, and its bytes in the plan."""

    row: int
    size: int
    first_byte: int
    last_byte: int


class _Plan:
    """One destination's plan while the upload is read: lines in a file, and where batches end."""

    def __init__(self, job: Job, provider: Provider[Any, Any], file: IO[bytes]) -> None:
        self.job = job
        self.rows = 0
        self.counts = no_counts()
        self.file = file
        self._provider = provider
        self._limits = provider.batch_limits()
        self._first_rows: dict[str, int] = {}
        self._position = 0
        self._closed: list[BatchItem] = []
        self._previous: list[_Placed] = []
        self._current: list[_Placed] = []
        self._current_bytes = 0

    def add(self, prospect: Prospect, problem: RowResult | None) -> None:
        """Add a row: for sending, or settled with its problem, or as a duplicate."""
        self.rows += 1
        fields = prospect.fields
        planned = PlannedRow(
            row=prospect.row,
            line=prospect.line,
            email=fields.get("email", ""),
            linkedin_url=fields.get("linkedin_url", ""),
        )
        size = 0
        try:
            identity, payload = self._provider.prepare(prospect)
        except InvalidRowError as invalid:
            problem = problem or RowResult(Outcome.INVALID, invalid.reason, invalid.text)
        else:
            planned = planned._replace(identity=identity, payload=payload)
            size = len(orjson.dumps(payload)) + 1
            if size > self._limits.bytes:
                text = f"The row alone is over the provider's limit of {self._limits.bytes} bytes."
                problem = problem or RowResult(Outcome.INVALID, "row_too_big", text)
        if problem is None:
            first = self._first_rows.setdefault(planned.identity, prospect.row)
            if first != prospect.row:
                problem = _duplicate(first)
        if problem is not None:
            planned = planned._replace(payload=None, result=problem)
            self.counts[problem.outcome] += 1
        line = encode_row(planned)
        if problem is None:
            last_byte = self._position + len(line) - 1
            self._place(_Placed(prospect.row, size, self._position, last_byte))
        self.file.write(line)
        self._position += len(line)

    def _place(self, placed: _Placed) -> None:
        """Put a row in the current batch, or in a new one when that is full."""
        room = self._limits.bytes - self._current_bytes
        if len(self._current) >= self._limits.rows or placed.size > room:
            self._close(self._previous)
            self._previous, self._current = self._current, []
            self._current_bytes = 0
        self._current.append(placed)
        self._current_bytes += placed.size

    def _close(self, rows: list[_Placed]) -> None:
        if rows:
            self._closed.append(
                BatchItem(
                    job_id=self.job.job_id,
                    number=len(self._closed) + 1,
                    first_row=rows[0].row,
                    rows=len(rows),
                    first_byte=rows[0].first_byte,
                    last_byte=rows[-1].last_byte,
                )
            )

    def finish(self) -> list[BatchItem]:
        """Return the batches, without a last one of a single row where that is to be avoided."""
        if len(self._current) == 1 and not self._limits.lone_rows:
            self._even_out()
        self._close(self._previous)
        self._close(self._current)
        self.counts["rows"] = self.rows
        return self._closed

    def _even_out(self) -> None:
        both = self._previous + self._current
        for cut in range((len(both) + 1) // 2, len(both) - 1):
            if sum(placed.size for placed in both[cut:]) <= self._limits.bytes:
                self._previous, self._current = both[:cut], both[cut:]
                return


def _duplicate(first: int) -> RowResult:
    return RowResult(
        Outcome.DUPLICATE, f"duplicate_of_row_{first}", f"The row repeats row {first}."
    )
