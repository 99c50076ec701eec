"""What a provider is: one class in one file, pure, knowing nothing of AWS.

Submit calls `prepare_all` for some hundred rows at once, Send calls `open` once, `send` for each
batch and, for providers that load first and run afterwards, `commit`; Status calls `poll`. All
times here are seconds of the provider's own pace: the caller scales them where waits are scaled.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import orjson
from pydantic import JsonValue

from listdrop.errors import (
    FateUnknownError,
    InvalidRowError,
    NoProbeError,
    ProviderBusyError,
)
from listdrop.models import (
    NOT_REPORTED,
    Account,
    Destination,
    Json,
    Outcome,
    Prepared,
    Prospect,
    Prospects,
    RowResult,
)
from listdrop.providers.http import Answer, HttpClient


class AfterCrash(StrEnum):
    """What may be done with a request whose fate is unclear (design: intent first)."""

    RESEND = "resend"
    LOOK_UP = "look_up"
    GIVE_UP = "give_up"


class BatchRow(NamedTuple):
    """A row in a request: its number in the upload, its identity, its payload."""

    row: int
    identity: str
    payload: Json


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one request, in order.

    `repeated` are rows that an earlier request may have brought in (only where the provider's
    `after_crash` rule is `resend`); `is_remainder` that other rows of the batch were
    settled by an earlier request, and these were not taken. `session` is what the provider's
    `open` returned. `retried` are rows that the provider failed before in a way that was worth
    one more try, which this is.
    """

    rows: Sequence[BatchRow]
    repeated: frozenset[int] = frozenset()
    is_remainder: bool = False
    session: Json | None = None
    retried: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """What became of the rows of one request.

    Rows in `results` are settled. The others: with `rest`, all end in that one result; with
    `handle`, they were taken, and the handle is polled; with neither, they were not taken and are
    sent again, at most `max_rows` at once. `retried` are those among them that get one more try.
    """

    results: Mapping[int, RowResult] = field(default_factory=dict)
    rest: RowResult | None = None
    handle: Json | None = None
    max_rows: int | None = None
    retried: frozenset[int] = frozenset()
    raw_status: str = ""
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What the provider says of a handle.

    While it works, `handle` may carry what to remember until the next poll, and `progress` the
    share of the work done (0 to 1). When `is_terminal`, rows not in `results` end in `rest`.
    `warnings` are names of facts that deserve an alarm or a metric, never personal data.
    """

    is_terminal: bool = False
    results: Mapping[int, RowResult] = field(default_factory=dict)
    rest: RowResult = NOT_REPORTED
    handle: Json | None = None
    progress: float | None = None
    raw_status: str = ""
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold. `bytes` counts the payloads, not what is around them.

    `lone_rows` is false where a batch of a single row should be avoided.
    """

    rows: int
    bytes: int
    lone_rows: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """When to ask: `first` seconds after sending, then every `shortest` to `longest` seconds.

    `failures` polls in a row without a usable answer end a batch as lost, unless all of them fall
    into half an hour; `None`: only the deadline does.
    """

    first: float
    shortest: float
    longest: float
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Seconds from a request of one account to its next: after a send, and after a poll.

    `lone_gap` is the gap after a send of a single row, where the provider counts those apart.
    `together` says that the provider counts sends and polls together: they share one budget, so
    that each gap is kept to the next request of either kind.
    """

    send_gap: float
    poll_gap: float
    lone_gap: float | None = None
    together: bool = False

    def budget(self, account: str, kind: str) -> str:
        """Return what an account's requests count against: all of them, or those of a kind."""
        return account if self.together else f"{account}#{kind}"


@dataclass(frozen=True, slots=True)
class Handle:
    """A receipt to ask about: what `send`, `commit` or the last `poll` returned.

    `rows` are the rows it covers and are not settled yet, without payloads; `age` the seconds
    since it was sent; `is_repeat` says that an earlier request with them may have been taken.
    """

    value: Json
    rows: Sequence[tuple[int, str]]
    age: float
    is_repeat: bool = False

    @property
    def by_identity(self) -> dict[str, int]:
        """Row numbers by identity; identities are unique within an upload."""
        return {identity: row for row, identity in self.rows}


D = TypeVar("D", bound=Destination)
A = TypeVar("A", bound=Account)


