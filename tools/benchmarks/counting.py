"""Counts what a job uses of AWS and of its provider, in virtual time.

The real use cases, workflow and providers play it, with nothing going wrong, and whatever they ask
for is counted: requests, turns, seconds of functions, objects, bytes of logs. What the table's
adapter asks of DynamoDB is priced as AWS does: a unit for each KB that is written, two in a
transaction, as much again for each index that copies the item, and a unit for each 4 KB that is
read.
"""

from __future__ import annotations

import io
import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain, islice, repeat
from types import SimpleNamespace
from typing import Any

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.items import batch_item, job_item, progress_item, row_item
from listdrop.aws.jobs import PAGES
from listdrop.aws.messaging import MetricEvents
from listdrop.aws.plan_parts import PlanParts
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.models import BatchItem, Job, PlannedRow, RowResult, Ticket, Upload
from listdrop.providers import REGISTRY
from tests.simulation.faults import Faults
from tests.simulation.machine import Machine
from tests.simulation.network import SimHttp, SimProviders
from tests.simulation.ports import SimBudget, SimFiles, SimJobs
from tests.simulation.scenario import CsvRow, Drop, csv_of
from tests.simulation.stage import Frame
from tests.simulation.workflow import DEFINITION, SUBSTITUTIONS, states_of
from tests.simulation.world import World
from tests.support.clock import NOW
from tests.support.messaging import MemoryEvents
from tools.benchmarks.data import DESTINATIONS

SECONDS = (30.0, 0.8)
"""Median and sigma of how long a provider works on a batch, which is lognormal."""

_SEED = 8
_READ_UNIT, _WRITE_UNIT = 4096, 1024
_COPIES = {"JOB": 2}
"""In how many indexes the items of a kind are."""
_DEADLINE_MINUTES = 30 * 24 * 60


