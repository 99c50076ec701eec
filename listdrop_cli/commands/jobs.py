"""`jobs`: what ran."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from listdrop_cli.listed import (
    DroppedByOption,
    FileOption,
    ProviderOption,
    SinceOption,
    StateOption,
    UntilOption,
    check_route,
    day_of,
    filter_of,
)
from listdrop_cli.moments import listed_moment, moment
from listdrop_cli.options import AllOption, JsonOption, LimitOption
from listdrop_cli.output import err, is_terminal, job_json, show_json, show_table, tell_of_more
from listdrop_cli.target import Target, with_target

_BEGAN = "began (UTC)"
_WHY = "why"
_BY = "dropped by"
_HEADERS = (
    *("job", "state", "%", "rows", "good", "settled", "bad"),
    *(_BEGAN, "upload", _WHY, _BY),
)


@with_target
def jobs(
    target: Target,
    since: SinceOption = None,
    until: UntilOption = None,
    day: Annotated[
        date | None,
        typer.Option(parser=day_of, metavar="DAY", help="Only jobs that began on this day (UTC)."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Only jobs of this route.")] = None,
    state: StateOption = None,
    provider: ProviderOption = None,
    file: FileOption = None,
    dropped_by: DroppedByOption = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the jobs of the last 24 hours: first those that need attention, then the newest.

    A job needs attention if it is held, partial, failed, expired or rejected, or if its provider
    does not answer. All times are UTC. In a pipe, each line has: job, state, progress in percent,
    rows, good, settled, bad, when it began, the upload, why it ended so or what is wrong, who
    dropped it.

    Example: listdrop jobs --since 7d --state partial,failed
    """
    # Not for the help.
    from listdrop.dashboard.listing import attention_first, jobs_in, why
    from listdrop_cli.questions import balance_of

    wanted = filter_of(
        since,
        until,
        day,
        route=route,
        state=state,
        provider=provider,
        file=file,
        dropped_by=dropped_by,
    )
    found = attention_first(jobs_in(target.records(), wanted))
    if not found:
        check_route(target, route)
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
