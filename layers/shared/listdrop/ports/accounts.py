"""Where rows go: routes, providers, their accounts, and the accounts' budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from listdrop.models import Account, Choices, Route, Ticket
from listdrop.providers.base import Provider

if TYPE_CHECKING:
    from listdrop.providers.http import HttpClient

AnyProvider = type[Provider[Any, Any]]
"""A provider's class, whatever its destinations and accounts are."""


class Routes(Protocol):
    """Routes as their owner wrote them."""

    def get(self, name: str) -> Route:
        """Return a route. Raises `UploadRejectedError` (`unknown_route`, `bad_route`)."""
        ...


class RouteBook(Protocol):
    """Routes as texts, to be changed. Each change names the text that it is made to.

    So of two people who change a route at the same time, one is told. Raises `RouteChangedError`.
    """

    def text(self, name: str) -> str | None:
        """Return a route's text as it is now; `None` if there is no such route."""
        ...

    def put(self, name: str, text: str, *, over: str | None) -> None:
        """Write a route in place of the text `over`; `None`: there is no such route yet."""
        ...

    def delete(self, name: str, *, over: str) -> None:
        """Delete a route that has this text."""
        ...


class Accounts(Protocol):
    """Secrets of provider accounts."""

    def get(self, provider: AnyProvider, name: str, *, fresh: bool = False) -> Account:
        """Return an account, at most five minutes old, or `fresh`.

        Raises `UploadRejectedError` (`unknown_account`, `bad_account`).
        """
        ...


class Probes(Protocol):
    """What providers say of an account, when asked with its key. Nothing is imported."""

    def probe(self, provider: AnyProvider, account: str) -> tuple[str, str]:
        """Test an account's key; returns a word and the sentence for it.

        Raises `UploadRejectedError` (`unknown_account`, `bad_account`).
        """
        ...

    def choices(self, provider: AnyProvider, account: str) -> Sequence[Choices]:
        """Return what routes may name. Raises `NoAnswerError`, and what `probe` does."""
        ...


class KnownProviders(Protocol):
    """The registry."""

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        """Build the provider that a stored destination names."""
        ...


class Providers(KnownProviders, Protocol):
    """The registry, and the door to the providers' APIs."""

    def http(self) -> HttpClient:
        """Return a client for the requests of one turn; that of the turn before is closed."""
        ...


class Budget(Protocol):
    """Request slots of provider accounts, shared by all jobs, and leases of what one job has."""

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """Reserve `count` slots, `gap` seconds apart, at the earliest moment that is free.

        Raises `ContendedError`.
        """
        ...

    def hold(self, account: str, until: datetime) -> None:
        """Give out no slot before this moment."""
        ...

    def take(self, name: str, holder: str, until: datetime, now: datetime) -> datetime | None:
        """Take a lease, or prolong it if the holder has it; `None` if it is the holder's now.

        Otherwise returns when the lease of another ends, unless that gives it back or prolongs it.
        """
        ...

    def give_back(self, name: str, holder: str) -> None:
        """End a lease, if the holder has it."""
        ...
