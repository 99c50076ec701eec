"""Jobs and their batches."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from listdrop.models.base import Frozen, Json
from listdrop.models.numbers import Numbers
from listdrop.models.outcomes import Counts, Outcome, no_counts, rows_with_provider
from listdrop.models.provider_names import display_name
from listdrop.models.routes import Destination, SampleCheck
from listdrop.models.uploads import TableInfo, Upload
from listdrop.models.warnings import JobWarning


class JobState(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    HELD = "held"
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
        """Whether the state cannot change any more."""
        return self not in (JobState.PENDING, JobState.HELD, JobState.RUNNING)


PROBLEMS = (JobState.HELD, JobState.PARTIAL, JobState.FAILED, JobState.EXPIRED, JobState.REJECTED)
"""States of a job that somebody should look at."""


def job_id_for(upload: Upload, route: str, destination: Destination | None) -> str:
    """Return `<route>-<provider>-<16 hex>`, as `docs/design.md#job-id` defines it.

    The same upload version and destination always give the same id. The hash covers bucket, key,
    version id, the table of an archive, and the destination. In `route`, every run of characters
    that an id cannot contain becomes a hyphen.
    """
    wanted = _identity_of(destination) if destination else ""
    table = (upload.table,) if upload.table else ()
    source = "\n".join((upload.bucket, upload.key, upload.version_id, *table, wanted))
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", route)[:40].strip("-") or "none"
    return f"{name}-{destination.provider if destination else 'none'}-{digest}"


def _identity_of(destination: Destination) -> str:
    """Only what differs from the defaults, so that a new option does not change existing ids."""
    return destination.model_dump_json(exclude_defaults=True)


def content_key(sha256: str, destination: Destination) -> str:
    """Return a key that is equal for two jobs with the same bytes and the same destination."""
    wanted = hashlib.sha256(_identity_of(destination).encode()).hexdigest()[:16]
    return f"{sha256}#{destination.provider}#{wanted}"


class Results(Frozen):
    """The `s3://` addresses of a job's result files."""

    results: str
    rejects: str
    retry: str


