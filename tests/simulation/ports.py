"""The ports of a simulation: those in memory, on a wire that fails, and with checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from listdrop.models import (
    Account,
    BatchItem,
    BatchState,
    Job,
    Listed,
    Place,
    PlannedRow,
    RowResult,
    Session,
    Ticket,
    Turn,
    Upload,
    iso,
)
from listdrop.plans.blocks import decode_rows
from listdrop.ports import AnyProvider
from tests.support.accounts import MemoryAccounts, MemoryBudget
from tests.support.fallible import FallibleFiles, FallibleJobs
from tests.support.files import MemoryUploads
from tests.support.jobs import MemoryJobs
from tests.support.messaging import MemoryDeliveries, MemoryExecutions, MemoryNotices, Notice

if TYPE_CHECKING:
    from tests.simulation.world import World

ARROWS = {
    BatchState.PLANNED: {*BatchState} - {BatchState.SENT, BatchState.COMPLETED},
    BatchState.SENDING: {*BatchState},
    BatchState.SENT: {*BatchState} - {BatchState.SENDING},
}
"""From which state a batch may come to which; a terminal one stays."""


class _CheckedJobs(MemoryJobs):
    """The table, with a look at whether what is stored may be stored."""

    _world: World

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        super().save_plan(job, self._unbegun(job, batches))

    def _unbegun(self, job: Job, batches: Iterable[BatchItem]) -> Iterator[BatchItem]:
        stored = self.batch_items.get(job.job_id, {})
        for batch in batches:
            before = stored.get(batch.number)
            if before is not None and before.version > batch.version:
                self._world.fail(f"I6 batch {batch.number} was planned again after it had begun")
            yield batch

    def save_session(self, job: Job, session: Session | None) -> Job:
        saved = super().save_session(job, session)
        if self._world.trace is not None:
            self._world.note("session", repr(session))
        return saved

    def save_batch(self, batch: BatchItem) -> BatchItem:
        world = self._world
        before = self.batch_items.get(batch.job_id, {}).get(batch.number, batch)
        saved = super().save_batch(batch)
        if before.state.is_terminal:
            if (batch.state, batch.outcomes, batch.told) != (
                before.state,
                before.outcomes,
                before.told,
            ):
                world.fail(f"I6 batch {batch.number} was {before.state}, and changed")
        elif before.parts and (before.state, batch.state) == (BatchState.PLANNED, BatchState.SENT):
            pass  # a stop: no more of it is sent, and the parts that were taken are asked about
        elif batch.state not in ARROWS[before.state]:
            world.fail(f"I6 batch {batch.number} went from {before.state} to {batch.state}")
        if batch.state is BatchState.SENDING and world.failing:
            plan = world.files.read_plan(batch.job_id, batch.first_byte, batch.last_byte)
            rows = chain.from_iterable(map(decode_rows, plan.splitlines()))
            world.vendor.ledger.doubtful |= {(batch.job_id, row.identity) for row in rows}
        if world.trace is not None:
            world.note(f"batch {batch.number} {batch.state}", f"{batch.settled or ''}")
        return saved

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        super().put_rows(job, self._unchanged(job, rows))

    def _unchanged(
        self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]
    ) -> Iterator[tuple[PlannedRow, RowResult]]:
        world = self._world
        stored = self.rows.get(job.job_id, {})
        is_over = self.jobs[job.job_id].state.is_terminal
        for planned, result in rows:
            before = stored.get(planned.row)
            if is_over and before is not None and before[1] != result:
                world.fail(f"I6 row {planned.row} changed after its job had ended")
            yield planned, result
            if world.trace is not None:
                world.note(f"row {planned.row}", f"{result.outcome} {result.reason}")

    def finish(self, job: Job) -> bool:
        is_first = super().finish(job)
        if is_first:
            self._world.note(f"job is {job.state}")
        return is_first


class SimJobs(FallibleJobs, _CheckedJobs):
    """The jobs port. A write goes over the wire, and is looked at where it is stored."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._world = world


class SteadyJobs:
    """The table as a person at a prompt has it, with whom nothing goes wrong."""

    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    def get(self, job_id: str) -> Job:
        return self._jobs.get(job_id)

    def update(self, job_id: str, **changes: Any) -> None:
        MemoryJobs.update(self._jobs, job_id, **changes)

    def stop(self, job_id: str, reason: str, text: str) -> Job:
        return MemoryJobs.stop(self._jobs, job_id, reason, text)


