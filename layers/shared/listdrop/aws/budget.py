"""The budget port on DynamoDB: request slots of provider accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from listdrop.errors import ContendedError
from listdrop.models import (
    Ticket,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
from listdrop.aws import keys
from listdrop.aws.conflicts import raise_unless_conflict

_TRIES = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DynamoBudget:
    """Request slots of accounts. Each account has one item with the first free moment.

    The moment is a number (microseconds since 1970). So one atomic update moves it, and concurrent
    jobs never have to retry because of each other.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def reserve(self, account: str, *, count: int, gap: float, now: datetime) -> Ticket:
        """See the port. Slots are given out in order, so the jobs of an account queue up."""
        taken = timedelta(seconds=count * gap)
        for _ in range(_TRIES):
            at = self._queue(account, taken, now)
            if at is None and self._move(account, now, now + taken):
                at = now
            if at is not None:
                return Ticket(at=at, count=count, gap=gap)
        raise ContendedError("the account's budget is contended")

    def hold(self, account: str, until: datetime) -> None:
        """See the port."""
        self._move(account, until, until)

    def _queue(self, account: str, taken: timedelta, now: datetime) -> datetime | None:
        """Take the first free slots if they are in the future; return their start."""
        try:
            found = self._table.update_item(
                Key=keys.budget(account),
                UpdateExpression="SET free_from = free_from + :taken",
                ConditionExpression="free_from >= :now",
                ExpressionAttributeValues={
                    ":taken": taken // _MICROSECOND,
                    ":now": _microseconds(now),
                },
                ReturnValues="UPDATED_OLD",
            )
        except ClientError as error:
            raise_unless_conflict(error)
            return None
        return free_moment(found["Attributes"])

    def _move(self, account: str, now: datetime, to: datetime) -> bool:
        """Set the first free moment if it is in the past; return false if it is not."""
        try:
            self._table.update_item(
                Key=keys.budget(account),
                UpdateExpression="SET free_from = :to",
                ConditionExpression="attribute_not_exists(free_from) OR free_from < :now",
                ExpressionAttributeValues={":to": _microseconds(to), ":now": _microseconds(now)},
            )
        except ClientError as error:  # held for longer, or another job was faster
            raise_unless_conflict(error)
            return False
        return True


def free_moment(item: Mapping[str, Any]) -> datetime:
    """Return the first free moment in a budget's item."""
    return _EPOCH + int(str(item["free_from"])) * _MICROSECOND


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
