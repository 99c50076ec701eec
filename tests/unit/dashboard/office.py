"""A dashboard in which people act, and what comes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from listdrop.dashboard.app import create_app
from listdrop.dashboard.guard import Guard
from listdrop.dashboard.ports import ActPorts, DashboardPorts
from listdrop.dashboard.visitors import Role, Visitor, owner
from tests.support.accounts import MemoryProbes, MemoryRouteBook
from tests.support.clock import ManualClock
from tests.support.dashboards import NOW, MemoryAudit, Shelf, new_job
from tests.support.erasing import MemoryArchive, MemoryPeople
from tests.support.files import MemoryFiles, MemoryInbox, MemoryUploads
from tests.support.jobs import MemoryJobs
from tests.support.messaging import MemoryExecutions, MemorySubscriptions

ADA = owner("ada")


@dataclass
class Office:
    """What there is to act on."""

    shelf: Shelf = field(default_factory=Shelf)
    jobs: MemoryJobs = field(default_factory=MemoryJobs)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    executions: MemoryExecutions = field(default_factory=MemoryExecutions)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    uploads: MemoryUploads = field(default_factory=MemoryUploads)
    routes: MemoryRouteBook = field(default_factory=MemoryRouteBook)
    probes: MemoryProbes = field(default_factory=MemoryProbes)
    subscriptions: MemorySubscriptions = field(default_factory=MemorySubscriptions)

    def __post_init__(self) -> None:
        """Have what is done to a job be seen on its page."""
        self.shelf.jobs = self.jobs.jobs
        self.inbox = MemoryInbox(self.files, self.uploads)

    def put(self, number: int = 1, **members: Any) -> str:
        """Add a job."""
        job = self.shelf.put(new_job(number, **members))
        return job.job_id

    def ports(self) -> ActPorts:
        """Return what acts work with."""
        return ActPorts(
            jobs=self.jobs,
            executions=self.executions,
            clock=ManualClock(NOW),
            audit=self.audit,
            inbox=self.inbox,
            archive=MemoryArchive(self.files, self.uploads),
            people=MemoryPeople(self.jobs),
            routes=self.routes,
            probes=self.probes,
            subscriptions=self.subscriptions,
        )

    def served(self) -> DashboardPorts:
        """Return what a dashboard is made of."""
        return self.shelf.ports(acts=self.ports())._replace(
            outages=(PermissionError, TimeoutError),
            is_refused=lambda error: isinstance(error, PermissionError),
        )

    def client(self, visitor: Visitor = ADA) -> FlaskClient:
        """Return the browser of somebody."""
        return create_app(self.served(), Guard(visitor=visitor)).test_client()

    @property
    def acts(self) -> list[tuple[str, str, str, str]]:
        """Who did what to which, and what came of it."""
        return [(each.who, each.what, each.subject, each.outcome) for each in self.audit.acts]


def somebody(role: Role, route: str = "spring") -> Visitor:
    """Return somebody with one role, for one route."""
    return Visitor("bob", {route: frozenset({role})})


WHO_ADMINISTERS = [
    (ADA, True),
    (somebody(Role.ADMIN, "*"), True),
    (somebody(Role.ADMIN), False),
    (somebody(Role.DROP), False),
    (somebody(Role.LOOK, "*"), False),
]
"""Visitors, and whether they may do what is not about one route."""


def token_of(page: TestResponse) -> str:
    """Return the token that a page's form has."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def fields_of(page: TestResponse) -> dict[str, list[str]]:
    """Return the hidden fields of a page's form."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text):
        found.setdefault(name, []).append(value)
    return found


def act(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
    """Open the page of an act, fill it in, and press its button."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    return client.post(address, data=fields_of(page) | fields, follow_redirects=True)
