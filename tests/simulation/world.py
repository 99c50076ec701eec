"""The real use cases and providers on ports that can fail, with a clock that only events move.

Everything runs in one thread. Whoever waits (for a slot, for an answer) lets the others go on, and
a function that Step Functions gave up on can go on beside the one that was started in its place.
"""

from __future__ import annotations

import heapq
import io
import itertools
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any, Literal
from unittest import mock

import orjson

from listdrop.errors import (
    ClaimLostError,
    FateUnknownError,
    NotSentError,
    ReportUnavailableError,
    UploadRejectedError,
)
from listdrop.jobs.finishing import FinishPorts, finish_job
from listdrop.jobs.polling import poll_batches
from listdrop.jobs.sending import send_batches
from listdrop.jobs.submitting import SubmitPorts, submit_upload
from listdrop.jobs.sweeping import SweepPorts, sweep_uploads
from listdrop.jobs.turns import TurnPorts
from listdrop.models import (
    Account,
    BatchItem,
    BatchState,
    Job,
    PlannedRow,
    Results,
    Route,
    RowResult,
    Session,
    Submission,
    Ticket,
    Turn,
    Upload,
)
from listdrop.plans.blocks import decode_rows
from listdrop.providers import REGISTRY
from listdrop.providers.base import Provider
from listdrop.providers.http import Answer, HttpClient
from tests.simulation import workflow
from tests.simulation.faults import Faults, rates_of
from tests.simulation.vendors import VENDORS, Reply, Vendor
from tests.support.fakes import (
    FINISH_SECONDS,
    NOW,
    PASSES_SECONDS,
    TURN_SECONDS,
    MemoryBudget,
    MemoryEvents,
)

SWEEP = timedelta(minutes=15)
_DEEPEST = 3
_MOST_EVENTS = 4000
_SPARED_AFTER = 4


class CrashError(BaseException):
    """The function died here: no code of ours catches it."""


class ThrottledError(Exception):
    """AWS said no, and went on saying so after the SDK's own retries."""


@dataclass(eq=False)
class Frame:
    """One running function: who it is, how long it may run, whether anybody waits for it."""

    label: str
    job_id: str
    ends_at: datetime
    attempt: int
    lost: Callable[[], None] | None = None
    """Tell whoever waits for it that it failed, while it goes on."""
    is_zombie: bool = False
    told: list[tuple[str, Mapping[str, bool | None]]] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)


# ---------------------------------------------------------------- the scenario


@dataclass(frozen=True)
class CsvRow:
    """A row of an upload as it was made: what is to become of it before anything is sent."""

    identity: str
    cell: str
    fate: Literal["send", "invalid", "duplicate"]


@dataclass
class Drop:
    """A version of an object that somebody put into the bucket, or one table of an archive."""

    upload: Upload
    content: bytes
    rows: list[CsvRow]
    at: datetime
    table: str = ""
    jobs: set[str] = field(default_factory=set)


@dataclass
class Message:
    """A message in the queue. `receives` counts how often it was delivered."""

    upload: Upload
    number: int
    receives: int = 0
    is_gone: bool = False


@dataclass(eq=False)
class Execution:
    """An execution of the workflow."""

    name: str
    at: datetime
    state: Literal["running", "succeeded", "failed"] = "running"
    turns: int = 0


