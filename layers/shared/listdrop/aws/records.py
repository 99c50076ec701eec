"""Reads jobs, rows and people from the table and its indexes, paginated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop.aws.items import job_of
from listdrop.aws.jobs import DynamoJobs
from listdrop.aws.marks import DynamoMarks
from listdrop.aws.progress import DynamoProgress
from listdrop.aws.reading import matching
from listdrop.cells.persons import names_in
from listdrop.models import BatchItem, Job, Outcome, Page, RowFilter, RowItem, iso
from listdrop.ports import ALL_ROWS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_NO_PAGE = "There is no such page."
_NEWEST_FIRST: dict[str, Any] = {"ScanIndexForward": False}
_ITEMS_A_READ = 400
"""For a search of rows. The caller decides how many pages to search."""

_MOST_OPERANDS = 100
"""DynamoDB compares with no more values in one `IN`."""
_PERSON_KEY = ("pk", "sk", "person", "created_at")
_MOST_MARKED = 1_000
"""An address may stand in every row of a file, and nobody looks at more of them."""


class DynamoRecords:
    """The records port on DynamoDB. Indexes are eventually consistent."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._jobs = DynamoJobs(table)
        self._progress = DynamoProgress(table)
        self._marks = DynamoMarks(table)

    def job(self, job_id: str) -> Job:
        """See the port."""
        found = self._progress.shown(job_id)
        if found is None:
            raise KeyError(job_id)
        return found

    def batches(self, job_id: str) -> Iterator[BatchItem]:
        """See the port."""
        return self._jobs.batches(job_id)

    def jobs_of_day(self, day: date, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        return self._newest("recent", {"day": day.isoformat()}, cursor, limit)

    def jobs_of_route(self, route: str, cursor: str = "", limit: int = 50) -> Page[Job]:
        """See the port."""
        return self._newest("by_route", {"route": route}, cursor, limit)

    def jobs_with(self, job: Job, apart: timedelta, most: int | None = None) -> Sequence[Job]:
        """See the port."""
        since, until = job.created_at - apart, job.created_at + apart
        between = Key("created_at").between(iso(since), iso(until))
        upload = job.upload
        version = Attr("upload.key").eq(upload.key) & Attr("upload.version_id").eq(
            upload.version_id
        )
        found = [
            job_of(item)
            for day in sorted({iso(since)[:10], iso(job.created_at)[:10], iso(until)[:10]})
            for item in matching(self._table, "recent", Key("day").eq(day) & between, version, most)
        ]
        return [each for each in found if each.upload.bucket == upload.bucket]

    def followers(self, jobs: Sequence[Job], most: int | None = None) -> Sequence[Job]:
        """See the port."""
        if not jobs or not jobs[0].route:  # which no index has
            return []
        first = min(job.created_at for job in jobs)
        later = Key("route").eq(jobs[0].route) & Key("created_at").gte(iso(first))
        found: dict[str, Job] = {}
        for start in range(0, len(jobs), _MOST_OPERANDS):
            ids = [job.job_id for job in jobs[start : start + _MOST_OPERANDS]]
            follows = Attr("retry_of").is_in(ids) | Attr("corrects").is_in(ids)
            for item in matching(self._table, "by_route", later, follows, most):
                each = job_of(item)
                found[each.job_id] = each
        return sorted(found.values(), key=lambda each: each.created_at)

    def _newest(
        self, index: str, partition: Mapping[str, str], cursor: str, limit: int
    ) -> Page[Job]:
        items, key, _ = self._read(
            partition, "created_at", _decoded(cursor), limit, IndexName=index, **_NEWEST_FIRST
        )
        return Page([job_of(item) for item in items], _encoded(key))

    def rows_of_person(self, person: str, cursor: str = "", limit: int = 50) -> Page[RowItem]:
        """See the port. The index has one name of a row; by the other, its mark leads to it."""
        place = _decoded(cursor) or {"marked": 0}
        marked, start = place.get("marked"), place.get("key")
        if type(marked) is not int or marked < 0 or not place.keys() <= {"marked", "key", "end"}:
            raise ValueError(_NO_PAGE)
        items: list[dict[str, Any]] = []
        key = None
        if not place.get("end"):
            items, key, _ = self._read(
                {"person": person}, "created_at", start, limit, IndexName="by_person",
                **_NEWEST_FIRST,
            )  # fmt: skip
        others = self._rows_beside(person)[marked:]
        both = sorted([*items, *others], key=_newness, reverse=True)[:limit]
        taken = [item for item in both if item.get("person") == person]
        rest: dict[str, Any] = {"marked": marked + len(both) - len(taken)}
        if len(taken) < len(items):
            last = taken[-1] if taken else None
            rest["key"] = {name: last[name] for name in _PERSON_KEY} if last else start
        else:
            rest |= {"key": key} if key else {"end": True}
        is_more = not rest.get("end") or len(others) > len(both) - len(taken)
        return Page([row_of(item) for item in both], _encoded(rest) if is_more else "")

    def rows_without_items(self, person: str) -> Sequence[tuple[str, int]]:
        """See the port."""
        places = list(islice(self._marks.places(person), _MOST_MARKED))
        found = self._marks.row_items(places)
        return sorted({place for place in places if place not in found})

    def _rows_beside(self, person: str) -> list[Mapping[str, Any]]:
        """Return row items that name a person and are in the index by another name, or by none."""
        places = islice(self._marks.places(person), _MOST_MARKED)
        found = self._marks.row_items(places).values()
        items = [item for item in found if item.get("person") != person and _names(item, person)]
        return sorted(items, key=_newness, reverse=True)

    def rows(
        self, job: Job, wanted: RowFilter = ALL_ROWS, cursor: str = "", limit: int = 50
    ) -> Page[RowItem]:
        """See the port. If only bad rows are wanted, their own index is read, part by part."""
        place = _decoded(cursor) or {"part": 0}
        part, key = place.get("part"), place.get("key")
        last_part = keys.last_part(job.counts["rows"])
        # Anybody can write a cursor. From part -1,000,000,000 on, the search would hardly end.
        if type(part) is not int or not 0 <= part <= last_part:
            raise ValueError(_NO_PAGE)
        found: list[RowItem] = []
        has_searched = False
        if not _may_have(job, wanted):
            return Page([])
        while part <= last_part and len(found) < limit and not has_searched:
            items, key, searched = self._part(job, part, wanted, key, limit - len(found))
            found += map(row_of, items)
            # A part without matches costs almost nothing, and a page may span several parts.
            has_searched = searched > len(items) or (searched > 0 and key is not None)
            part += key is None
        # The index of bad rows is sorted by outcome.
        found.sort(key=lambda row: row.row)
        return Page(found, _encoded({"part": part, "key": key} if part <= last_part else None))

    def _part(
        self, job: Job, part: int, wanted: RowFilter, start: Any, limit: int
    ) -> tuple[list[dict[str, Any]], Any, int]:
        """Search one part. Returns items, the key to continue from, and the rows searched."""
        pk = keys.row_pk(job.job_id, part)
        only_bad = bool(wanted.outcomes) and all(outcome.is_bad for outcome in wanted.outcomes)
        partition, sort = ({"problem": pk}, "outcome") if only_bad else ({"pk": pk}, "sk")
        options: dict[str, Any] = {"IndexName": "problems"} if only_bad else {}
        range_ = _range_of(wanted) if only_bad else None
        condition = _condition(wanted, by_outcome=not only_bad)
        if condition is None and not only_bad:
            return self._read(partition, sort, start, limit)
        if condition is not None:
            options["FilterExpression"] = condition
        size = _items_to_read(job, wanted, limit, only_bad=only_bad)
        items, key, searched = self._read(partition, sort, start, size, range_, **options)
        items = [item for item in items if not only_bad or item["outcome"] in wanted.outcomes]
        if len(items) > limit:
            last = items[limit - 1]
            names = ("pk", "sk", "problem", "outcome") if only_bad else ("pk", "sk")
            return items[:limit], {name: last[name] for name in names}, searched
        if key and not only_bad and keys.is_last_of_part(str(key["sk"])):
            key = None  # saves a read that finds nothing
        return items, key, searched

    def _read(
        self,
        partition: Mapping[str, str],
        sort: str,
        start: Any,
        limit: int,
        range_: ConditionBase | None = None,
        **options: Any,
    ) -> tuple[list[dict[str, Any]], Any, int]:
        """Read up to `limit` items. Returns matches, the next key (`None`: the end), items read.

        `start` has to be a key of this partition, whose sort key is `sort`, and in the `range_`.
        """
        ((name, value),) = partition.items()
        if start:
            if not _is_key(start, {"pk", "sk", name, sort}) or start[name] != value:
                raise ValueError(_NO_PAGE)
            options["ExclusiveStartKey"] = start
        condition = Key(name).eq(value) if range_ is None else Key(name).eq(value) & range_
        try:
            answer = self._table.query(KeyConditionExpression=condition, Limit=limit, **options)
        except ClientError as error:
            if start and error.response.get("Error", {}).get("Code") == "ValidationException":
                raise ValueError(_NO_PAGE) from error
            raise
        return answer["Items"], answer.get("LastEvaluatedKey"), answer["ScannedCount"]


def _may_have(job: Job, wanted: RowFilter) -> bool:
    """Whether a search can find a row: an ended job's counts may show that there is none."""
    if not wanted.outcomes or not job.state.is_terminal:
        return True
    return any(job.counts[outcome] for outcome in wanted.outcomes)


def _items_to_read(job: Job, wanted: RowFilter, limit: int, *, only_bad: bool) -> int:
    """Return how many items to read for `limit` matches: few if most of them match."""
    known = sum(job.counts[outcome] for outcome in wanted.outcomes)
    others = job.counts["rows"] - known
    if only_bad:
        between = _outcomes_between(wanted)
        if not between and not wanted.text:
            return limit + 1  # which tells a last page that is full from one that is not the last
        others = sum(job.counts[outcome] for outcome in between)
    if wanted.text or not known:
        return _ITEMS_A_READ
    return min(_ITEMS_A_READ, limit + limit * others * 2 // known)


def _outcomes_between(wanted: RowFilter) -> list[Outcome]:
    """Return the outcomes in the range of the wanted ones that are not wanted themselves."""
    first, last = min(wanted.outcomes), max(wanted.outcomes)
    bad = (outcome for outcome in Outcome if outcome.is_bad)
    return [each for each in bad if first < each < last and each not in wanted.outcomes]


def _range_of(wanted: RowFilter) -> ConditionBase:
    """Return where the outcomes are in the index of bad rows, perhaps with one between them.

    They are its sort key, by which DynamoDB does not filter.
    """
    outcomes = sorted(outcome.value for outcome in wanted.outcomes)
    return Key("outcome").between(outcomes[0], outcomes[-1])


def _condition(wanted: RowFilter, *, by_outcome: bool) -> ConditionBase | None:
    parts: list[ConditionBase] = []
    if wanted.outcomes and by_outcome:
        parts.append(Attr("outcome").is_in(sorted(outcome.value for outcome in wanted.outcomes)))
    if wanted.text:
        text = wanted.text
        # `person` is in lower case; the others keep their case.
        parts.append(
            Attr("person").contains(text.lower())
            | Attr("email").contains(text)
            | Attr("linkedin_url").contains(text)
            | Attr("reason").contains(text)
            | Attr("reason_text").contains(text)
        )
    if not parts:
        return None
    return parts[0] & parts[1] if len(parts) > 1 else parts[0]


def _newness(item: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(item["created_at"]), str(item["pk"]), str(item["sk"])


def _names(item: Mapping[str, Any], person: str) -> bool:
    texts = (str(item.get(name, "")) for name in ("email", "linkedin_url"))
    return person in names_in(*texts)


def row_of(item: Mapping[str, Any]) -> RowItem:
    """Return the row in an item."""
    return RowItem.model_validate(
        {name: item[name] for name in RowItem.model_fields if name in item}
    )


def _encoded(key: Any) -> str:
    """Return a key as a cursor that can be part of a URL; empty for no key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=") if key else ""


def _decoded(cursor: str) -> Any:
    if not cursor:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise ValueError(_NO_PAGE) from error
    if not isinstance(key, dict) or not key:
        raise ValueError(_NO_PAGE)
    return key


def _is_key(value: Any, names: Set[str]) -> bool:
    """Whether a value can be a key with these names: only a partition's own key ends its query."""
    if not isinstance(value, dict) or value.keys() != names:
        return False
    return all(isinstance(part, str) for part in value.values())
