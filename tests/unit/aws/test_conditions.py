"""A write is a lost claim only where its condition failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.items import job_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.errors import ClaimLostError
from listdrop.models import BatchItem, Tally
from tests.contracts.ports import new_job
from tests.support.clock import NOW

JOB = new_job()
BATCH = BatchItem(job_id=JOB.job_id, number=1, first_row=1, rows=1, first_byte=0, last_byte=1)


def failed(code: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": ""}}
    return ClientError(response, "UpdateItem")


CONDITION = failed("ConditionalCheckFailedException")


class Table:
    """Fails as scripted, then writes."""

    name = "jobs"

    def __init__(self, *failures: ClientError) -> None:
        self.meta: Any = type("Meta", (), {"client": self})
        self.failures = list(failures)
        self.writes: list[dict[str, Any]] = []

    def update_item(self, **update: Any) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.writes.append(update)

    def query(self, **_: Any) -> Any:
        return {"Items": [job_item(JOB)]}


WRITES: list[Callable[[DynamoJobs], Any]] = [
    lambda jobs: jobs.save_batch(BATCH),
    lambda jobs: jobs.tell(JOB.job_id, Tally(sent=1)),
    lambda jobs: jobs.update("j", send_at=None),
    lambda jobs: jobs.mark_notified("j", NOW),
]


@pytest.mark.parametrize("write", WRITES)
def test_another_error_is_not_tried_again(write: Callable[[DynamoJobs], Any]) -> None:
    table: Any = Table(failed("ValidationException"))

    with pytest.raises(ClientError):
        write(DynamoJobs(table))

    assert not table.writes


def test_a_failed_condition_is_a_lost_claim() -> None:
    table: Any = Table(CONDITION)
    with pytest.raises(ClaimLostError):
        DynamoJobs(table).save_batch(BATCH)


def test_progress_that_is_not_there_yet_begins_with_what_the_job_has() -> None:
    table: Any = Table(CONDITION)

    DynamoJobs(table).tell(JOB.job_id, Tally({"accepted": 1}))

    begun, told = table.writes
    key = {"pk": f"JOB#{JOB.job_id}", "sk": "PROGRESS"}
    assert (begun["Key"], told["Key"]) == (key, key)
    assert JOB.counts in begun["ExpressionAttributeValues"].values()
