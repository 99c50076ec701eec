"""The workflow, the queue, notices and metrics, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from listdrop.models import Turn, Upload
from listdrop.ports import Subscription


class MemoryExecutions:
    """The executions port: one execution a name."""

    def __init__(self) -> None:
        self.started: dict[str, Turn] = {}
        self.calls = 0

    def start(self, turn: Turn) -> str:
        """See the port."""
        self.calls += 1
        self.started.setdefault(turn.execution, turn)
        return f"arn:aws:states:us-east-1:000000000000:execution:import:{turn.execution}"


class MemoryDeliveries:
    """The deliveries port."""

    def __init__(self) -> None:
        self.uploads: list[Upload] = []

    def deliver(self, upload: Upload) -> None:
        """See the port."""
        self.uploads.append(upload)


@dataclass(frozen=True)
class Notice:
    """One published notice."""

    subject: str
    message: str
    text: str
    attributes: Mapping[str, str | int]


class MemoryNotices:
    """The notices port. Those of uploads are kept apart from those of jobs."""

    def __init__(self) -> None:
        self.published: list[Notice] = []
        self.of_uploads: list[Notice] = []

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """See the port."""
        is_upload = attributes.get("kind") == "upload"
        found = self.of_uploads if is_upload else self.published
        found.append(Notice(subject, message, text, dict(attributes)))


class MemorySubscriptions:
    """The subscriptions port; who is subscribed by e-mail has to confirm it."""

    sends_mail = True

    def __init__(self) -> None:
        self.found: list[Subscription] = []
        self.policies: dict[str, dict[str, Any]] = {}
        """By endpoint."""

    def all(self) -> list[Subscription]:
        """See the port."""
        return list(self.found)

    def subscribe(self, protocol: str, endpoint: str, policy: Mapping[str, Any]) -> str:
        """See the port."""
        self.policies[endpoint] = dict(policy)
        known = [each for each in self.found if each[:2] == (protocol, endpoint)]
        if not known:
            name = "" if protocol == "email" else f"arn:{endpoint}"
            known = [Subscription(protocol, endpoint, name)]
            self.found += known
        return known[0].name

    def end(self, name: str) -> None:
        """See the port."""
        self.found = [each for each in self.found if each.name != name]


class MemoryEvents:
    """The events port."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.times: list[tuple[str, float]] = []
        self.warnings: list[tuple[str, dict[str, str]]] = []

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """See the port."""
        del provider, route
        self.counts[name] += value

    def measure(self, name: str, provider: str, seconds: float) -> None:
        """See the port."""
        del provider
        assert seconds >= 0, f"{name} took {seconds} seconds"
        self.times.append((name, seconds))

    def warn(self, text: str, **about: str) -> None:
        """See the port."""
        self.warnings.append((text, about))

    def times_of(self, name: str) -> list[float]:
        """Return how long something took, each time, in seconds."""
        return [seconds for each, seconds in self.times if each == name]
