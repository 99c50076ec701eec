"""Which jobs `jobs` and `uploads` list: their options, and what these mean.

What a help does not need is imported when they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from listdrop_cli.options import STATES, words
from listdrop_cli.output import fail
from listdrop_cli.target import Target

if TYPE_CHECKING:
    from listdrop.dashboard.listing import JobFilter


def day_of(text: str) -> date:
    """Read a day, or say how one is written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it as 2026-11-21.") from None


SinceOption = Annotated[
    str | None,
    typer.Option(metavar="WHEN", help="From then on: 12h, 7d, 2026-11-21, 2026-11-21T09:30 (UTC)."),
]
UntilOption = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Until then; a day is included.")
]
StateOption = Annotated[
    list[str] | None,
    typer.Option(metavar="STATE", help=f"Only these states: {', '.join(STATES)}."),
]
ProviderOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PROVIDER", help="Only of these providers, or none: without one."),
]
FileOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only of files with this in their name.")
]
DroppedByOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only of people with this in their name.")
]


def filter_of(  # an option each
    since: str | None,
    until: str | None,
    day: date | None,
    *,
    route: str | None,
    state: Sequence[str] | None,
    provider: Sequence[str] | None,
    file: str | None,
    dropped_by: str | None,
) -> JobFilter:
    """Return which jobs are wanted, or end the command with a sentence."""
    from listdrop.dashboard.listing import JobFilter
    from listdrop.models import JobState
    from listdrop.providers import REGISTRY
    from listdrop_cli.questions import names_of

    try:
        begin, end = _period(since, until, day)
        return JobFilter(
            since=begin,
            until=end,
            states=frozenset(words(JobState, state)),
            providers=frozenset(names_of(provider or (), [*REGISTRY, "none"])),
            route=route or "",
            file=file or "",
            dropped_by=dropped_by or "",
        )
    except ValueError as error:
        fail(str(error))


def _period(since: str | None, until: str | None, day: date | None) -> tuple[datetime, datetime]:
    """Return from when until when jobs are wanted. Raises `ValueError` with a sentence."""
    from listdrop.dashboard.listing import A_DAY, period

    if day and (since or until):
        raise ValueError("Pass --day, or --since and --until, but not both.")
    if day:
        begin = datetime.combine(day, datetime.min.time(), UTC)
        return begin, begin + A_DAY
    return period(since or "", until or "", datetime.now(UTC))


def check_route(target: Target, route: str | None) -> None:
    """End the command with a sentence if a route of which nothing is listed does not exist.

    That is said only as far as it may be asked. A route that is gone may have jobs.
    """
    from botocore.exceptions import ClientError

    from listdrop_cli.lookups import route_text

    if not route or target.records().jobs_of_route(route, limit=1).items:
        return
    try:
        route_text(target, route)
    except ClientError:
        return  # somebody who may read jobs need not be allowed to read routes