class LastError(Frozen):
    """Why requests of a job have had no usable answer since the last one that had.

    `kind`: nobody was reached, something was but did not give a usable answer, or the provider asks
    to wait. `text` is a sentence of our own without its full stop, `since` when the first of them
    failed, `attempts` how many did, `next_at` when the next one is due. A provider that asks to
    wait has answered, so both begin again when that becomes so, or is so no longer.
    """

    text: str
    kind: Literal["unreachable", "no_answer", "busy"] = "no_answer"
    since: datetime
    attempts: int = 1
    next_at: datetime | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the provider did answer, and asked to wait."""
        return self.kind == "busy"


class FirstAnswers(Frozen):
    """When a turn first ended with batches that were answered, and how many those were."""

    at: datetime
    batches: int


class Session(Frozen):
    """What a provider keeps for all batches of a job, and the state of its one import.

    `value` is what `open` returned, `None` before. For a provider that commits, `phase` becomes
    `committing` before the commit request is sent, and `committed` when the import certainly
    started. `lease_until` is the lease of the call that commits. `commits` counts commit requests,
    `checks` lookups after a commit of unclear fate, `restarts` how often the import began again.
    `opens` counts calls of `open` in a row that may have opened an import, with the present one.
    `opened_at`: when the last one had an answer. `missing`: how many lookups in a row up to the
    last one found no such import.
    """

    value: Json | None = None
    must_commit: bool = False
    phase: Literal["open", "committing", "committed"] = "open"
    lease_until: datetime | None = None
    checks: int = 0
    commits: int = 0
    restarts: int = 0
    opens: int = 0
    opened_at: datetime | None = None
    missing: int = 0

    @property
    def may_have_started(self) -> bool:
        """Whether the import was started, or may have been: a second commit may be due after one.

        Until then the provider has nothing of the job, as what is only loaded is not sent.
        """
        return self.phase != "open" or self.commits > 0


class JobColumns(Frozen):
    """The columns of a job's upload: those that its destination is sent, and the others.

    Those that are sent have what the destination calls them after a colon, if that is something
    else than their header. Where there are too many, the last one says how many more.
    """

    sent: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def percent_of(state: JobState, counts: Mapping[str, int]) -> int:
    """Return the percentage of rows with an outcome; 100 for an ended job."""
    if state.is_terminal:
        return 100
    rows = counts["rows"]
    return 100 * sum(counts[outcome] for outcome in Outcome) // rows if rows else 0


class Job(Frozen):
    """One upload to one destination.

    - `destination`: the route's entry when the job began.
    - `verdict`: a terminal state that was decided: by Submit, or by Finish at `decided_at`. After
      that, nothing about the job's end changes any more.
    - `stop_reason`: why no more requests are made; empty while they are.
    - `dropped_by`: who dropped the upload, as `Upload` says.
    - `retry_of`, `corrects`: the job whose rows this upload sends again, or corrects.
    - `last_error`: what is wrong with the provider now, or was when the job ended.
    - `send_at`, `poll_at`: when Send and Status are due next.
    - `sending_since`: when the first request was made that got through, or may have.
    - `progressed_at`: when a batch was last sent or settled. `first_answers`: for the pace.
    - `first_open`: all batches before this number are terminal. `first_unsent`: all before this one
      are sent or terminal; not for an import of several batches, which may be loaded again.
    - `poll_from`: the batch with which Status goes on asking.
    - `splits`: how many refused requests were split; `requests`: how many were made.
    - `items_through`, `items_beyond`, `report`: where Finish goes on. Rows up to the first have
      items, and those of a later key up to its row in the second; the third is about the files.
    - `to_correct`, `to_send_again`: how many rows `rejects.csv` and `retry.csv` have.
    - `held_until`: when a job that waits for approval is refused; `plan_hash` is what an approval
      names, `answered_at` when there was an answer, `hold_told_at` when it was asked for.
    - `sample`: which batches go first. `generation`: of the execution whose turns count.
    - `has_marks`: its rows are found by each name of the people in them.
    - `items_of`: of which batches the row items are written, as far as turns have told.
    - `payload_keys`: the keys that rows for sending have, of a provider that is told of them before
      the first (`Provider.opens_with`); `None` where there were too many.
    - `version`: for conditional writes of `session`.
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
    dropped_by: str = ""
    retry_of: str = ""
    corrects: str = ""
    warnings: tuple[JobWarning, ...] = ()
    created_at: datetime
    updated_at: datetime
    planned_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    decided_at: datetime | None = None
    notified_at: datetime | None = None
    sending_since: datetime | None = None
    progressed_at: datetime | None = None
    first_answers: FirstAnswers | None = None
    last_error: LastError | None = None
    send_at: datetime | None = None
    poll_at: datetime | None = None
    first_open: int = 1
    first_unsent: int = 1
    poll_from: int = 1
    splits: int = 0
    requests: int | None = None
    items_through: int = 0
    items_beyond: tuple[int, ...] = ()
    report: str = ""
    deadline_at: datetime
    execution_arn: str = ""
    results: Results | None = None
    held_until: datetime | None = None
    hold_told_at: datetime | None = None
    answered_at: datetime | None = None
    plan_hash: str = ""
    sample: SampleCheck | None = None
    generation: int = 1
    to_correct: int | None = None
    to_send_again: int | None = None
    expires_at: int
    row_items: Literal["all", "bad", "none"] = "all"
    table: TableInfo | None = None
    columns: JobColumns | None = None
    payload_keys: tuple[str, ...] | None = None
    session: Session | None = None
    has_marks: bool = False
    items_of: Numbers = ()
    version: int = 0

    @property
    def called(self) -> str:
        """What its provider is called in sentences."""
        return display_name(self.provider)

    @property
    def percent(self) -> int:
        """The percentage of rows with an outcome, to show to people; 100 for an ended job.

        It is from the counts, which are current. `progress` is as old as the last turn.
        """
        return percent_of(self.state, self.counts)

    @property
    def time_to_run(self) -> timedelta:
        """How long it may run until its deadline: from its plan, or from its approval on.

        It may have been planned long after it was created, if the first Submit died.
        """
        return self.deadline_at - (self.answered_at or self.planned_at or self.created_at)

    @property
    def is_nothing_sent(self) -> bool:
        """Whether the provider certainly has nothing of it: no request got through, or may have.

        What was only loaded into an import that did not start counts as not sent.
        """
        if self.session is not None and self.session.must_commit:
            return not self.session.may_have_started
        is_begun = self.sending_since or self.batches["sent"] or rows_with_provider(self.counts)
        return not is_begun

    @property
    def may_be_retried(self) -> bool:
        """Whether the job has ended with rows that are worth sending again as they are."""
        if self.to_send_again is None:
            again = (Outcome.REFUSED, Outcome.UNKNOWN)
            return self.results is not None and any(self.counts[each] for each in again)
        return self.to_send_again > 0


PLANNED_MEMBERS = (
    "state",
    "held_until",
    "plan_hash",
    "sample",
    "upload",
    "table",
    "source",
    "columns",
    "payload_keys",
    "warnings",
    "counts",
    "batches",
    "verdict",
    "duplicate_of",
    "reason",
    "reason_text",
    "planned_at",
    "updated_at",
    "has_marks",
    "deadline_at",
    "expires_at",
    "requests",
)
"""Members of a job that Submit decides while it plans."""

DECIDED_MEMBERS = ("verdict", "decided_at", "reason", "reason_text")
"""Members of a job that Finish decides, once."""

FINISHED_MEMBERS = (
    "state",
    "counts",
    "batches",
    "progress",
    "finished_at",
    "updated_at",
    "started_at",
    "results",
    "to_correct",
    "to_send_again",
    "reason",
    "reason_text",
)
"""Members of a job that Finish stores last."""
