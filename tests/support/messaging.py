"""The workflow, the queue, notices and metrics, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from listdrop.models import Turn, Upload


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
