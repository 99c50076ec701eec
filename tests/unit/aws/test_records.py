"""A cursor comes back from an address that anybody can write: it is a key of its own, or none."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from listdrop.aws.records import DynamoRecords
from listdrop.models import Outcome, RowFilter, no_counts
from tests.contracts.ports import new_job

JOB = new_job(job_id="spring-toy-1", counts=no_counts() | {"rows": 25_000})
PK = "JOB#spring-toy-1#0001"
BAD = RowFilter(frozenset({Outcome.INVALID}))


class EmptyTable:
    """Has nothing, and counts the queries."""

    name = "jobs"

    def __init__(self) -> None:
        self.queries: list[dict[str, Any]] = []
        nothing = SimpleNamespace(paginate=lambda **_: [])
        self.meta: Any = SimpleNamespace(client=SimpleNamespace(get_paginator=lambda _: nothing))

    def query(self, **query: Any) -> Any:
        self.queries.append(query)
        return {"Items": [], "ScannedCount": 0}


def cursor_of(place: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def records() -> tuple[DynamoRecords, EmptyTable]:
    table: Any = EmptyTable()
    return DynamoRecords(table), table


@pytest.mark.parametrize("part", [-1, -(10**15), 3, 10**15, True, 1.0, "1", None])
def test_a_part_that_the_job_does_not_have_is_not_looked_for(part: object) -> None:
    found, table = records()

    with pytest.raises(ValueError, match="no such page"):
        found.rows(JOB, cursor=cursor_of({"part": part}))

    assert table.queries == []


@pytest.mark.parametrize(("jobs", "queries"), [(0, 0), (1, 1), (100, 1), (101, 2)])
def test_what_followed_on_many_jobs_is_asked_for_a_hundred_at_a_time(
    jobs: int, queries: int
) -> None:
    made = [new_job() for _ in range(jobs)]
    found, table = records()

    assert found.followers(made) == []

    asked = [query["FilterExpression"].get_expression()["values"] for query in table.queries]
    ids = [[each.get_expression()["values"][1] for each in pair] for pair in asked]
    assert len(ids) == queries
    assert all(len(part) <= 100 for pair in ids for part in pair)  # DynamoDB refuses more
    for retried_or_corrected in (0, 1):
        parts = [each for pair in ids for each in pair[retried_or_corrected]]
        assert sorted(parts) == sorted(job.job_id for job in made)


@pytest.mark.parametrize(
    ("outcomes", "text", "limit"),
    [
        ("invalid", "", 51),
        ("unknown", "", 51),  # of which nothing is counted yet
        ("invalid refused", "", 51),
        ("refused unknown", "", 51),
        ("invalid refused unknown", "", 51),
        ("invalid unknown", "", 50 + 50 * 2 * 30 // 20),  # the refused ones are between them
        ("invalid", "ada", 400),
        ("confirmed", "", 50 + 50 * 2 * 50 // 950),
        ("confirmed invalid", "", 50 + 50 * 2 * 30 // 970),
        ("accepted", "", 400),
    ],
)
def test_of_bad_rows_alone_as_many_are_read_as_are_wanted_and_else_some_more(
    outcomes: str, text: str, limit: int
) -> None:
    counts = {"rows": 1_000, "confirmed": 950, "invalid": 20, "refused": 30}
    job = new_job(counts=no_counts() | counts)
    found, table = records()

    found.rows(job, RowFilter(frozenset(map(Outcome, outcomes.split())), text), limit=50)

    assert [query["Limit"] for query in table.queries] == [limit]


@pytest.mark.parametrize("counts", [{}, {"refused": 30}])
def test_rows_of_a_job_that_counts_none_of_them_yet_are_searched(counts: dict[str, int]) -> None:
    job = new_job(counts=no_counts() | {"rows": 1_000} | counts)
    found, table = records()

    found.rows(job, RowFilter(frozenset({Outcome.INVALID, Outcome.UNKNOWN})), limit=50)

    assert [query["Limit"] for query in table.queries] == [400]


ROW = {"pk": PK, "sk": "ROW#0000010000"}
ITEM = {"pk": "JOB#a", "sk": "JOB", "created_at": "2026-03-02T09:00:00Z"}
ASKED: dict[str, tuple[Callable[[DynamoRecords, object], object], dict[str, str]]] = {
    "rows": (lambda r, key: r.rows(JOB, cursor=cursor_of({"part": 1, "key": key})), ROW),
    "bad rows": (
        lambda r, key: r.rows(JOB, BAD, cursor_of({"part": 1, "key": key})),
        {**ROW, "problem": PK, "outcome": "invalid"},
    ),
    "a day": (
        lambda r, key: r.jobs_of_day(date(2026, 3, 2), cursor_of(key)),
        {**ITEM, "day": "2026-03-02"},
    ),
    "a route": (
        lambda r, key: r.jobs_of_route("spring", cursor_of(key)),
        {**ITEM, "route": "spring"},
    ),
    "a person": (
        lambda r, key: r.rows_of_person(
            "EMAIL#a@example.com", cursor_of({"marked": 0, "key": key})
        ),
        {**ROW, "created_at": "2026-03-02T09:00:00Z", "person": "EMAIL#a@example.com"},
    ),
}
OWN = {
    "rows": "pk",
    "bad rows": "problem",
    "a day": "day",
    "a route": "route",
    "a person": "person",
}


@pytest.mark.parametrize("what", ASKED)
def test_a_key_of_the_query_s_own_partition_goes_on_there(what: str) -> None:
    ask, key = ASKED[what]
    found, table = records()

    ask(found, key)

    assert table.queries[0]["ExclusiveStartKey"] == key


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize(
    "forged", ["another partition", "one name less", "one name more", "no text"]
)
def test_any_other_key_is_refused_without_a_query(what: str, forged: str) -> None:
    ask, key = ASKED[what]
    changed: dict[str, object] = {
        "another partition": {**key, OWN[what]: "elsewhere"},
        "one name less": {name: value for name, value in key.items() if name != "sk"},
        "one name more": {**key, "state": "x"},
        "no text": {**key, "sk": 7},
    }[forged]  # type: ignore[assignment] # a value is of any type here
    found, table = records()

    with pytest.raises(ValueError, match="no such page"):
        ask(found, changed)

    assert table.queries == []