class World:
    """Everything there is, for one provider and one seed."""

    def __init__(
        self,
        provider: str,
        seed: int,
        *,
        only: Collection[str] | None = None,
        traced: bool = False,
        faults: Faults | None = None,
    ) -> None:
        self.provider, self.seed = provider, seed
        rng = random.Random(seed * 8 + list(VENDORS).index(provider))
        self.profile, rates = rates_of(rng)
        self.is_lively = rng.random() < 0.5
        """Whether faults stop, so that everything has to come to its end."""
        self.faults = faults or Faults(rng.getrandbits(48), rates, only)
        self.now = NOW
        self.trace: list[str] | None = [] if traced else None
        self.wrong: list[str] = []
        self.depth = 0
        self.events = 0
        self.frame = Frame("world", "", NOW + timedelta(days=999), 0)
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.turns = rng.choice((4, 9, 30, 200))
        self.states = _STATES[self.turns]

        self.kind = REGISTRY[provider]
        self.batch_rows = rng.choice((2, 3, 4))
        self.vendor: Vendor = VENDORS[provider](self)
        destination = {
            "provider": provider,
            **self.vendor.destination(rng, self.batch_rows),
        }
        self.destination = self.kind.destination_model.model_validate(destination)
        self.deadline_minutes = rng.choices((6, 20, 60, 240), weights=(6, 8, 4, 1))[0]
        self.skips = rng.random() < 0.5
        self.route = Route.model_construct(
            destinations=(self.destination,),
            columns={},
            deadline_minutes=self.deadline_minutes,
            retention_days=30,
            duplicate_content="skip" if self.skips else "send",
            row_items="all",
        )

        self.jobs = SimJobs(self)
        self.files = SimFiles(self)
        self.budget = SimBudget(self)
        self.uploads = SimUploads(self)
        self.executions = SimExecutions(self)
        self.notices = SimNotices(self)
        self.accounts = SimAccounts(self)
        self.providers = SimProviders(self)
        self.clock = SimClock(self)
        self.metrics = SimEvents()
        self.dead_letters: list[Message] = []
        self.is_routed = True
        """Whether the route is still there."""
        self.is_late = False
        """Whether a function slept longer than it wanted, because another ran meanwhile."""
        self.clear: dict[tuple[str, str], bool] = {}
        """What a provider said of a row, for certain and in time, to a function that lived on."""
        self.requests: list[tuple[datetime, str, str]] = []
        self.drops = self._drops(rng)
        self._plan_events(rng)

    # ------------------------------------------------------------------ what happens, and when

    def _drops(self, rng: random.Random) -> list[Drop]:
        drops: list[Drop] = []
        count = rng.choices((1, 2, 3), weights=(15, 4, 1))[0]
        for number in range(count):
            again = bool(drops) and not drops[-1].table and rng.random() < 0.2
            rows = drops[-1].rows if again else made_up(rng, number)
            content = drops[-1].content if again else csv_of(rows)
            key = "inbox/spring/a.csv" if rng.random() < 0.5 else f"inbox/spring/{number}.csv"
            if rng.random() < 0.02:
                key = f"inbox/unknown/{number}.csv"
            at = NOW + timedelta(seconds=rng.choice((0, 1, 30, 300)) * number)
            tables = {"": rows}
            if not again and rng.random() < 0.15:
                key = f"inbox/spring/{number}.zip"
                tables = {"a.csv": rows, "b.csv": made_up(rng, number + 10)}
                content = zipped({name: csv_of(each) for name, each in tables.items()})
            upload = Upload(bucket="uploads", key=key, version_id=f"v{number}", size=len(content))
            drops += [Drop(upload, content, each, at, name) for name, each in tables.items()]
        return drops

    def _plan_events(self, rng: random.Random) -> None:
        faults = self.faults
        first = {drop.upload: drop for drop in reversed(self.drops)}  # of an archive's tables
        for number, drop in enumerate(reversed(first.values())):
            self.uploads.contents[drop.upload.key, drop.upload.version_id] = drop.content
            copies = 1 - faults.hit("event.dropped", str(number), lasting=True)
            while (
                copies and copies < 4 and faults.hit("event.duplicate", str(number), lasting=True)
            ):
                copies += 1
            for _ in range(copies):
                delay = 0.0
                if faults.hit("event.late", str(number), lasting=True):
                    delay = faults.draw("event delay") * 600
                message = Message(drop.upload, number)
                self.at(drop.at + timedelta(seconds=delay), partial(self.receive, message))
        self.at(NOW + SWEEP, self._sweep)
        if self.is_lively:
            self.at(NOW + timedelta(minutes=rng.choice((2, 10, 40))), self._settle_down)
        if faults.hit("key.revoked", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._revoke)
        elif faults.hit("key.rotated", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._rotate)
        if faults.hit("deploy.again", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._deploy)
        if faults.hit("route.removed", "", lasting=True):
            self.at(NOW + timedelta(seconds=rng.random() * 120), self._remove_route)

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self._heap, (moment, next(self._order), event))

    def loop(self, until: datetime | None = None) -> None:
        """Let happen what is due, until nothing is left or that moment has come."""
        heap = self._heap
        frame = self.frame
        self.depth += 1
        while heap and (until is None or heap[0][0] <= until):
            moment, _, event = heapq.heappop(heap)
            self.events += 1
            if self.events > _MOST_EVENTS * len(self.drops):
                self.fail("I5 the loop does not end")
                heap.clear()
                break
            if moment > self.now:
                self.now = moment
            event()
        self.depth -= 1
        self.frame = frame
        if until is not None and until > self.now:
            self.now = until

    def run(self) -> None:
        """Play it to its end, with temporary files in memory."""
        with mock.patch.object(tempfile, "TemporaryFile", io.BytesIO):
            self.loop()

    def pass_time(self, moment: datetime) -> None:
        """Wait in a function: others go on meanwhile."""
        if self._heap and self._heap[0][0] <= moment and self.depth < _DEEPEST:
            self.loop(moment)
            self.is_late = self.is_late or self.now > moment + timedelta(milliseconds=500)
        elif moment > self.now:
            self.now = moment

    def fail(self, what: str) -> None:
        """Note a broken promise."""
        self.wrong.append(what)
        self.note("BROKEN", what)

    def note(self, what: str, detail: str = "") -> None:
        """Add to the trace, if there is one."""
        if self.trace is not None:
            passed = (self.now - NOW).total_seconds()
            self.trace.append(f"{passed:10.3f}  {self.frame.label:<18} {what} {detail}".rstrip())

    # ------------------------------------------------------------------ faults

    def enter(self, name: str) -> str:
        """Come to a place where AWS can fail; returns what is still to go wrong after it."""
        frame = self.frame
        if self.now > frame.ends_at:
            self.note("timed out", name)
            raise CrashError("timed out")
        if self.is_lively and frame.attempt >= _SPARED_AFTER:
            return ""
        kind = self.faults.pick("aws.", f"{frame.label} {name}")
        if self.trace is not None:
            self.note(name, kind)
        if not kind:
            return ""
        if kind == "aws.crash_before":
            raise CrashError(name)
        if kind == "aws.throttled":
            raise ThrottledError(name)
        if kind == "aws.overlap":
            self.overlap()
            return ""
        return kind

    def leave(self, kind: str) -> None:
        """Die after it, if that is to go wrong."""
        if kind:
            self.note("crash", kind)
            raise CrashError(kind)

    def overlap(self) -> None:
        """Take the function for dead and start another in its place; then it goes on."""
        frame = self.frame
        if frame.lost is None or frame.is_zombie or self.depth >= _DEEPEST:
            return
        self.note("is thought dead")
        lost, frame.lost = frame.lost, None
        lost()
        self.loop(self.now + timedelta(seconds=170 * self.faults.draw(f"zombie {frame.label}")))
        self.note("goes on")

    def told(self, job_id: str, outcomes: Mapping[str, bool | None]) -> None:
        """Note what a provider said for certain, once the function has come to its end."""
        self.frame.told.append((job_id, outcomes))

    def unattended(self, served: Callable[[], Any]) -> None:
        """Let the provider do something that nobody waits for."""
        before, self.frame = self.frame, Frame("nobody", "", self.now, 0)
        self.note("a late request lands")
        served()
        self.frame = before

    # ------------------------------------------------------------------ functions

    def invoke(self, frame: Frame, function: Callable[[], Any]) -> Any:
        """Run a function. Returns its answer, or the error that it died of."""
        before, self.frame = self.frame, frame
        self.note("begins")
        try:
            answer = function()
        except (CrashError, ThrottledError) as error:
            answer = error
        except ClaimLostError as error:
            answer = error
        except Exception as error:  # noqa: BLE001 # whatever a function dies of is what is looked for
            answer = error
            self.fail(f"I1 {frame.label} raised {type(error).__name__}: {error}")
        else:
            if not frame.is_zombie:
                for job_id, outcomes in frame.told:
                    if self.now < self.jobs.jobs[job_id].deadline_at:
                        self.clear |= {
                            (job_id, row): is_in
                            for row, is_in in outcomes.items()
                            if is_in is not None
                        }
        if frame.sent and (frame.is_zombie or isinstance(answer, BaseException)):
            self.vendor.ledger.doubtful |= frame.sent
        self.note("ends", repr(answer) if isinstance(answer, BaseException) else "")
        self.frame = before
        return answer

    def receive(self, message: Message) -> None:
        """Hand a message of the queue to Submit."""
        if message.is_gone:
            return
        message.receives += 1
        if message.receives > workflow.RECEIVES:
            self.dead_letters.append(message)
            message.is_gone = True
            self.note("dead letter")
            return
        later = self.now + timedelta(seconds=workflow.VISIBILITY_SECONDS)

        def again() -> None:  # at least once: the same message, while the first is at work
            self.at(self.now + timedelta(seconds=1), lambda: self.receive(message))

        frame = Frame(
            f"u{message.number}.submit",
            "",
            self.now + timedelta(seconds=workflow.TIMEOUTS["submit"]),
            message.receives - 1 + (message.receives > 1) * 2,
            again,
        )
        is_short = self.faults.hit("lambda.little_time", frame.label)
        seconds = 0 if is_short else PASSES_SECONDS
        answer = self.invoke(frame, lambda: self._submit(message.upload, seconds))
        if isinstance(answer, BaseException):
            self.at(later, lambda: self.receive(message))
        else:
            message.is_gone = True

    def _submit(self, upload: Upload, seconds: float) -> list[str]:
        ports = SubmitPorts(
            uploads=self.uploads,
            routes=_Routes(self),
            providers=self.providers,
            submissions=self.jobs,
            jobs=self.jobs,
            files=self.files,
            executions=self.executions,
            deliveries=_Bucket(self),
            clock=self.clock,
        )
        return submit_upload(upload, ports, seconds)

    def _sweep(self) -> None:
        """Deliver again, every quarter of an hour, what nobody has taken care of."""
        bucket = _Bucket(self)
        sweep_uploads(
            SweepPorts(
                uploads=self.uploads,
                submissions=self.jobs,
                deliveries=bucket,
                events=MemoryEvents(),
            ),
            self.now,
        )
        if bucket.is_busy and self.now < NOW + timedelta(hours=6):
            self.at(self.now + SWEEP, self._sweep)

    def _settle_down(self) -> None:
        self.note("faults stop")
        self.faults.is_over = True

    def _revoke(self) -> None:
        self.note("the key is revoked")
        self.vendor.keys = set()

    def _rotate(self) -> None:
        """Change the key: the secret first, and later on the old one is refused."""
        self.note("the key is rotated")
        self.vendor.keys = {"key-2"}
        self.accounts.key = "key-2"

    def _remove_route(self) -> None:
        self.note("the route is removed")
        self.is_routed = False

    def _deploy(self) -> None:
        """New code: nothing is remembered, and what old code carried in its turns is not there."""
        self.note("deployed again")
        self.accounts.cached.clear()
        self.providers.cached.clear()
        self.executions.outdated = set(self.jobs.jobs)

    # ------------------------------------------------------------------ the state machine

    def start(self, name: str, data: dict[str, Any]) -> None:
        """Start an execution, unless there is or was one of that name."""
        if name in self.executions.by_name:
            return
        execution = self.executions.by_name[name] = Execution(name, self.now)
        self.at(self.now, lambda: self._step(execution, workflow.START, data))

    def _step(self, execution: Execution, name: str, data: dict[str, Any]) -> None:
        while True:
            state = self.states[name]
            if state.kind == "Choice":
                tests = (to for test, to in state.choices if test(data, self.now))
                name = next(tests, state.following)
            elif state.kind == "Wait":
                moment = self.now + timedelta(seconds=state.seconds)
                if not state.seconds:
                    moment = max(workflow.wait_moment(data), self.now)
                self.at(moment, partial(self._step, execution, state.following, data))
                return
            elif state.kind == "Succeed":
                execution.state = "succeeded"
                return
            else:
                self._task(execution, state, data, (0,) * len(state.retries))
                return

    def _task(
        self,
        execution: Execution,
        state: workflow.State,
        data: dict[str, Any],
        tries: tuple[int, ...],
    ) -> None:
        if execution.state != "running":
            return
        if state.task == "continue":
            following = data | {"turn": 0, "generation": data["generation"] + 1}
            self.start(f"{data['job_id']}.{following['generation']}", following)
            execution.state = "succeeded"
            return
        execution.turns += 1
        frame = Frame(
            f"{_short(data['job_id'])}.{state.task}",
            data["job_id"],
            self.now + timedelta(seconds=workflow.TIMEOUTS[state.task]),
            sum(tries),
        )

        def lost() -> None:
            frame.is_zombie = True
            self._failed(execution, state, data, tries, "Lambda.Unknown")

        frame.lost = lost
        answer = self.invoke(frame, lambda: self._function(state.task, data))
        if frame.is_zombie:
            return
        if isinstance(answer, BaseException):
            self._failed(execution, state, data, tries, type(answer).__name__)
        elif frame.attempt < _SPARED_AFTER and self.faults.hit("sfn.reply_lost", frame.label):
            self._failed(execution, state, data, tries, "Lambda.Unknown")
        else:
            self.at(self.now, partial(self._step, execution, state.following, answer))

    def _function(self, task: str, data: dict[str, Any]) -> dict[str, Any]:
        """What the function's handler does."""
        if data["job_id"] in self.executions.outdated:
            self.executions.outdated.discard(data["job_id"])
            data = {k: v for k, v in data.items() if not k.endswith("_ticket")}
        turn = Turn.model_validate(data)
        if task == "finish":
            ports = FinishPorts(
                uploads=self.uploads,
                jobs=self.jobs,
                files=self.files,
                notices=self.notices,
                clock=self.clock,
                events=self.metrics,
            )
            ended = finish_job(turn, ports, self._finish_seconds(data["job_id"]))
            return turn.then("finish").state() if ended is None else {"state": ended.value}
        turn_ports = TurnPorts(
            jobs=self.jobs,
            files=self.files,
            accounts=self.accounts,
            providers=self.providers,
            budget=self.budget,
            clock=self.clock,
            events=self.metrics,
        )
        use_case = send_batches if task == "send" else poll_batches
        return use_case(turn, turn_ports, TURN_SECONDS).state()

    def _finish_seconds(self, job_id: str) -> float:
        """How long Finish may write: hardly ever too little for what there is to write."""
        is_short = self.faults.hit("lambda.little_time", f"{_short(job_id)}.finish")
        return 0 if is_short else FINISH_SECONDS

    def _failed(
        self,
        execution: Execution,
        state: workflow.State,
        data: dict[str, Any],
        tries: tuple[int, ...],
        error: str,
    ) -> None:
        for index, rule in enumerate(state.retries):
            if workflow.matches(rule.errors, error) and tries[index] < rule.attempts:
                drawn = self.faults.draw(f"jitter {execution.name}")
                wait = timedelta(seconds=rule.seconds(tries[index], drawn))
                more = (*tries[:index], tries[index] + 1, *tries[index + 1 :])
                self.at(self.now + wait, partial(self._task, execution, state, data, more))
                return
        for catch in state.catches:
            if workflow.matches(catch.errors, error):
                caught = data | {"turn": data["turn"] + 1}
                self.at(self.now, partial(self._step, execution, catch.following, caught))
                return
        execution.state = "failed"
        self.note("execution failed", execution.name)
        self.at(self.now + timedelta(seconds=1), partial(self._broken_off, data))

    def _broken_off(self, data: dict[str, Any], tries: int = 0) -> None:
        """EventBridge has Finish end the job, which Lambda tries twice more."""
        frame = Frame(
            f"{_short(data['job_id'])}.rule",
            data["job_id"],
            self.now + timedelta(seconds=workflow.TIMEOUTS["finish"]),
            tries,
        )
        answer = self.invoke(frame, lambda: self._function("finish", data))
        is_over = not isinstance(answer, BaseException) and "state" in answer
        if not is_over and tries < 2:
            later = self.now + timedelta(minutes=tries + 1)
            self.at(later, partial(self._broken_off, data, tries + 1))


