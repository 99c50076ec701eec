"""What needs attention, what was dropped, today and the last days; the jobs of a day or a route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request

from listdrop.dashboard.adding import DayFigures, merged, merged_by
from listdrop.dashboard.attention import latest, to_look_at
from listdrop.dashboard.charts import day_chart
from listdrop.dashboard.desk import desk
from listdrop.dashboard.hiding import inert
from listdrop.models import PROBLEMS, Job, Page
from listdrop.ports import Figures
from listdrop.providers import REGISTRY

pages = Blueprint("overview", __name__)
_LATEST = 10
_ATTENTION = 8
_A_PAGE = 50


class Load(NamedTuple):
    """An account's use of its rate limit today.

    `needed` is the time that its batches take at the provider's rate, `used` that time's share of
    the day so far (1 is all of it). `free_at` is when its next request may leave, `None` for now.
    """

    provider: str
    account: str
    batches: int
    a_minute: float
    needed: timedelta
    used: float
    free_at: datetime | None


@pages.get("/")
def index() -> str:
    """Show what needs attention, the latest uploads, today and the last thirty days."""
    now = desk().ports.clock.now()
    days = desk().history.days()
    today = days[-1]
    month = merged(day.total for day in days)
    attention = to_look_at(days)
    return render_template(
        "overview.html",
        now=now,
        today=today.total,
        month=month,
        attention=attention[:_ATTENTION],
        more_attention=max(0, len(attention) - _ATTENTION),
        problems=PROBLEMS,
        latest=latest(days, _LATEST),
        first_route="" if month.jobs else _first_route(),
        days=days,
        chart=day_chart(days),
        providers=merged_by(days, lambda day: day.providers),
        routes=merged_by(days, lambda day: day.routes),
        loads=loads(today, now, desk().ports.figures),
    )


def _first_route() -> str:
    return next((each.name for each in desk().ports.directory.routes()), "")


def loads(today: DayFigures, now: datetime, figures: Figures) -> Sequence[Load]:
    """Return the accounts that sent anything today, the busiest first."""
    midnight = datetime.combine(today.day, datetime.min.time(), now.tzinfo)
    passed = max(now - midnight, timedelta(minutes=1))
    found = []
    for (provider, account), tally in today.accounts.items():
        known = REGISTRY.get(provider)
        if known is None or not tally.sent:
            continue
        gap = known.rates.send_gap
        needed = timedelta(seconds=tally.sent * gap)
        free_at = figures.free_at(known.rates.budget(f"{provider}#{account}", "send"))
        waits = free_at if free_at and free_at > now else None
        load = Load(provider, account, tally.sent, 60 / gap, needed, needed / passed, waits)
        found.append(load)
    return sorted(found, key=lambda load: -load.used)


@pages.get("/days/<day>")
def day(day: str) -> str:
    """Show a day's jobs, paginated."""
    try:
        when = date.fromisoformat(day)
        found = desk().ports.records.jobs_of_day(when, request.args.get("after", ""), _A_PAGE)
    except ValueError:
        abort(404)
    return listed(found, f"Jobs of {when.day} {when:%B %Y}", "overview.day", {"day": day})


@pages.get("/routes/<name>")
def route(name: str) -> str:
    """Show a route's jobs, paginated."""
    try:
        found = desk().ports.records.jobs_of_route(name, request.args.get("after", ""), _A_PAGE)
    except ValueError:
        abort(404)
    return listed(found, f"Jobs of the route {inert(name, 60)}", "overview.route", {"name": name})


def listed(found: Page[Job], title: str, endpoint: str, place: Mapping[str, str]) -> str:
    """Show a page of jobs."""
    return render_template("jobs.html", found=found, title=title, endpoint=endpoint, place=place)
