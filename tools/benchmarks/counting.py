"""Counts what a job costs between planning and its end, in virtual time.

The real use cases, workflow and providers play it, with nothing going wrong. What the table's
adapter asks of DynamoDB is priced as AWS does: a unit for each KB that is written, two in a
transaction, and as much again for each index that copies the item. Rows have no items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.items import batch_item, job_item, progress_item
from tests.simulation.large import CountingJobs, LargeWorld

_KB = 1024
_COPIES = {"JOB": 2}
"""In how many indexes the items of a kind are."""


def size(value: Any) -> int:
    """Return the bytes of a value in an item, about as DynamoDB counts them."""
    if isinstance(value, Mapping):
        return 3 + sum(1 + len(str(name).encode()) + size(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return 3 + sum(1 + size(each) for each in value)
    if isinstance(value, bool) or value is None:
        return 1
    return len(value if isinstance(value, bytes) else str(value).encode())


class MeteredTable:
    """Takes every write of the adapter, and counts its units by the kind of the item."""

    name = "jobs"

    def __init__(self, jobs: CountingJobs) -> None:
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
        units = -(-size(self._item(key)) // _KB)
        self.units[kind] += units * (times + _COPIES.get(kind, 0))

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
    "save_plan", "update", "show", "stop", "save_session", "save_batch", "decide", "finish",
    "mark_notified",
)  # fmt: skip


class MeteredJobs(CountingJobs):
    """Jobs in memory; whatever is written goes to the adapter as well, on a table that counts."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.table = MeteredTable(self)
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


def counted(provider: str, rows: int) -> dict[str, Any]:
    """Play a job, and return what it cost."""
    world = LargeWorld(provider, rows, MeteredJobs)
    world.run()
    (job,) = world.jobs.jobs.values()
    if not job.state.is_terminal:
        raise ValueError(f"the job is {job.state}")
    jobs = world.counted
    if not isinstance(jobs, MeteredJobs):
        raise TypeError("nothing was counted")
    return {
        "batches": world.planned,
        "transitions": world.transitions,
        "write_units": jobs.table.units.total(),
        "of_the_job": jobs.table.units["JOB"],
        "batches_read": jobs.read,
        "minutes": round(world.took.total_seconds() / 60, 1),
    }