_STATES = {turns: workflow.states_of(workflow.DEFINITION, turns) for turns in (4, 9, 30, 200)}


def _short(job_id: str) -> str:
    return job_id[-4:]


def made_up(rng: random.Random, number: int) -> list[CsvRow]:
    """Make up the rows of an upload."""
    rows: list[CsvRow] = []
    for place in range(1, rng.randint(2, 9)):
        drawn = rng.random()
        identity = f"p{place}-u{number}"
        if drawn < 0.08:
            rows.append(CsvRow("", f"N{place}u{number}", "invalid"))
        elif drawn < 0.16 and rows and rows[-1].fate == "send":
            rows.append(CsvRow(rows[-1].identity, f"N{place}u{number}", "duplicate"))
        else:
            rows.append(CsvRow(identity, f"N{place}u{number}", "send"))
    return rows


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Write an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def csv_of(rows: Iterable[CsvRow]) -> bytes:
    """Write an upload."""
    lines = ["Email,LinkedIn URL,First name,Last name"]
    for row in rows:
        name = row.identity
        contact = (
            f"{name}@Example.com,https://www.linkedin.com/in/{name}" if name else "nobody,here"
        )
        lines.append(f"{contact},{row.cell},L")
    return "\n".join([*lines, ""]).encode()


# ---------------------------------------------------------------- ports


