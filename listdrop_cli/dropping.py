"""What `drop` and `retry` share: a file into the uploads bucket, and what becomes of its rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from listdrop.models import Job, JobState, Outcome, Upload
from listdrop.notices.advice import is_expired_unsent, steps
from listdrop.notices.estimate import progress, time_left
from listdrop.notices.wording import plural, trouble
from listdrop.providers import REGISTRY
from listdrop_cli.moments import moment
from listdrop_cli.output import (
    err,
    fail,
    is_terminal,
    job_json,
    out,
    show_json,
    show_table,
)
from listdrop_cli.questions import balance_of
from listdrop_cli.tables import Fitted, counted, printable
from listdrop_cli.target import Target
from listdrop_cli.waiting import (
    Dropped,
    NotThereError,
    exit_code,
    wait_for,
)


def store(target: Target, file: Path, key: str, metadata: dict[str, str]) -> Upload:
    """Upload a file, in several parts if it is large; returns the version that it became."""
    client, bucket = target.client("s3"), target.outputs["UploadsBucket"]
    versions: list[str] = []

    def remember(parsed: dict[str, Any], **_: Any) -> None:
        if version := parsed.get("VersionId"):
            versions.append(version)

    # The managed transfer does not return what was stored.
    for operation in ("PutObject", "CompleteMultipartUpload"):
        client.meta.events.register(f"after-call.s3.{operation}", remember)
    with _bar(file) as advance:
        client.upload_file(
            str(file), bucket, key, ExtraArgs={"Metadata": metadata}, Callback=advance
        )
    size = file.stat().st_size
    return Upload(
        bucket=bucket, key=key, version_id=versions[-1] if versions else "null", size=size
    )


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    bar = Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
    )
    with bar:
        task = bar.add_task(printable(file.name), total=file.stat().st_size)
        yield lambda sent: bar.advance(task, sent)


# ---------------------------------------------------------------- what became of it


def tell(target: Target, found: Sequence[Dropped], *, wait: bool, as_json: bool) -> None:
    """Say what was dropped; with `wait`, watch its jobs to their end, and exit as they ended."""
    if not as_json and (is_terminal() or not wait):
        for each in found:
            _show_dropped(each)
    jobs = _watch(target, found, as_json=as_json) if wait else []
    if as_json:
        show_json(_json(found, jobs, wait=wait))
    if wait:
        raise typer.Exit(exit_code(jobs))


def _show_dropped(each: Dropped) -> None:
    upload = each.upload
    if is_terminal():
        out.print(printable(f"Dropped {upload.key}, version {upload.version_id}"), markup=False)
    else:
        show_table(("key", "version"), [(upload.key, upload.version_id)])


def _json(found: Sequence[Dropped], jobs: Sequence[Job], *, wait: bool) -> dict[str, Any]:
    uploads = []
    for each in found:
        upload = each.upload.model_dump(include={"bucket", "key", "version_id"})
        uploads.append({"file": each.file, **upload, "job_ids": list(each.job_ids)})
    return {"uploads": uploads} | ({"jobs": [job_json(job) for job in jobs]} if wait else {})


def _watch(target: Target, found: Sequence[Dropped], *, as_json: bool) -> list[Job]:
    is_shown = is_terminal() and not as_json
    live = Live(console=out, refresh_per_second=4)

    def show(jobs: Sequence[Job]) -> None:
        live.update(progress_table(jobs, datetime.now(UTC)))

    # Outside of the table, which wipes what is written while it is shown.
    try:
        with live if is_shown else nullcontext():
            jobs = wait_for(found, target.records(), lambda: datetime.now(UTC), time.sleep, show)
    except NotThereError as error:
        fail(str(error))
    except KeyboardInterrupt:
        route = found[0].upload.route
        err.print(f"The jobs continue: listdrop jobs --route {route}")
        raise typer.Exit(130) from None
    if not as_json:
        _show_ended(jobs)
    return jobs


def progress_table(jobs: Sequence[Job], now: datetime) -> Fitted:
    """Return how far each job is: its rows by outcome so far, and how long it will still take."""
    several = _are_several(jobs)
    names = ("provider", "state", "%", "rows", "outcomes", "now", *(["upload"] if several else []))
    return Fitted(
        names,
        [
            [
                job.provider,
                job.state.value,
                job.percent,
                job.counts["rows"],
                counted(job),
                _now(job, now),
                *([job.upload.name] if several else []),
            ]
            for job in jobs
        ],
    )


def _now(job: Job, now: datetime) -> str:
    """Return what is wrong, or else how far a job is, and how long it will still take."""
    if job.last_error is not None and not job.state.is_terminal:
        return trouble(job.provider, job.last_error, moment, now)
    provider = REGISTRY.get(job.provider)
    found = time_left(job, provider.rates.send_gap if provider else 0, now)
    return progress(job) + (f"; {found.words} left" if found else "")


def _show_ended(jobs: Sequence[Job]) -> None:
    if not is_terminal():
        counts = [[job.counts[outcome] for outcome in ("rows", *Outcome)] for job in jobs]
        rows = [
            (job.job_id, job.state.value, *each) for job, each in zip(jobs, counts, strict=True)
        ]
        show_table(("job", "state", "rows", *Outcome), rows)
        return
    several = _are_several(jobs)
    told: dict[tuple[str, str, str], list[str]] = {}
    for job in jobs:
        upload, said = f"{job.upload.name} to " if several else "", ending(job, jobs)
        # Numbers are of one job, even if another has the same.
        own = "" if said.startswith(":") else job.job_id
        told.setdefault((upload, said, own), []).append(job.provider)
    for (upload, said, _), providers in told.items():
        first, *to_do = said.split("\n")
        out.print(printable(f"{upload}{', '.join(providers)}{first}"), markup=False)
        for line in to_do:
            out.print(f"  {printable(line)}", markup=False)


def _are_several(jobs: Sequence[Job]) -> bool:
    """Whether jobs are of several uploads, and have to be distinguished."""
    return len({job.upload.name for job in jobs}) > 1


def ending(job: Job, beside: Sequence[Job] = ()) -> str:
    """Say how a job ended, and what to look at next: what follows its provider's name.

    `beside` are the jobs of its upload, and may be of others.
    """
    if job.state is JobState.HELD:
        return f": held. {job.reason_text}{_to_do(job, beside)}"
    if job.reason or is_expired_unsent(job):
        why = f"{job.reason}: {job.reason_text}" if job.reason else "nothing was sent."
        return f": {job.state.value}, {why}{_to_do(job, beside)}"
    bad = [outcome.value for outcome in Outcome if outcome.is_bad and job.counts[outcome]]
    balance = balance_of(job)
    said = f", {plural(job.counts['rows'], 'row')}: {balance.good} good"
    said += f", {balance.settled} settled, {balance.bad} bad."
    if bad:
        said += f" Why: listdrop rows {job.job_id} --outcome {','.join(bad)}"
    return said


def _to_do(job: Job, beside: Sequence[Job]) -> str:
    """Return what to do, each step in a line, so that a command ends where its line does."""
    return "".join(f"\n{each.said}" for each in steps(job, beside=beside))
