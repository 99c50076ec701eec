"""Finds and erases row items by person, see `docs/design.md#indexes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from listdrop.aws import keys
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.marks import DynamoMarks
from listdrop.aws.reading import items_with
from listdrop.cells.persons import names_in
from listdrop.models import ERASED, Upload
from listdrop.ports import PersonRow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_JOBS_A_READ = 100
_EMPTIED = ("email", "linkedin_url", "provider_ref", "reason_text", "raw_status")
"""Attributes that every row has."""
_REMOVED = ("person", "warning", "warning_text")
"""Attributes that are there only with a content."""


class DynamoPeople:
    """The people port on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client
        self._marks = DynamoMarks(table)

    def rows_of(self, person: str) -> Iterator[PersonRow]:
        """See the port. The index has one name of a row; by the other, its mark leads to it."""
        given: set[tuple[str, int]] = set()
        for item in self._query("by_person", Key("person").eq(person)):
            found = _person_row(item)
            given.add((found.job_id, found.row))
            yield found
        places = [
            place for place in dict.fromkeys(self._marks.places(person)) if place not in given
        ]
        items = self._marks.row_items(places)
        for place in places:
            if place not in items:
                yield PersonRow(*place, email="", linkedin_url="", has_item=False)
                continue
            row = _person_row(items[place])
            if person in names_in(row.email, row.linkedin_url):
                yield row

    def unmarked(self, job_ids: Iterable[str]) -> Iterator[str]:
        """See the port."""
        left = iter(job_ids)
        while some := list(islice(left, _JOBS_A_READ)):
            found = items_with(self._table, map(keys.job, some)).values()
            whole = {str(item["job_id"]) for item in found if _is_marked(item)}
            yield from (job_id for job_id in some if job_id not in whole)

    def forget(self, person: str) -> None:
        """See the port."""
        self._marks.forget(person)

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

    def outcomes(self, job_id: str) -> Iterator[tuple[int, bytes]]:
        """See the port."""
        for batch in DynamoJobs(self._table).batches(job_id):
            if batch.told:
                yield batch.number, batch.told

    def replace_outcomes(self, job_id: str, batch: int, told: bytes) -> None:
        """See the port."""
        self._table.update_item(
            Key=keys.batch(job_id, batch),
            UpdateExpression="SET told = :t",
            ConditionExpression=Attr("pk").exists(),  # else an expired one would come back
            ExpressionAttributeValues={":t": told},
        )

    def erase(self, job_id: str, row: int) -> bool:
        """See the port."""
        names = {f"#{name}": name for name in (*_EMPTIED, *_REMOVED)}
        emptied = ", ".join(f"#{name} = :none" for name in _EMPTIED)
        removed = ", ".join(f"#{name}" for name in _REMOVED)
        expression = f"SET #r = :r, {emptied} REMOVE {removed}"
        old = self._update(job_id, row, expression, names, Attr("pk").exists())
        if old is None:
            return False
        return old.get("reason") != ERASED or any(old.get(name) for name in names.values())

    def erase_reason(self, job_id: str, row: int) -> bool:
        """See the port."""
        names = {"#text": "reason_text"}
        has_reason = Attr("pk").exists() & Attr("reason").ne(ERASED)
        expression = "SET #r = :r, #text = :none"
        return self._update(job_id, row, expression, names, has_reason) is not None

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
                ExpressionAttributeValues={":r": ERASED, ":none": ""},
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


def _person_row(item: Mapping[str, Any]) -> PersonRow:
    return PersonRow(
        job_id=str(item["job_id"]),
        row=int(item["row"]),
        email=str(item.get("email", "")),
        linkedin_url=str(item.get("linkedin_url", "")),
    )


def _is_marked(job: Mapping[str, Any]) -> bool:
    """Whether the rows of a job, from its item, are found by their names, or are none."""
    counts: Any = job.get("counts", {})
    return bool(job.get("has_marks")) or not counts.get("rows")