class SimClock:
    """The clock port."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now

    def wait_until(self, moment: datetime) -> None:
        self._world.pass_time(moment)


class SimUploads:
    """The uploads port."""

    def __init__(self, world: World) -> None:
        self.contents: dict[tuple[str, str], bytes] = {}
        self._world = world

    def read(self, upload: Upload) -> Iterator[bytes]:
        self._world.leave(self._world.enter("uploads.read"))
        yield self.contents[upload.key, upload.version_id]

    def versions(self, since: datetime) -> Iterator[Upload]:
        drops = self._world.drops
        yield from dict.fromkeys(
            drop.upload for drop in drops if since <= drop.at <= self._world.now
        )

    def metadata(self, upload: Upload) -> Mapping[str, str]:
        del upload
        self._world.leave(self._world.enter("uploads.metadata"))
        return {}

    def read_list(self, bucket: str, key: str) -> Iterator[bytes]:
        raise UploadRejectedError(
            "bad_route", f"No route of a simulation has a list {bucket}{key}."
        )


class _Bucket:
    """The deliveries port. `is_busy` while something is still to be dropped or taken care of."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.is_busy = any(drop.at > world.now for drop in world.drops)

    def deliver(self, upload: Upload) -> None:
        self.is_busy = True
        number = next(
            number for number, drop in enumerate(self._world.drops) if drop.upload == upload
        )
        self._world.at(self._world.now, lambda: self._world.receive(Message(upload, number)))


