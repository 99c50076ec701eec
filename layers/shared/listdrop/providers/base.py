"""The base class of providers: one class in one file, without state, without AWS.

Submit calls `prepare_all` for some thousand rows at once. Send calls `open` once, `send` for each
batch and, if all batches are one import, `commit`. Status calls `poll`. Seconds are unscaled.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

import orjson
from pydantic import JsonValue

from listdrop.errors import (
    BatchRefusedError,
    FateUnknownError,
    InvalidRowError,
    NoChoicesError,
    NoProbeError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.models import (
    NOT_REPORTED,
    Account,
    Choices,
    Destination,
    Json,
    Outcome,
    Prepared,
    Prospect,
    Prospects,
    RowResult,
)

if TYPE_CHECKING:
    from listdrop.providers.http import Answer, HttpClient


class AfterCrash(StrEnum):
    """What to do after a request of unclear fate: see `docs/design.md#intent-first`."""

    RESEND = "resend"
    LOOK_UP = "look_up"
    GIVE_UP = "give_up"


class BatchRow(NamedTuple):
    """A row in a request: its number in the upload, its identity, its payload."""

    row: int
    identity: str
    payload: Json


class Batch(NamedTuple):
    """The rows of one request, in order.

    `repeated` are rows that an earlier request may already have imported (only with the `resend`
    rule). `attempts`: how many requests were made with rows of the batch. `is_remainder`: an
    earlier request settled other rows of the batch and did not take these, or was refused whole and
    is split. `session` is what `open` returned. `retried` are rows that failed before for a
    temporary reason, though they may have been imported; this is their one retry.
    """

    rows: Sequence[BatchRow]
    repeated: frozenset[int] = frozenset()
    attempts: int = 0
    is_remainder: bool = False
    session: Json | None = None
    retried: frozenset[int] = frozenset()


class SendAnswer(NamedTuple):
    """What one request did with its rows.

    Rows in `results` are settled. With `rest`, all other rows end in that one result. With
    `handle`, the other rows were taken, and the handle is polled. With neither, the other rows
    were not taken and are sent again, at most `max_rows` in a request; `retried` are those of them
    that use their one retry.

    With `refusal`, no row was taken, and it is what all of them end in if they cannot be sent in
    smaller requests. `is_about_rows`: the provider's words say that a row is the cause. With
    `stop`, no more requests are made for the job; with `hold`, none for the account during that
    number of seconds.
    """

    results: Mapping[int, RowResult] = MappingProxyType({})
    rest: RowResult | None = None
    handle: Json | None = None
    max_rows: int | None = None
    retried: frozenset[int] = frozenset()
    raw_status: str = ""
    warnings: Sequence[str] = ()
    refusal: RowResult | None = None
    is_about_rows: bool = False
    stop: StopJobError | None = None
    hold: float | None = None


class PollAnswer(NamedTuple):
    """The provider's answer about a handle.

    Until `is_terminal`, `handle` may replace the stored handle, and `progress` is the share of the
    work done (0 to 1). When `is_terminal`, rows not in `results` end in `rest`. `warnings` are
    names of facts for alarms and metrics, never personal data. `hold`: seconds for which no more
    requests of the account may be made. `is_missing`: the provider says that it has no such import.
    """

    is_terminal: bool = False
    is_missing: bool = False
    results: Mapping[int, RowResult] = MappingProxyType({})
    rest: RowResult = NOT_REPORTED
    handle: Json | None = None
    progress: float | None = None
    raw_status: str = ""
    warnings: Sequence[str] = ()
    hold: float | None = None


class Limits(NamedTuple):
    """The most that one request may hold. `bytes` counts only the payloads.

    `lone_rows` is false if batches of a single row should be avoided.
    """

    rows: int
    bytes: int
    lone_rows: bool = True


class Pace(NamedTuple):
    """When to poll: `first` seconds after sending, then every `shortest` to `longest` seconds.

    The usual ones are at most 1.3 times as costly, in polls and delay, as the best that is possible
    for imports of half a minute to ten minutes (`tools/benchmarks/polling.py`).

    A batch is lost after `failures` polls in a row without a usable answer, if they span at least
    half an hour. `None`: only the deadline ends it.
    """

    first: float = 40
    shortest: float = 60
    longest: float = 120
    failures: int | None = None


class Rates(NamedTuple):
    """Seconds between an account's requests: `send_gap` after a send, `poll_gap` after a poll.

    `lone_gap` follows a send of a single row, if the provider has a separate rate limit for those.
    `together`: the provider counts sends and polls together, so they share one budget, and each
    gap holds until the next request of either kind. `one_at_a_time`: the account has one request in
    flight, over all jobs.
    """

    send_gap: float
    poll_gap: float
    lone_gap: float | None = None
    together: bool = False
    one_at_a_time: bool = False

    def budget(self, account: str, kind: str) -> str:
        """Return the key of the budget for an account's requests of this kind."""
        return account if self.together else f"{account}#{kind}"


