"""The ports in memory, a provider that follows a script, and a world that ties them together."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any, ClassVar, Literal, TypeVar

from listdrop.cells.profiles import profile_slug
from listdrop.errors import ClaimLostError, UploadRejectedError
from listdrop.jobs.erasing import ERASED, ErasePorts
from listdrop.jobs.finishing import FinishPorts, finish_job
from listdrop.jobs.polling import poll_batches
from listdrop.jobs.sending import send_batches
from listdrop.jobs.submitting import SubmitPorts, submit_upload
from listdrop.jobs.sweeping import SweepPorts, sweep_uploads
from listdrop.jobs.turns import TurnPorts
from listdrop.models import (
    WARNINGS,
    Account,
    BatchItem,
    Destination,
    Job,
    JobState,
    Json,
    KeyAccount,
    Outcome,
    Page,
    PlannedRow,
    Prospect,
    Results,
    Route,
    RowFilter,
    RowItem,
    RowResult,
    Session,
    Submission,
    Ticket,
    Turn,
    Upload,
)
from listdrop.ports import ALL_ROWS, PersonRow
from listdrop.providers.base import (
    AfterCrash,
    Batch,
    Handle,
    Limits,
    Pace,
    PollAnswer,
    Provider,
    Rates,
    SendAnswer,
    compact,
)
from listdrop.providers.http import HttpClient
from listdrop.providers.preparing import required_email

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When every test begins."""

T = TypeVar("T")

TURN_SECONDS = 45
PASSES_SECONDS = 60
FINISH_SECONDS = 600
"""What the functions give a turn."""


# ---------------------------------------------------------------- faults


class CrashError(Exception):
    """The function died here: no code of ours catches it."""


class Tripwire:
    """Dies once, before or after a chosen write; writes are numbered from 1."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        self._at = 0
        self._when: Literal["before", "after"] = "before"

    def arm(self, at: int, when: Literal["before", "after"]) -> None:
        """Die at the write with this number, counted from now on."""
        self._at, self._when = len(self.writes) + at, when

    @property
    def is_armed(self) -> bool:
        """Whether the crash is still to come."""
        return self._at > 0

    @contextmanager
    def write(self, name: str) -> Iterator[None]:
        """Surround one write."""
        self.writes.append(name)
        is_here = self.is_armed and len(self.writes) == self._at
        if is_here:
            self._at = 0
            if self._when == "before":
                raise CrashError(f"before {name}")
        yield
        if is_here:
            raise CrashError(f"after {name}")


# ---------------------------------------------------------------- ports


class ManualClock:
    """The clock port: time passes when somebody waits, or when the test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """See the port."""
        return self._now

    def wait_until(self, moment: datetime) -> None:
        """See the port."""
        self._now = max(self._now, moment)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


