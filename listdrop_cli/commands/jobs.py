"""`jobs`: what ran."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer
from botocore.exceptions import ClientError

from listdrop.dashboard.listing import (
    A_DAY,
    JobFilter,
    attention_first,
    jobs_in,
    period,
    why,
)
from listdrop.models import JobState
from listdrop.providers import REGISTRY
from listdrop_cli.lookups import route_text
from listdrop_cli.moments import listed_moment, moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption, words
from listdrop_cli.output import (
    err,
    fail,
    is_terminal,
    job_json,
    show_json,
    show_table,
    tell_of_more,
)
from listdrop_cli.questions import balance_of, names_of
from listdrop_cli.target import Target, with_target

_NAMES = [*REGISTRY, "none"]
_BEGAN = "began (UTC)"
_WHY = "why"
_BY = "dropped by"
_HEADERS = (
    *("job", "state", "%", "rows", "good", "settled", "bad"),
    *(_BEGAN, "upload", _WHY, _BY),
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it as 2026-11-21.") from None


@with_target
def jobs(
    target: Target,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="From then on: 12h, 7d, 2026-11-21, 2026-11-21T09:30 (UTC)."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Until then; a day is included.")
    ] = None,
    day: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DAY", help="Only jobs that began on this day (UTC)."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Only jobs of this route.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help=f"Only these states: {', '.join(JobState)}."),
    ] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(metavar="PROVIDER", help=f"Only of these: {', '.join(_NAMES)}."),
    ] = None,
    file: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only of files with this in their name.")
    ] = None,
    dropped_by: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only of people with this in their name.")
    ] = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of the last 24 hours: first those that need attention, then the newest.

    A job needs attention if it ended with bad rows or without any, or if its provider does not
    answer. All times are UTC. In a pipe, each line has: job, state, progress in percent, rows,
    good, settled, bad, when it began, the upload, why it ended so or what is wrong, who dropped it.

    Example: listdrop jobs --since 7d --state partial,failed
    """
    try:
        begin, end = _period(since, until, day)
        wanted = JobFilter(
            since=begin,
            until=end,
            states=frozenset(words(JobState, state)),
            providers=frozenset(names_of(provider or (), _NAMES)),
            route=route or "",
            file=file or "",
            dropped_by=dropped_by or "",
        )
    except ValueError as error:
        fail(str(error))
    records = target.records()
    found = attention_first(jobs_in(records, wanted))
    if route and not found and not records.jobs_of_route(route, limit=1).items:
        _must_exist(target, route)
    shown = found if every else found[:limit]
    is_more = len(shown) < len(found)
    if as_json:
        show_json({"jobs": [job_json(job) for job in shown], "more": is_more})
        return
    if not found and is_terminal():
        err.print(f"No jobs since {moment(wanted.since)} UTC. --since 30d looks further back.")
        return
    # What no job has would only take the room of what some have.
    empty = {_WHY} - {_WHY for job in shown if why(job)}
    empty |= {_BY} - {_BY for job in shown if job.dropped_by}
    show_table(
        _HEADERS,
        [
            (
                job.job_id,
                job.state.value,
                job.percent,
                job.counts["rows"],
                *balance_of(job)[:3],
                listed_moment(job.created_at),
                job.upload.name.removeprefix(f"inbox/{job.route}/" if is_terminal() else ""),
                why(job),
                job.dropped_by,
            )
            for job in shown
        ],
        shown=[name for name in _HEADERS if name not in empty],
        needed=("job", "state", "%", "rows", "bad", _BEGAN, _WHY),
    )
    tell_of_more(is_more)


def _period(since: str | None, until: str | None, day: date | None) -> tuple[datetime, datetime]:
    """Return from when until when jobs are wanted. Raises `ValueError` with a sentence."""
    if day and (since or until):
        raise ValueError("Pass --day, or --since and --until, but not both.")
    if day:
        begin = datetime.combine(day, datetime.min.time(), UTC)
        return begin, begin + A_DAY
    return period(since or "", until or "", datetime.now(UTC))


def _must_exist(target: Target, route: str) -> None:
    """End the command with a sentence if there is no such route, as far as it may be asked."""
    try:
        route_text(target, route)
    except ClientError:
        return  # somebody who may read jobs need not be allowed to read routes
