"""What was decided about uploads, in the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.conflicts import raise_unless_conflict
from listdrop.aws.items import (
    ended_item,
    ended_of,
    expected_item,
    submission_item,
    submission_of,
    update_of,
)
from listdrop.models import EndedJob, Job, Place, Route, Submission, Upload, iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_SWEPT = timedelta(days=3)
"""How long is remembered what Sweep did; it looks back for two days."""


class DynamoSubmitted:
    """The submitted port on DynamoDB. It reads no route, which another version may have stored."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def is_submitted(self, upload: Upload) -> bool:
        """See the port."""
        found = self._table.get_item(
            Key=keys.upload(upload), ProjectionExpression="is_done", ConsistentRead=True
        )
        return bool(found.get("Item", {}).get("is_done"))


class DynamoSubmissions(DynamoSubmitted):
    """The submissions port on DynamoDB. `parse` reads a stored route, as it reads a written one."""

    def __init__(self, table: Table, parse: Callable[[str, str], Route]) -> None:
        super().__init__(table)
        self._parse = parse

    def submission(self, upload: Upload) -> Submission | None:
        """See the port."""
        found = self._table.get_item(Key=keys.upload(upload), ConsistentRead=True).get("Item")
        return submission_of(upload, found, self._parse) if found else None

    def keep_submission(self, upload: Upload, decided: Submission, now: datetime) -> Submission:
        """See the port."""
        item = submission_item(upload, decided, now)
        try:
            self._table.put_item(Item=item, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            raise_unless_conflict(error)
            return self.submission(upload) or decided
        return decided

    def expect(self, upload: Upload, jobs: int, job_ids: Sequence[str] = ()) -> None:
        """See the port."""
        self._table.update_item(**update_of(expected_item(upload, jobs, job_ids)))

    def mark_submitted(self, upload: Upload) -> None:
        """See the port."""
        self._table.update_item(
            Key=keys.upload(upload),
            UpdateExpression="SET is_done = :done",
            ExpressionAttributeValues={":done": True},
        )


class DynamoEndings:
    """The endings port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client

    def add(self, job: Job, ended: EndedJob) -> None:
        """See the port."""
        self._table.update_item(**update_of(ended_item(job, ended)))

    def all_of(self, upload: Upload) -> Sequence[EndedJob]:
        """See the port."""
        found = self._table.get_item(Key=keys.upload(upload), ConsistentRead=True).get("Item", {})
        expected = int(str(found.get("jobs", 0)))
        ended = list(self._ended(upload))
        return ended if expected and len(ended) >= expected else ()

    def _ended(self, upload: Upload) -> Iterator[EndedJob]:
        wanted = Key("pk").eq(keys.upload(upload)["pk"]) & Key("sk").begins_with(keys.ENDED)
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression=wanted,  # type: ignore[arg-type] # a resource's client takes conditions
            ConsistentRead=True,
        )
        for page in pages:
            yield from map(ended_of, page["Items"])

    def claim(self, job: Job, now: datetime, until: datetime) -> bool:
        """See the port."""
        try:
            self._table.update_item(
                Key=keys.upload(job.upload),
                UpdateExpression="SET announced_by = :job, announced_until = :until",
                ConditionExpression="attribute_not_exists(announced_at) AND ("
                "attribute_not_exists(announced_by) OR announced_by = :job"
                " OR announced_until < :now)",
                ExpressionAttributeValues={
                    ":job": job.job_id,
                    ":until": iso(until),
                    ":now": iso(now),
                },
            )
        except ClientError as error:
            raise_unless_conflict(error)
            return False
        return True

    def mark_announced(self, upload: Upload, now: datetime) -> None:
        """See the port."""
        self._table.update_item(
            Key=keys.upload(upload),
            UpdateExpression="SET announced_at = :now",
            ExpressionAttributeValues={":now": iso(now)},
        )


class DynamoSweeps:
    """The sweeps port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def place(self) -> Place | None:
        """See the port."""
        found = self._table.get_item(Key=keys.SWEEP, ConsistentRead=True).get("Item", {})
        return Place(str(found["key"]), str(found["version_id"])) if found.get("key") else None

    def stop_at(self, place: Place | None, now: datetime) -> None:
        """See the port."""
        key, version_id = place or Place("")
        self._table.update_item(
            Key=keys.SWEEP,
            UpdateExpression="SET #key = :key, version_id = :version, swept_at = :now,"
            " expires_at = :until",
            ExpressionAttributeNames={"#key": "key"},
            ExpressionAttributeValues={
                ":key": key,
                ":version": version_id,
                ":now": iso(now),
                ":until": int((now + _SWEPT).timestamp()),
            },
        )

    def count_delivery(self, upload: Upload, now: datetime, apart: timedelta) -> int | None:
        """See the port."""
        try:
            found = self._table.update_item(
                Key=keys.deliveries(upload),
                UpdateExpression="ADD deliveries :one SET expires_at = :until, delivered_at = :now",
                ConditionExpression="attribute_not_exists(delivered_at) OR delivered_at <= :last",
                ExpressionAttributeValues={
                    ":one": 1,
                    ":until": int((now + _SWEPT).timestamp()),
                    ":now": iso(now),
                    ":last": iso(now - apart),
                },
                ReturnValues="UPDATED_NEW",
            )
        except ClientError as error:
            raise_unless_conflict(error)
            return None
        return int(str(found["Attributes"]["deliveries"]))
