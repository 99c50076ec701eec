"""Everything that a job meets, in memory, and the state machine's part in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listdrop.errors import ClaimLostError
from listdrop.jobs.erasing import ErasePorts
from listdrop.jobs.finishing import FinishPorts, finish_job
from listdrop.jobs.holding import AnswerPorts, refuse_forgotten
from listdrop.jobs.polling import poll_batches
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.jobs.sending import send_batches
from listdrop.jobs.submitting import SubmitPorts, submit_upload
from listdrop.jobs.sweeping import SweepPorts, sweep_uploads
from listdrop.jobs.turns import TurnPorts
from listdrop.models import (
    BatchItem,
    Job,
    JobState,
    KeyAccount,
    Outcome,
    Route,
    RowResult,
    Turn,
    Upload,
    execution_name,
)
from listdrop.notices.links import NO_LINKS
from tests.support.accounts import MemoryAccounts, MemoryBudget, MemoryRoutes
from tests.support.clock import ManualClock
from tests.support.erasing import MemoryArchive, MemoryPeople
from tests.support.fallible import (
    CrashError,
    FallibleExecutions,
    FallibleFiles,
    FallibleJobs,
    FallibleNotices,
    Tripwire,
)
from tests.support.files import MemoryUploads
from tests.support.jobs import MemorySweeps
from tests.support.messaging import MemoryDeliveries, MemoryEvents
from tests.support.providers import MemoryProviders, Script, ToyDestination, ToyProvider
from tests.support.staging import MemoryStaging

TURN_SECONDS = 45
MORE_SECONDS = 255
PASSES_SECONDS = 60
SWEEP_SECONDS = 90
FINISH_SECONDS = 600
"""What the functions give a turn."""

ACCOUNT = KeyAccount(base_url="https://api.toy.example", api_key="key-1")


def route_to(*destinations: ToyDestination, **options: Any) -> Route:
    """Return a route to one or more toy destinations."""
    return Route(destinations=destinations or (ToyDestination(provider="toy"),), **options)


def csv_of(rows: int, *, first: int = 1) -> bytes:
    """Return an upload of invented people, numbered."""
    lines = [f"p{n}@example.com,Given{n},Family{n}" for n in range(first, first + rows)]
    return "\r\n".join(["Email,First name,Last name", *lines, ""]).encode()


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
        self.staging = MemoryStaging(self.uploads)
        self.routes = MemoryRoutes({"spring": route or route_to()})
        self.accounts = MemoryAccounts({("toy", "default"): ACCOUNT})
        self.providers = MemoryProviders(kind, self.script)
        self.jobs = FallibleJobs(self.tripwire)
        self.files = FallibleFiles(self.tripwire)
        self.archive = MemoryArchive(self.files, self.uploads)
        self.budget = MemoryBudget()
        self.executions = FallibleExecutions(self.tripwire)
        self.deliveries = MemoryDeliveries()
        self.sweeps = MemorySweeps()
        self.notices = FallibleNotices(self.tripwire)
        self.events = MemoryEvents()
        self.wait_scale = wait_scale
        self.links = NO_LINKS
        self.kept_days = 0
        self.piece_bytes = PIECE_BYTES
        self.crashes = 0
        self.writers = 1

    # ------------------------------------------------------------------ the functions

    def submit(self, upload: Upload, seconds: float = PASSES_SECONDS) -> list[str]:
        """Run the Submit function for one event."""
        ports = SubmitPorts(
            uploads=self.uploads,
            routes=self.routes,
            providers=self.providers,
            submissions=self.jobs,
            jobs=self.jobs,
            files=self.files,
            executions=self.executions,
            deliveries=self.deliveries,
            notices=self.notices,
            clock=self.clock,
            links=self.links,
            staged=self.staging,
            kept_days=self.kept_days,
        )
        return submit_upload(upload, ports, seconds)

    def sweep(self, seconds: float = SWEEP_SECONDS) -> list[Upload]:
        """Run the Sweep function; returns what it delivered again."""
        deliveries = MemoryDeliveries()
        ports = SweepPorts(
            uploads=self.uploads,
            submitted=self.jobs,
            sweeps=self.sweeps,
            deliveries=deliveries,
            events=self.events,
            jobs=self.jobs,
            executions=self.executions,
            clock=self.clock,
        )
        refuse_forgotten(ports)
        sweep_uploads(ports, seconds)
        return deliveries.uploads

    def hold_ports(self) -> AnswerPorts:
        """Return what answers to held jobs work with."""
        return AnswerPorts(self.jobs, self.executions, self.clock)

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
            endings=self.jobs,
            files=self.files,
            notices=self.notices,
            clock=self.clock,
            events=self.events,
            links=self.links,
            piece_bytes=self.piece_bytes,
            writers=self.writers,
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
        started = self.executions.started[execution_name(job.job_id, job.generation)]
        last = self.follow(started)[-1]
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
        rows = self.jobs.rows.get(job.job_id, {})
        return {row: result for row, (_, result) in sorted(rows.items())}

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