class MemoryUploads:
    """The uploads port: every version that was ever put."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], bytes] = {}
        self._stored: list[tuple[datetime, Upload]] = []
        self._numbers = itertools.count(1)
        self._retry_of: dict[str, str] = {}
        self.reads = 0

    def put(self, key: str, content: bytes, at: datetime = NOW, retry_of: str = "") -> Upload:
        """Store a new version of an object."""
        version = f"v{next(self._numbers)}"
        self._versions[key, version] = content
        upload = Upload(bucket="uploads", key=key, version_id=version, size=len(content))
        self._stored.append((at, upload))
        self._retry_of[version] = retry_of
        return upload

    def retry_of(self, upload: Upload) -> str:
        """See the port."""
        is_there = (upload.key, upload.version_id) in self._versions
        return self._retry_of[upload.version_id] if is_there else ""

    def versions(self, since: datetime) -> Iterator[Upload]:
        """See the port."""
        for stored_at, upload in self._stored:
            if stored_at >= since and upload.key.startswith("inbox/"):
                yield upload

    def delete(self, upload: Upload) -> None:
        """Take a version away."""
        del self._versions[upload.key, upload.version_id]

    def read(self, upload: Upload) -> Iterator[bytes]:
        """See the port."""
        self.reads += 1
        content = self._versions.get((upload.key, upload.version_id))
        if content is None:
            raise UploadRejectedError("empty_file", "The upload was deleted.")
        for start in range(0, len(content), 1 << 16):
            yield content[start : start + (1 << 16)]

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        """See the port. The latest version is the list as it is now."""
        del bucket
        versions = [content for (name, _), content in self._versions.items() if name == key]
        if not versions:
            raise UploadRejectedError("bad_route", f"There is no {key}.")
        yield versions[-1]


class MemoryRoutes:
    """The routes port."""

    def __init__(self, routes: Mapping[str, Route | UploadRejectedError] | None = None) -> None:
        self.routes = dict(routes or {})

    def get(self, name: str) -> Route:
        """See the port."""
        found = self.routes.get(name)
        if found is None:
            raise UploadRejectedError("unknown_route", f"There is no route {name!r}.")
        if isinstance(found, UploadRejectedError):
            raise found
        return found


class MemoryAccounts:
    """The accounts port: `stored` is what the secrets say now, which only a fresh read sees."""

    def __init__(self, stored: Mapping[tuple[str, str], Account] | None = None) -> None:
        self.stored = dict(stored or {})
        self._cached: dict[tuple[str, str], Account] = {}

    def get(self, provider: type[Provider[Any, Any]], name: str, *, fresh: bool = False) -> Account:
        """See the port."""
        key = (provider.name, name)
        if fresh or key not in self._cached:
            if key not in self.stored:
                raise UploadRejectedError("unknown_account", f"There is no account {name!r}.")
            self._cached[key] = self.stored[key]
        return self._cached[key]


class MemoryJobs:
    """The jobs port, with the same conditions as the table's."""

    def __init__(self, tripwire: Tripwire | None = None) -> None:
        self.jobs: dict[str, Job] = {}
        self.batch_items: dict[tuple[str, int], BatchItem] = {}
        self.rows: dict[tuple[str, int], tuple[PlannedRow, RowResult]] = {}
        self.claims: dict[str, str] = {}
        self.submissions: dict[tuple[str, str], Submission] = {}
        self._planning_until: dict[str, datetime] = {}
        self._lock = threading.RLock()
        self._wire = tripwire or Tripwire()

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """See the port."""
        with self._wire.write("begin"), self._lock:
            existing = self.jobs.get(job.job_id)
            if existing is not None:
                until = self._planning_until[job.job_id]
                if existing.planned_at is not None or until >= job.updated_at:
                    return existing
            self.jobs[job.job_id] = job.model_copy(deep=True)
            self._planning_until[job.job_id] = lease_until
            return None

    def submission(self, upload: Upload) -> Submission | None:
        """See the port."""
        return self.submissions.get((upload.key, upload.version_id))

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """See the port."""
        del now
        with self._wire.write("keep_submission"), self._lock:
            return self.submissions.setdefault((upload.key, upload.version_id), decided)

    def mark_submitted(self, upload: Upload) -> None:
        """See the port."""
        place = (upload.key, upload.version_id)
        with self._wire.write("mark_submitted"), self._lock:
            self.submissions[place] = self.submissions[place]._replace(is_done=True)

    def get(self, job_id: str) -> Job:
        """See the port."""
        with self._lock:
            return self.jobs[job_id].model_copy(deep=True)

    def claim_content(self, content: str, job: Job) -> str:
        """See the port."""
        with self._wire.write("claim_content"), self._lock:
            return self.claims.setdefault(content, job.job_id)

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """See the port."""
        with self._wire.write("take_over_content"), self._lock:
            if self.claims.get(content) != from_job_id:
                return False
            self.claims[content] = job.job_id
            return True

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """See the port."""
        with self._wire.write("save_plan"), self._lock:
            planned = {(batch.job_id, batch.number): batch for batch in batches}
            for place in [place for place in self.batch_items if place[0] == job.job_id]:
                if place not in planned:  # of a Submit that died
                    del self.batch_items[place]
            for place, batch in planned.items():
                self.batch_items[place] = batch.model_copy(deep=True)
            existing = self.jobs.get(job.job_id)
            if existing is None or existing.planned_at is None:
                self.jobs[job.job_id] = job.model_copy(deep=True)

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        with self._wire.write("update"), self._lock:
            job = self.jobs.get(job_id)
            if job is not None and not job.state.is_terminal:
                self.jobs[job_id] = job.model_copy(update=changes, deep=True)

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See the port."""
        with self._wire.write("save_session"), self._lock:
            stored = self.jobs[job.job_id]
            if stored.version != job.version:
                raise ClaimLostError("another call changed the session")
            changes = {"session": session, "version": job.version + 1}
            self.jobs[job.job_id] = stored.model_copy(update=changes, deep=True)
            return job.model_copy(update=changes)

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """See the port."""
        numbers = sorted(n for owner, n in self.batch_items if owner == job_id and n >= first)
        for number in numbers:
            yield self.batch_items[job_id, number].model_copy(deep=True)

    def save_batch(
        self, batch: BatchItem, *, counts: Mapping[str, int] | None = None, sent: int = 0
    ) -> BatchItem:
        """See the port."""
        with self._wire.write(f"save_batch {batch.state}"), self._lock:
            key = (batch.job_id, batch.number)
            stored = self.batch_items.get(key)
            if stored is None or stored.version != batch.version:
                raise ClaimLostError("another call changed the batch")
            saved = batch.model_copy(update={"version": batch.version + 1}, deep=True)
            self.batch_items[key] = saved
            if counts or sent:
                self._add(batch, counts or {}, sent)
            return saved.model_copy(deep=True)

    def _add(self, batch: BatchItem, counts: Mapping[str, int], sent: int) -> None:
        job = self.jobs[batch.job_id]
        added = {name: job.counts.get(name, 0) + count for name, count in counts.items()}
        batches = job.batches | {
            "sent": job.batches["sent"] + sent,
            "terminal": job.batches["terminal"] + int(batch.terminal_at is not None),
        }
        changes = {"counts": job.counts | added, "batches": batches}
        self.jobs[batch.job_id] = job.model_copy(update=changes)

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port."""
        with self._wire.write("put_rows"), self._lock:
            for planned, result in rows:
                wanted = job.row_items == "all" or (
                    job.row_items == "bad" and result.outcome.is_bad
                )
                if wanted:
                    self.rows[job.job_id, planned.row] = (planned, result)

    def finish(self, job: Job) -> bool:
        """See the port."""
        names = "state counts progress finished_at updated_at started_at results reason reason_text"
        with self._wire.write("finish"), self._lock:
            stored = self.jobs[job.job_id]
            if stored.state.is_terminal:
                return False
            changes = {name: getattr(job, name) for name in names.split()}
            self.jobs[job.job_id] = stored.model_copy(update=changes, deep=True)
            return True

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        with self._wire.write("mark_notified"), self._lock:
            stored = self.jobs[job_id]
            self.jobs[job_id] = stored.model_copy(update={"notified_at": now})


