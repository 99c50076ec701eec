"""Counts what a job uses of AWS and of its provider: `python -m tools.benchmarks.counts`.

The real use cases run on the ports of the simulation, in virtual time and without faults, and
whatever they ask for is counted: requests, turns, seconds of functions, units of the table. Items
are as large as the table's own are. With `--write`, the figures go to `costs/counts.toml`, which
the cost of a job is computed from; run `python -m tools.costs` afterwards.
"""

from __future__ import annotations

import argparse
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from listdrop.aws.items import batch_item, job_item, row_item
from listdrop.models import BatchItem, Job, PlannedRow, RowResult, Upload
from listdrop.providers import REGISTRY
from tests.simulation.faults import Faults
from tests.simulation.machine import Machine
from tests.simulation.network import SimHttp, SimProviders
from tests.simulation.ports import SimJobs
from tests.simulation.scenario import CsvRow, Drop, csv_of
from tests.simulation.stage import Frame
from tests.simulation.workflow import DEFINITION, states_of
from tests.simulation.world import World
from tests.support.clock import NOW
from tools.benchmarks.data import DESTINATIONS

COPIES_OF_JOB = 3
"""A write of a job's item is one of the table and of its two indexes."""
SECONDS = (30.0, 0.8)
"""Median and sigma of how long a provider works on a batch, which is lognormal."""
FIGURES = ("sends", "polls", "turns", "seconds", "writes", "reads")
PAGE = Path(__file__).resolve().parents[2] / "layers/shared/listdrop/costs/counts.toml"
_SEED = 8
_FEW, _MANY = 100, 30_000
_READ_UNIT, _WRITE_UNIT = 4096, 1024


class _Jobs(SimJobs):
    """The table, with the write units of what is stored."""

    def __init__(self, world: Calm) -> None:
        super().__init__(world)
        self.units: Counter[str] = Counter()

    def begin(self, job: Job, lease_until: Any) -> Job | None:
        found = super().begin(job, lease_until)
        self._count_job(job)
        return found

    def get(self, job_id: str) -> Job:
        found = super().get(job_id)
        self.units["reads"] += _units(job_item(found), _READ_UNIT)
        return found

    def batches(self, job_id: str, first: int = 1) -> Iterator[BatchItem]:
        size = 0
        for batch in super().batches(job_id, first):
            size += _size(batch_item(batch, self.jobs[job_id]))
            yield batch
        self.units["reads"] += -(-size // _READ_UNIT)

    def update(self, job_id: str, **changes: Any) -> None:
        super().update(job_id, **changes)
        self._count_job(self.jobs[job_id])

    def save_session(self, job: Job, session: Any) -> Job:
        saved = super().save_session(job, session)
        self._count_job(saved)
        return saved

    def finish(self, job: Job) -> bool:
        is_first = super().finish(job)
        self._count_job(job)
        return is_first

    def save_plan(self, job: Job, batches: Iterable[BatchItem]) -> None:
        planned = list(batches)
        super().save_plan(job, planned)
        self.units["batches"] += sum(_units(batch_item(batch, job)) for batch in planned)
        self._count_job(job)

    def save_batch(
        self, batch: BatchItem, *, counts: Mapping[str, int] | None = None, sent: int = 0
    ) -> BatchItem:
        saved = super().save_batch(batch, counts=counts, sent=sent)
        job = self.jobs[batch.job_id]
        is_counted = bool(sent or counts)
        self.units["batches"] += _units(batch_item(saved, job)) * (1 + is_counted)
        if is_counted:  # the item of counters, which no index copies, in one transaction
            self.units["job"] += 2
        return saved

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        kept = list(rows)
        super().put_rows(job, kept)
        for planned, result in kept:
            item = row_item(job, planned, result)
            self.units["rows"] += _units(item) * (1 + ("person" in item) + ("problem" in item))

    def _count_job(self, job: Job) -> None:
        """Count a write of a job's item."""
        self.units["job"] += _units(job_item(job)) * COPIES_OF_JOB


class _Http(SimHttp):
    """The HTTP client, with what was asked for."""

    def request(self, method: str, url: str, **more: Any) -> Any:
        world: Any = self._world
        kind = "polls" if world.vendor.endpoint(method, url) == "poll" else "sends"
        world.counted[kind] += 1
        return super().request(method, url, **more)


class Calm(World):
    """One job of a provider, with nothing that goes wrong."""

    def __init__(self, provider: str, rows: int, *, seconds: tuple[float, float] = SECONDS) -> None:
        self.counted: Counter[str] = Counter()
        self._rows = rows
        super().__init__(provider, _SEED, faults=Faults(_SEED, {}, only=()))
        kind = REGISTRY[provider]
        members = {"provider": provider, **DESTINATIONS[provider]}
        self.destination = kind.destination_model.model_validate(members)
        self.route = self.route.model_copy(
            update={"destinations": (self.destination,), "deadline_minutes": 43_200}
        )
        self.routes.routes["spring"] = self.route
        self.batch_rows = kind(self.destination).batch_limits().rows
        self.providers = SimProviders(self)
        self.providers._http = _Http(self)  # noqa: SLF001 # counted
        self.jobs: _Jobs = _Jobs(self)
        self.machine = Machine(self, self.turns, self.handlers.handle)
        self.machine.states = states_of(DEFINITION, 200)
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
    counts, units = world.counted, world.jobs.units
    return {
        "batches": job.batches["planned"],
        "sends": counts["sends"],
        "polls": counts["polls"],
        "turns": counts["send calls"] + counts["status calls"],
        "seconds": (counts["send ms"] + counts["status ms"]) / 1000,
        "writes": units["job"] + units["batches"],
        "reads": units["reads"],
        "row writes": units["rows"],
        "minutes": (job.finished_at - job.created_at).total_seconds() / 60,
    }


def lines_of(provider: str) -> Iterator[str]:
    """Yield the lines of `counts.toml` about a provider: what each job uses, and each batch."""
    few, many = counted(provider, _FEW), counted(provider, _MANY)
    batches = many["batches"] - few["batches"]
    each = {name: max(many[name] - few[name], 0) / batches for name in FIGURES}
    once = {name: max(few[name] - each[name] * few["batches"], 0) for name in FIGURES}
    yield f"[provider.{provider}]"
    for name, figures in (("job", once), ("batch", each)):
        told = ", ".join(f"{figure} = {round(count, 3):g}" for figure, count in figures.items())
        yield f"{name} = {{ {told} }}"
    yield ""


def _units(item: Mapping[str, Any], size: int = _WRITE_UNIT) -> int:
    """Return how many units of the table an item is."""
    return -(-_size(item) // size)


def _size(value: Any) -> int:
    """Return about how many bytes DynamoDB counts for a value."""
    if isinstance(value, Mapping):
        return 3 + sum(len(name) + 1 + _size(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return 3 + sum(1 + _size(each) for each in value)
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    return 1 if isinstance(value, bool) or value is None else len(str(value)) // 2 + 2


def main() -> None:
    """Print what a job of each provider uses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="Write the figures to counts.toml.")
    options = parser.parse_args()
    if options.write:
        told = "\n".join(line for provider in DESTINATIONS for line in lines_of(provider))
        kept = re.split(r"^\[provider\.", PAGE.read_text("utf-8"), maxsplit=1, flags=re.M)[0]
        PAGE.write_text(f"{kept}{told}", "utf-8")
        return
    for provider in DESTINATIONS:
        found = counted(provider, options.rows)
        said = ", ".join(f"{name} {count:,.6g}" for name, count in found.items())
        print(f"{provider}: {said}", flush=True)


if __name__ == "__main__":
    main()