def size(value: Any) -> int:
    """Return the bytes of a value in an item, about as DynamoDB counts them."""
    if isinstance(value, Mapping):
        return 3 + sum(1 + len(str(name).encode()) + size(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return 3 + sum(1 + size(each) for each in value)
    if isinstance(value, bool) or value is None:
        return 1
    if isinstance(value, int):
        return len(str(value)) // 2 + 2
    return len(value if isinstance(value, bytes) else str(value).encode())


def units(item: Mapping[str, Any], each: int = _WRITE_UNIT) -> int:
    """Return how many units of the table an item is."""
    return -(-size(item) // each)


class MeteredTable:
    """Takes every write of the adapter, and counts its units by the kind of the item."""

    name = "jobs"

    def __init__(self, jobs: MeteredJobs) -> None:
        self.units: Counter[str] = Counter()
        self.meta: Any = SimpleNamespace(client=self)
        self._jobs = jobs

    def _item(self, key: Mapping[str, str]) -> Mapping[str, Any]:
        job = self._jobs.jobs[key["pk"].removeprefix("JOB#")]
        kind, _, number = key["sk"].partition("#")
        if kind == "BATCH":
            return batch_item(self._jobs.batch_items[job.job_id][int(number)], job)
        return progress_item(job) if kind == "PROGRESS" else job_item(job)

    def _count(self, key: Mapping[str, str], times: int = 1) -> None:
        kind = key["sk"].partition("#")[0]
        self.units[kind] += units(self._item(key)) * (times + _COPIES.get(kind, 0))

    def query(self, *, KeyConditionExpression: Any, **_: Any) -> Any:  # noqa: N803 # boto3's name
        """Answer what the adapter asks about a job."""
        pk, sk = (each.get_expression()["values"][1] for each in _parts(KeyConditionExpression))
        if sk != "JOB":
            return {"Items": []}
        return {"Items": [self._item({"pk": pk, "sk": each}) for each in ("JOB", "PROGRESS")]}

    def get_item(self, *, Key: Mapping[str, str], **_: Any) -> Any:  # noqa: N803 # the same
        """Answer with an item."""
        return {"Item": self._item(Key)}

    def put_item(self, *, Item: Mapping[str, Any], **_: Any) -> None:  # noqa: N803 # the same
        """Count a write."""
        if Item["pk"].startswith("JOB#"):
            self._count(Item)
        else:
            self.units[Item["pk"].partition("#")[0]] += units(Item)

    def update_item(self, *, Key: Mapping[str, str], **_: Any) -> None:  # noqa: N803 # the same
        """Count a write."""
        self._count(Key)

    def transact_write_items(self, *, TransactItems: Sequence[Any]) -> None:  # noqa: N803 # the same
        """Count writes that happen together or not at all."""
        for each in TransactItems:
            self._count(each["Update"]["Key"], 2)

    @contextmanager
    def batch_writer(self) -> Iterator[MeteredTable]:
        """Count each of many writes."""
        yield self


def _parts(condition: Any) -> Sequence[Any]:
    return condition.get_expression()["values"]  # type: ignore[no-any-return] # two conditions


_WRITES = (
    "begin", "save_marks", "save_plan", "update", "show", "stop", "save_session", "save_batch",
    "tell", "decide", "finish", "mark_notified",
)  # fmt: skip


class MeteredJobs(SimJobs):
    """Jobs in memory; whatever is written goes to the adapter as well, on a table that counts."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.table = MeteredTable(self)
        self.read: Counter[str] = Counter()
        """Units that were read, and batches that were looked at."""
        adapter = DynamoHeldJobs(self.table)  # type: ignore[arg-type] # a double
        for name in _WRITES:
            setattr(self, name, partial(self._both, getattr(self, name), getattr(adapter, name)))
        self._is_within = False

    def _both(
        self, own: Callable[..., Any], write: Callable[..., Any], *args: Any, **changes: Any
    ) -> Any:
        args = tuple(list(each) if isinstance(each, Iterator) else each for each in args)
        is_outer, self._is_within = not self._is_within, True
        try:
            answer = own(*args, **changes)
            if is_outer:
                write(*args, **changes)
        finally:
            self._is_within = not is_outer
        return answer

    def get(self, job_id: str) -> Job:
        """See the port."""
        found = super().get(job_id)
        self.read["units"] += -(-(size(job_item(found)) + size(progress_item(found))) // _READ_UNIT)
        return found

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        """See the port. They are read in pages as the adapter reads them, however few are used."""
        found = super().batches(job_id, first)
        for limit in chain(PAGES, repeat(PAGES[-1])):
            page = list(islice(found, limit))
            read = sum(size(batch_item(batch, self.jobs[job_id])) for batch in page)
            self.read["units"] += max(-(-read // _READ_UNIT), 1)
            for batch in page:
                self.read["batches"] += 1
                yield batch
            if len(page) < limit:
                return

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port."""
        kept = list(rows)
        super().put_rows(job, kept)
        for planned, result in kept:
            item = row_item(job, planned, result)
            copies = ("person" in item) + ("problem" in item)
            self.table.units["ROW"] += units(item) * (1 + copies)


class MeteredFiles(SimFiles):
    """Files in memory; each read and each write is a request, as far as no file is joined."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.requests: Counter[str] = Counter()
        self._plans = PlanParts(self._plan_part)

    def _save(self, job_id: str, name: str, content: bytes) -> None:
        self.requests["puts"] += 1
        super()._save(job_id, name, content)

    def read_plan(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        """See the port."""
        return self._plans.read(job_id, first_byte, last_byte)

    def _plan_part(self, job_id: str, first_byte: int, last_byte: int) -> bytes:
        self.requests["gets"] += 1
        return super().read_plan(job_id, first_byte, last_byte)

    def plan_lines(self, job_id: str, first_byte: int = 0) -> Iterator[bytes]:
        """See the port."""
        self.requests["gets"] += 1
        return super().plan_lines(job_id, first_byte)

    def read_outcomes(self, job_id: str, name: str) -> bytes:
        """See the port."""
        self.requests["gets"] += 1
        return super().read_outcomes(job_id, name)


class MeteredBudget(SimBudget):
    """The budget in memory. Each change is a write of one unit."""

    writes = 0

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """See the port."""
        self.writes += 1
        return super().reserve(account, count=count, gap=gap, now=now)

    def hold(self, account: str, until: datetime) -> None:
        """See the port."""
        self.writes += 1
        super().hold(account, until)

    def take(self, name: str, holder: str, until: datetime, now: datetime) -> datetime | None:
        """See the port."""
        self.writes += 1
        return super().take(name, holder, until, now)

    def give_back(self, name: str, holder: str) -> None:
        """See the port."""
        self.writes += 1
        super().give_back(name, holder)


class MeteredEvents(MemoryEvents):
    """Metrics in memory, with the bytes of the lines of a log that they are."""

    bytes = 0

    def count(self, name: str, provider: str, value: int = 1, *, route: str = "") -> None:
        """See the port."""
        self.bytes += _line(name, provider, route)
        super().count(name, provider, value, route=route)

    def measure(self, name: str, provider: str, seconds: float) -> None:
        """See the port."""
        self.bytes += _line(name, provider, "", is_time=True)
        super().measure(name, provider, seconds)


@cache
def _line(name: str, provider: str, route: str, *, is_time: bool = False) -> int:
    """Return the bytes of a metric's line."""
    with redirect_stdout(io.StringIO()) as said:
        if is_time:
            MetricEvents("listdrop").measure(name, provider, 0.25)
        else:
            MetricEvents("listdrop").count(name, provider, route=route)
    return len(said.getvalue())


class _Http(SimHttp):
    """The HTTP client, with what was asked for."""

    def request(self, method: str, url: str, **more: Any) -> Any:
        world: Any = self._world
        kind = "polls" if world.vendor.endpoint(method, url) == "poll" else "sends"
        world.counted[kind] += 1
        answer = super().request(method, url, **more)
        return answer._replace(body=_with_ids(answer.body, world.ids))


def _with_ids(content: bytes, ids: random.Random) -> bytes:
    """Return an answer with ids as long, and as little alike, as the providers' own."""
    try:
        told = json.loads(content)
    except ValueError:
        return content
    for each in (told.get("result") or told.get("report") or ()) if isinstance(told, dict) else ():
        name = f"{ids.getrandbits(96):024x}"
        each.update({"chatId": name} if "chatCreated" in each else {"prospect": {"_id": name}})
    return json.dumps(told).encode()


class Calm(World):
    """One job of a provider, in its own batches, with nothing that goes wrong."""

    def __init__(self, provider: str, rows: int, *, seconds: tuple[float, float] = SECONDS) -> None:
        self.counted: Counter[str] = Counter()
        self.ids = random.Random(_SEED)  # noqa: S311 # a scenario
        self._rows = rows
        super().__init__(provider, _SEED, faults=Faults(_SEED, {}, only=()))
        kind = REGISTRY[provider]
        members = {"provider": provider, **DESTINATIONS[provider]}
        self.destination = kind.destination_model.model_validate(members)
        changes = {"destinations": (self.destination,), "deadline_minutes": _DEADLINE_MINUTES}
        self.routes.routes["spring"] = self.route = self.route.model_copy(update=changes)
        self.batch_rows = kind(self.destination).batch_limits().rows
        self.piece_bytes = PIECE_BYTES
        self.providers = SimProviders(self, _Http)
        self.jobs: MeteredJobs = MeteredJobs(self)
        self.files: MeteredFiles = MeteredFiles(self)
        self.budget: MeteredBudget = MeteredBudget(self)
        self.metrics: MeteredEvents = MeteredEvents()
        self.turns = int(SUBSTITUTIONS["MaxTurns"])
        self.machine = Machine(self, self.turns, self.handlers.handle)
        self.machine.states = states_of(DEFINITION, self.turns)
        self.most_events = 10_000_000
        law = random.Random(_SEED)  # noqa: S311 # a scenario
        begin = self.vendor.begin

        def begun(*args: Any, **more: Any) -> Any:
            work = begin(*args, **more)
            work.seconds = law.lognormvariate(math.log(seconds[0]), seconds[1])
            return work

        vars(self.vendor)["begin"] = begun

    def _drops(self, rng: random.Random) -> list[Drop]:
        del rng
        rows = [CsvRow(f"person-{number}", "Ada", "send") for number in range(self._rows)]
        content = csv_of(rows)
        upload = Upload(
            bucket="uploads", key="inbox/spring/a.csv", version_id="v1", size=len(content)
        )
        return [Drop(upload, content, rows, NOW)]

    def invoke(self, frame: Frame, function: Any) -> Any:
        """Run a function, and count how long it took."""
        began = self.now
        answer = super().invoke(frame, function)
        task = frame.label.rpartition(".")[2]
        self.counted[f"{task} calls"] += 1
        self.counted[f"{task} ms"] += int((self.now - began) / timedelta(milliseconds=1))
        return answer

    @property
    def job(self) -> Job:
        """The job, as it ended."""
        return next(iter(self.jobs.jobs.values()))


def counted(provider: str, rows: int) -> dict[str, float]:
    """Play a job with this number of rows, and return what it used."""
    world = Calm(provider, rows)
    world.run()
    job = world.job
    if not job.state.is_terminal or job.finished_at is None:
        raise ValueError(f"a job of {provider} did not end")
    counts, table, files = world.counted, world.jobs.table.units, world.files.requests
    row_units, marks = table.pop("ROW"), table.pop("MARKS", 0)
    return {
        "batches": job.batches["planned"],
        "sends": counts["sends"],
        "polls": counts["polls"],
        "turns": counts["send calls"] + counts["status calls"],
        "transitions": sum(each.transitions for each in world.machine.executions.values()),
        "seconds": (counts["send ms"] + counts["status ms"]) / 1000,
        "writes": table.total() + world.budget.writes,
        "of_the_job": table["JOB"],
        "reads": world.jobs.read["units"],
        "batches_read": world.jobs.read["batches"],
        "puts": files["puts"],
        "gets": files["gets"] + world.uploads.reads,
        "log_bytes": world.metrics.bytes,
        "row_writes": row_units,
        "mark_writes": marks,
        "minutes": round((job.finished_at - job.created_at).total_seconds() / 60, 1),
    }
