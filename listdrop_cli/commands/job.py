"""`job`: how one job went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from listdrop.models import BatchItem, Job, Outcome
from listdrop.notices.following import corrected
from listdrop.notices.wording import plural
from listdrop_cli.lookups import named_job
from listdrop_cli.moments import moment
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import err, job_json, out, show_json, show_table
from listdrop_cli.questions import followed_by, given_up
from listdrop_cli.target import Target, with_target


@with_target
def job(
    target: Target,
    job_id: JobArgument,
    batches: Annotated[bool, typer.Option("--batches", help="Include each batch.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how a job went: its state, its outcomes, its files.

    In a pipe, each line has a name and its value.

    Example: listdrop job spring-kakiyo-0123456789abcdef
    """
    records = target.records()
    found = named_job(target, job_id)
    items = list(records.batches(job_id))
    if as_json:
        more = {"batch_items": [_batch_json(item) for item in items]} if batches else {}
        show_json(job_json(found) | more)
        return
    show_table(("name", "value"), _facts(found, followed_by(records, found)))
    if batches:
        out.print()
        show_table(
            ("batch", "state", "first row", "rows", "attempts", "provider says"),
            [
                (
                    item.number,
                    item.state.value,
                    item.first_row,
                    item.rows,
                    item.attempts,
                    item.raw_status,
                )
                for item in items
            ],
        )
    for number in given_up(items):
        err.print(
            f"It is not known what became of batch {number}. Look at {found.provider}; if the rows "
            f"are not there: listdrop retry {job_id} --batch {number}"
        )


def _facts(job: Job, later: Sequence[Job]) -> list[tuple[str, str]]:
    counts = {outcome.value: job.counts[outcome] for outcome in Outcome}
    facts = [
        ("job", job.job_id),
        ("state", f"{job.state.value} ({job.percent} %)"),
        ("why", _why(job)),
        ("last error" if job.state.is_terminal else "wrong now", _error(job)),
        *(("warning", f"{each.code}: {each.text}") for each in job.warnings),
        ("upload", f"{job.upload.name} (version {job.upload.version_id})"),
        ("dropped by", job.dropped_by),
        ("route", job.route),
        ("provider", f"{job.provider} ({job.account})"),
        ("source", job.source),
        ("columns sent", ", ".join(job.columns.sent) if job.columns else ""),
        ("columns not sent", ", ".join(job.columns.unused) if job.columns else ""),
        ("sends again", job.retry_of),
        ("corrects", job.corrects),
        ("corrected", corrected(job, later)),
        *(("corrected by", each.job_id) for each in later if each.corrects == job.job_id),
        *(("sent again by", each.job_id) for each in later if each.retry_of == job.job_id),
        ("began", moment(job.created_at)),
        ("ended", moment(job.finished_at)),
        ("rows", str(job.counts["rows"])),
        *((name, str(count)) for name, count in counts.items() if count),
        ("batches", ", ".join(f"{count} {name}" for name, count in job.batches.items())),
    ]
    if job.results:
        facts += [("results", job.results.results), ("rejects", job.results.rejects)]
        facts += [("retry", job.results.retry)]
    return [(name, value) for name, value in facts if value]


def _error(job: Job) -> str:
    """Return what keeps the provider from answering."""
    if (error := job.last_error) is None:
        return ""
    tries = plural(error.attempts, "try", "tries")
    is_due = error.next_at is not None and not job.state.is_terminal
    after = f", next at {moment(error.next_at)}" if is_due else ""
    return f"{error.text}, since {moment(error.since)}, {tries}{after}"


def _why(job: Job) -> str:
    """Return why a job ended as it did, or why no more of it is sent."""
    if job.reason:
        return f"{job.reason}: {job.reason_text}"
    return f"{job.stop_reason}: {job.stop_text}" if job.stop_reason else ""


def _batch_json(batch: BatchItem) -> dict[str, Any]:
    shown = {"number", "state", "first_row", "rows", "attempts", "raw_status"}
    return batch.model_dump(mode="json", include=shown | {"sent_at", "terminal_at"})
