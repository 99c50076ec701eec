"""The record of acts in the table, for a year."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from listdrop.aws import keys
from listdrop.aws.items import clipped
from listdrop.models import Act, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

KEPT = timedelta(days=365)
_MOST_SHOWN = 200


def act_item(act: Act, mark: str) -> dict[str, Any]:
    """Return the item of an act; `mark` tells two of one moment apart.

    What came of it is `result`, as `outcome` is the key of an index, in which no text is empty.
    """
    return act.model_dump(exclude={"at", "outcome"}) | {
        **keys.act(act.subject, iso(act.at), mark),
        "who": clipped(act.who),
        "detail": clipped(act.detail),
        "result": act.outcome,
        "at": iso(act.at),
        "expires_at": int((act.at + KEPT).timestamp()),
    }


class DynamoAudit:
    """The audit port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, act: Act) -> None:
        """See the port."""
        self._table.put_item(Item=act_item(act, secrets.token_hex(4)))

    def acts_on(self, subject: str) -> Sequence[Act]:
        """See the port. Only the first 200."""
        found = self._table.query(
            KeyConditionExpression=Key("pk").eq(keys.acts_pk(subject)), Limit=_MOST_SHOWN
        )
        return [_act(item) for item in found["Items"]]


def _act(item: Mapping[str, Any]) -> Act:
    names = Act.model_fields.keys() - {"outcome"}
    return Act.model_validate({name: item[name] for name in names} | {"outcome": item["result"]})
