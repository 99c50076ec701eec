"""`job`: how one job went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from listdrop.costs.job_costs import cost_of_job
from listdrop.costs.timing import short_of_time
from listdrop.models import BatchItem, Job, JobState, Outcome
from listdrop.notices.advice import is_expired_unsent, next_steps
from listdrop.notices.estimate import progress, time_left
from listdrop.notices.following import corrected
from listdrop.notices.wording import trouble
from listdrop.providers import REGISTRY
from listdrop_cli.lookups import named_job
from listdrop_cli.moments import moment
from listdrop_cli.options import JobArgument, JsonOption
from listdrop_cli.output import err, job_json, out, show_json, show_table
from listdrop_cli.questions import given_up
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
    later = records.followers([found])
    if as_json:
        more = {"batch_items": [_batch_json(item) for item in items]} if batches else {}
        show_json(job_json(found) | {"to_do": _to_do_json(found, later)} | more)
        return
    show_table(("name", "value"), _facts(found, later))
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
        ("progress", _progress(job)),
        ("why", _why(job)),
        *(("to do", each.said) for each in next_steps(job, later)),
        ("deadline", _deadline(job)),
        ("plan", job.plan_hash),
        ("waits until", moment(job.held_until) if job.state is JobState.HELD else ""),
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
        ("cost", cost_of_job(job).words),
    ]
    if job.results:
        facts += [("results", job.results.results), ("rejects", job.results.rejects)]
        facts += [("retry", job.results.retry)] if job.may_be_retried else []
    return [(name, value) for name, value in facts if value]


def _error(job: Job) -> str:
    """Return what keeps the provider from answering."""
    if job.last_error is None:
        return ""
    now = None if job.state.is_terminal else datetime.now(UTC)
    return trouble(job.provider, job.last_error, moment, now)


def _deadline(job: Job) -> str:
    """Say that a job's deadline leaves too little time, while that can still be so."""
    provider = REGISTRY.get(job.provider)
    return short_of_time(job, provider.rates) if provider else ""


def _progress(job: Job) -> str:
    """Return how far a running job is, and how long it will still take."""
    provider = REGISTRY.get(job.provider)
    left = time_left(job, provider.rates.send_gap if provider else 0, datetime.now(UTC))
    return progress(job) + (f"; {left.words} left" if left else "")


def _why(job: Job) -> str:
    """Return why a job ended as it did, or why no more of it is sent."""
    if is_expired_unsent(job):
        return "nothing was sent before the deadline"
    if job.state is JobState.HELD:
        return job.reason_text
    if not (job.reason or job.stop_reason):
        return ""
    return f"{job.reason or job.stop_reason}: {job.reason_text or job.stop_text}"


def _to_do_json(job: Job, later: Sequence[Job]) -> list[dict[str, str]]:
    return [{"text": each.text, "command": each.command} for each in next_steps(job, later)]


def _batch_json(batch: BatchItem) -> dict[str, Any]:
    shown = {"number", "state", "first_row", "rows", "attempts", "raw_status"}
    return batch.model_dump(mode="json", include=shown | {"sent_at", "terminal_at"})
