"""Row items reach DynamoDB as they are, and until it has taken all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import random
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from listdrop.aws.items import row_item
from listdrop.aws.rows import MOST_SECONDS, DynamoTurnJobs
from listdrop.errors import TableBusyError
from listdrop.models import Job, Outcome, PlannedRow, RowResult
from listdrop.ports import Clock
from tests.contracts.ports import new_job
from tests.support.clock import ManualClock, Waits
from tests.support.tables import Raw

TABLE = "jobs"
ROWS = [
    (
        PlannedRow(n, n + 1, f"p{n}@example.com", f"P{n}@example.com", warning="phone_left_out"),
        RowResult(Outcome.REFUSED if n % 3 else Outcome.ACCEPTED, 'naïve "名" \n', "", f"ref-{n}"),
    )
    for n in range(1, 61)
]


class Table:
    """DynamoDB as a client reaches it: what was asked of it, and what it answers."""

    name = TABLE

    def __init__(self) -> None:
        self.client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # no secret
        )
        answer: Any = self._answer
        self.client.meta.events.register("before-send.dynamodb", answer)
        self.asked: list[list[dict[str, Any]]] = []
        self.left_out: list[int] = []
        """How many items of each request are not processed."""
        self.fails = 0
        self.error = "ProvisionedThroughputExceededException"
        self.meta: Any = self

    def jobs(
        self, clock: Clock | None = None, draw: Callable[[], float] = random
    ) -> DynamoTurnJobs:
        table: Any = self
        return DynamoTurnJobs(table, self.client, clock or ManualClock(), draw)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        assert request.headers["X-Amz-Target"] == b"DynamoDB_20120810.BatchWriteItem"
        assert int(request.headers["Content-Length"]) == len(request.body)
        writes = json.loads(request.body)["RequestItems"][TABLE]
        self.asked.append(writes)
        left = writes[: self.left_out.pop(0)] if self.left_out else []
        answer: Any = {"UnprocessedItems": {TABLE: left} if left else {}}
        status = 200
        if self.fails:
            self.fails -= 1
            status, answer = 400, {"__type": f"x#{self.error}"}
        raw: Any = Raw(json.dumps(answer).encode())
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, status, headers, raw)

    def items(self) -> list[dict[str, Any]]:
        """Return the items that were written, as they are read."""
        read = TypeDeserializer().deserialize
        return [
            {name: read(value) for name, value in write["PutRequest"]["Item"].items()}
            for writes in self.asked
            for write in writes
        ]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def job() -> Job:
    return new_job()


def test_items_are_what_boto3_would_make_of_them(table: Table, job: Job) -> None:
    table.jobs().put_rows(job, ROWS)

    assert table.items() == [row_item(job, *row) for row in ROWS]
    assert [len(writes) for writes in table.asked] == [25, 25, 10]


def test_what_was_not_processed_is_written_again(table: Table, job: Job) -> None:
    table.left_out = [25, 3, 0, 1]

    table.jobs().put_rows(job, iter(ROWS))

    assert [len(writes) for writes in table.asked] == [25, 25, 3, 25, 1, 10]
    last = {item["row"]: item for item in table.items()}
    assert last == {row.row: row_item(job, row, result) for row, result in ROWS}


def test_a_request_that_is_throttled_is_made_again_as_it_was(
    table: Table, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    table.fails = 2

    table.jobs().put_rows(job, ROWS[:25])

    assert table.asked == [table.asked[0]] * 3


def test_a_table_that_throttles_for_long_is_an_error(
    table: Table, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    table.fails = 1_000

    with pytest.raises(TableBusyError, match="none of 25 items"):
        table.jobs().put_rows(job, ROWS)


def test_waits_for_what_was_not_processed_double_and_are_drawn(table: Table, job: Job) -> None:
    table.left_out = [25, 3, 1, 0, 4]
    clock = Waits()
    draws = iter([1.0, 0.5, 0.25, 1.0])

    table.jobs(clock, lambda: next(draws)).put_rows(job, ROWS[:50])

    assert clock.waits == pytest.approx([0.05] * 4)  # of 0.05, 0.1 and 0.2; and of 0.05 again


def test_a_table_that_takes_too_little_for_long_is_an_error(table: Table, job: Job) -> None:
    table.left_out = [25] * 1_000
    clock = Waits()

    with pytest.raises(TableBusyError, match="25 items in time"):
        table.jobs(clock, lambda: 1.0).put_rows(job, ROWS)

    assert max(clock.waits) == 5
    assert MOST_SECONDS - 5 < sum(clock.waits) <= MOST_SECONDS


def test_what_is_wrong_with_a_request_is_no_busy_table(table: Table, job: Job) -> None:
    table.fails, table.error = 1, "ValidationException"

    with pytest.raises(ClientError, match="ValidationException"):
        table.jobs().put_rows(job, ROWS)


def test_two_with_the_same_client_write_the_same(table: Table, job: Job) -> None:
    table.jobs()

    table.jobs().put_rows(job, ROWS[:1])

    assert table.items() == [row_item(job, *ROWS[0])]


@pytest.mark.parametrize(("row_items", "kept"), [("all", 60), ("bad", 40), ("none", 0)])
def test_only_rows_that_are_asked_for_are_written(table: Table, row_items: str, kept: int) -> None:
    table.jobs().put_rows(new_job(row_items=row_items), ROWS)

    assert len(table.items()) == kept
