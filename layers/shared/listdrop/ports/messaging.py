"""What moves and tells: the clock, the queue, the workflow, notices and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from listdrop.models import Turn, Upload


class Clock(Protocol):
    """Time, in UTC."""

    def now(self) -> datetime:
        """Return the moment."""
        ...

    def wait_until(self, moment: datetime) -> None:
        """Keep two requests apart. For ten seconds at most; longer waits are the workflow's."""
        ...


class Deliveries(Protocol):
    """The queue by which Submit learns of uploads."""

    def deliver(self, upload: Upload) -> None:
        """Tell of an upload, as S3 does."""
        ...


class Executions(Protocol):
    """The state machine."""

    def start(self, turn: Turn) -> str:
        """Start a job's execution, or find it started, and return its ARN."""
        ...


class Notices(Protocol):
    """The results topic."""

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """Publish one notice: JSON for programs, plain sentences for e-mail."""
        ...


class Subscription(NamedTuple):
    """Who is told. Without a `name`, they have not confirmed that they want to be."""

    protocol: str
    endpoint: str
    name: str = ""


class Subscriptions(Protocol):
    """Who is told of uploads and jobs."""

    @property
    def sends_mail(self) -> bool:
        """Whether e-mails are sent at all."""
        ...

    def all(self) -> Sequence[Subscription]:
        """Return all subscriptions."""
        ...

    def subscribe(self, protocol: str, endpoint: str, policy: Mapping[str, Any]) -> str:
        """Have somebody be told of what a filter policy lets through; replaces an earlier one.

        Returns the subscription's name; empty if they are asked to confirm it first.
        """
        ...

    def end(self, name: str) -> None:
        """Tell somebody no longer."""
        ...


class Events(Protocol):
    """Counts and times of noteworthy things, for metrics and alarms. Never holds personal data.

    What has a `route` can be asked for by route as well, which costs 30 US cents a month for each
    name, provider and route: https://aws.amazon.com/cloudwatch/pricing/. Never by job, of which
    there are too many.
    """

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """Count something that happened."""
        ...

    def measure(self, name: str, provider: str, seconds: float) -> None:
        """Remember how long something took."""
        ...

    def warn(self, text: str, **about: str) -> None:
        """Write a sentence to the log, for those who operate the stack. It may name a job."""
        ...