class _Routes:
    """The routes port."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, name: str) -> Route:
        if name != "spring" or not self._world.is_routed:
            raise UploadRejectedError("unknown_route", f"There is no route {name!r}.")
        return self._world.route


class SimAccounts:
    """The accounts port."""

    def __init__(self, world: World) -> None:
        self.key = "key-1"
        self.cached: dict[str, Account] = {}
        self._world = world

    def get(self, provider: type[Provider[Any, Any]], name: str, *, fresh: bool = False) -> Account:
        if fresh or name not in self.cached:
            given = {"base_url": self._world.vendor.base}
            secret = (
                {"header": "Authorization", "value": self.key}
                if "value" in provider.account_model.model_fields
                else {"api_key": self.key}
            )
            self.cached[name] = provider.account_model.model_validate(given | secret)
        return self.cached[name]


class SimProviders:
    """The providers port: the real class, with batches of a few rows."""

    def __init__(self, world: World) -> None:
        self.cached: dict[str, Provider[Any, Any]] = {}
        self._world = world
        self._http = SimHttp(world)

    def of(self, destination: Mapping[str, Any]) -> Provider[Any, Any]:
        members = destination if isinstance(destination, dict) else dict(destination)
        name = members["provider"]
        if name not in self.cached:
            kind = REGISTRY[name]
            provider = kind(kind.destination_model.model_validate(members))
            limits = type(provider.limits)(
                rows=self._world.batch_rows,
                bytes=provider.limits.bytes,
                lone_rows=provider.limits.lone_rows,
            )
            vars(provider)["limits"] = limits
            self.cached[name] = provider
        return self.cached[name]

    def http(self) -> HttpClient:
        return self._http


class SimHttp(HttpClient):
    """The HTTP client: what it raises is what the real one raises."""

    def __init__(self, world: World) -> None:  # no sockets behind it
        self._world = world

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 30.0,
    ) -> Answer:
        world, vendor = self._world, self._world.vendor
        frame = world.frame
        if not url.startswith(vendor.base):
            world.fail(f"I10 a request went to {url}")
        path = url.removeprefix(vendor.base)
        if params:
            path += "?" + "&".join(f"{name}={value}" for name, value in params.items())
        endpoint = vendor.endpoint(method, path)
        asked = orjson.loads(body) if body else None
        kind = "poll" if endpoint == "poll" else "send"
        if not path.endswith("/fields"):  # read in the same slot as what follows it
            world.requests.append((world.now, kind, frame.label))
        place = f"{frame.label} {endpoint}"
        fault = world.faults.pick("net.", place)
        if "crash" in fault and world.is_lively and frame.attempt >= _SPARED_AFTER:
            fault = ""
        if world.trace is not None:
            shown = vendor.rows_of(path, asked) if asked and endpoint == "send" else ""
            world.note(f"{method} {path}", f"{shown} {fault}")
        key = vendor.key_of(headers)

        def served() -> Reply:
            if key not in vendor.keys:
                return Reply(*vendor.denied)
            return vendor.serve(endpoint, path, asked, frame.job_id)

        if endpoint in ("send", "commit"):
            rows = {(frame.job_id, row) for row in vendor.rows_of(path, asked)}
            frame.sent |= rows
            if fault not in ("", "net.not_sent", "net.busy"):
                vendor.ledger.doubtful |= rows
        return self._answer(fault, served, seconds, place)

    def _answer(self, fault: str, served: Any, seconds: float, place: str) -> Answer:
        world = self._world
        self._fail_before(fault, served, seconds, place)
        if fault == "net.busy":
            return _answer_of(world.vendor.busy())
        if fault == "net.5xx_before":
            return _answer_of(Reply((500, 502, 503, 504)[int(4 * world.faults.draw(place))]))
        told = len(world.frame.told)
        reply: Reply = served()
        if fault:
            del world.frame.told[told:]
        if fault == "net.crash_after":
            raise CrashError(place)
        if fault == "net.timeout_after":
            self._wait(seconds * world.faults.draw(f"after {place}"))
            raise FateUnknownError("the connection broke")
        self._wait(0.05 + world.faults.draw(f"latency {place}"))
        if fault == "net.5xx_after":
            return _answer_of(Reply(500, {"message": "internal"}))
        if fault == "net.redirect":
            return Answer(303, {"Location": "https://elsewhere.example"}, b"")
        if fault == "net.garbage" and reply.status != 429:  # which may say what was taken
            bodies = (b"", b"<html>", b"[]", b'{"status"', b"null", b'"ok"', b"{}")
            return Answer(
                reply.status, {}, bodies[int(len(bodies) * world.faults.draw(f"body {place}"))]
            )
        return _answer_of(reply)

    def _fail_before(self, fault: str, served: Any, seconds: float, place: str) -> None:
        """Let a request come to nothing, or to something much later."""
        world = self._world
        if fault == "net.crash_before":
            raise CrashError(place)
        if fault == "net.not_sent":
            self._wait(5)
            raise NotSentError("no connection")
        if fault == "net.timeout_before":
            self._wait(seconds)
            raise FateUnknownError("no answer")
        if fault == "net.late":  # it lands when nobody waits for it any more
            delay = 5 + seconds * 2 * world.faults.draw(f"late {place}")
            world.at(world.now + timedelta(seconds=delay), lambda: world.unattended(served))
            self._wait(seconds)
            raise FateUnknownError("no answer")

    def _wait(self, seconds: float) -> None:
        world = self._world
        world.pass_time(world.now + timedelta(seconds=seconds))
        if world.now > world.frame.ends_at:
            raise CrashError("timed out")

    def fetch_report(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        del max_bytes
        world = self._world
        fault = world.faults.pick("net.", f"{world.frame.label} report")
        world.note(f"report {url}", fault)
        if fault.startswith("net.crash"):
            raise CrashError(url)
        if fault:
            self._wait(seconds if "timeout" in fault else 1)
            raise ReportUnavailableError("the report could not be downloaded")
        return world.vendor.report(url)


def _answer_of(reply: Reply) -> Answer:
    return Answer(reply.status, reply.headers, reply.content())


ARROWS = {
    BatchState.PLANNED: {*BatchState} - {BatchState.SENT, BatchState.COMPLETED},
    BatchState.SENDING: {*BatchState},
    BatchState.SENT: {*BatchState} - {BatchState.SENDING},
}
"""From which state a batch may come to which; a terminal one stays."""


class SimJobs:
    """The jobs port, with the table's conditions. Models are frozen, so they are not copied."""

    def __init__(self, world: World) -> None:
        self.jobs: dict[str, Job] = {}
        self.items: dict[str, dict[int, BatchItem]] = {}
        self.rows: dict[str, dict[int, tuple[PlannedRow, RowResult]]] = {}
        self.claims: dict[str, str] = {}
        self.submissions: dict[str, Submission] = {}
        self._planning_until: dict[str, datetime] = {}
        self._world = world

    def begin(self, job: Job, lease_until: datetime) -> Job | None:
        fault = self._world.enter("begin")
        existing = self.jobs.get(job.job_id)
        if existing is not None and (
            existing.planned_at is not None or self._planning_until[job.job_id] >= job.updated_at
        ):
            self._world.leave(fault)
            return existing
        self.jobs[job.job_id] = job
        self._planning_until[job.job_id] = lease_until
        self._world.leave(fault)
        return None

    def submission(self, upload: Upload) -> Submission | None:
        return self.submissions.get(upload.version_id)

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        del now
        fault = self._world.enter("keep_submission")
        kept = self.submissions.setdefault(upload.version_id, decided)
        self._world.leave(fault)
        return kept

    def mark_submitted(self, upload: Upload) -> None:
        fault = self._world.enter("mark_submitted")
        kept = self.submissions[upload.version_id]
        self.submissions[upload.version_id] = kept._replace(is_done=True)
        self._world.leave(fault)

    def get(self, job_id: str) -> Job:
        return self.jobs[job_id]

    def claim_content(self, content: str, job: Job) -> str:
        fault = self._world.enter("claim_content")
        holder = self.claims.setdefault(content, job.job_id)
        self._world.leave(fault)
        return holder

    def take_over_content(self, content: str, job: Job, from_job_id: str) -> bool:
        fault = self._world.enter("take_over_content")
        is_ours = self.claims.get(content) == from_job_id
        if is_ours:
            self.claims[content] = job.job_id
        self._world.leave(fault)
        return is_ours

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        fault = self._world.enter("save_plan")
        existing = self.jobs.get(job.job_id)
        stored = self.items.setdefault(job.job_id, {})
        last = 0
        for batch in batches:
            before = stored.get(batch.number)
            if before is not None and before.version > batch.version:
                self._world.fail(f"I6 batch {batch.number} was planned again after it had begun")
            stored[batch.number] = batch
            last = batch.number
            if fault == "aws.partial":
                self._world.leave(fault)
        for number in [number for number in stored if number > last]:
            del stored[number]
        if existing is None or existing.planned_at is None:
            self.jobs[job.job_id] = job
        self._world.leave(fault)

    def update(self, job_id: str, **changes: Any) -> None:
        fault = self._world.enter("update")
        job = self.jobs.get(job_id)
        if job is not None and not job.state.is_terminal:
            self.jobs[job_id] = job.model_copy(update=changes)
        self._world.leave(fault)

    def save_session(self, job: Job, session: Session | None) -> Job:
        fault = self._world.enter("save_session")
        stored = self.jobs[job.job_id]
        if stored.version != job.version:
            raise ClaimLostError("another call changed the session")
        changes = {"session": session, "version": job.version + 1}
        self.jobs[job.job_id] = stored.model_copy(update=changes)
        if self._world.trace is not None:
            self._world.note("session", repr(session))
        self._world.leave(fault)
        return job.model_copy(update=changes)

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        items = self.items.get(job_id, {})
        for number in sorted(items):
            if number >= first:
                yield items[number]

    def save_batch(
        self, batch: BatchItem, *, counts: Mapping[str, int] | None = None, sent: int = 0
    ) -> BatchItem:
        world = self._world
        fault = world.enter(f"save_batch {batch.state}")
        stored = self.items[batch.job_id][batch.number]
        if stored.version != batch.version:
            raise ClaimLostError("another call changed the batch")
        if stored.state.is_terminal:
            if (batch.state, batch.outcomes) != (stored.state, stored.outcomes):
                world.fail(f"I6 batch {batch.number} was {stored.state}, and changed")
        elif batch.state not in ARROWS[stored.state]:
            world.fail(f"I6 batch {batch.number} went from {stored.state} to {batch.state}")
        saved = batch.model_copy(update={"version": batch.version + 1})
        self.items[batch.job_id][batch.number] = saved
        if batch.state is BatchState.SENDING and fault:
            planned = world.files.lines(batch.job_id)[batch.first_byte : batch.last_byte + 1]
            world.vendor.ledger.doubtful |= {
                (batch.job_id, row.identity)
                for line in planned.splitlines()
                for row in decode_rows(line)
            }
        if counts or sent:
            self._add(batch, counts or {}, sent)
        if world.trace is not None:
            world.note(f"batch {batch.number} {batch.state}", f"{batch.settled or ''}")
        world.leave(fault)
        return saved

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
        world = self._world
        fault = world.enter("put_rows")
        stored = self.rows.setdefault(job.job_id, {})
        is_over = self.jobs[job.job_id].state.is_terminal
        for planned, result in rows:
            if job.row_items == "none" or (job.row_items == "bad" and not result.outcome.is_bad):
                continue
            before = stored.get(planned.row)
            if is_over and before is not None and before[1] != result:
                world.fail(f"I6 row {planned.row} changed after its job had ended")
            stored[planned.row] = (planned, result)
            if world.trace is not None:
                world.note(f"row {planned.row}", f"{result.outcome} {result.reason}")
            if fault == "aws.partial":
                world.leave(fault)
        world.leave(fault)

    def finish(self, job: Job) -> bool:
        fault = self._world.enter("finish")
        stored = self.jobs[job.job_id]
        if stored.state.is_terminal:
            self._world.leave(fault)
            return False
        names = (
            "state", "counts", "progress", "finished_at", "updated_at", "started_at", "results",
            "reason", "reason_text",
        )  # fmt: skip
        changes = {name: getattr(job, name) for name in names}
        self.jobs[job.job_id] = stored.model_copy(update=changes)
        self._world.note(f"job is {job.state}")
        self._world.leave(fault)
        return True

    def mark_notified(self, job_id: str, now: datetime) -> None:
        fault = self._world.enter("mark_notified")
        self.jobs[job_id] = self.jobs[job_id].model_copy(update={"notified_at": now})
        self._world.leave(fault)


