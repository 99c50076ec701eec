"""Routes and accounts: whether they work, and when they were last used. Never a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, render_template

from listdrop.dashboard.adding import Tally, merged_accounts, merged_by
from listdrop.dashboard.desk import desk
from listdrop.dashboard.health import Health, health_of
from listdrop.dashboard.wording import utc
from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, StoredRoute
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route

pages = Blueprint("routes", __name__)

AccountName = tuple[str, str]


class RouteView(NamedTuple):
    """A route, its problem if any, and its jobs of the last thirty days."""

    name: str
    destinations: Sequence[Destination]
    problem: str
    changed_at: datetime
    tally: Tally


class AccountView(NamedTuple):
    """An account, how it is, its routes, and its jobs of the last thirty days."""

    provider: str
    name: str
    health: Health
    changed_at: datetime | None
    routes: Sequence[str]
    tally: Tally
    a_minute: float


@pages.get("/routes")
def routes() -> str:
    """Show all routes and accounts."""
    directory = desk().ports.directory
    days = desk().history.days()
    changed = {(each.provider, each.name): each.changed_at for each in directory.accounts()}
    by_route = merged_by(days, lambda day: day.routes)
    listed = [_view(route, changed, by_route) for route in directory.routes()]
    accounts = _accounts(listed, changed, merged_accounts(days))
    gone = {
        (each.provider, each.name): each.health.said
        for each in accounts
        if each.health.word == "unreachable"
    }
    routes = [_with_unreachable(route, gone) for route in listed]
    return render_template("routes.html", routes=routes, accounts=accounts)


def _with_unreachable(route: RouteView, gone: Mapping[AccountName, str]) -> RouteView:
    """Say on a route which of its accounts cannot be reached, unless it has another problem."""
    keys = ((each.provider, each.account) for each in route.destinations)
    found = " ".join(gone[key] for key in keys if key in gone)
    return route if route.problem or not found else route._replace(problem=found)


def _view(
    stored: StoredRoute, known: Iterable[AccountName], tallies: Mapping[str, Tally]
) -> RouteView:
    tally = tallies.get(stored.name, Tally())
    try:
        destinations = parse_route(stored.name, stored.text).destinations
    except UploadRejectedError as error:
        return RouteView(stored.name, (), error.text, stored.changed_at, tally)
    missing = [
        f"{each.provider}/{each.account}"
        for each in destinations
        if (each.provider, each.account) not in known
    ]
    problem = f"No secret for {', '.join(missing)}." if missing else ""
    return RouteView(stored.name, destinations, problem, stored.changed_at, tally)


def _accounts(
    routes: Sequence[RouteView],
    changed: Mapping[AccountName, datetime],
    tallies: Mapping[AccountName, Tally],
) -> Sequence[AccountView]:
    users: dict[AccountName, list[str]] = {account: [] for account in changed}
    for route in routes:
        for each in route.destinations:
            users.setdefault((each.provider, each.account), []).append(route.name)
    return [
        _account(account, changed.get(account), names, tallies.get(account, Tally()))
        for account, names in sorted(users.items())
    ]


def _account(
    account: AccountName, changed_at: datetime | None, users: Sequence[str], tally: Tally
) -> AccountView:
    provider, name = account
    known = REGISTRY.get(provider)
    health = health_of(provider, name, tally, changed_at, desk().ports.clock.now(), utc)
    if known is None and changed_at is not None:
        health = Health("problem", "There is no such provider.")
    a_minute = 60 / known.rates.send_gap if known else 0
    return AccountView(
        provider, name, health, changed_at, list(dict.fromkeys(users)), tally, a_minute
    )
