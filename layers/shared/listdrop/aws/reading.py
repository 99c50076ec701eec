"""Reads items whose keys are known, which costs no search, and jobs that belong to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase

from listdrop.aws.keys import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_KEYS_A_READ = 100
_ITEMS_A_READ = 500


def items_with(table: Table, wanted: Iterable[ItemKey]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the items with these keys, as far as there are any, by `pk` and `sk`."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    waiting = list(wanted)
    while waiting:
        asked, waiting = waiting[:_KEYS_A_READ], waiting[_KEYS_A_READ:]
        answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": asked}})
        for item in answer["Responses"].get(table.name, []):
            found[str(item["pk"]), str(item["sk"])] = item
        left: Any = answer.get("UnprocessedKeys", {})
        waiting += left.get(table.name, {}).get("Keys", [])
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
