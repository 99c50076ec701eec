"""What is read to decide by is read consistently: an old copy would lose a cancel, or a claim."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws.budget import DynamoBudget
from listdrop.aws.items import job_item
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.submissions import DynamoSubmissions
from listdrop.providers.routing import parse_route
from tests.contracts.ports import new_job, new_upload

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JOB = new_job()


class Table:
    """Has one job, refuses every write, and remembers how it was read."""

    name = "jobs"

    def __init__(self) -> None:
        self.reads: list[dict[str, Any]] = []
        self.meta: Any = SimpleNamespace(client=self)

    def get_item(self, **read: Any) -> Any:
        self.reads.append(read)
        return {"Item": job_item(JOB)} if read["Key"]["sk"] in ("JOB", "CONTENT") else {}

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=self._paginate)

    def _paginate(self, **read: Any) -> list[Any]:
        self.reads.append(read)
        return []

    def put_item(self, **_: Any) -> None:
        error: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}
        raise ClientError(error, "PutItem")

    update_item = put_item


@pytest.mark.parametrize(
    "read",
    [
        lambda table: DynamoJobs(table).get(JOB.job_id),
        lambda table: DynamoJobs(table).stop(JOB.job_id, "cancelled", ""),
        lambda table: DynamoJobs(table).begin(JOB, NOW),
        lambda table: DynamoJobs(table).claim_content("a", JOB),
        lambda table: list(DynamoJobs(table).batches(JOB.job_id)),
        lambda table: DynamoSubmissions(table, parse_route).submission(new_upload()),
        lambda table: DynamoBudget(table).take("account", "me", NOW, NOW),
    ],
    ids=["job", "stop", "begin", "claim", "batches", "submission", "lease"],
)
def test_what_is_decided_by_is_read_consistently(read: Any) -> None:
    table = Table()

    read(table)

    assert [each["ConsistentRead"] for each in table.reads] == [True] * len(table.reads)
    assert table.reads
