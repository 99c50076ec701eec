"""Ports in memory whose writes can fail: before, after, or between two items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from listdrop.models import (
    BatchItem,
    EndedJob,
    Job,
    Marks,
    PlannedRow,
    RowResult,
    Session,
    Submission,
    Tally,
    Turn,
    Upload,
)
from tests.support.files import MemoryFiles
from tests.support.jobs import MemoryJobs
from tests.support.messaging import MemoryExecutions, MemoryNotices

T = TypeVar("T")


class Wire(Protocol):
    """What every write goes over."""

    def write(self, name: str) -> AbstractContextManager[None]:
        """Surround one write, and perhaps fail before or after it."""
        ...

    def each(self, items: Iterable[T]) -> Iterable[T]:
        """Pass on what the write consists of, and perhaps fail between two."""
        ...


class CrashError(BaseException):
    """The function died here: no code of ours catches it."""


class Tripwire:
    """A wire that dies once, before or after a chosen write; writes are numbered from 1."""

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

    def each(self, items: Iterable[T]) -> Iterable[T]:
        """See the wire."""
        return items


class FallibleJobs(MemoryJobs):
    """The jobs port on a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        """See the port."""
        with self._wire.write("begin"):
            return super().begin(job, lease_until)

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """See the port."""
        with self._wire.write("keep_submission"):
            return super().keep_submission(upload, decided, now)

    def expect(self, upload: Upload, jobs: int, job_ids: Sequence[str] = ()) -> None:
        """See the port."""
        with self._wire.write("expect"):
            super().expect(upload, jobs, job_ids)

    def add(self, job: Job, ended: EndedJob) -> None:
        """See the port."""
        with self._wire.write("add"):
            super().add(job, ended)

    def claim(self, job: Job, now: datetime, until: datetime) -> bool:
        """See the port."""
        with self._wire.write("claim"):
            return super().claim(job, now, until)

    def mark_announced(self, upload: Upload, now: datetime) -> None:
        """See the port."""
        with self._wire.write("mark_announced"):
            super().mark_announced(upload, now)

    def hold(self, job: Job) -> None:
        """See the port."""
        with self._wire.write("hold"):
            super().hold(job)

    def set_held(self, job_id: str, generation: int, **changes: Any) -> bool:
        """See the port."""
        with self._wire.write("set_held"):
            return super().set_held(job_id, generation, **changes)

    def answer(self, job_id: str, plan_hash: str, **changes: Any) -> bool:
        """See the port."""
        with self._wire.write("answer"):
            return super().answer(job_id, plan_hash, **changes)

    def mark_hold_told(self, job_id: str, now: datetime) -> None:
        """See the port."""
        with self._wire.write("mark hold told"):
            super().mark_hold_told(job_id, now)

    def mark_submitted(self, upload: Upload) -> None:
        """See the port."""
        with self._wire.write("mark_submitted"):
            super().mark_submitted(upload)

    def claim_content(self, content: str, job: Job) -> str:
        """See the port."""
        with self._wire.write("claim_content"):
            return super().claim_content(content, job)

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        """See the port."""
        with self._wire.write("take_over_content"):
            return super().take_over_content(content, job, from_job_id)

    def save_marks(self, jobs: Sequence[Job], marks: Marks) -> None:
        """See the port."""
        with self._wire.write("save_marks"):
            super().save_marks(jobs, marks)

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        """See the port."""
        with self._wire.write("save_plan"):
            super().save_plan(job, self._wire.each(batches))

    def update(self, job_id: str, **changes: Any) -> None:
        """See the port."""
        with self._wire.write("update"):
            super().update(job_id, **changes)

    def stop(self, job_id: str, reason: str, text: str) -> Job:
        """See the port."""
        with self._wire.write("stop"):
            return super().stop(job_id, reason, text)

    def save_session(self, job: Job, session: Session | None) -> Job:
        """See the port."""
        with self._wire.write("save_session"):
            return super().save_session(job, session)

    def save_batch(self, batch: BatchItem) -> BatchItem:
        """See the port."""
        with self._wire.write(f"save_batch {batch.state}"):
            return super().save_batch(batch)

    def tell(self, job_id: str, tally: Tally) -> None:
        """See the port."""
        with self._wire.write("tell"):
            super().tell(job_id, tally)

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port."""
        with self._wire.write("put_rows"):
            super().put_rows(job, self._wire.each(rows))

    def decide(self, job: Job) -> Job:
        """See the port."""
        with self._wire.write("decide"):
            return super().decide(job)

    def finish(self, job: Job) -> bool:
        """See the port."""
        with self._wire.write("finish"):
            return super().finish(job)

    def mark_notified(self, job_id: str, now: datetime) -> None:
        """See the port."""
        with self._wire.write("mark_notified"):
            super().mark_notified(job_id, now)


class FallibleFiles(MemoryFiles):
    """The files port on a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def _save(self, job_id: str, name: str, content: bytes) -> None:
        with self._wire.write(f"save {name.partition('/')[0]}"):
            super()._save(job_id, name, content)


class FallibleExecutions(MemoryExecutions):
    """The executions port on a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def start(self, turn: Turn) -> str:
        """See the port."""
        with self._wire.write("start"):
            return super().start(turn)


class FallibleNotices(MemoryNotices):
    """The notices port on a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """See the port."""
        with self._wire.write("publish"):
            super().publish(subject=subject, message=message, text=text, attributes=attributes)
