"""The account's budget on DynamoDB, where every condition fails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.budget import DynamoBudget
from listdrop.errors import ContendedError


class ContendedTable:
    """Others are always faster."""

    def update_item(self, **_: Any) -> None:
        error: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
        raise ClientError(error, "UpdateItem")


def test_a_contended_budget_is_no_lost_claim() -> None:
    table: Any = ContendedTable()

    with pytest.raises(ContendedError):
        DynamoBudget(table).reserve("toy", count=1, gap=1, now=datetime(2026, 3, 2, tzinfo=UTC))
