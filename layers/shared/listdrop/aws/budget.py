"""The budget port on DynamoDB: request slots and leases of provider accounts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.conflicts import Retries, raise_unless_conflict
from listdrop.errors import ContendedError
from listdrop.models import Ticket
from listdrop.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_TRIES = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DynamoBudget:
    """Request slots and leases of accounts. Each account has one item with the first free moment.

    The moment is a number (microseconds since 1970). So one atomic update moves it, and concurrent
    jobs never have to retry because of each other. With a `clock`, a busy table is waited for.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._table = table
        self._retries = Retries(clock, draw)

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

    def take(self, name: str, holder: str, until: datetime, now: datetime) -> datetime | None:
        """See the port. The condition lets one of many take it."""
        try:
            self._update(
                Key=keys.lease(name),
                UpdateExpression="SET holder = :holder, held_until = :until",
                ConditionExpression="attribute_not_exists(holder) OR holder = :holder"
                " OR held_until <= :now",
                ExpressionAttributeValues={
                    ":holder": holder,
                    ":until": _microseconds(until),
                    ":now": _microseconds(now),
                },
            )
        except ClientError as error:
            raise_unless_conflict(error)
            found = self._table.get_item(Key=keys.lease(name), ConsistentRead=True).get("Item", {})
            ends = _EPOCH + int(str(found.get("held_until", 0))) * _MICROSECOND
            return max(ends, now)  # given back meanwhile: try again at once
        return None

    def give_back(self, name: str, holder: str) -> None:
        """See the port."""
        try:
            self._update(
                Key=keys.lease(name),
                UpdateExpression="REMOVE holder, held_until",
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues={":holder": holder},
            )
        except ClientError as error:  # it ended, and another has it
            raise_unless_conflict(error)

    def _queue(self, account: str, taken: timedelta, now: datetime) -> datetime | None:
        """Take the first free slots if they are in the future; return their start."""
        try:
            found = self._update(
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
            self._update(
                Key=keys.budget(account),
                UpdateExpression="SET free_from = :to",
                ConditionExpression="attribute_not_exists(free_from) OR free_from < :now",
                ExpressionAttributeValues={":to": _microseconds(to), ":now": _microseconds(now)},
            )
        except ClientError as error:  # held for longer, or another job was faster
            raise_unless_conflict(error)
            return False
        return True

    def _update(self, **request: Any) -> Any:
        return self._retries(lambda: self._table.update_item(**request))


def free_moment(item: Mapping[str, Any]) -> datetime:
    """Return the first free moment in a budget's item."""
    return _EPOCH + int(str(item["free_from"])) * _MICROSECOND


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
