"""The questions: what ran, how a job went, which rows failed, what happened to a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from listdrop.cells.profiles import person_key
from listdrop.models import BatchItem, Job, JobState, Outcome, RowFilter, RowItem
from listdrop_cli.output import NO, JsonOption, err, fail, is_terminal, out, show_json, show_table
from listdrop_cli.questions import (
    balance_of,
    called,
    everything,
    first,
    given_up,
    jobs_of,
    words_of,
)
from listdrop_cli.target import Target, with_target

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
LimitOption = Annotated[int, typer.Option(min=1, help="Show so many at most.")]
AllOption = Annotated[bool, typer.Option("--all", help="Show all, however many there are.")]

_PAGE = 500
_INTERNAL = {"session", "version", "first_open", "send_at", "poll_at", "table"}
"""Of the workflow; what provider sessions hold is nobody else's business."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it as 2026-11-21.") from None


@with_target
def jobs(
    target: Target,
    day: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DAY", help="Jobs that began on this day (UTC)."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Jobs of this route.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help=f"Of these states only: {', '.join(JobState)}."),
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """List jobs, the newest first: today's, or those of a day or a route.

    Without a terminal, a line is: job, state, progress in percent, rows, good, settled, bad,
    when it began, the upload.

    Example: listdrop jobs --route spring --state partial,failed
    """
    states = _words(JobState, state)
    today = datetime.now(UTC).date()
    asked = jobs_of(target.records(), day, route, states, today)
    found, is_more = first(asked, None if every else limit)
    if as_json:
        show_json({"jobs": [job_json(job) for job in found], "more": is_more})
        return
    if not found and is_terminal():
        err.print("No jobs.")
        return
    show_table(
        ("job", "state", "%", "rows", "good", "settled", "bad", "began", "upload"),
        [
            (
                job.job_id,
                job.state.value,
                job.percent,
                job.counts["rows"],
                *balance_of(job)[:3],
                _began(job.created_at),
                job.upload.name.removeprefix(f"inbox/{job.route}/" if is_terminal() else ""),
            )
            for job in found
        ],
        needed=("job", "state", "%", "rows", "bad", "began"),
    )
    _tell_of_more(is_more)


@with_target
def job(
    target: Target,
    job_id: JobArgument,
    batches: Annotated[bool, typer.Option("--batches", help="Also each batch.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how a job went: its state, its outcomes, its files.

    Without a terminal, a line is a name and its value.

    Example: listdrop job spring-kakiyo-0123456789abcdef
    """
    records = target.records()
    found = named_job(target, job_id)
    items = list(records.batches(job_id))
    if as_json:
        more = {"batch_items": [_batch_json(item) for item in items]} if batches else {}
        show_json(job_json(found) | more)
        return
    show_table(("name", "value"), _facts(found))
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
            f"Nobody can tell what became of batch {number}. Look at {found.provider}; if the rows "
            f"are not there: listdrop retry {job_id} --batch {number}"
        )


def _facts(job: Job) -> list[tuple[str, str]]:
    counts = {outcome.value: job.counts[outcome] for outcome in Outcome}
    facts = [
        ("job", job.job_id),
        ("state", f"{job.state.value} ({job.percent} %)"),
        ("why", _why(job)),
        ("upload", f"{job.upload.name} (version {job.upload.version_id})"),
        ("route", job.route),
        ("provider", f"{job.provider} ({job.account})"),
        ("source", job.source),
        ("sends again", job.retry_of),
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


def _why(job: Job) -> str:
    """Return why a job ended as it did, or why no more of it is sent."""
    if job.reason:
        return f"{job.reason}: {job.reason_text}"
    return f"{job.stop_reason}: {job.stop_text}" if job.stop_reason else ""


@with_target
def rows(
    target: Target,
    job_id: JobArgument,
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="OUTCOME", help=f"Of these outcomes only: {', '.join(Outcome)}."),
    ] = None,
    text: Annotated[
        str, typer.Option(help="With this in the address, the profile or the reason.")
    ] = "",
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what became of a job's rows, and why.

    Without a terminal, a line is: row, line in the file, outcome, reason, sentence, address,
    profile, the provider's reference.

    Example: listdrop rows spring-kakiyo-0123456789abcdef --outcome refused,unknown
    """
    wanted = RowFilter(frozenset(_words(Outcome, outcome)), text)
    records = target.records()
    job = named_job(target, job_id)
    size = _PAGE if every else min(limit + 1, _PAGE)
    asked = everything(lambda cursor: records.rows(job, wanted, cursor, size))
    if every and not as_json and not is_terminal():
        _show_rows(asked)  # a million rows, one after the other
        return
    found, is_more = first(asked, None if every else limit)
    if as_json:
        show_json({"job_id": job_id, "rows": [_row_json(row) for row in found], "more": is_more})
        return
    if found or not is_terminal():
        _show_rows(found, "e-mail" if any(row.email for row in found) else "profile")
    else:
        err.print("No rows.")
    _tell_of_more(is_more)
    if not found and job.row_items != "all":
        err.print(f"The route keeps {job.row_items} of the rows here; results.csv has them all.")


def _show_rows(found: Iterable[RowItem], who: str = "e-mail") -> None:
    show_table(
        ("row", "line", "outcome", "reason", "what it means", "e-mail", "profile", "reference"),
        (
            (
                row.row,
                row.line,
                row.outcome.value,
                row.reason or row.warning,
                row.reason_text or row.warning_text,
                row.email,
                row.linkedin_url,
                row.provider_ref,
            )
            for row in found
        ),
        shown=("row", "outcome", who, "reason", "what it means"),
    )


@with_target
def person(
    target: Target,
    who: Annotated[
        str, typer.Argument(metavar="PERSON", help="An e-mail address, or a LinkedIn profile.")
    ],
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to a person in every job, the newest first.

    A provider knows people by their address or by their profile: ask with each. Exits with 1 if
    nothing is known of the person. Without a terminal, a line is: job, provider, row, outcome,
    reason, sentence, when the job began.

    Example: listdrop person ada@example.com
    """
    key = person_key(who)
    if not key:
        fail(f"{who!r} is neither an e-mail address nor a LinkedIn profile (linkedin.com/in/...).")
    records = target.records()
    size = _PAGE if every else min(limit + 1, _PAGE)
    asked = everything(lambda cursor: records.rows_of_person(key, cursor, size))
    found, is_more = first(asked, None if every else limit)
    if as_json:
        show_json({"person": key, "rows": [_row_json(row) for row in found], "more": is_more})
    elif found:
        show_table(
            ("job", "provider", "row", "outcome", "reason", "what it means", "began"),
            [
                (
                    row.job_id,
                    row.provider,
                    row.row,
                    row.outcome.value,
                    row.reason,
                    row.reason_text,
                    _began(row.created_at),
                )
                for row in found
            ],
            shown=("job", "row", "outcome", "reason", "began"),
        )
        _tell_of_more(is_more)
    if not found:
        if not as_json:
            err.print(f"Nothing is known of {called(key)}.", markup=False)
        raise typer.Exit(NO)


# ---------------------------------------------------------------- what questions share


def named_job(target: Target, job_id: str) -> Job:
    """Return a job, or end the command with a sentence."""
    try:
        return target.records().job(job_id)
    except KeyError:
        fail(f"There is no job {job_id}.")


def job_json(job: Job) -> dict[str, Any]:
    """Return what programs are told of a job."""
    return job.model_dump(mode="json", exclude=_INTERNAL)


def moment(at: datetime | None) -> str:
    """Return a moment as people read it, in UTC; empty if there is none."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else ""


def _began(at: datetime) -> str:
    """Return a moment for a list: on a terminal a short one, and anywhere else a whole one."""
    return short_moment(at, datetime.now(UTC)) if is_terminal() else moment(at)


def short_moment(at: datetime, now: datetime) -> str:
    """Return a moment in twelve letters, in UTC: without the year, or else without the time."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M}" if at.year == now.year else f"{at.day} {at:%b %Y}"


def _row_json(row: RowItem) -> dict[str, Any]:
    return row.model_dump(mode="json")


def _batch_json(batch: BatchItem) -> dict[str, Any]:
    shown = {"number", "state", "first_row", "rows", "attempts", "raw_status"}
    return batch.model_dump(mode="json", include=shown | {"sent_at", "terminal_at"})


def _words(kind: Any, given: Sequence[str] | None) -> list[Any]:
    try:
        return words_of(kind, given or ())
    except ValueError as error:
        fail(str(error))


def _tell_of_more(is_more: bool) -> None:
    if is_more and is_terminal():
        err.print("[dim]There are more: --limit N, or --all.[/dim]")
