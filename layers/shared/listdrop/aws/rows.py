"""Row items: the most frequent writes by far, so they are made with little work for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from listdrop.aws.holding import DynamoHeldJobs
from listdrop.aws.items import row_item
from listdrop.models import Job, PlannedRow, RowResult

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table

_AT_ONCE = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""

_WRITE = "dynamodb.BatchWriteItem"
_BODY = "listdrop_body"


class DynamoTurnJobs(DynamoHeldJobs):
    """The jobs port of Send, Status and Finish, which also write row items.

    `client` writes batches as they are given, from the first one on. boto3 would look at every
    attribute of an item several times, which takes far longer than all else that is done with a
    row.
    """

    def __init__(self, table: Table, client: DynamoDBClient) -> None:
        super().__init__(table)
        self._client = client

    def put_rows(self, job: Job, rows: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        """See the port. Items that DynamoDB did not process are written again."""
        if job.row_items == "none":
            return
        writes = (
            {"PutRequest": {"Item": typed(row_item(job, planned, result))}}
            for planned, result in rows
            if job.row_items == "all" or result.outcome.is_bad
        )
        while some := list(islice(writes, _AT_ONCE)):
            self._put(some)

    @cached_property
    def _writer(self) -> DynamoDBClient:
        events: Any = self._client.meta.events  # whose types know no handler that returns something
        events.register(f"provide-client-params.{_WRITE}", _encode, unique_id="listdrop-encode")
        events.register(f"before-call.{_WRITE}", _send_encoded, unique_id="listdrop-send")
        return self._client

    def _put(self, writes: Any) -> None:
        while writes:
            answer = self._writer.batch_write_item(RequestItems={self._table.name: writes})
            writes = answer["UnprocessedItems"].get(self._table.name)


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
