"""A cancelled transaction is a lost claim only where a condition failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.items import job_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.errors import ClaimLostError
from listdrop.models import BatchItem
from tests.contracts.ports import new_job
from tests.support.clock import NOW

JOB = new_job()
BATCH = BatchItem(job_id=JOB.job_id, number=1, first_row=1, rows=1, first_byte=0, last_byte=1)


def cancelled(*codes: str) -> ClientError:
    error = {"Code": "TransactionCanceledException", "Message": ""}
    reasons = [{"Code": code} for code in codes]
    response: Any = {"Error": error, "CancellationReasons": reasons}
    return ClientError(response, "TransactWriteItems")


class Client:
    """Fails as scripted, then writes."""

    def __init__(self, *failures: ClientError) -> None:
        self.failures = list(failures)
        self.writes = 0

    def transact_write_items(self, **_: Any) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.writes += 1

    update_item = transact_write_items


class Meta:
    def __init__(self, client: Client) -> None:
        self.client = client


class Table:
    name = "jobs"

    def __init__(self, client: Client) -> None:
        self.meta = Meta(client)
        self.update_item = client.update_item


def save(*failures: ClientError) -> Client:
    client = Client(*failures)
    table: Any = Table(client)
    DynamoJobs(table).save_batch(BATCH, counts={"accepted": 1})
    return client


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
def test_a_conflict_with_another_transaction_is_tried_again(code: str) -> None:
    assert save(cancelled("None", code), cancelled(code, "None")).writes == 1


def test_a_failed_condition_is_a_lost_claim() -> None:
    with pytest.raises(ClaimLostError):
        save(cancelled("ConditionalCheckFailed", "None"))


def test_a_conflict_that_stays_is_an_error_for_the_workflow_to_retry() -> None:
    with pytest.raises(ClientError):
        save(*[cancelled("TransactionConflict")] * 20)


def conflict(code: str = "TransactionConflictException") -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": ""}}
    return ClientError(response, "UpdateItem")


WRITES: list[Callable[[DynamoJobs], Any]] = [
    lambda jobs: jobs.save_batch(BATCH),
    lambda jobs: jobs.update("j", send_at=None),
    lambda jobs: jobs.mark_notified("j", NOW),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_write_to_an_item_in_a_transaction_is_tried_again(
    write: Callable[[DynamoJobs], Any],
) -> None:
    client = Client(conflict(), conflict())
    table: Any = Table(client)

    write(DynamoJobs(table))

    assert client.writes == 1


@pytest.mark.parametrize("write", WRITES)
def test_another_error_is_not_tried_again(write: Callable[[DynamoJobs], Any]) -> None:
    client = Client(conflict("ValidationException"))
    table: Any = Table(client)

    with pytest.raises(ClientError):
        write(DynamoJobs(table))

    assert client.writes == 0


class Jobless(Client):
    """A table of a job that was planned before its progress had an item."""

    def __init__(self) -> None:
        super().__init__(cancelled("None", "ConditionalCheckFailed"))
        self.updates: list[dict[str, Any]] = []

    def query(self, **_: Any) -> Any:
        return {"Items": [job_item(JOB)]}

    def update_item(self, **update: Any) -> None:
        self.updates.append(update)


def test_progress_that_is_not_there_yet_begins_with_what_the_job_has() -> None:
    client = Jobless()
    table: Any = Table(client)
    table.query = client.query

    DynamoJobs(table).save_batch(BATCH, counts={"accepted": 1})

    (begun,) = client.updates
    assert begun["Key"] == {"pk": f"JOB#{JOB.job_id}", "sk": "PROGRESS"}
    assert JOB.counts in begun["ExpressionAttributeValues"].values()
    assert client.writes == 1
