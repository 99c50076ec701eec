"""The table of jobs, in memory."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from listdrop.cells.persons import mark_of, names_in
from listdrop.errors import ClaimLostError
from listdrop.models import (
    BatchItem,
    EndedJob,
    Job,
    JobState,
    Marks,
    Place,
    PlannedRow,
    RowResult,
    Session,
    Submission,
    Tally,
    Upload,
)
from listdrop.models.jobs import DECIDED_MEMBERS, FINISHED_MEMBERS, PLANNED_MEMBERS

_OPEN = (JobState.PENDING, JobState.RUNNING)


def _some(job: Job, names: Iterable[str]) -> dict[str, Any]:
    """Return some members of a job."""
    return {name: getattr(job, name) for name in names}


class MemorySweeps:
    """The sweeps port."""

    def __init__(self) -> None:
        self.stopped_at: Place | None = None
        self.counts: Counter[Upload] = Counter()
        self._delivered_at: dict[Upload, datetime] = {}

    def place(self) -> Place | None:
        """See the port."""
        return self.stopped_at

    def stop_at(self, place: Place | None, now: datetime) -> None:
        """See the port."""
        del now
        self.stopped_at = place

    def count_delivery(self, upload: Upload, now: datetime, apart: timedelta) -> int | None:
        """See the port."""
        if self._delivered_at.get(upload, now - apart) > now - apart:
            return None
        self._delivered_at[upload] = now
        self.counts[upload] += 1
        return self.counts[upload]


class MemoryJobs:
    """The jobs port, with the same conditions as the table's.

    Models are frozen, so they are handed out as they are kept.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.batch_items: dict[str, dict[int, BatchItem]] = {}
        """By job and number."""
        self.rows: dict[str, dict[int, tuple[PlannedRow, RowResult]]] = {}
        """By job and number."""
        self.marks: dict[int, dict[tuple[str, int], None]] = {}
        """By mark, the jobs and numbers of rows."""
        self.claims: dict[str, str] = {}
        self.submissions: dict[tuple[str, str], Submission] = {}
        self.held: dict[tuple[datetime, str], None] = {}
        """When a held job is refused. One that is held again is there twice."""
        self.expected: dict[tuple[str, str], int] = {}
        self.ended: dict[tuple[str, str], dict[str, EndedJob]] = {}
        self.announced_by: dict[tuple[str, str], tuple[str, datetime]] = {}
        """The job whose Finish announces an upload, and until when."""
        self._planning_until: dict[str, datetime] = {}
        self._lock = threading.RLock()

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """See the port."""
        with self._lock:
            existing = self.jobs.get(job.job_id)
            if existing is not None:
                until = self._planning_until[job.job_id]
                if existing.planned_at is not None or until >= job.updated_at:
                    return existing
                moments = _some(job, ("updated_at", "deadline_at", "expires_at"))
                job = existing.model_copy(update=moments)
            self.jobs[job.job_id] = job
            self._planning_until[job.job_id] = lease_until
            return None

    def submission(self, upload: Upload) -> Submission | None:
        """See the port."""
        return self.submissions.get((upload.key, upload.version_id))

    def is_submitted(self, upload: Upload) -> bool:
        """See the port."""
        found = self.submissions.get((upload.key, upload.version_id))
        return found is not None and found.is_done

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """See the port."""
        del now
        with self._lock:
            return self.submissions.setdefault((upload.key, upload.version_id), decided)

    def expect(self, upload: Upload, jobs: int, job_ids: Sequence[str] = ()) -> None:
        """See the port."""
        place = (upload.key, upload.version_id)
        self.expected[place] = jobs
        if job_ids and place in self.submissions:
            named = self.submissions[place]._replace(job_ids=tuple(job_ids))
            self.submissions[place] = named

    def add(self, job: Job, ended: EndedJob) -> None:
        """See the port."""
        with self._lock:
            place = (job.upload.key, job.upload.version_id)
            self.ended.setdefault(place, {})[job.job_id] = ended

    def all_of(self, upload: Upload) -> Sequence[EndedJob]:
        """See the port."""
        with self._lock:
            place = (upload.key, upload.version_id)
            ended = list(self.ended.get(place, {}).values())
            return ended if len(ended) >= self.expected.get(place, sys.maxsize) else ()

    def claim(self, job: Job, now: datetime, until: datetime) -> bool:
        """See the port."""
        with self._lock:
            place = (job.upload.key, job.upload.version_id)
            holder, held_until = self.announced_by.get(place, (job.job_id, now))
            if holder != job.job_id and held_until >= now:
                return False
            self.announced_by[place] = (job.job_id, until)
            return True

    def mark_announced(self, upload: Upload, now: datetime) -> None:
        """See the port."""
        del now
        with self._lock:
            self.announced_by[upload.key, upload.version_id] = (
                "",
                datetime.max.replace(tzinfo=UTC),
            )

    def hold(self, job: Job) -> None:
        """See the port."""
        assert job.held_until is not None
        self.held[job.held_until, job.job_id] = None

    def set_held(self, job_id: str, generation: int, **changes: Any) -> bool:
        """See the port."""
        with self._lock:
            job = self.jobs[job_id]
            is_running = job.state is JobState.RUNNING and job.verdict is None
            if not is_running or job.stop_reason or job.generation >= generation:
                return False
            self.jobs[job_id] = job.model_copy(update=changes | {"generation": generation})
            return True

    def answer(self, job_id: str, plan_hash: str, **changes: Any) -> bool:
        """See the port."""
        with self._lock:
            job = self.jobs[job_id]
            if job.state is not JobState.HELD or job.plan_hash != plan_hash:
                return False
            self.jobs[job_id] = job.model_copy(update=changes)
            return True

    def mark_hold_told(self, job_id: str, now: datetime) -> None:
        """See the port."""
        with self._lock:
            self.jobs[job_id] = self.jobs[job_id].model_copy(update={"hold_told_at": now})

    def forgotten(self, now: datetime) -> Iterator[str]:
        """See the port."""
        yield from [job_id for until, job_id in sorted(self.held) if until < now]

    def mark_submitted(self, upload: Upload) -> None:
        """See the port."""
        place = (upload.key, upload.version_id)
        with self._lock:
            self.submissions[place] = self.submissions[place]._replace(is_done=True)

    def get(self, job_id: str) -> Job:
        """See the port."""
        with self._lock:
            return self.jobs[job_id]

    def claim_content(self, content: str, job: Job) -> str:
        """See the port."""
        with self._lock:
            return self.claims.setdefault(content, job.job_id)

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """See the port."""
        with self._lock:
            if self.claims.get(content) != from_job_id:
                return False
            self.claims[content] = job.job_id
            return True

    def save_marks(self, jobs: Sequence[Job], marks: Marks) -> None:
        """See the port."""
        with self._lock:
            for mark, row in marks:
                for job in jobs:
                    self.marks.setdefault(mark, {})[job.job_id, row] = None

    def marked(self, person: str) -> list[tuple[str, int]]:
        """Return the rows that were marked with a name, without items that do not have it."""
        return [
            (job_id, row)
            for job_id, row in self.marks.get(mark_of(person), {})
            if (kept := self.rows.get(job_id, {}).get(row)) is None
            or person in names_in(kept[0].email, kept[0].linkedin_url)
        ]

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """See the port."""
        with self._lock:
            stored = self.batch_items.setdefault(job.job_id, {})
            last = 0
            for batch in batches:
                stored[batch.number] = batch
                last = batch.number
            for number in [number for number in stored if number > last]:
                del stored[number]  # of a Submit that died
            existing = self.jobs[job.job_id]
            if existing.planned_at is None:
                changes = _some(job, PLANNED_MEMBERS)
                self.jobs[job.job_id] = existing.model_copy(update=changes)

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        with self._lock:
            job = self.jobs.get(job_id)
            if job is not None and job.state in _OPEN:
                self.jobs[job_id] = job.model_copy(update=changes)

    def show(self, job: Job, **changes: Any) -> None:
        """See the port. The counts of a job are where its other members are."""
        self.update(job.job_id, **changes)

    def stop(self, job_id: str, reason: str, text: str) -> Job:
        """See the port."""
        with self._lock:
            job = self.jobs[job_id]
            if job.state in _OPEN and not (job.decided_at or job.stop_reason):
                job = job.model_copy(update={"stop_reason": reason, "stop_text": text})
                self.jobs[job_id] = job
            return job

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See the port."""
        with self._lock:
            stored = self.jobs[job.job_id]
            is_open = stored.state in _OPEN and not stored.decided_at
            if stored.version != job.version or not is_open:
                raise ClaimLostError("another call changed the session")
            changes = {"session": session, "version": job.version + 1}
            self.jobs[job.job_id] = stored.model_copy(update=changes)
            return job.model_copy(update=changes)

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """See the port."""
        items = self.batch_items.get(job_id, {})
        for number in sorted(items):
            if number >= first:
                yield items[number]

    def save_batch(self, batch: BatchItem) -> BatchItem:
        """See the port."""
        with self._lock:
            items = self.batch_items.get(batch.job_id, {})
            stored = items.get(batch.number)
            if stored is None or stored.version != batch.version:
                raise ClaimLostError("another call changed the batch")
            saved = batch.model_copy(update={"version": batch.version + 1})
            items[batch.number] = saved
            return saved

    def tell(self, job_id: str, tally: Tally) -> None:
        """See the port."""
        with self._lock:
            job = self.jobs[job_id]
            if job.state.is_terminal:  # its counts are those that Finish stored
                return
            added = {name: job.counts.get(name, 0) + count for name, count in tally.counts.items()}
            batches = job.batches | {
                "sent": job.batches["sent"] + tally.sent,
                "terminal": job.batches["terminal"] + tally.terminal,
            }
            changes = {
                "counts": job.counts | added,
                "batches": batches,
                "progressed_at": tally.at or job.progressed_at,
                "items_of": tally.items_of,
            }
            self.jobs[job_id] = job.model_copy(update=changes)

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port."""
        with self._lock:
            stored = self.rows.setdefault(job.job_id, {})
            for planned, result in rows:
                if job.row_items == "all" or (job.row_items == "bad" and result.outcome.is_bad):
                    stored[planned.row] = (planned, result)

    def decide(self, job: Job) -> Job:
        """See the port."""
        with self._lock:
            stored = self.jobs[job.job_id]
            is_open = stored.state in _OPEN and not stored.decided_at
            if is_open and stored.stop_reason == job.stop_reason:
                stored = stored.model_copy(update=_some(job, DECIDED_MEMBERS))
                self.jobs[job.job_id] = stored
            return stored

    def finish(self, job: Job) -> bool:
        """See the port."""
        with self._lock:
            stored = self.jobs[job.job_id]
            if stored.state not in _OPEN:
                return False
            self.jobs[job.job_id] = stored.model_copy(update=_some(job, FINISHED_MEMBERS))
            return True

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        with self._lock:
            stored = self.jobs[job_id]
            self.jobs[job_id] = stored.model_copy(update={"notified_at": now})
