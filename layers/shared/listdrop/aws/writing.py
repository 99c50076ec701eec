"""Conditional writes, which are known as one's own even if the answer to them is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from listdrop.aws.conflicts import Retries, raise_unless_conflict
from listdrop.aws.keys import ItemKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_MARK = "write_id"
"""What an item has of the last of these writes."""

_MARK_BYTES = 4

_TELL: Mapping[str, Any] = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
"""Have an item told if its condition fails: "There is no additional cost associated with requesting
a return value aside from the small network and processing overhead of receiving a larger response.
No read capacity units are consumed."
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
"""


class Writes:
    """Writes items of the table if a condition holds.

    boto3 makes a write again if there is no answer to it. If it was made the first time, the second
    one fails by its own condition, as it would if somebody else had been faster:
    https://github.com/aws/aws-sdk-java/issues/2667. So each write leaves its own mark, which
    tells the two apart. What else it writes does not: two that race may write the same.
    """

    def __init__(self, table: Table, retries: Retries | None = None) -> None:
        self._table = table
        self._retries = retries or Retries()

    def put(self, item: Mapping[str, Any], condition: ConditionBase) -> bool:
        """Store an item; false if the condition failed."""
        mark = token_hex(_MARK_BYTES)
        request = {"Item": {**item, _MARK: mark}, "ConditionExpression": condition}
        return self._is_made(mark, self._table.put_item, request)

    def change(self, key: ItemKey, changes: Mapping[str, Any], condition: ConditionBase) -> bool:
        """Set members of an item, and remove those that are `None`; false if the condition failed.

        It is made if there is none, unless the condition asks for one.
        """
        mark = token_hex(_MARK_BYTES)
        members = list(enumerate({**changes, _MARK: mark}.items()))
        kept = [index for index, (_, value) in members if value is not None]
        gone = [index for index, (_, value) in members if value is None]
        expression = "SET " + ", ".join(f"#{index} = :{index}" for index in kept)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{index}" for index in gone)
        request: dict[str, Any] = {
            "Key": key,
            "UpdateExpression": expression,
            "ExpressionAttributeNames": {f"#{index}": name for index, (name, _) in members},
            "ExpressionAttributeValues": {f":{index}": members[index][1][1] for index in kept},
            "ConditionExpression": condition,
        }
        return self._is_made(mark, self._table.update_item, request)

    def add(
        self,
        key: ItemKey,
        sets: Sequence[str],
        names: Mapping[str, str],
        values: Mapping[str, Any],
    ) -> bool:
        """Change an item by what it has, which is not done twice; false if there is no item."""
        mark = token_hex(_MARK_BYTES)
        is_new = Attr(_MARK).not_exists() | Attr(_MARK).ne(mark)
        request: dict[str, Any] = {
            "Key": key,
            "UpdateExpression": "SET " + ", ".join([*sets, "#mark = :mark"]),
            "ExpressionAttributeNames": {**names, "#mark": _MARK},
            "ExpressionAttributeValues": {**values, ":mark": mark},
            "ConditionExpression": Attr("pk").exists() & is_new,
        }
        return self._is_made(mark, self._table.update_item, request)

    def _is_made(self, mark: str, write: Callable[..., Any], request: Mapping[str, Any]) -> bool:
        try:
            self._retries(lambda: write(**request, **_TELL))
        except ClientError as error:
            raise_unless_conflict(error)
            found: Any = error.response.get("Item", {})  # not decoded, as boto3 leaves errors
            return bool(found.get(_MARK) == {"S": mark})
        return True
