"""A write whose answer is lost is made again by boto3, and is then not taken for another call's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.items import job_item
from listdrop.aws.staging import AwsStaging
from listdrop.errors import ClaimLostError
from listdrop.models import BatchItem, BatchState, JobState, Session, Tally
from tests.contracts.ports import new_job
from tests.contracts.staging import new_staged
from tests.support.clock import NOW
from tests.support.tables import CONDITION, Answer, Asked, ScriptedTable, failure

JOB = new_job()
BATCH = BatchItem(
    job_id=JOB.job_id,
    number=1,
    first_row=1,
    rows=1,
    first_byte=0,
    last_byte=1,
    state=BatchState.SENDING,
    attempts=1,
    lease_until=NOW,
)
STAGED = new_staged("a" * 32)

Write = Callable[[ScriptedTable], bool]


def jobs_on(table: ScriptedTable) -> DynamoHeldJobs:
    return DynamoHeldJobs(table.table)


def staging_on(table: ScriptedTable) -> AwsStaging:
    none: Any = None
    return AwsStaging(none, none, "uploads", table.table)


def is_claimed(table: ScriptedTable) -> bool:
    """Whether a Send has the batch that it claims."""
    try:
        saved = jobs_on(table).save_batch(BATCH)
    except ClaimLostError:
        return False
    assert saved == BATCH.model_copy(update={"version": 1})
    return True


def has_session(table: ScriptedTable) -> bool:
    try:
        jobs_on(table).save_session(JOB, Session(value={"id": 1}))
    except ClaimLostError:
        return False
    return True


WRITES: dict[str, Write] = {
    "batch": is_claimed,
    "session": has_session,
    "begin": lambda table: jobs_on(table).begin(JOB, NOW) is None,
    "answer": lambda table: jobs_on(table).answer("a", "plan", state=JobState.PENDING),
    "held": lambda table: jobs_on(table).set_held("a", 2, state=JobState.HELD),
    "finish": lambda table: jobs_on(table).finish(JOB),
    "content": lambda table: jobs_on(table).take_over_content("a", JOB, "another"),
    "staged": lambda table: staging_on(table).keep(STAGED),
    "rest": lambda table: staging_on(table).take_over(STAGED, NOW - timedelta(hours=1)),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


class Item:
    """An item as DynamoDB has it, after a write that it took, and did not come to answer."""

    def __init__(self, *, tells: bool = True) -> None:
        self.stored: dict[str, Any] = {}
        self._tells = tells

    def take(self, asked: Asked) -> Answer:
        """Store what is asked; the answer is lost."""
        self.stored = dict(asked.get("Item", {})) or _set(asked)
        return failure("InternalServerError")

    def refuse(self, asked: Asked) -> Answer:
        """The condition fails, and who asks for the item is told it."""
        wanted = asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        return failure(CONDITION, **({"Item": self.stored} if wanted and self._tells else {}))


def _set(asked: Asked) -> dict[str, Any]:
    names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
    pairs = re.findall(r"(#\w+) = (:\w+)", asked["UpdateExpression"])
    return {names[name]: values[value] for name, value in pairs}


def job_as_it_is(_: Asked) -> Answer:
    """Answer who asks for the job."""
    item = TypeSerializer().serialize(job_item(JOB))["M"]
    return 200, {"Items": [item], "Item": item}


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # boto3's own


def made(write: Write, *script: Answer | Callable[[Asked], Answer]) -> tuple[bool, list[Asked]]:
    """Write, and return whether that was made, with the requests for it."""
    table = ScriptedTable(*script, reads=job_as_it_is)
    return write(table), table.asked


@every_write
def test_a_write_that_was_made_is_ones_own(write: Write) -> None:
    item = Item()

    is_made, asked = made(write, item.take, item.refuse)

    assert is_made
    first, second = asked
    assert first == second  # so it is boto3 that repeats it


@every_write
def test_a_write_that_another_call_made_is_not(write: Write) -> None:
    item = Item()
    made(write, item.take, item.refuse)

    is_made, _ = made(write, item.refuse, failure(CONDITION))

    assert not is_made


@every_write
def test_a_table_that_does_not_tell_the_item_is_as_before(
    write: Write,
) -> None:
    item = Item(tells=False)

    is_made, _ = made(write, item.take, item.refuse, failure(CONDITION))

    assert not is_made


def test_a_job_that_is_planned_again_is_ones_own() -> None:
    item = Item()

    is_made, _ = made(WRITES["begin"], failure(CONDITION), item.take, item.refuse)

    assert is_made


def test_what_a_turn_tells_is_added_once() -> None:
    item = Item()
    table = ScriptedTable(item.take, item.refuse)

    jobs_on(table).tell(JOB.job_id, Tally({"accepted": 1}, sent=1))

    first, second = table.asked
    assert first == second
    mark = item.stored["write_id"]
    assert mark in first["ExpressionAttributeValues"].values()
    assert re.search(r"attribute_exists.+attribute_not_exists.+<>", first["ConditionExpression"])
