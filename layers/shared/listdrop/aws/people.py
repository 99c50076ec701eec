"""Finds and erases row items by person, see `docs/design.md#indexes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from listdrop.aws import keys
from listdrop.models import Upload
from listdrop.ports import PersonRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_ERASED = "[erased]"
_PERSONAL = (
    "person",
    "email",
    "linkedin_url",
    "provider_ref",
    "reason_text",
    "raw_status",
    "warning",
    "warning_text",
)


class DynamoPeople:
    """The people port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """See the port."""
        for item in self._query("by_person", Key("person").eq(person)):
            yield PersonRow(
                job_id=str(item["job_id"]),
                row=int(item["row"]),
                email=str(item.get("email", "")),
                linkedin_url=str(item.get("linkedin_url", "")),
            )

    def jobs_of(self, upload: Upload) -> Iterator[str]:
        """See the port. Reads all jobs of the route, because there is no index by upload."""
        version = Attr("upload.version_id").eq(upload.version_id)
        condition = version & Attr("upload.key").eq(upload.key)
        for item in self._query("by_route", Key("route").eq(upload.route or "none"), condition):
            yield str(item["job_id"])

    def open_jobs(self, since: datetime, until: datetime) -> Iterator[str]:
        """See the port."""
        for days in range((until.date() - since.date()).days + 1):
            day = (since + timedelta(days=days)).date().isoformat()
            open_ones = Attr("notified_at").not_exists()
            for item in self._query("recent", Key("day").eq(day), open_ones):
                yield str(item["job_id"])

    def erase(self, job_id: str, row: int) -> bool:
        """See the port."""
        names = {f"#{index}": name for index, name in enumerate(_PERSONAL)}
        old = self._update(
            job_id, row, f"SET #r = :r REMOVE {', '.join(names)}", names, Attr("pk").exists()
        )
        return old is not None and not old.keys().isdisjoint(_PERSONAL)

    def erase_reason(self, job_id: str, row: int) -> bool:
        """See the port."""
        names = {"#0": "reason_text"}
        has_reason = Attr("pk").exists() & Attr("reason").ne(_ERASED)
        return self._update(job_id, row, "SET #r = :r REMOVE #0", names, has_reason) is not None

    def _update(
        self, job_id: str, row: int, expression: str, names: Mapping[str, str], condition: Any
    ) -> Mapping[str, Any] | None:
        """Change a row item. Returns the old item, or `None` if the condition failed."""
        try:
            done = self._table.update_item(
                Key=keys.row(job_id, row),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames={**names, "#r": "reason"},
                ExpressionAttributeValues={":r": _ERASED},
                ReturnValues="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return done.get("Attributes", {})

    def _query(self, index: str, key: Any, condition: Any = None) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table.name,
            IndexName=index,
            KeyConditionExpression=key,
            **({} if condition is None else {"FilterExpression": condition}),
        )
        for page in pages:
            yield from page["Items"]
