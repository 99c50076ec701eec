"""What is read to decide by is read consistently: an old copy would lose a cancel, or a claim."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.budget import DynamoBudget
from listdrop.aws.items import batch_item, job_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.keys import ItemKey
from listdrop.aws.people import DynamoPeople
from listdrop.aws.reading import items_with
from listdrop.aws.submissions import DynamoSubmissions, DynamoSubmitted
from listdrop.errors import TableBusyError
from listdrop.models import BatchItem
from listdrop.providers.routing import parse_route
from tests.contracts.ports import new_job, new_upload

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JOB = new_job()
BATCH = BatchItem(job_id=JOB.job_id, number=1, first_row=1, rows=1, first_byte=0, last_byte=1)


class Table:
    """Has one job, refuses every write, and remembers how it was read."""

    name = "jobs"

    def __init__(self) -> None:
        self.reads: list[dict[str, Any]] = []
        self.meta: Any = SimpleNamespace(client=self)

    def get_item(self, **read: Any) -> Any:
        self.reads.append(read)
        return {"Item": job_item(JOB)} if read["Key"]["sk"] in ("JOB", "CONTENT") else {}

    def query(self, **read: Any) -> Any:
        self.reads.append(read)
        condition = read["KeyConditionExpression"].get_expression()["values"][1]
        is_job = condition.get_expression()["values"][1] == "JOB"
        return {"Items": [job_item(JOB)] if is_job else []}

    def put_item(self, **_: Any) -> None:
        error: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
        raise ClientError(error, "PutItem")

    update_item = put_item


@pytest.mark.parametrize(
    "read",
    [
        lambda table: DynamoJobs(table).get(JOB.job_id),
        lambda table: DynamoJobs(table).finish(JOB),
        lambda table: DynamoJobs(table).stop(JOB.job_id, "cancelled", ""),
        lambda table: DynamoJobs(table).begin(JOB, NOW),
        lambda table: DynamoJobs(table).claim_content("a", JOB),
        lambda table: list(DynamoJobs(table).batches(JOB.job_id)),
        lambda table: DynamoSubmissions(table, parse_route).submission(new_upload()),
        lambda table: DynamoSubmitted(table).is_submitted(new_upload()),
        lambda table: DynamoBudget(table).take("account", "me", NOW, NOW),
    ],
    ids=["job", "finish", "stop", "begin", "claim", "batches", "submission", "submitted", "lease"],
)
def test_what_is_decided_by_is_read_consistently(read: Any) -> None:
    table = Table()

    read(table)

    assert [each["ConsistentRead"] for each in table.reads] == [True] * len(table.reads)
    assert table.reads


class LongJob:
    """A table in which a job has a thousand batches."""

    name = "jobs"

    def __init__(self) -> None:
        self.read = 0
        self.meta: Any = SimpleNamespace(client=self)

    def query(self, **read: Any) -> Any:
        start = int(read.get("ExclusiveStartKey", {"sk": "BATCH#000000"})["sk"][6:])
        numbers = range(start + 1, min(start + read["Limit"], 1_000) + 1)
        self.read += len(numbers)
        items = [batch_item(BATCH.model_copy(update={"number": n}), JOB) for n in numbers]
        return {"Items": items, "LastEvaluatedKey": items[-1]} if items else {"Items": []}


def test_who_looks_at_few_batches_reads_few() -> None:
    table: Any = LongJob()

    (*_, last) = islice(DynamoJobs(table).batches(JOB.job_id), 40)

    assert last.number == 40
    assert table.read <= 80


def test_who_looks_at_all_batches_reads_each_once() -> None:
    table: Any = LongJob()

    found = [batch.number for batch in DynamoJobs(table).batches(JOB.job_id)]

    assert found == list(range(1, 1_001))
    assert table.read == 1_000


class BusyTable:
    """A table of jobs that gives no more than two items at once, where more are asked for."""

    name = "jobs"

    def __init__(self) -> None:
        self.meta: Any = SimpleNamespace(client=self)

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 # the SDK's name
        keys = RequestItems[self.name]["Keys"]
        items = [
            job_item(JOB.model_copy(update={"has_marks": True})) | key | {"job_id": key["pk"][4:]}
            for key in keys[:2]
            if key["pk"] != "JOB#gone"
        ]
        left = {self.name: {"Keys": keys[2:]}} if keys[2:] else {}
        return {"Responses": {self.name: items}, "UnprocessedKeys": left}


def test_a_job_that_a_busy_table_did_not_give_at_once_is_not_said_to_be_unsearched() -> None:
    table: Any = BusyTable()

    found = DynamoPeople(table).unmarked(["a", "b", "c", "gone", "d"])

    assert list(found) == ["gone"]


class Overloaded:
    """A table that gives one item at once, after it has refused all of them some times."""

    name = "jobs"

    def __init__(self, refusals: int) -> None:
        self.meta: Any = SimpleNamespace(client=self)
        self.refusals = refusals
        self.asked: list[int] = []

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 # the SDK's name
        keys = RequestItems[self.name]["Keys"]
        assert len({(key["pk"], key["sk"]) for key in keys}) == len(keys), "DynamoDB refuses that"
        self.asked.append(len(keys))
        taken = 0 if len(self.asked) <= self.refusals else 1
        left = {self.name: {"Keys": keys[taken:]}} if keys[taken:] else {}
        return {"Responses": {self.name: keys[:taken]}, "UnprocessedKeys": left}


def keys_of(count: int) -> list[ItemKey]:
    return [{"pk": f"JOB#{number}", "sk": "JOB"} for number in range(count)]


@pytest.mark.parametrize("refusals", [0, 1, 3, 6])
def test_a_busy_table_is_asked_again_after_ever_longer_pauses(
    refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("listdrop.aws.reading.sleep", pauses.append)
    monkeypatch.setattr("listdrop.aws.reading.random", lambda: 1.0)
    table: Any = Overloaded(refusals)

    assert len(items_with(table, keys_of(3))) == 3
    assert len(pauses) == refusals
    assert pauses == sorted(set(pauses))


@pytest.mark.parametrize("count", [1, 250])
def test_a_table_that_gives_nothing_is_not_asked_for_ever(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("listdrop.aws.reading.sleep", pauses.append)
    table: Any = Overloaded(1_000)

    with pytest.raises(TableBusyError):
        items_with(table, keys_of(count))

    assert sum(pauses) < 15


@pytest.mark.parametrize("count", [1, 2, 100, 101])
def test_an_item_that_is_wanted_twice_is_asked_for_once(count: int) -> None:
    table: Any = Overloaded(0)

    assert len(items_with(table, [*keys_of(count), *keys_of(count)])) == count