class SimFiles:
    """The files port."""

    def __init__(self, world: World) -> None:
        self.content: dict[tuple[str, str], bytes] = {}
        self._world = world

    def _save(self, job_id: str, name: str, content: bytes) -> None:
        fault = self._world.enter(f"save {name[:8]}")
        self.content[job_id, name] = content
        self._world.leave(fault)

    def lines(self, job_id: str) -> bytes:
        """Return a job's plan."""
        return self.content[job_id, "plan"]

    def save_plan(self, job_id: str, plan: IO[bytes]) -> None:
        plan.seek(0)
        content = plan.read()
        before = self.content.get((job_id, "plan"), content)
        if before != content:
            self._world.fail("I7 a job was planned twice, in two ways")
        self._save(job_id, "plan", content)

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        return self.content[job_id, "plan"][first_byte : last_byte + 1]

    def plan_lines(self, job_id: str) -> Iterator[bytes]:
        yield from self.content[job_id, "plan"].splitlines()

    def save_outcomes(self, job_id: str, name: str, outcomes: bytes) -> None:
        self._save(job_id, f"outcomes/{name}", outcomes)

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        return self.content[job_id, f"outcomes/{name}"]

    def save_result(self, job_id: str, name: str, content: IO[bytes]) -> None:
        written = content.read()
        if self._world.jobs.jobs[job_id].state.is_terminal:
            before = self.content.get((job_id, name), b"")
            if name == "results.csv" and before != written:
                self._world.fail("I6 results.csv changed after the job had ended")
        self._save(job_id, name, written)

    def results(self, job_id: str) -> Results:
        base = f"s3://results/jobs/{job_id}"
        return Results(
            results=f"{base}/results.csv", rejects=f"{base}/rejects.csv", retry=f"{base}/retry.csv"
        )


