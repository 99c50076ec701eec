"""Jobs, their batches, and what the workflow carries from turn to turn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from pydantic import Field

from listdrop.models.base import Frozen, Json
from listdrop.models.outcomes import Counts, Outcome, RowResult, no_counts
from listdrop.models.routes import Destination, Route
from listdrop.models.uploads import TableInfo, Upload
from listdrop.models.warnings import JobWarning


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


class Submission(NamedTuple):
    """What the first Submit of an upload decided, with which every later one goes on.

    `route` is `None` where the upload is rejected, for `reason`; `is_done`: all jobs are started.
    """

    route: Route | None
    retry_of: str = ""
    reason: str = ""
    reason_text: str = ""
    is_done: bool = False


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


class Results(Frozen):
    """Where a job's result files are, as `s3://` addresses."""

    results: str
    rejects: str
    retry: str


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
    warnings: tuple[JobWarning, ...] = ()
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
