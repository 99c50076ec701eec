"""Batches of a job: what requests are made of."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from listdrop.models.base import Frozen, Json
from listdrop.models.numbers import Numbers
from listdrop.models.outcomes import RowResult


class BatchState(StrEnum):
    """Where a batch stands: planned, sending, sent, then one of four terminal states."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    COMPLETED = "completed"
    REFUSED = "refused"
    LOST = "lost"
    EXPIRED = "expired"

    @property
    def is_terminal(self) -> bool:
        """Whether the state cannot change any more."""
        return self not in (BatchState.PLANNED, BatchState.SENDING, BatchState.SENT)


class Part(Frozen):
    """Rows of a batch that a request of their own took, after a request with more was refused.

    They are those from `first` to `last` that were not settled before. `outcomes` is the file of
    their outcomes, once the provider has answered for them. `missing`: as a batch has it.
    """

    first: int
    last: int
    handle: Json
    outcomes: str = ""
    missing: int = 0


class Split(Frozen):
    """How far the search for the rows that cause a refusal is.

    - `suspects`: how many rows, from the first that is not taken, hold at least one cause.
    - `probe`: which of them is asked about alone next, to see whether rows are the cause at all.
    - `is_rows`: that is known.
    """

    suspects: int = 0
    probe: Literal["", "first", "last", "second"] = ""
    is_rows: bool = False


class BatchItem(Frozen):
    """A batch: a range of the upload's rows, of which `rows` are for sending.

    - `first_byte`, `last_byte`: its part of the job's plan.
    - `poll_failures`: how many polls in a row had no usable answer, since `failing_since`;
      `missing`: how many in a row found that the provider has no such import.
    - `settled`: results of rows, known before the batch is terminal. `parts`: other rows that the
      provider has taken, if not with one request.
    - `max_rows`: the most rows in the next request, after one was too large. `split`: after one was
      refused, how far the search for the cause is.
    - `lease_until`: the lease of the Send that works on the batch.
    - `repeats`: how often a request of unclear fate was sent again; `doubtful`: its rows.
    - `left_out`: of a batch that was loaded into an import, rows that the import does not have.
    - `was_sent`: the provider was sent all of it, or perhaps; `sent_at`: since when that is so.
    - `told`: of a terminal batch, its rows' outcomes, packed; `outcomes`: the name of their file,
      where that is too long. `has_items`: its rows need no items. Whether others have theirs, the
      job's `items_of` says; of those that do not, Finish writes them.
    - `version`: every write is conditional on it.
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
    missing: int = 0
    sent_at: datetime | None = None
    terminal_at: datetime | None = None
    settled: dict[int, RowResult] = Field(default_factory=dict)
    retried: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    max_rows: int | None = None
    split: Split | None = None
    lease_until: datetime | None = None
    left_out: tuple[int, ...] = ()
    outcomes: str = ""
    told: bytes = b""
    was_sent: bool = False
    has_items: bool = False
    version: int = 0

    @property
    def is_unsent(self) -> bool:
        """Whether Send has something to do with it."""
        return self.state in (BatchState.PLANNED, BatchState.SENDING)

    @property
    def is_untouched(self) -> bool:
        """Whether no Send has come this far: batches are begun in order."""
        return self.state is BatchState.PLANNED and not self.attempts


class Tally(NamedTuple):
    """What a turn has come to since it last told: it is added to its job's progress.

    `counts` are rows by outcome, `sent` and `terminal` batches, `at` the moment of the last of
    them. `items_of` is not added: it is the job's from now on.
    """

    counts: Mapping[str, int] = {}
    sent: int = 0
    terminal: int = 0
    at: datetime | None = None
    items_of: Numbers = ()
