"""`uploads`: what was dropped."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from listdrop.dashboard.grouping import Dropped, uploads_of
from listdrop.dashboard.listing import all_since
from listdrop.models import Job
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

_BEGAN = "dropped (UTC)"
_BY = "dropped by"
_HEADERS = ("job", _BEGAN, "file", "route", _BY, "destinations", "rows", "bad")


@with_target
def uploads(
    target: Target,
    since: SinceOption = None,
    until: UntilOption = None,
    day: Annotated[
        date | None,
        typer.Option(parser=day_of, metavar="DAY", help="Only what was dropped on this day (UTC)."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Only what was dropped on this route.")] = None,
    state: StateOption = None,
    provider: ProviderOption = None,
    file: FileOption = None,
    dropped_by: DroppedByOption = None,
    limit: LimitOption = 50,
    every: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the uploads of the last 24 hours: first those that need attention, then the newest.

    An upload is listed with all of its destinations if one of them is in the states or of the
    providers that are asked for. All times are UTC. `bad` counts the bad rows of all destinations.
    In a pipe, each line has: one of its jobs, when it was dropped, its key, its route, who dropped
    it, its destinations and their states, rows, bad rows.

    Example: listdrop uploads --since 7d --state partial,failed
    """
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
    found = uploads_of(all_since(target.records(), wanted), wanted)
    if not found:
        check_route(target, route)
    shown = found if every else found[:limit]
    is_more = len(shown) < len(found)
    if as_json:
        show_json({"uploads": [upload_json(each) for each in shown], "more": is_more})
        return
    if not found and is_terminal():
        err.print(f"No uploads since {moment(wanted.since)} UTC. --since 30d looks further back.")
        return
    empty = {"job"} if any(each.dropped_by for each in shown) else {"job", _BY}
    show_table(
        _HEADERS,
        [
            (
                each.jobs[0].job_id,
                listed_moment(each.created_at),
                # As `upload` takes it.
                each.upload.key.removeprefix("inbox/" if is_terminal() else ""),
                each.route,
                each.dropped_by,
                each.states,
                each.rows,
                each.bad,
            )
            for each in shown
        ],
        shown=[name for name in _HEADERS if name not in empty],
        needed=(_BEGAN, "file", "destinations", "bad"),
    )
    tell_of_more(is_more)


def upload_json(dropped: Dropped[Job]) -> dict[str, Any]:
    """Return what programs are told of an upload."""
    told = dropped.upload
    return {
        "upload": {"bucket": told.bucket, "key": told.key, "version_id": told.version_id},
        "route": dropped.route,
        "dropped_by": dropped.dropped_by,
        "created_at": dropped.created_at,
        "rows": dropped.rows,
        "bad_rows": dropped.bad,
        "needs_attention": dropped.needs_attention,
        "jobs": [job_json(job) for job in dropped.jobs],
    }
