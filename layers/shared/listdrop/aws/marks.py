"""Finds the rows of a person by any of their names, see `docs/design.md#indexes`.

A copy in an index for each name of each row would cost as much again as the row items. So Submit
stores marks (`cells/persons.py`) with the numbers of their rows, over a hundred in an item. They
are spread over as many shelves as the upload is large, so that few are read to find one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from listdrop.aws import keys
from listdrop.aws.reading import items_with
from listdrop.cells.persons import mark_of
from listdrop.models import Job, Marks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_SHELVES = (1, 16, 256, 4096)
"""How many there may be. A search looks at one shelf of each."""

_MOST_ON_A_SHELF = 1024
_MOST_IN_AN_ITEM = 112
"""Each takes up to 18 bytes, so that the text has at most 2 KB."""

RowPlace = tuple[str, int]
"""A job, and the number of a row."""


class DynamoMarks:
    """Marks in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._client = table.meta.client

    def save(self, jobs: Sequence[Job], marks: Marks) -> None:
        """Store marks of an upload, for all of these jobs. May be repeated."""
        if not jobs or not len(marks):
            return
        enough = (each for each in _SHELVES if len(marks) <= each * _MOST_ON_A_SHELF)
        shelves = next(enough, _SHELVES[-1])
        told = {
            "job_ids": [job.job_id for job in jobs],
            "expires_at": max(job.expires_at for job in jobs),
        }
        with self._table.batch_writer() as writer:
            for shelf, found in marks.shelved(shelves):
                for part, start in enumerate(range(0, len(found), _MOST_IN_AN_ITEM)):
                    text = "".join(map(_entry, found[start : start + _MOST_IN_AN_ITEM]))
                    key = keys.marks(shelves, shelf, jobs[0].job_id, part)
                    writer.put_item(Item=key | told | {"marks": f"{text} "})

    def places(self, person: str) -> Iterator[RowPlace]:
        """Yield the rows that may name a person; few others have the same mark."""
        mark = mark_of(person)
        for item in self._items(mark):
            for row in re.findall(rf" {mark:08x}:(\d+)", str(item["marks"])):
                for job_id in item["job_ids"]:
                    yield str(job_id), int(row)

    def forget(self, person: str) -> None:
        """Take a person's mark off the shelves, once the rows are erased."""
        mark = mark_of(person)
        for item in self._items(mark):
            text = str(item["marks"])
            self._table.update_item(
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET #m = :m",
                ConditionExpression=Attr("pk").exists(),  # else an expired one would come back
                ExpressionAttributeNames={"#m": "marks"},
                ExpressionAttributeValues={":m": re.sub(rf" {mark:08x}:\d+", "", text)},
            )

    def _items(self, mark: int) -> Iterator[Mapping[str, Any]]:
        for shelves in _SHELVES:
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table.name,
                KeyConditionExpression=Key("pk").eq(keys.marks_pk(shelves, mark % shelves)),  # type: ignore[arg-type] # a resource's client takes conditions
                FilterExpression=Attr("marks").contains(f" {mark:08x}:"),  # type: ignore[arg-type] # these, too
            )
            for page in pages:
                yield from page["Items"]

    def row_items(self, places: Iterable[RowPlace]) -> dict[RowPlace, Mapping[str, Any]]:
        """Read the items of rows, as far as there are any."""
        wanted = {place: keys.row(*place) for place in places}
        found = items_with(self._table, wanted.values())
        items = {place: found.get((key["pk"], key["sk"])) for place, key in wanted.items()}
        return {place: item for place, item in items.items() if item is not None}


def _entry(found: tuple[int, int]) -> str:
    mark, row = found
    return f" {mark:08x}:{row}"
