"""Reads items whose keys are known, which costs no search, and jobs that belong to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from random import random
from time import sleep
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase

from listdrop.aws.keys import ItemKey
from listdrop.errors import TableBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_KEYS_A_READ = 100
_FIRST_PAUSE = 0.05
_MOST_PAUSES = 8
"""Each is twice as long as the one before, and drawn at random below that: 13 seconds together.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
"""
_ITEMS_A_READ = 500


def items_with(table: Table, wanted: Iterable[ItemKey]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the items with these keys, as far as there are any, by `pk` and `sk`.

    Raises `TableBusyError` if the table gives nothing for a while.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    # DynamoDB refuses a request with the same key twice.
    waiting = list({(key["pk"], key["sk"]): key for key in wanted}.values())
    pauses = 0
    while waiting:
        asked, waiting = waiting[:_KEYS_A_READ], waiting[_KEYS_A_READ:]
        answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": asked}})
        for item in answer["Responses"].get(table.name, []):
            found[str(item["pk"]), str(item["sk"])] = item
        left: Any = answer.get("UnprocessedKeys", {})
        refused = left.get(table.name, {}).get("Keys", [])
        waiting += refused
        if len(refused) < len(asked):
            pauses = 0
            continue
        if pauses == _MOST_PAUSES:
            raise TableBusyError("the table gives no items for now")
        sleep(random() * _FIRST_PAUSE * 2**pauses)  # noqa: S311 # nosec B311 - nobody gains by guessing it
        pauses += 1
    return found


def matching(
    table: Table, index: str, among: ConditionBase, wanted: ConditionBase, most: int | None
) -> Iterator[Mapping[str, Any]]:
    """Yield the items of an index that are wanted, of the first `most` `among` which they are."""
    asked: dict[str, Any] = {
        "IndexName": index,
        "KeyConditionExpression": among,
        "FilterExpression": wanted,
    }
    left = most
    while left is None or left > 0:
        limit = _ITEMS_A_READ if left is None else min(_ITEMS_A_READ, left)
        page = table.query(**asked, Limit=limit)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        left = None if left is None else left - page["ScannedCount"]