class Handle(NamedTuple):
    """A receipt to poll: `value` is what `send`, `commit` or the last `poll` returned.

    `rows` are its rows that are not settled yet, as row number and identity. `age` is in seconds
    since it was sent. `is_repeat`: an earlier request with these rows may have been taken. Polls in
    a row up to the last one: `failures` had no usable answer, `missing` found no such import.
    """

    value: Json
    rows: Sequence[tuple[int, str]]
    age: float
    is_repeat: bool = False
    failures: int = 0
    missing: int = 0

    def is_lost(self, seconds: float = 120) -> bool:
        """Whether an import that is missing now, too, is lost: `docs/design.md#missing-imports`."""
        return self.age >= seconds and self.missing + 1 >= 5

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
    """Whether `open` must be called before the first batch."""
    opens_with: ClassVar[str] = ""
    """The member of payloads of whose keys `open` is told, as far as any row has them."""
    resends: ClassVar[int] = 1
    """How often a request of unclear fate is sent again, if `after_crash` is `resend`."""
    reads: ClassVar[Mapping[str, str] | None] = None
    """The canonical fields that `prepare` reads, and the names that it expects for them.

    `None`: all fields under their own names, and every other column.
    """
    commits: ClassVar[bool] = False
    """Whether `send` only loads batches, and `commit` then starts one import of all of them."""

    def __init__(self, destination: D) -> None:
        self.destination = destination

    @property
    @abstractmethod
    def after_crash(self) -> AfterCrash:
        """What to do after a request of unclear fate. The reason is in `docs/providers`."""

    @classmethod
    def probe(cls, http: HttpClient, account: A) -> None:
        """Test the account's key with one call that changes nothing. Returns if the key is good.

        Raises `StopJobError` if the key is refused, `FateUnknownError` if the answer shows neither,
        `NoProbeError` if the provider has no such call, `ProviderBusyError`, `NotSentError`.
        """
        del http, account
        raise NoProbeError(f"{cls.name} has no call that only tests a key")

    @classmethod
    def choices(cls, http: HttpClient, account: A) -> Sequence[Choices]:
        """Return the account's lists, campaigns and so on, with calls that change nothing.

        Raises `NoChoicesError` if the provider has no such calls, and what `probe` raises.
        """
        del http, account
        raise NoChoicesError(f"{cls.name} has no call that lists what a route may name")

    @property
    def needs(self) -> Sequence[str]:
        """Fields or headers. A file without a column for any of them is `no_usable_column`."""
        return ("email",)

    @property
    def asks_for(self) -> Set[str]:
        """Names of the columns or fields that `prepare` reads from `custom`."""
        return frozenset()

    @property
    def runs_alone(self) -> str:
        """What of the account no two running imports may share; empty: they may run side by side.

        Only for a provider that commits. It counts over all jobs of the account.
        """
        return ""

    def batch_limits(self) -> Limits:
        """Return the limits of one request. The destination may lower them."""
        return self.limits

    def deadline_seconds(self, rows: int) -> float | None:
        """Seconds until a batch with `rows` rows is given up; `None`: at the job's deadline."""
        del rows
        return None

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        """Return a row's identity and payload. Raises `InvalidRowError`."""
        raise NotImplementedError

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """Build the payloads of rows, one by one with `prepare`.

        A provider that overrides this instead works by column, which takes a third of the time.
        """
        identities, payloads, invalid = [], [], {}
        for place, prospect in enumerate(prospects):
            try:
                identity, payload = self.prepare(prospect)
            except InvalidRowError as error:
                invalid[place] = RowResult(Outcome.INVALID, error.reason, error.text)
                identity, payload = error.identity, {}
            identities.append(identity)
            payloads.append(payload)
        return Prepared(identities, payloads, invalid)

    def open(self, http: HttpClient, account: A, used: Set[str] | None = None) -> Json | None:
        """Prepare the account for the job's batches. Returns the session that `send` gets.

        `used`: what `opens_with` asks for, if known. A second call, after a crash, must do no harm.
        """
        raise NotImplementedError

    @abstractmethod
    def send(self, http: HttpClient, account: A, batch: Batch) -> SendAnswer:
        """Make one request with these rows. Raises `BatchRefusedError`, and what `poll` does."""

    def commit(self, http: HttpClient, account: A, session: Json) -> Json:
        """Start the import of all loaded batches. Returns one handle for all of them."""
        raise NotImplementedError

    def look_up(self, http: HttpClient, account: A, session: Json) -> Json | None:
        """Return the handle if a commit of unclear fate did start the import, otherwise `None`."""
        raise NotImplementedError

    @property
    def may_commit_again(self) -> bool:
        """Whether `commit` may be repeated if `look_up` finds no sign of a started import."""
        return False

    @abstractmethod
    def poll(self, http: HttpClient, account: A, handle: Handle) -> PollAnswer:
        """Ask the provider once.

        Raises `ProviderBusyError`, `StopJobError`, `NotSentError`, `FateUnknownError`.
        """


