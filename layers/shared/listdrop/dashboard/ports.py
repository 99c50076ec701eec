"""What the dashboard needs from outside. A separate module, so that it imports without Flask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from listdrop.ports import (
    Archive,
    Audit,
    Clock,
    Directory,
    Downloads,
    Executions,
    Figures,
    HeldJobs,
    Inbox,
    People,
    Probes,
    Records,
    RouteBook,
    Staging,
    Subscriptions,
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who says who somebody is, and what signs the sessions: see `signing_in.py`."""

    issuer: str
    client: str
    session_key: str = field(repr=False)
    client_secret: str = field(default="", repr=False)
    roles_claim: str = "listdrop_roles"
    people: str = field(default="", repr=False)
    """Roles by verified e-mail address, as `a@example.com=look b@example.com=drop,approve`."""


class ActPorts(NamedTuple):
    """The ports that acts use, beside those of pages.

    `kept_days`: for how many days uploads are kept; 0 if that is not known.
    """

    jobs: HeldJobs
    executions: Executions
    clock: Clock
    audit: Audit
    inbox: Inbox
    archive: Archive
    people: People
    routes: RouteBook
    probes: Probes
    subscriptions: Subscriptions
    kept_days: int = 0


class DashboardPorts(NamedTuple):
    """The ports that pages use. None of them writes but `acts`; without those it is read-only.

    `staging` is where files are dropped, by those who may act.
    `outages` are the errors that they raise when AWS does not answer, or does not let them do
    something, of which `is_refused` is true.
    """

    records: Records
    figures: Figures
    directory: Directory
    downloads: Downloads
    clock: Clock
    acts: ActPorts | None = None
    staging: Staging | None = None
    outages: tuple[type[Exception], ...] = ()
    is_refused: Callable[[Exception], bool] = lambda _: False
