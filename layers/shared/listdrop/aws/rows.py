"""Row items: the most frequent writes by far, so they are made with little work for each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import ClientError

from listdrop.aws.conflicts import THROTTLED, Retries
from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.items import row_item
from listdrop.errors import TableBusyError
from listdrop.models import Job, PlannedRow, RowResult
from listdrop.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table

_AT_ONCE = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""

MOST_SECONDS = 20
"""How long one `put_rows` waits in all for a table that takes less than it is given."""

_FIRST_SECONDS = 0.05
_LONGEST_SECONDS = 5.0
_WRITE = "dynamodb.BatchWriteItem"
_BODY = "listdrop_body"


class DynamoTurnJobs(DynamoHeldJobs):
    """The jobs port of Send, Status and Finish, which also write row items.

    `client` writes batches as they are given, from the first one on. boto3 would look at every
    attribute of an item several times, which takes far longer than all else that is done with a
    row. What is written after a request to a provider is written though the table is busy for a
    while.
    """

    def __init__(
        self,
        table: Table,
        client: DynamoDBClient,
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(table, Retries(clock, draw))
        self._plain_client = client
        self._clock = clock
        self._draw = draw

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port. Items that DynamoDB did not process are written again, after a pause."""
        if job.row_items == "none":
            return
        writes = (
            {"PutRequest": {"Item": typed(row_item(job, planned, result))}}
            for planned, result in rows
            if job.row_items == "all" or result.outcome.is_bad
        )
        seconds = float(MOST_SECONDS)
        while some := list(islice(writes, _AT_ONCE)):
            seconds = self._put(some, seconds)

    @cached_property
    def _writer(self) -> DynamoDBClient:
        # Its types know no handler that returns something.
        events: Any = self._plain_client.meta.events
        events.register(f"provide-client-params.{_WRITE}", _encode, unique_id="listdrop-encode")
        events.register(f"before-call.{_WRITE}", _send_encoded, unique_id="listdrop-send")
        return self._plain_client

    def _put(self, writes: Any, seconds: float) -> float:
        """Write up to 25 items, waiting for `seconds` at most; returns what is left of those.

        "If DynamoDB returns any unprocessed items, you should retry the batch operation on those
        items. However, we strongly recommend that you use an exponential backoff algorithm": waits
        double, and each is drawn between nothing and that, so that two writers don't meet again.
        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
        """
        longest = _FIRST_SECONDS
        while writes := self._unprocessed(writes):
            pause = self._draw() * longest
            if pause > seconds:
                raise TableBusyError(f"the table did not take {len(writes)} items in time")
            self._clock.wait_until(self._clock.now() + timedelta(seconds=pause))
            seconds -= pause
            longest = min(2 * longest, _LONGEST_SECONDS)
        return seconds

    def _unprocessed(self, writes: Any) -> Any:
        """Write items, and return those that DynamoDB did not process, if any."""
        try:
            answer = self._writer.batch_write_item(RequestItems={self._table.name: writes})
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in THROTTLED:
                raise
            raise TableBusyError(f"the table took none of {len(writes)} items") from error
        return answer["UnprocessedItems"].get(self._table.name)


def typed(item: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return an item of texts and whole numbers as DynamoDB has it."""
    return {
        name: {"S": value} if isinstance(value, str) else {"N": str(value)}
        for name, value in item.items()
    }


def _encode(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Encode a request, and leave boto3 nothing of it to look through."""
    context[_BODY] = orjson.dumps(params)
    return {"RequestItems": {table: [{}] for table in params["RequestItems"]}}


def _send_encoded(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["body"] = context[_BODY]