class MemoryRecords:
    """The records port, on the same memory as `MemoryJobs`. A cursor is where to go on."""

    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    def job(self, job_id: str) -> Job:
        """See the port."""
        return self._jobs.get(job_id)

    def batches(self, job_id: str) -> Iterator[BatchItem]:
        """See the port."""
        return self._jobs.batches(job_id)

    def jobs_of_day(self, day: date, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        found = [job for job in self._newest() if job.created_at.date() == day]
        return _page(found, cursor, limit)

    def jobs_of_route(self, route: str, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        return _page([job for job in self._newest() if job.route == route], cursor, limit)

    def _newest(self) -> list[Job]:
        return sorted(self._jobs.jobs.values(), key=lambda job: job.created_at, reverse=True)

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        """See the port."""
        found = [
            item
            for item in self._items(job)
            if not wanted.outcomes or item.outcome in wanted.outcomes
            if _has_text(item, wanted.text)
        ]
        return _page(found, cursor, limit)

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        """See the port."""
        found = [
            item for job in self._newest() for item in self._items(job) if item.person == person
        ]
        return _page(found, cursor, limit)

    def _items(self, job: Job) -> list[RowItem]:
        return [
            _row_item(job, planned, result)
            for (job_id, _), (planned, result) in sorted(self._jobs.rows.items())
            if job_id == job.job_id
        ]


def _row_item(job: Job, planned: PlannedRow, result: RowResult) -> RowItem:
    identity = planned.identity
    person = f"EMAIL#{identity}" if "@" in identity else ""
    if identity and identity == profile_slug(planned.linkedin_url).lower():
        person = f"LINKEDIN#{identity}"
    told = {name: getattr(planned, name) for name in ("row", "line", "email", "linkedin_url")}
    return RowItem(
        job_id=job.job_id,
        provider=job.provider,
        person=person,
        created_at=job.created_at,
        warning=planned.warning,
        warning_text=WARNINGS.get(planned.warning, ""),
        **told,
        **result._asdict(),
    )


def _has_text(item: RowItem, text: str) -> bool:
    places = (item.email, item.linkedin_url, item.reason, item.reason_text)
    return text.lower() in item.person or any(text in place for place in places)


def _page(found: Sequence[T], cursor: str, limit: int) -> Page[T]:
    start = int(cursor or 0)
    end = start + limit
    return Page(found[start:end], str(end) if end < len(found) else "")


class MemoryFiles:
    """The files port."""

    def __init__(self, tripwire: Tripwire | None = None) -> None:
        self.content: dict[tuple[str, str], bytes] = {}
        self._wire = tripwire or Tripwire()

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        """See the port."""
        with self._wire.write("files.save_plan"):
            plan.seek(0)
            self.content[job_id, "plan"] = plan.read()

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """See the port."""
        return self.content[job_id, "plan"][first_byte : last_byte + 1]

    def plan_lines(self, job_id: str) -> Iterator[bytes]:
        """See the port."""
        yield from self.content[job_id, "plan"].splitlines()

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        """See the port."""
        with self._wire.write("save_outcomes"):
            self.content[job_id, f"outcomes/{name}"] = outcomes

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """See the port."""
        return self.content[job_id, f"outcomes/{name}"]

    def save_result(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        with self._wire.write(f"save_result {name}"):
            self.content[job_id, name] = content.read()

    def results(self, job_id: str) -> Results:
        """See the port."""
        base = f"s3://results/jobs/{job_id}"
        return Results(
            results=f"{base}/results.csv", rejects=f"{base}/rejects.csv", retry=f"{base}/retry.csv"
        )


class MemoryPeople:
    """The people port, on the row items that the jobs port keeps."""

    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """See the port."""
        for (job_id, number), (planned, _) in sorted(self._jobs.rows.items()):
            identity = planned.identity
            is_slug = identity and identity == profile_slug(planned.linkedin_url).lower()
            names = {f"EMAIL#{identity}"} if "@" in identity else set()
            if person in names | ({f"LINKEDIN#{identity}"} if is_slug else set()):
                yield PersonRow(job_id, number, planned.email, planned.linkedin_url)

    def jobs_of(self, upload: Upload) -> Iterator[str]:
        """See the port."""
        version = (upload.key, upload.version_id)
        for job in self._jobs.jobs.values():
            if (job.upload.key, job.upload.version_id) == version:
                yield job.job_id

    def open_jobs(self, since: datetime, until: datetime) -> Iterator[str]:
        """See the port."""
        for job in self._jobs.jobs.values():
            if since.date() <= job.created_at.date() <= until.date() and not job.notified_at:
                yield job.job_id

    def erase(self, job_id: str, row: int) -> bool:
        """See the port."""
        planned, result = self._jobs.rows.get((job_id, row), (None, None))
        if planned is None or result is None:
            return False
        kept = (PlannedRow(row, planned.line), RowResult(result.outcome, ERASED))
        self._jobs.rows[job_id, row] = kept
        return kept != (planned, result)

    def erase_reason(self, job_id: str, row: int) -> bool:
        """See the port."""
        planned, result = self._jobs.rows.get((job_id, row), (None, None))
        if planned is None or result is None or result.reason == ERASED:
            return False
        told = result._replace(reason=ERASED, reason_text="")
        self._jobs.rows[job_id, row] = (planned, told)
        return True


class MemoryArchive:
    """The archive port, on what the ports for files and uploads keep; `fails_after` some writes."""

    def __init__(self, files: MemoryFiles, uploads: MemoryUploads) -> None:
        self._files = files
        self._uploads = uploads
        self._old: Counter[str] = Counter()
        self.replaced: list[str] = []
        self.fails_after: int | None = None

    def job_ids(self) -> Iterator[str]:
        """See the port."""
        yield from sorted({job_id for job_id, _ in self._files.content})

    def names(self, job_id: str) -> Iterator[str]:
        """See the port."""
        for owner, name in sorted(self._files.content):
            if owner == job_id:
                yield _archived(name)

    def read(self, job_id: str, name: str) -> Iterator[bytes]:
        """See the port. In small pieces, as files may be large."""
        content = self._files.content.get((job_id, _kept(name)), b"")
        for start in range(0, len(content), 64):
            yield content[start : start + 64]

    def replace(self, job_id: str, name: str, content: IO[bytes]) -> None:
        """See the port."""
        if self.fails_after is not None and len(self.replaced) >= self.fails_after:
            raise CrashError(f"before {name}")
        self._files.content[job_id, _kept(name)] = content.read()
        self._old[job_id] += 1
        self.replaced.append(name)

    def drop_old_versions(self, job_id: str) -> int:
        """See the port."""
        return self._old.pop(job_id, 0)

    def delete_upload(self, upload: Upload) -> bool:
        """See the port."""
        try:
            self._uploads.delete(upload)
        except KeyError:
            return False
        return True


def _archived(name: str) -> str:
    """A file's name in S3."""
    if name.startswith("outcomes/"):
        return f"parts/{name}.json"
    return "parts/plan.jsonl" if name == "plan" else name


def _kept(name: str) -> str:
    """A file's name in `MemoryFiles`."""
    name = name.removeprefix("parts/")
    return "plan" if name == "plan.jsonl" else name.removesuffix(".json") if "/" in name else name


class MemoryBudget:
    """The budget port: the first free moment of every account."""

    def __init__(self) -> None:
        self.free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """See the port."""
        with self._lock:
            at = max(now, self.free_at.get(account, now))
            self.free_at[account] = at + timedelta(seconds=count * gap)
            return Ticket(at=at, count=count, gap=gap)

    def hold(self, account: str, until: datetime) -> None:
        """See the port."""
        with self._lock:
            self.free_at[account] = max(until, self.free_at.get(account, until))


class MemoryExecutions:
    """The executions port: one execution a name."""

    def __init__(self, tripwire: Tripwire | None = None) -> None:
        self.started: dict[str, Turn] = {}
        self.calls = 0
        self._wire = tripwire or Tripwire()

    def start(self, turn: Turn) -> str:
        """See the port."""
        with self._wire.write("start"):
            self.calls += 1
            self.started.setdefault(turn.job_id, turn)
            return f"arn:aws:states:us-east-1:000000000000:execution:import:{turn.job_id}"


@dataclass(frozen=True)
class Notice:
    """One published notice."""

    subject: str
    message: str
    text: str
    attributes: Mapping[str, str | int]


class MemoryNotices:
    """The notices port."""

    def __init__(self, tripwire: Tripwire | None = None) -> None:
        self.published: list[Notice] = []
        self._wire = tripwire or Tripwire()

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """See the port."""
        with self._wire.write("publish"):
            self.published.append(Notice(subject, message, text, dict(attributes)))


class MemoryEvents:
    """The events port."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.times: list[tuple[str, float]] = []

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """See the port."""
        del provider, route
        self.counts[name] += value

    def measure(self, name: str, provider: str, seconds: float, *, route: str) -> None:
        """See the port."""
        del provider, route
        self.times.append((name, seconds))

    def times_of(self, name: str) -> list[float]:
        """Return how long something took, each time, in seconds."""
        return [seconds for each, seconds in self.times if each == name]


# ---------------------------------------------------------------- a provider that follows a script


SendStep = SendAnswer | Exception | Callable[[Batch], SendAnswer]
PollStep = PollAnswer | Exception | Callable[[Handle], PollAnswer]
JsonStep = Json | None | Exception


@dataclass(frozen=True)
class Asked:
    """One request that reached the scripted provider."""

    kind: Literal["open", "send", "commit", "look_up", "poll"]
    at: datetime
    key: str
    batch: Batch | None = None
    handle: Handle | None = None

    @property
    def rows(self) -> list[int]:
        """Numbers of the rows in the request."""
        return [row.row for row in self.batch.rows] if self.batch else []


def accepted(batch: Batch) -> SendAnswer:
    """Take every row, and name each."""
    return SendAnswer(results={row.row: RowResult(Outcome.CONFIRMED) for row in batch.rows})


def received(batch: Batch) -> SendAnswer:
    """Take every row, and hand out a receipt."""
    return SendAnswer(handle={"first": batch.rows[0].row})


def all_good(handle: Handle) -> PollAnswer:
    """Everything got in."""
    del handle
    return PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED), raw_status="finished")


WORKING = PollAnswer(raw_status="working")
"""The provider has not finished yet."""


@dataclass
class Script:
    """What the provider does, in order; when a list is used up, what it does from then on."""

    clock: ManualClock = field(default_factory=ManualClock)
    sends: list[SendStep] = field(default_factory=list)
    polls: list[PollStep] = field(default_factory=list)
    opens: list[JsonStep] = field(default_factory=list)
    commits: list[JsonStep] = field(default_factory=list)
    look_ups: list[JsonStep] = field(default_factory=list)
    then_send: SendStep = accepted
    then_poll: PollStep = all_good
    seconds: float = 0
    """How long each request takes."""
    asked: list[Asked] = field(default_factory=list)

    def take(self, kind: Literal["open", "commit", "look_up"], account: KeyAccount) -> JsonStep:
        """Record a request and return what it answers."""
        steps = {"open": self.opens, "commit": self.commits, "look_up": self.look_ups}[kind]
        self.record(Asked(kind, self.clock.now(), account.api_key))
        step: JsonStep = steps.pop(0) if steps else {"kind": kind}
        if isinstance(step, Exception):
            raise step
        return step

    def record(self, asked: Asked) -> None:
        """Remember a request; it takes its time."""
        self.asked.append(asked)
        self.clock.advance(self.seconds)

    def of(self, kind: str) -> list[Asked]:
        """Return the requests of one kind."""
        return [asked for asked in self.asked if asked.kind == kind]

    @property
    def sent_rows(self) -> Counter[int]:
        """How often each row was in a request."""
        return Counter(row for asked in self.of("send") for row in asked.rows)


class ToyDestination(Destination):
    """Where a toy provider's rows go."""

    list_id: int = 1


class ToyProvider(Provider[ToyDestination, KeyAccount]):
    """Upserts by e-mail address, and does what its script says."""

    name = "toy"
    destination_model = ToyDestination
    account_model = KeyAccount
    limits = Limits(rows=3, bytes=100_000)
    pace = Pace(first=10, shortest=5, longest=60)
    rates = Rates(send_gap=1, poll_gap=0.5)
    rule: ClassVar[AfterCrash] = AfterCrash.GIVE_UP

    def __init__(self, destination: ToyDestination, script: Script | None = None) -> None:
        super().__init__(destination)
        self.script = script or Script()

    @property
    def after_crash(self) -> AfterCrash:
        """See the provider."""
        return self.rule

    def prepare(self, prospect: Prospect) -> tuple[str, Json]:
        """See the provider."""
        email = required_email(prospect)
        name = prospect.fields.get("first_name", "")
        payload = compact({"email": email, "name": name, **prospect.custom})
        return email.lower(), payload

    def open(self, http: HttpClient, account: KeyAccount) -> Json | None:
        """See the provider."""
        del http
        return self.script.take("open", account)  # type: ignore[return-value] # never an error

    def send(self, http: HttpClient, account: KeyAccount, batch: Batch) -> SendAnswer:
        """See the provider."""
        del http
        script = self.script
        script.record(Asked("send", script.clock.now(), account.api_key, batch=batch))
        step = script.sends.pop(0) if script.sends else script.then_send
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, SendAnswer) else step(batch)

    def commit(self, http: HttpClient, account: KeyAccount, session: Json) -> Json:
        """See the provider."""
        del http, session
        return self.script.take("commit", account)  # type: ignore[return-value] # never an error

    def look_up(self, http: HttpClient, account: KeyAccount, session: Json) -> Json | None:
        """See the provider."""
        del http, session
        return self.script.take("look_up", account)  # type: ignore[return-value] # never an error

    def poll(self, http: HttpClient, account: KeyAccount, handle: Handle) -> PollAnswer:
        """See the provider."""
        del http
        script = self.script
        script.record(Asked("poll", script.clock.now(), account.api_key, handle=handle))
        step = script.polls.pop(0) if script.polls else script.then_poll
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, PollAnswer) else step(handle)


class ResendingProvider(ToyProvider):
    """Upserts, so that a request of unclear fate may be sent again."""

    rule = AfterCrash.RESEND


class LoadingProvider(ToyProvider):
    """Loads batches into an import of its own, and starts it when all are there."""

    rule = AfterCrash.LOOK_UP
    needs_open = True
    commits = True


class CarefulLoadingProvider(LoadingProvider):
    """Shows for certain whether an import has started, so that it may be started again."""

    @property
    def may_commit_again(self) -> bool:
        """See the provider."""
        return True


class MemoryProviders:
    """The providers port: one kind of provider, one script."""

    def __init__(self, kind: type[ToyProvider] = ToyProvider, script: Script | None = None) -> None:
        self.kind = kind
        self.script = script or Script()
        self._http = HttpClient()

    def of(self, destination: Mapping[str, Any]) -> ToyProvider:
        """See the port."""
        return self.kind(ToyDestination.model_validate(destination), self.script)

    def http(self) -> HttpClient:
        """See the port."""
        return self._http


# ---------------------------------------------------------------- all of it together


ACCOUNT = KeyAccount(base_url="https://api.toy.example", api_key="key-1")


def route_to(*destinations: ToyDestination, **options: Any) -> Route:
    """Return a route to one or more toy destinations."""
    return Route(destinations=destinations or (ToyDestination(provider="toy"),), **options)


def csv_of(rows: int, *, first: int = 1) -> bytes:
    """Return an upload of invented people, numbered."""
    lines = [f"p{n}@example.com,Given{n},Family{n}" for n in range(first, first + rows)]
    return "\r\n".join(["Email,First name,Last name", *lines, ""]).encode()


class MemoryDeliveries:
    """The deliveries port."""

    def __init__(self) -> None:
        self.uploads: list[Upload] = []

    def deliver(self, upload: Upload) -> None:
        """See the port."""
        self.uploads.append(upload)


class World:
    """Everything a job meets, and the state machine's part in it."""

    def __init__(
        self,
        kind: type[ToyProvider] = ToyProvider,
        *,
        route: Route | None = None,
        wait_scale: float = 1.0,
    ) -> None:
        self.tripwire = Tripwire()
        self.clock = ManualClock()
        self.script = Script(self.clock)
        self.uploads = MemoryUploads()
        self.routes = MemoryRoutes({"spring": route or route_to()})
        self.accounts = MemoryAccounts({("toy", "default"): ACCOUNT})
        self.providers = MemoryProviders(kind, self.script)
        self.jobs = MemoryJobs(self.tripwire)
        self.files = MemoryFiles(self.tripwire)
        self.archive = MemoryArchive(self.files, self.uploads)
        self.budget = MemoryBudget()
        self.executions = MemoryExecutions(self.tripwire)
        self.deliveries = MemoryDeliveries()
        self.notices = MemoryNotices(self.tripwire)
        self.events = MemoryEvents()
        self.wait_scale = wait_scale
        self.region = ""
        self.crashes = 0

    # ------------------------------------------------------------------ the functions

    def submit(self, upload: Upload, seconds: float = PASSES_SECONDS) -> list[str]:
        """Run the Submit function for one event."""
        ports = SubmitPorts(
            uploads=self.uploads,
            routes=self.routes,
            providers=self.providers,
            jobs=self.jobs,
            files=self.files,
            executions=self.executions,
            deliveries=self.deliveries,
            clock=self.clock,
        )
        return submit_upload(upload, ports, seconds)

    def sweep(self) -> list[Upload]:
        """Run the Sweep function; returns what it delivered again."""
        deliveries = MemoryDeliveries()
        ports = SweepPorts(
            uploads=self.uploads, jobs=self.jobs, deliveries=deliveries, events=self.events
        )
        sweep_uploads(ports, self.clock.now())
        return deliveries.uploads

    def erase_ports(self) -> ErasePorts:
        """Return what Erase works with."""
        return ErasePorts(self.jobs, MemoryPeople(self.jobs), self.archive)

    def turn_ports(self) -> TurnPorts:
        """Return what Send and Status work with."""
        return TurnPorts(
            jobs=self.jobs,
            files=self.files,
            accounts=self.accounts,
            providers=self.providers,
            budget=self.budget,
            clock=self.clock,
            events=self.events,
            wait_scale=self.wait_scale,
        )

    def send(self, turn: Turn) -> Turn:
        """Run the Send function."""
        return _carried(send_batches(turn, self.turn_ports(), TURN_SECONDS))

    def poll(self, turn: Turn) -> Turn:
        """Run the Status function."""
        return _carried(poll_batches(turn, self.turn_ports(), TURN_SECONDS))

    def finish(self, turn: Turn, seconds: float = FINISH_SECONDS) -> JobState | None:
        """Run the Finish function."""
        ports = FinishPorts(
            uploads=self.uploads,
            jobs=self.jobs,
            files=self.files,
            notices=self.notices,
            clock=self.clock,
            events=self.events,
            region=self.region,
        )
        return finish_job(turn, ports, seconds)

    # ------------------------------------------------------------------ the state machine

    def drop(self, content: bytes, name: str = "a.csv") -> Job:
        """Put a file, submit it, and return its (first) job as planned."""
        job_ids = self.submit(self.uploads.put(f"inbox/spring/{name}", content))
        return self.jobs.get(job_ids[0])

    def step(self, turn: Turn) -> Turn:
        """Wait as the turn says, and run the function that is next; a crash is tried again."""
        if turn.wait_until:
            self.clock.wait_until(turn.wait_until)
        function = self.send if turn.next == "send" else self.poll
        for _ in range(9):
            try:
                return function(turn)
            except (CrashError, ClaimLostError):
                self.crashes += 1
                self.clock.advance(2)
        return turn.model_copy(update={"next": "finish", "failure": turn.next})

    def follow(self, turn: Turn, *, most: int = 500) -> list[Turn]:
        """Run turns until Finish is next; returns them all."""
        turns = [turn]
        while turns[-1].next != "finish":
            assert len(turns) <= most, "the loop does not end"
            turns.append(self.step(turns[-1]))
        return turns

    def run(self, job: Job) -> Job:
        """Play a planned job's execution to its end."""
        last = self.follow(self.executions.started[job.job_id])[-1]
        for _ in range(11):
            try:
                self.finish(last)
                break
            except (CrashError, ClaimLostError):
                self.crashes += 1
                self.clock.advance(2)
        return self.jobs.get(job.job_id)

    def process(self, content: bytes, name: str = "a.csv") -> Job:
        """Drop a file and see it through."""
        return self.run(self.drop(content, name))

    # ------------------------------------------------------------------ what there is to see

    def batches(self, job: Job) -> list[BatchItem]:
        """Return the job's batches."""
        return list(self.jobs.batches(job.job_id))

    def outcomes(self, job: Job) -> dict[int, RowResult]:
        """Return every row's outcome, as the row items have it."""
        return {
            row: result
            for (job_id, row), (_, result) in sorted(self.jobs.rows.items())
            if job_id == job.job_id
        }

    def result_file(self, job: Job, name: str) -> str:
        """Return the text of a result file, without its byte order mark."""
        return self.files.content[job.job_id, name].decode("utf-8-sig")


def _carried(turn: Turn) -> Turn:
    """Return the turn as the execution carries it: through JSON."""
    return Turn.model_validate(turn.state())


def outcomes_of(results: Mapping[int, RowResult]) -> list[str]:
    """Return the outcomes' words in the order of the rows."""
    return [results[row].outcome.value for row in sorted(results)]


def is_balanced(job: Job) -> bool:
    """Whether the eight outcomes add up to the job's rows."""
    return sum(job.counts[outcome] for outcome in Outcome) == job.counts["rows"]


def gaps(asked: Sequence[Asked]) -> list[float]:
    """Return the seconds between requests, in the order of time."""
    moments = sorted(each.at for each in asked)
    return [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
