"""The figures for overviews, from the table: only the attributes that they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from listdrop.aws import keys
from listdrop.aws.budget import free_moment
from listdrop.aws.items import batch_of
from listdrop.aws.reading import items_with
from listdrop.aws.records import row_of
from listdrop.models import BatchItem, JobFigures, JobState, LastError, RowItem, Upload

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_WANTED = {
    "#id": "job_id",
    "#upload": "upload",
    "#route": "route",
    "#provider": "provider",
    "#account": "account",
    "#state": "state",
    "#counts": "counts",
    "#batches": "batches",
    "#created": "created_at",
    "#finished": "finished_at",
    "#reason": "reason",
    "#stop": "stop_reason",
    "#error": "last_error",
    "#by": "dropped_by",
    "#retry": "retry_of",
    "#corrects": "corrects",
}
_PROJECTION = ", ".join(_WANTED)


class DynamoFigures:
    """The figures port on DynamoDB. Indexes are eventually consistent."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client  # may be used by several threads at once

    def jobs_of(self, day: date) -> Sequence[JobFigures]:
        """See the port."""
        return [_figures_of(item) for item in self._items_of(day)]

    def _items_of(self, day: date) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            IndexName="recent",
            KeyConditionExpression=Key("day").eq(day.isoformat()),  # type: ignore[arg-type] # a resource's client takes conditions
            ProjectionExpression=_PROJECTION,
            ExpressionAttributeNames=_WANTED,
            ScanIndexForward=False,
        )
        for page in pages:
            yield from page["Items"]

    def batches(self, job_id: str, first: int, limit: int) -> Sequence[BatchItem]:
        """See the port. Batches have numbers one after another, so nothing is searched."""
        wanted = [keys.batch(job_id, number) for number in range(first, first + limit)]
        found = items_with(self._table, wanted)
        return [batch_of(job_id, item) for _, item in sorted(found.items())]

    def rows(self, job_id: str, numbers: Sequence[int]) -> Sequence[RowItem]:
        """See the port."""
        wanted = [keys.row(job_id, number) for number in numbers]
        return [row_of(item) for _, item in sorted(items_with(self._table, wanted).items())]

    def free_at(self, account: str) -> datetime | None:
        """See the port."""
        key: Any = keys.budget(account)
        found = self._client.get_item(TableName=self._table.name, Key=key).get("Item")
        return free_moment(found) if found else None


def _figures_of(item: Mapping[str, Any]) -> JobFigures:
    finished = item.get("finished_at")
    return JobFigures(
        job_id=item["job_id"],
        upload=Upload.model_validate(item["upload"]),
        route=item.get("route", ""),
        provider=item["provider"],
        account=item.get("account", ""),
        state=JobState(item["state"]),
        counts={name: int(count) for name, count in item["counts"].items()},
        sent=int(item["batches"]["sent"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        finished_at=datetime.fromisoformat(finished) if finished else None,
        reason=item.get("reason", ""),
        stop_reason=item.get("stop_reason", ""),
        last_error=LastError.model_validate(error) if (error := item.get("last_error")) else None,
        dropped_by=item.get("dropped_by", ""),
        follows=item.get("corrects", "") or item.get("retry_of", ""),
    )
