"""Routes and accounts: whether they work, and when they were last used. Never a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from listdrop.dashboard.adding import Tally, merged_accounts, merged_by
from listdrop.dashboard.desk import desk
from listdrop.errors import UploadRejectedError
from listdrop.models import Destination, JobFigures, JobState, StoredRoute
from listdrop.providers import REGISTRY
from listdrop.providers.routing import parse_route

pages = Blueprint("routes", __name__)
_OF_THE_ACCOUNT = frozenset({"unknown_account", "bad_account", "provider_auth", "provider_quota"})

AccountName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route, its problem if any, and its jobs of the last thirty days."""

    name: str
    destinations: Sequence[Destination]
    problem: str
    changed_at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, its problem if any, its routes, and its jobs of the last thirty days."""

    provider: str
    name: str
    problem: str
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
    return render_template("routes.html", routes=listed, accounts=accounts)


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
    problem = _problem_of(tally.latest)
    if changed_at is None:
        problem = "There is no such secret."
    elif known is None:
        problem = "There is no such provider."
    a_minute = 60 / known.rates.send_gap if known else 0
    return AccountView(
        provider, name, problem, changed_at, list(dict.fromkeys(users)), tally, a_minute
    )


def _problem_of(latest: JobFigures | None) -> str:
    """Return the account's problem according to its last job."""
    if latest and latest.state is JobState.REJECTED and latest.reason in _OF_THE_ACCOUNT:
        return f"Its last job was rejected: {latest.reason}."
    return ""
