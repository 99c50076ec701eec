"""The nouns: uploads, rows, outcomes, jobs, batches, and what providers answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import repeat
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator

Json = dict[str, JsonValue]

ROUTE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
"""A route's name: part of the job id, and so of an execution's name (80 characters at most)."""


class Outcome(StrEnum):
    """What became of a row. Every data row of every upload ends in exactly one."""

    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    EXISTING = "existing"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look at the row."""
        return self in _BAD


_BAD = frozenset({Outcome.INVALID, Outcome.REFUSED, Outcome.UNKNOWN})


def iso(moment: datetime) -> str:
    """Return a moment as items and messages have it: ISO-8601 UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JobState(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the state can no longer change."""
        return self not in (JobState.PENDING, JobState.RUNNING)


class BatchState(StrEnum):
    """Where a batch stands: planned, sending, sent, then one of the terminal four."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    COMPLETED = "completed"
    REFUSED = "refused"
    LOST = "lost"
    EXPIRED = "expired"

    @property
    def is_terminal(self) -> bool:
        """Whether the state can no longer change."""
        return self not in (BatchState.PLANNED, BatchState.SENDING, BatchState.SENT)


class AfterCrash(StrEnum):
    """What may be done with a request whose fate is unclear (design: intent first)."""

    RESEND = "resend"
    LOOK_UP = "look_up"
    GIVE_UP = "give_up"


class Frozen(BaseModel):
    """A value passed between parts: immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------- uploads and rows


class Upload(Frozen):
    """One version of one object in the uploads bucket, or one table of it.

    `size` is in bytes; `table` is a file's name in an archive, empty for an upload that is none.
    """

    bucket: str
    key: str
    version_id: str
    etag: str = ""
    size: int = 0
    sha256: str = ""
    table: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.key} ({self.table})" if self.table else self.key

    @property
    def route(self) -> str:
        """The part of `inbox/<route>/<path>` that names the route; empty if there is none."""
        parts = self.key.split("/", 2)
        return parts[1] if len(parts) == 3 and parts[0] == "inbox" and parts[2] else ""


RETRY_OF = "listdrop-retry-of"
"""The metadata of an object in the uploads bucket that names the job whose rows it sends again."""


class Prospect(NamedTuple):
    """A data row, read for one provider; empty cells are left out.

    `fields` has canonical fields, under the names that the provider's `reads` gives them, and is
    the provider's to change. `custom` has other columns by their headers, and what the provider
    `asks_for` by name. `email` is the row's address: empty if there is none, `None` if what there
    is is not valid.
    """

    fields: dict[str, Any]
    custom: Mapping[str, str] = MappingProxyType({})
    email: str | None = ""


@dataclass(frozen=True, slots=True)
class Prospects:
    """Data rows, read for one provider, by column; members are those of a `Prospect`."""

    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, Sequence[str]]
    emails: Sequence[str | None]

    def __len__(self) -> int:
        return len(self.emails)

    def __iter__(self) -> Iterator[Prospect]:
        rows = len(self)
        return map(Prospect, _as_rows(self.fields, rows), _as_rows(self.custom, rows), self.emails)


def _as_rows(columns: Mapping[str, Sequence[str]], rows: int) -> Iterable[dict[str, str]]:
    """Turn columns into rows, empty values left out."""
    if not columns:
        return ({} for _ in range(rows))
    names = tuple(columns)
    found = [dict(zip(names, values)) for values in zip(*columns.values())]  # noqa: B905 # by the million
    for name, values in columns.items():
        if "" in values:
            for row, value in zip(found, values, strict=True):
                if not value:
                    del row[name]
    return found


class Container(StrEnum):
    """What an upload's text is packed in."""

    NONE = ""
    GZIP = "gzip"
    ZIP = "zip"
    XLSX = "xlsx"


class RowResult(NamedTuple):
    """The outcome of one row. `reason` is a code of ours, or the provider's own words."""

    outcome: Outcome
    reason: str = ""
    reason_text: str = ""
    provider_ref: str = ""
    raw_status: str = ""


NOT_REPORTED = RowResult(Outcome.UNKNOWN, "not_reported", "The provider did not report this row.")


