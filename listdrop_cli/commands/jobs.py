"""`jobs`: what ran."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from listdrop.models import JobState
from listdrop_cli.moments import listed_moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption, words
from listdrop_cli.output import err, is_terminal, job_json, show_json, show_table, tell_of_more
from listdrop_cli.questions import balance_of, first, jobs_of
from listdrop_cli.target import Target, with_target


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
        typer.Option(parser=_day, metavar="DAY", help="Only jobs that began on this day (UTC)."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Only jobs of this route.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help=f"Only these states: {', '.join(JobState)}."),
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """List jobs, newest first: today's, or those of a given day or route.

    In a pipe, each line has: job, state, progress in percent, rows, good, settled, bad, when it
    began, the upload.

    Example: listdrop jobs --route spring --state partial,failed
    """
    states = words(JobState, state)
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
                listed_moment(job.created_at),
                job.upload.name.removeprefix(f"inbox/{job.route}/" if is_terminal() else ""),
            )
            for job in found
        ],
        needed=("job", "state", "%", "rows", "bad", "began"),
    )
    tell_of_more(is_more)
