"""Routes, accounts and their budgets, in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from listdrop.errors import RouteChangedError, UploadRejectedError
from listdrop.models import Account, Choices, Route, Ticket
from listdrop.ports import AnyProvider


class MemoryRoutes:
    """The routes port."""

    def __init__(self, routes: Mapping[str, Route | UploadRejectedError] | None = None) -> None:
        self.routes = dict(routes or {})

    def get(self, name: str) -> Route:
        """See the port."""
        found = self.routes.get(name)
        if found is None:
            raise UploadRejectedError("unknown_route", f"There is no route {name!r}.")
        if isinstance(found, UploadRejectedError):
            raise found
        return found


class MemoryAccounts:
    """The accounts port: `stored` is what the secrets say now, which only a fresh read sees.

    Each of `failures` is raised once, where a secret has to be read.
    """

    def __init__(self, stored: Mapping[tuple[str, str], Account] | None = None) -> None:
        self.stored = dict(stored or {})
        self.cached: dict[tuple[str, str], Account] = {}
        self.failures: list[Exception] = []

    def get(self, provider: AnyProvider, name: str, *, fresh: bool = False) -> Account:
        """See the port."""
        key = (provider.name, name)
        if fresh or key not in self.cached:
            if self.failures:
                raise self.failures.pop(0)
            if key not in self.stored:
                raise UploadRejectedError("unknown_account", f"There is no account {name!r}.")
            self.cached[key] = self.stored[key]
        return self.cached[key]


class MemoryBudget:
    """The budget port: the first free moment of every account, and leases."""

    def __init__(self) -> None:
        self.free_at: dict[str, datetime] = {}
        self.leases: dict[str, tuple[str, datetime]] = {}
        """By name: who has it, and until when."""
        self._lock = threading.Lock()

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """See the port."""
        with self._lock:
            at = max(now, self.free_at.get(account, now))
            self.free_at[account] = at + timedelta(seconds=count * gap)
            return Ticket(at=at, count=count, gap=gap)

    def hold(self, account: str, until: datetime) -> None:
        """See the port."""
        with self._lock:
            self.free_at[account] = max(until, self.free_at.get(account, until))

    def take(self, name: str, holder: str, until: datetime, now: datetime) -> datetime | None:
        """See the port."""
        with self._lock:
            other, ends = self.leases.get(name, (holder, now))
            if other != holder and ends > now:
                return ends
            self.leases[name] = (holder, until)
            return None

    def give_back(self, name: str, holder: str) -> None:
        """See the port."""
        with self._lock:
            if self.leases.get(name, ("",))[0] == holder:
                del self.leases[name]


class MemoryRouteBook:
    """The route book in memory."""

    def __init__(self, routes: Mapping[str, str] | None = None) -> None:
        self.texts = dict(routes or {})

    def text(self, name: str) -> str | None:
        """See the port."""
        return self.texts.get(name)

    def put(self, name: str, text: str, *, over: str | None) -> None:
        """See the port."""
        self._check(name, over)
        self.texts[name] = text

    def delete(self, name: str, *, over: str) -> None:
        """See the port."""
        self._check(name, over)
        del self.texts[name]

    def _check(self, name: str, over: str | None) -> None:
        if self.texts.get(name) != over:
            raise RouteChangedError(name)


class MemoryProbes:
    """What providers say, by provider and account; of others, that all is well."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[str, str] | Exception] = {}
        self.offered: dict[tuple[str, str], Sequence[Choices] | Exception] = {}

    def probe(self, provider: AnyProvider, account: str) -> tuple[str, str]:
        """See the port."""
        found = self.answers.get((provider.name, account), ("good", "The key is good."))
        if isinstance(found, Exception):
            raise found
        return found

    def choices(self, provider: AnyProvider, account: str) -> Sequence[Choices]:
        """See the port."""
        found = self.offered.get((provider.name, account), ())
        if isinstance(found, Exception):
            raise found
        return found