@dataclass(frozen=True, slots=True)
class ColumnPayloads:
    """Payloads of so many rows, by column.

    A row's are its cells that are not empty, and where it has none, what is the `same` in all.
    """

    rows: int
    columns: Mapping[str, Sequence[JsonValue]]
    same: Json = field(default_factory=dict)

    def __iter__(self) -> Iterator[Json]:
        names = tuple(self.columns)
        rows = zip(*self.columns.values(), strict=True) if names else repeat((), self.rows)
        for cells in rows:
            yield self.same | {name: cell for name, cell in zip(names, cells, strict=True) if cell}

    def part(self, start: int, end: int) -> ColumnPayloads:
        """Return those of some rows."""
        columns = {name: cells[start:end] for name, cells in self.columns.items()}
        return ColumnPayloads(end - start, columns, self.same)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as their provider wants them, with what each is upserted by.

    `invalid` are those that it would not take, by their places; their payloads mean nothing.
    """

    identities: Sequence[str]
    payloads: Sequence[Json] | ColumnPayloads
    invalid: Mapping[int, RowResult]


class PlannedRow(NamedTuple):
    """A row of the plan: sent with `payload`, or settled before sending with `result`.

    `warning` is the code of what was left out of it, one of `WARNINGS`.
    """

    row: int
    line: int
    identity: str = ""
    email: str = ""
    linkedin_url: str = ""
    payload: Json | None = None
    result: RowResult | None = None
    warning: str = ""


class RowItem(Frozen):
    """A row as it can be asked for: what became of it, and why.

    `person` is `EMAIL#<address in lower case>` or `LINKEDIN#<slug>`, empty where it has none.
    """

    job_id: str
    provider: str
    row: int
    line: int
    outcome: Outcome
    reason: str = ""
    reason_text: str = ""
    warning: str = ""
    warning_text: str = ""
    email: str = ""
    linkedin_url: str = ""
    provider_ref: str = ""
    raw_status: str = ""
    person: str = ""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a job are wanted: of these outcomes (none: of all), and with this text.

    The text may be in the address, the profile, or the reason; in a reason, as it is written there.
    """

    outcomes: frozenset[Outcome] = frozenset()
    text: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the answers to a question. The others come with `cursor`; empty, there are none.

    A page may be short, or empty, and still have a cursor: that far nothing was found.
    """

    items: Sequence[T]
    cursor: str = ""


PHONE_LEFT_OUT = "phone_left_out"
WARNINGS = {
    PHONE_LEFT_OUT: (
        "The telephone number was left out: a spreadsheet has turned it into scientific notation."
    )
}
"""What may be left out of a row that is sent, and the sentence that tells it."""


# ---------------------------------------------------------------- routes and accounts


class Destination(Frozen):
    """Where a route sends its rows. Each provider declares its own, with its options."""

    provider: str
    account: str = Field(default="default", pattern=r"^[A-Za-z0-9_.-]{1,64}$")


class Route(Frozen):
    """What the SSM parameter `/<stack>/routes/<route>` says, validated.

    `destinations` are the providers' own models; `columns` maps a header to a canonical field, to
    a custom field's name, or to `None` to leave it out. `suppression_list` is the key of a table
    in the uploads bucket.
    """

    destinations: tuple[Destination, ...] = Field(min_length=1)
    columns: dict[str, str | None] = Field(default_factory=dict)
    deadline_minutes: float = Field(default=360, gt=0, le=43_200)
    retention_days: int = Field(default=30, ge=1, le=3_650)
    duplicate_content: Literal["skip", "send"] = "skip"
    row_items: Literal["all", "bad", "none"] = "all"
    suppression_list: str | None = Field(default=None, pattern=r"^suppression/.+$", max_length=1024)

    @property
    def deadline(self) -> timedelta:
        """How long a job of this route may take."""
        return timedelta(minutes=self.deadline_minutes)


class Submission(NamedTuple):
    """What the first Submit of an upload decided, with which every later one goes on.

    `route` is `None` where the upload is rejected, for `reason`; `is_done`: all jobs are started.
    """

    route: Route | None
    retry_of: str = ""
    reason: str = ""
    reason_text: str = ""
    is_done: bool = False


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Account(Frozen):
    """What the secret `<stack>/<provider>/<account>` says. Never logged, never stored elsewhere."""

    base_url: str

    @field_validator("base_url")
    @classmethod
    def _over_tls(cls, value: str, info: ValidationInfo) -> str:
        """Require https; validation context `allow_loopback` also takes http on a loopback host."""
        if not re.fullmatch(r"[!-\[\]-~]+", value):
            raise ValueError("must be a plain address: scheme, host and path")
        parts = urlsplit(value)
        local = bool((info.context or {}).get("allow_loopback")) and parts.scheme == "http"
        if parts.scheme != "https" and not (local and parts.hostname in _LOOPBACK):
            raise ValueError("must be an https address")
        if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("must be a plain address: scheme, host and path")
        return value.rstrip("/")


class KeyAccount(Account):
    """An account with one API key."""

    api_key: str = Field(pattern=r"^[!-~]+$", repr=False)


# ---------------------------------------------------------------- jobs and batches


def job_id_for(upload: Upload, route: str, destination: Destination | None) -> str:
    """`<route>-<provider>-<16 hex>`: the same upload version and destination, the same job.

    The hash covers bucket, key, version id (an archive's table, too) and the destination, so two
    destinations of one provider (two lists, say) are two jobs. A route name that cannot stand in
    an id is reduced to the characters that can.
    """
    wanted = _identity_of(destination) if destination else ""
    table = (upload.table,) if upload.table else ()
    source = "\n".join((upload.bucket, upload.key, upload.version_id, *table, wanted))
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", route)[:40].strip("-") or "none"
    return f"{name}-{destination.provider if destination else 'none'}-{digest}"


def _identity_of(destination: Destination) -> str:
    """What was chosen, without defaults: an option that is added later changes nothing."""
    return destination.model_dump_json(exclude_defaults=True)


def content_key(sha256: str, destination: Destination) -> str:
    """What makes two jobs do the same: the same bytes to the same destination."""
    wanted = hashlib.sha256(_identity_of(destination).encode()).hexdigest()[:16]
    return f"{sha256}#{destination.provider}#{wanted}"


Counts = dict[str, int]


def no_counts() -> Counts:
    """A count for the rows and for each outcome, all zero."""
    return {"rows": 0} | {outcome.value: 0 for outcome in Outcome}


class Results(Frozen):
    """Where a job's result files are, as `s3://` addresses."""

    results: str
    rejects: str
    retry: str


class TableInfo(Frozen):
    """How an upload was read, so that Finish reads it the same way.

    `width` is the widest row's number of cells; `personal` the columns that hold personal data.
    """

    container: Container = Container.NONE
    encoding: str
    delimiter: str
    header_line: int
    width: int
    personal: tuple[int, ...] = ()


class Session(Frozen):
    """What a provider keeps for all batches of a job, and how far its import is.

    `value` is what `open` returned, `None` before that. For a provider that commits, `phase` is
    `committing` before the request that starts the import leaves, and `committed` when it is
    certain that it has started. `checks` counts looks at a commit of unclear fate, `commits` the
    requests, `restarts` how often the whole import was begun anew.
    """

    value: Json | None = None
    must_commit: bool = False
    phase: Literal["open", "committing", "committed"] = "open"
    lease_until: datetime | None = None
    checks: int = 0
    commits: int = 0
    restarts: int = 0


class Job(Frozen):
    """One upload to one destination.

    `destination` is the route's entry as it was when the job began. `verdict` is a terminal state
    that was decided before Finish; `stop_reason` says that no more requests are to be made.
    `retry_of` is the job whose rows the upload sends again. `send_at` and `poll_at` are when Send
    and Status are due next, `sending_since` is when the first batch left, `first_open` the number
    before which all batches are terminal, `items_through` the row up to which a Finish that ran
    out of time wrote the items of rows that were not sent; `version` guards `session`.
    """

    job_id: str
    upload: Upload
    route: str
    provider: str
    account: str
    destination: Json = Field(default_factory=dict)
    state: JobState = JobState.PENDING
    verdict: JobState | None = None
    counts: Counts = Field(default_factory=no_counts)
    batches: dict[str, int] = Field(
        default_factory=lambda: {"planned": 0, "sent": 0, "terminal": 0}
    )
    progress: int = 0
    source: str = ""
    reason: str = ""
    reason_text: str = ""
    stop_reason: str = ""
    stop_text: str = ""
    duplicate_of: str = ""
    retry_of: str = ""
    created_at: datetime
    updated_at: datetime
    planned_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    notified_at: datetime | None = None
    sending_since: datetime | None = None
    send_at: datetime | None = None
    poll_at: datetime | None = None
    first_open: int = 1
    items_through: int = 0
    deadline_at: datetime
    execution_arn: str = ""
    results: Results | None = None
    expires_at: int
    row_items: Literal["all", "bad", "none"] = "all"
    table: TableInfo | None = None
    session: Session | None = None
    version: int = 0

    @property
    def percent(self) -> int:
        """How many of a hundred rows have their outcome, by the counts: what people are shown.

        `progress` is as old as the last turn, and the counts are of now.
        """
        if self.state.is_terminal:
            return 100
        rows = self.counts["rows"]
        return 100 * sum(self.counts[outcome] for outcome in Outcome) // rows if rows else 0


class BatchItem(Frozen):
    """A batch as DynamoDB remembers it: a range of the upload's rows, `rows` of which are sent.

    `first_byte` and `last_byte` are its part of the job's plan. `settled` holds the rows whose
    outcome is known before the batch as a whole is terminal; of the others, the first `taken`
    were taken already. `max_rows` bounds the next request after the provider refused a larger
    one. `claim` and `lease_until` belong to the Send that is at work on it; `repeats` counts
    requests of unclear fate that were sent again, and `doubtful` are their rows. A terminal
    batch's `outcomes` names the file of its rows' outcomes, and `has_items` says that their items
    are written. `version` guards every write.
    """

    job_id: str
    number: int
    state: BatchState = BatchState.PLANNED
    first_row: int
    rows: int
    first_byte: int
    last_byte: int
    attempts: int = 0
    repeats: int = 0
    handle: Json | None = None
    raw_status: str = ""
    next_poll_at: datetime | None = None
    poll_failures: int = 0
    failing_since: datetime | None = None
    sent_at: datetime | None = None
    terminal_at: datetime | None = None
    settled: dict[int, RowResult] = Field(default_factory=dict)
    retried: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    taken: int = 0
    max_rows: int | None = None
    lease_until: datetime | None = None
    outcomes: str = ""
    has_items: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What overviews add up: a job without what only its own page shows.

    `sent` counts its batches that have left.
    """

    job_id: str
    key: str
    route: str
    provider: str
    account: str
    state: JobState
    counts: Mapping[str, int]
    sent: int
    created_at: datetime
    finished_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredRoute:
    """A route as its owner wrote it, and when."""

    name: str
    text: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """That an account's secret is there, and since when it is as it is; not what it says."""

    provider: str
    name: str
    changed_at: datetime


# ---------------------------------------------------------------- what providers get and answer


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


# ---------------------------------------------------------------- the workflow's state


class Ticket(Frozen):
    """A reservation in an account's budget: `count` request slots, `gap` seconds apart."""

    at: datetime
    count: int
    gap: float


class Turn(Frozen):
    """What the execution carries from state to state: ids and small numbers, nothing else.

    `deadline_at` is the job's, for a workflow whose functions all fail.
    """

    job_id: str
    provider: str
    deadline_at: datetime | None = None
    next: Literal["send", "poll", "finish"] = "send"
    wait_until: datetime | None = None
    send_ticket: Ticket | None = None
    poll_ticket: Ticket | None = None
    turn: int = 0
    generation: int = 1

    def then(
        self,
        following: Literal["send", "poll", "finish"],
        wait_until: datetime | None = None,
        **tickets: Ticket | None,
    ) -> Turn:
        """Return the next turn: what to do, and when. Tickets that are not named are kept."""
        changes = {"next": following, "wait_until": wait_until, "turn": self.turn + 1}
        return self.model_copy(update=changes | tickets)

    def state(self) -> dict[str, Any]:
        """JSON for the state machine, without empty members."""
        return self.model_dump(mode="json", exclude_none=True)
