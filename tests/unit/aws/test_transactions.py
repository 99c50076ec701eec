"""A cancelled transaction is a lost claim only where a condition failed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.jobs import DynamoJobs
from listdrop.errors import ClaimLostError
from listdrop.models import BatchItem

BATCH = BatchItem(job_id="j", number=1, first_row=1, rows=1, first_byte=0, last_byte=1)


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


class Meta:
    def __init__(self, client: Client) -> None:
        self.client = client


class Table:
    name = "jobs"

    def __init__(self, client: Client) -> None:
        self.meta = Meta(client)


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