class Provider(ABC, Generic[D, A]):
    """One provider's API, for one destination."""

    name: ClassVar[str]
    destination_model: ClassVar[type[Destination]]
    account_model: ClassVar[type[Account]]
    limits: ClassVar[Limits]
    pace: ClassVar[Pace]
    rates: ClassVar[Rates]
    needs_open: ClassVar[bool] = False
    """Whether `open` is to be called before the first batch."""
    resends: ClassVar[int] = 1
    """How often a request of unclear fate is sent again, where `after_crash` is `resend`."""
    reads: ClassVar[Mapping[str, str] | None] = None
    """The canonical fields that `prepare` looks at, and the names that it wants them under.

    `None`: all, under their own names, and every other column.
    """
    commits: ClassVar[bool] = False
    """Whether batches are only loaded, and `commit` starts the one import they belong to."""

    def __init__(self, destination: D) -> None:
        self.destination = destination

    @property
    @abstractmethod
    def after_crash(self) -> AfterCrash:
        """What may be done with a request whose fate is unclear, with its ground in the sheet."""

    @classmethod
    def probe(cls, http: HttpClient, account: A) -> None:
        """Make the one call that tells whether the account's key is good, and changes nothing.

        Returns only if it is. Raises `StopJobError` if it is refused, `ProviderBusyError`,
        `NotSentError`, `FateUnknownError` if the answer tells neither, and `NoProbeError` if the
        provider has no such call.
        """
        del http, account
        raise NoProbeError(f"{cls.name} has no call that only tests a key")

    @property
    def needs(self) -> Sequence[str]:
        """Fields, or headers. A file without a column for any of them has nothing to send."""
        return ("email",)

    @property
    def asks_for(self) -> Set[str]:
        """Names of columns or fields that `prepare` looks for in `custom`."""
        return frozenset()

    def batch_limits(self) -> Limits:
        """Return the limits of one request; the destination may lower them."""
        return self.limits

    def deadline_seconds(self, rows: int) -> float | None:
        """Seconds after which a batch of so many rows is given up, if not the job's deadline."""
        del rows
        return None

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        """Return what a row is upserted by, and its payload. Raises `InvalidRowError`."""
        raise NotImplementedError

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Turn rows into payloads: one by one, by `prepare`.

        A provider whose payloads are columns as they are has this instead, in a third of the time.
        """
        identities = []
        payloads = []
        invalid = {}
        for place, prospect in enumerate(prospects):
            try:
                identity, payload = self.prepare(prospect)
            except InvalidRowError as error:
                invalid[place] = RowResult(Outcome.INVALID, error.reason, error.text)
                identity, payload = error.identity, {}
            identities.append(identity)
            payloads.append(payload)
        return Prepared(identities, payloads, invalid)

    def open(self, http: HttpClient, account: A) -> Json | None:
        """Prepare the account for the job's batches; what it returns is kept and given to `send`.

        Called again after a crash, so a second call must do no harm.
        """
        raise NotImplementedError

    @abstractmethod
    def send(self, http: HttpClient, account: A, batch: Batch) -> SendAnswer:
        """Make one request with these rows.

        Raises `ProviderBusyError`, `BatchRefusedError`, `StopJobError`, `NotSentError`,
        `FateUnknownError`.
        """

    def commit(self, http: HttpClient, account: A, session: Json) -> Json:
        """Start the import of all loaded batches; returns the handle that stands for them."""
        raise NotImplementedError

    def look_up(self, http: HttpClient, account: A, session: Json) -> Json | None:
        """Find out whether a commit of unclear fate started the import: its handle, or `None`."""
        raise NotImplementedError

    @property
    def may_commit_again(self) -> bool:
        """Whether a commit that shows no sign of having started may be repeated."""
        return False

    @abstractmethod
    def poll(self, http: HttpClient, account: A, handle: Handle) -> PollAnswer:
        """Ask once.

        Raises `ProviderBusyError`, `StopJobError`, `NotSentError`, `FateUnknownError`.
        """


def compact(members: Mapping[str, JsonValue]) -> Json:
    """Leave out members that are empty: a blank would overwrite what the provider has."""
    return {key: value for key, value in members.items() if value not in ("", None, [], {})}


def json_body(value: Any) -> bytes:
    """Encode a request's body."""
    return orjson.dumps(value)


def raise_for_fate(answer: Answer, *, busy_seconds: float = 60) -> None:
    """Raise what a status means with any provider: busy (429), or nobody can tell (5xx)."""
    if answer.status == 429:
        raise ProviderBusyError(answer.retry_after(busy_seconds))
    if answer.status >= 500 or answer.status in (303, 408):
        raise FateUnknownError(f"the provider answered {answer.status}")


def require_json(answer: Answer) -> None:
    """Raise for what no good key is answered with: a status of refusal, or a page for people."""
    raise_for_fate(answer)
    if not answer.is_success or answer.json() is None:
        raise FateUnknownError(f"the provider answered {answer.status}, which tells nothing")


def words(value: Any, limit: int = 500) -> str:
    """Return a provider's message as one line of at most `limit` characters; lists are joined."""
    if isinstance(value, list | tuple):
        value = "; ".join(words(item, limit) for item in value)
    return re.sub(r"\s+", " ", value if isinstance(value, str) else "").strip()[:limit]
