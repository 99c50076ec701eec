"""Uploads and jobs by what somebody asks for: a form whose answer is a page of its own address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from flask import Blueprint, render_template, request

from listdrop.dashboard.desk import LONGEST_TEXT, desk
from listdrop.dashboard.grouping import Dropped, uploads_of
from listdrop.dashboard.listing import (
    AnyJob,
    JobFilter,
    all_since,
    attention_first,
    period,
)
from listdrop.models import JobState
from listdrop.providers import REGISTRY

pages = Blueprint("finding", __name__)
MOST_READ = 2_000
"""Jobs that are looked at for a page, so that it is there in a second or two."""
MOST_SHOWN = 100
PROVIDERS = (*REGISTRY, "none")
Found = Sequence[AnyJob] | Sequence[Dropped[AnyJob]]


class Asked(NamedTuple):
    """The form as it was filled in; what is empty asks nothing."""

    since: str
    until: str
    states: frozenset[JobState]
    provider: str
    route: str
    file: str
    dropped_by: str


@pages.get("/jobs")
def jobs() -> tuple[str, int]:
    """Show the jobs of the last 24 hours, or those that are asked for; first what needs a look."""
    return _page(lambda read, wanted: attention_first(filter(wanted.has, read)))


@pages.get("/uploads")
def uploads() -> tuple[str, int]:
    """Show the uploads of the last 24 hours, or those that are asked for, in the same order."""
    return _page(uploads_of)


def _page(
    among: Callable[[Sequence[AnyJob], JobFilter], Found],
) -> tuple[str, int]:
    """Answer the form with what is found among the jobs of that time."""
    asked = _asked()
    try:
        wanted = _wanted(asked, desk().ports.clock.now())
    except ValueError as error:
        return _form(asked, problem=str(error)), 400
    read: list[AnyJob] = list(islice(_read(wanted), MOST_READ))
    if asked.route and not read and not _exists(asked.route):
        return _form(asked, problem="There is no such route."), 404
    return _form(asked, wanted, among(read, wanted), is_all=len(read) < MOST_READ), 200


def _read(wanted: JobFilter) -> Iterator[AnyJob]:
    """Yield the jobs of that time and route: those of the last days are mostly remembered."""
    history = desk().history
    if not history.has(wanted.since):
        return all_since(desk().ports.records, wanted)
    of_time = history.jobs(wanted.since, wanted.until)
    return (job for job in of_time if wanted.route in ("", job.route))


def _form(
    asked: Asked,
    wanted: JobFilter | None = None,
    found: Found = (),
    *,
    problem: str = "",
    is_all: bool = True,
) -> str:
    return render_template(
        "finding.html",
        asked=asked,
        wanted=wanted,
        found=found[:MOST_SHOWN],
        more=max(0, len(found) - MOST_SHOWN),
        most_read=MOST_READ,
        is_all=is_all,
        problem=problem,
        providers=PROVIDERS,
        kind="upload" if request.endpoint == "finding.uploads" else "job",
        other={name: request.args.getlist(name) for name in request.args if name != "show"},
    )


def _asked() -> Asked:
    states = request.args.getlist("state")
    return Asked(
        since=_text("since"),
        until=_text("until"),
        states=frozenset(state for state in JobState if state.value in states),
        provider=_text("provider"),
        route=_text("route"),
        file=_text("file"),
        dropped_by=_text("dropped_by"),
    )


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_TEXT]


def _wanted(asked: Asked, now: datetime) -> JobFilter:
    since, until = period(asked.since, asked.until, now)
    return JobFilter(
        since=since,
        until=until,
        states=asked.states,
        providers=frozenset({asked.provider} if asked.provider else ()),
        route=asked.route,
        file=asked.file,
        dropped_by=asked.dropped_by,
    )


def _exists(route: str) -> bool:
    ports = desk().ports
    is_known = any(route == each.name for each in ports.directory.routes())
    return is_known or bool(ports.records.jobs_of_route(route, limit=1).items)