def compact(members: Mapping[str, JsonValue]) -> Json:
    """Leave out empty members, because a blank could overwrite what the provider has."""
    return {key: value for key, value in members.items() if value not in ("", None, [], {})}


def json_body(value: Any) -> bytes:
    """Encode a request's body."""
    return orjson.dumps(value)


def named(entries: object, key: str, name: str) -> dict[str, str]:
    """Return the names of a provider's objects by their ids.

    Raises `FateUnknownError` for anything but a list: it does not show that there are none.
    """
    if not isinstance(entries, list):
        raise FateUnknownError("the answer has no list")
    whole = [entry for entry in entries if isinstance(entry, dict) and entry.get(key)]
    return {str(entry[key]): words(entry.get(name), 200) for entry in whole}


def raise_for_fate(answer: Answer, *, busy_seconds: float = 60) -> None:
    """Raise for statuses that mean the same everywhere: 429 is busy; 303, 408, 5xx unclear."""
    wait = answer.retry_after(busy_seconds)
    if answer.status == 429:
        raise ProviderBusyError(wait)
    if answer.status >= 500 or answer.status in (303, 408):
        said = f"the provider answered {answer.status}"
        raise FateUnknownError(said, wait if "Retry-After" in answer.headers else 0)


def refused_whole(
    answer: Answer, batch: Batch, said: str, code: str = "", *, is_about_rows: bool = False
) -> SendAnswer:
    """Return what to make of a request that was refused whole, so that nothing of it was taken.

    `said` are the provider's words, `code` is its own code. Send splits the request down to the
    rows that cause it. Raises `BatchRefusedError` for a single row, which is the cause itself, and
    for a redirect, which is about no row; `FateUnknownError` for any other status that is no 4xx,
    which never shows that nothing was taken.
    """
    if not 300 <= answer.status < 500:
        raise FateUnknownError(f"the provider answered {answer.status}, which is no refusal")
    said, raw_status = said or f"HTTP {answer.status}", code or str(answer.status)
    if len(batch.rows) == 1 or 300 <= answer.status < 400:
        raise BatchRefusedError(said, raw_status)
    return SendAnswer(
        max_rows=len(batch.rows) // 2,
        retried=batch.retried,
        raw_status=raw_status,
        refusal=RowResult(Outcome.REFUSED, said, raw_status=raw_status),
        is_about_rows=is_about_rows,
    )


def require_json(answer: Answer) -> None:
    """Raise unless the answer is a 2xx with JSON; an HTML page, for example, proves nothing."""
    raise_for_fate(answer)
    if not answer.is_success or answer.json() is None:
        raise FateUnknownError(f"the provider answered {answer.status}, which shows nothing")


def words(value: Any, limit: int = 1_000) -> str:
    """Return a provider's message as one line, so short that an item has it; lists are joined."""
    if isinstance(value, list | tuple):
        value = "; ".join(words(item, limit) for item in value)
    text = re.sub(r"\s+", " ", value if isinstance(value, str) else "").strip()[:limit]
    return text.encode(errors="ignore")[:2_000].decode(errors="ignore")
