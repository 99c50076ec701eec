"""`retry`: rows of a job that are worth sending again, to its destination only."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from listdrop.jobs.again import (
    count_rows,
    perhaps_there,
    retry_name,
    rows_of_batch,
    write_unknown,
)
from listdrop.models import RETRY_OF, Job
from listdrop.notices.wording import plural
from listdrop.providers.routing import parse_route
from listdrop_cli.dropping import store, tell
from listdrop_cli.lookups import destination_now, ended_job, route_text
from listdrop_cli.moments import moment
from listdrop_cli.options import JobArgument, JsonOption, WaitOption
from listdrop_cli.output import NO, err, fail
from listdrop_cli.questions import balance_of
from listdrop_cli.target import Target, with_target
from listdrop_cli.waiting import dropped


@with_target
def retry(
    target: Target,
    job_id: JobArgument,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Only the unknown rows of this batch.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send rows again without asking.")] = False,
    wait: WaitOption = False,
    as_json: JsonOption = False,
) -> None:
    """Drop a job's retry.csv again: rows refused for a temporary reason, and unknown ones.

    The rows go to that job's destination only, as a new job that refers to it. If that was done
    before, it says what became of them, and asks. Exits with 1 if there is nothing to send again,
    and otherwise as `drop` does.

    Example: listdrop retry spring-kakiyo-0123456789abcdef --wait
    """
    job = ended_job(target, job_id)
    text = route_text(target, job.route)
    route = parse_route(job.route, text, kept_days=target.kept_days)
    destination = destination_now(target, job, route)
    with tempfile.TemporaryDirectory() as folder:
        name = retry_name(job, batch)
        file = Path(folder) / name
        rows = _fetch(target, job, file, batch)
        if not rows:
            err.print("There is nothing to send again.")
            raise typer.Exit(NO)
        earlier = [each for each in target.records().followers([job]) if each.retry_of]
        _confirm(job, rows, earlier, is_unknown=batch is not None, yes=yes)
        upload = store(target, file, f"inbox/{job.route}/{name}", {RETRY_OF: job_id})
    tell(target, [dropped(upload, [destination], file=name)], wait=wait, as_json=as_json)


def _fetch(target: Target, job: Job, file: Path, batch: int | None) -> int:
    """Write the rows to send again to a file; returns how many there are."""
    client, bucket = target.client("s3"), target.outputs["ResultsBucket"]
    if batch is None:
        client.download_file(bucket, f"jobs/{job.job_id}/retry.csv", str(file))
        with file.open(encoding="utf-8", newline="") as rows:
            return count_rows(rows)
    wanted = rows_of_batch(list(target.records().batches(job.job_id)), batch)
    if wanted is None:
        fail(f"Job {job.job_id} has no batch {batch}.")
    results = file.with_name("results.csv")
    client.download_file(bucket, f"jobs/{job.job_id}/results.csv", str(results))
    with (
        results.open(encoding="utf-8", newline="") as rows,
        file.open("w", encoding="utf-8", newline="") as unknown,
    ):
        return write_unknown(rows, wanted, unknown)


def _confirm(job: Job, rows: int, earlier: Sequence[Job], *, is_unknown: bool, yes: bool) -> None:
    """Have somebody confirm that rows may arrive twice."""
    for each in earlier:
        err.print(f"Rows of this job were sent again before. {_became(each)}", markup=False)
    unknown = perhaps_there(job, rows, are_unknown=is_unknown)
    if yes or not (unknown or earlier):
        return
    if unknown:
        err.print(
            f"{unknown} of {plural(rows, 'row')} may already have reached {job.provider}, and "
            "there is no way to tell. Look there first: people who are there may be imported, "
            "messaged or charged twice."
        )
    if not sys.stdin.isatty():
        fail("There is no terminal to ask on: pass --yes.")
    typer.confirm("Send them again?", abort=True, err=True)


def _became(job: Job) -> str:
    """Say what became of rows that were sent again, and how to go on from there."""
    began = f"{job.job_id} of {moment(job.created_at)}"
    if not job.state.is_terminal:
        return f"{began} has not ended: it is {job.state.value} ({job.percent} %)."
    balance = balance_of(job)
    rows = plural(job.counts["rows"], "row")
    said = f"{began}, {rows}: {balance.good} good, {balance.settled} settled, {balance.bad} bad."
    if job.to_send_again:
        said += f" Only what it left: listdrop retry {job.job_id}"
    return said