class SimFiles(FallibleFiles):
    """The files port, with a look at whether what is stored may be stored."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._world = world

    def _save(self, job_id: str, name: str, content: bytes) -> None:
        if self.content.get((job_id, name), content) != content:
            if name == "plan":
                self._world.fail("I7 a job was planned twice, in two ways")
            if name == "results.csv" and self._world.jobs.jobs[job_id].state.is_terminal:
                self._world.fail("I6 results.csv changed after the job had ended")
        super()._save(job_id, name, content)


class SimAccounts(MemoryAccounts):
    """The accounts port. What was read is forgotten at times, when Secrets Manager is away."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def get(self, provider: AnyProvider, name: str, *, fresh: bool = False) -> Account:
        if self._world.faults.hit("key.unread", name):
            raise TimeoutError("no answer of Secrets Manager")
        return super().get(provider, name, fresh=fresh)


class SimBudget(MemoryBudget):
    """The budget port."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        with self._world.write("reserve"):
            return super().reserve(account, count=count, gap=gap, now=now)

    def hold(self, account: str, until: datetime) -> None:
        with self._world.write("hold"):
            super().hold(account, until)

    def take(self, name: str, holder: str, until: datetime, now: datetime) -> datetime | None:
        with self._world.write("take"):
            return super().take(name, holder, until, now)

    def give_back(self, name: str, holder: str) -> None:
        with self._world.write("give_back"):
            super().give_back(name, holder)


class SimExecutions(MemoryExecutions):
    """The executions port. `calls` counts also those that found the execution started."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def start(self, turn: Turn) -> str:
        with self._world.write("start"):
            self._world.machine.start(turn.job_id, turn.state())
            return super().start(turn)


class SimNotices(MemoryNotices):
    """The notices port, with a look at each notice."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.told: Counter[str] = Counter()
        """How many notices of each job were published."""
        self._world = world

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        with self._world.write("publish"):
            super().publish(subject=subject, message=message, text=text, attributes=attributes)
            if attributes["kind"] == "upload":
                self._check_upload(self.of_uploads[-1])
            else:
                self._check(self.published[-1])

    def _check_upload(self, notice: Notice) -> None:
        world = self._world
        members = orjson.loads(notice.message)
        upload = Upload(**members["upload"])
        self.told[f"{upload.key} {upload.version_id}"] += 1
        for told in members["jobs"]:
            job = world.jobs.jobs[told["job_id"]]
            if (told["state"], told["counts"]) != (job.state.value, job.counts):
                world.fail("I8 an upload's notice tells something else than its jobs")
        if {told["job_id"] for told in members["jobs"]} != {
            job.job_id
            for job in world.jobs.jobs.values()
            if (job.upload.key, job.upload.version_id) == (upload.key, upload.version_id)
        }:
            world.fail("I8 an upload's notice leaves out a job")

    def _check(self, notice: Notice) -> None:
        world = self._world
        members = orjson.loads(notice.message)
        job_id = members["job_id"]
        job = world.jobs.jobs[job_id]
        self.told[job_id] += 1
        if not job.state.is_terminal:
            world.fail("I8 a notice came before its job had ended")
        elif (members["state"], members["counts"]) != (job.state.value, job.counts):
            world.fail("I8 a notice tells something else than its job")
        elif job.finished_at is None or members["finished_at"] != iso(job.finished_at):
            world.fail("I8 a notice tells another end than its job")
        if len(world.jobs.rows.get(job_id, ())) != job.counts["rows"]:
            world.fail("I8 a notice came before its rows were written")
        if (job_id, "results.csv") not in world.files.content:
            world.fail("I8 a notice came before its results were written")
        said = f"{notice.subject} {notice.message} {notice.text} {notice.attributes}"
        if "-u" in said.replace(job_id, "") or "Example.com" in said:
            world.fail("I10 a notice holds personal data")


class SimUploads(MemoryUploads):
    """The uploads port. What is stored later on is not there yet."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def read(self, upload: Upload) -> Iterator[bytes]:
        self._world.reach("uploads.read")
        yield from super().read(upload)

    def versions(self, since: datetime, after: Place | None = None) -> Iterator[Listed]:
        """See the port. An upload that is dropped later is not there yet."""
        there = MemoryUploads()
        there.stored = [each for each in self.stored if each[0] <= self._world.now]
        return there.versions(since, after)

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        self._world.reach("uploads.metadata")
        return super().metadata(upload)


class SimDeliveries(MemoryDeliveries):
    """The deliveries port."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def deliver(self, upload: Upload) -> None:
        super().deliver(upload)
        self._world.deliver(upload)


class SimClock:
    """The clock port."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now

    def wait_until(self, moment: datetime) -> None:
        self._world.pass_time(moment)