class SimBudget(MemoryBudget):
    """The budget port."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        fault = self._world.enter("reserve")
        ticket = super().reserve(account, count=count, gap=gap, now=now)
        self._world.leave(fault)
        return ticket

    def hold(self, account: str, until: datetime) -> None:
        fault = self._world.enter("hold")
        super().hold(account, until)
        self._world.leave(fault)


class SimExecutions:
    """The executions port."""

    def __init__(self, world: World) -> None:
        self.by_name: dict[str, Execution] = {}
        self.outdated: set[str] = set()
        self._world = world

    def start(self, turn: Turn) -> str:
        fault = self._world.enter("start")
        self._world.start(turn.job_id, turn.state())
        self._world.leave(fault)
        return f"arn:aws:states:us-east-1:000000000000:execution:import:{turn.job_id}"


class SimNotices:
    """The notices port. Looks at each notice as it is published."""

    def __init__(self, world: World) -> None:
        self.published: Counter[str] = Counter()
        self._world = world

    def publish(
        self, *, subject: str, message: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        world = self._world
        fault = world.enter("publish")
        members = orjson.loads(message)
        job_id = members["job_id"]
        job = world.jobs.jobs[job_id]
        self.published[job_id] += 1
        if not job.state.is_terminal:
            world.fail("I8 a notice came before its job had ended")
        elif (members["state"], members["counts"]) != (job.state.value, job.counts):
            world.fail("I8 a notice tells something else than its job")
        if len(world.jobs.rows.get(job_id, ())) != job.counts["rows"]:
            world.fail("I8 a notice came before its rows were written")
        if (job_id, "results.csv") not in world.files.content:
            world.fail("I8 a notice came before its results were written")
        said = f"{subject} {message} {text} {attributes}"
        if "-u" in said.replace(job_id, "") or "Example.com" in said:
            world.fail("I10 a notice holds personal data")
        world.leave(fault)


class SimEvents:
    """The events port."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        del provider, route
        self.counts[name] += value

    def measure(self, name: str, provider: str, seconds: float, *, route: str) -> None:
        del provider, route
        if seconds < 0:
            raise AssertionError(f"{name} took {seconds} seconds")
