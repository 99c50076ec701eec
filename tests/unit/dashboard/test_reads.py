"""How often a page asks the table, with 3,000 jobs and one of 100,000 rows in 2,000 batches.

A page's time is mostly that of its reads, so their number is held here, and by no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import orjson
import pytest
from boto3.dynamodb.types import TypeSerializer
from flask.testing import FlaskClient

from listdrop.aws.figures import DynamoFigures
from listdrop.aws.items import batch_item, job_item, row_item
from listdrop.aws.records import DynamoRecords
from listdrop.dashboard.app import create_app
from listdrop.models import Job, Outcome, PlannedRow, RowResult
from tests.support.dashboards import NOW, Shelf, new_batch, new_job

ROWS, BATCHES, JOBS_A_DAY = 100_000, 2_000, 100
COUNTS = {"rows": ROWS, "confirmed": 89_997, "refused": 10_000, "existing": 3}
LARGE = new_job(7, counts=COUNTS, batches=dict.fromkeys(("planned", "sent", "terminal"), BATCHES))
AT = f"/jobs/{LARGE.job_id}"
SIDE_BY_SIDE = 6
BESIDE = [
    new_job(
        number,
        provider=f"other{number}",
        job_id=f"wide-other{number}-{number:016x}",
        upload=LARGE.upload.model_copy(update={"key": "inbox/wide/people.csv"}),
        # The last two have nothing bad.
        counts=COUNTS if number < SIDE_BY_SIDE - 2 else {"rows": ROWS, "confirmed": ROWS},
    )
    for number in range(SIDE_BY_SIDE)
]
"""The jobs of an upload to as many destinations as are shown side by side."""
JOBS = {f"JOB#{job.job_id}": job for job in (LARGE, *BESIDE)}
ACROSS = f"/uploads/{BESIDE[0].job_id}"
KEYS = ("pk", "sk", "day", "route", "created_at", "problem", "outcome")
MOST_BYTES = 200_000
_typed = TypeSerializer().serialize


@cache
def items_of(day: date) -> bytes:
    """Return the items of a day's jobs, the newest first."""
    back = timedelta(days=(NOW.date() - day).days)
    jobs = [
        new_job(
            index,
            job_id=f"spring-kakiyo-{day:%m%d}{index:012x}",
            created_at=NOW - back - timedelta(minutes=index),
        )
        for index in range(JOBS_A_DAY)
    ]
    return orjson.dumps([typed(job_item(job)) for job in jobs])


def row_of(number: int, job: Job = LARGE) -> Mapping[str, Any]:
    """Return the item of a row of a large job: one of ten is refused."""
    outcome = Outcome.CONFIRMED if number % 10 else Outcome.REFUSED
    email = f"person{number}@example.com"
    return row_item(job, PlannedRow(number, number + 1, email, email=email), RowResult(outcome))


class Answers:
    """What DynamoDB answers, without any."""

    def __init__(self) -> None:
        self.reads: Counter[str] = Counter()

    def __call__(self, model: Any, params: Mapping[str, Any], **_: Any) -> Any:
        self.reads[model.name] += 1
        asked = orjson.loads(params["body"])
        return SimpleNamespace(status_code=200), getattr(self, f"_{model.name}")(asked)

    def _GetItem(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802 # AWS's name
        key = asked["Key"]
        job = JOBS.get(key["pk"]["S"]) if key["sk"] == {"S": "JOB"} else None
        return {"Item": typed(job_item(job))} if job else {}

    def _BatchGetItem(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802 # the same
        ((table, wanted),) = asked["RequestItems"].items()
        assert len(wanted["Keys"]) <= 100  # DynamoDB refuses more
        found = []
        for key in wanted["Keys"]:
            kind, _, number = key["sk"]["S"].partition("#")
            if kind == "ROW" and 1 <= int(number) <= ROWS:
                job = JOBS[key["pk"]["S"].rpartition("#")[0]]
                found.append(typed(row_of(int(number), job)))
            if kind == "BATCH" and int(number) <= BATCHES:
                found.append(typed(batch_item(new_batch(LARGE, int(number)), LARGE)))
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def _Query(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802 # the same
        value = asked["ExpressionAttributeValues"].values()
        first = next(iter(value))["S"]
        items: list[Mapping[str, Any]] = []
        if asked.get("IndexName") in ("recent", "by_route") and "FilterExpression" not in asked:
            day = date.fromisoformat(first) if first[0] == "2" else NOW.date()
            items = orjson.loads(items_of(day))
        if asked.get("IndexName") == "recent" and BESIDE[0].upload.key in str(value):
            items = [typed(job_item(job)) for job in BESIDE]
        if asked.get("IndexName") == "problems":
            job = JOBS[first.rpartition("#")[0]]
            # As many as a page has are others of each job: the index has no order.
            start = 10 + 1_000 * BESIDE.index(job) if job in BESIDE else 10
            items = [typed(row_of(number, job)) for number in range(start, 10_000, 10)]
        limit = asked.get("Limit", len(items))
        answer = {"Items": items[:limit], "ScannedCount": len(items[:limit])}
        if limit < len(items):
            last = items[limit - 1].items()
            answer["LastEvaluatedKey"] = {key: value for key, value in last if key in KEYS}
        return answer


def typed(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an item as DynamoDB sends it."""
    return {name: _typed(value) for name, value in item.items()}


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers()


@pytest.fixture(scope="module")
def client(answers: Answers) -> FlaskClient:
    """A dashboard that has shown its first page, so it remembers the days that are over."""
    made = boto3.Session("any", "any", region_name="us-east-1").resource("dynamodb")
    made.meta.client.meta.events.register("before-call.dynamodb", answers)
    table = made.Table("jobs")
    ports = Shelf().ports()._replace(records=DynamoRecords(table), figures=DynamoFigures(table))
    client = create_app(ports).test_client()
    assert client.get("/").status_code == 200
    assert dict(answers.reads) == MONTH
    return client


MONTH = {"Query": 30, "GetItem": 1}
"""Each of thirty days once, and when the one account may send again."""
TODAY = {"Query": 1, "GetItem": 1}
PAGES: dict[str, Mapping[str, int]] = {
    "/": TODAY,
    "/uploads": {"Query": 1},
    "/uploads?since=7d&state=failed&state=partial": {"Query": 1},
    "/uploads?since=29d": {"Query": 1},
    "/jobs": {"Query": 1},
    "/jobs?route=spring": {"Query": 1},
    "/figures/days.csv": {"Query": 1},
    "/routes": {"Query": 1},
    f"/days/{NOW.date()}": {"Query": 1},
    "/routes/spring": {"Query": 1},
    # The jobs of the upload, those that followed on them, and bad rows.
    f"/uploads/{LARGE.job_id}": {"GetItem": 1, "Query": 3},
    f"/uploads/{LARGE.job_id}/rows": {"GetItem": 1, "Query": 1, "BatchGetItem": 1},
    # Of each destination that has bad rows, some are searched for, and others' are looked up.
    ACROSS: {"GetItem": 1, "Query": 2 + 4, "BatchGetItem": 3},
    f"{ACROSS}/rows": {"GetItem": 1, "Query": 1, "BatchGetItem": SIDE_BY_SIDE},
    f"{ACROSS}/rows?from=99970": {"GetItem": 1, "Query": 1, "BatchGetItem": SIDE_BY_SIDE},
    AT: {"GetItem": 1, "Query": 1, "BatchGetItem": 1},
    f"{AT}?batch={BATCHES - 40}": {"GetItem": 1, "Query": 1, "BatchGetItem": 1},
    f"{AT}/live": {"GetItem": 1},
    f"{AT}/outcomes.csv": {"GetItem": 1},
    f"{AT}/rows": {"GetItem": 1, "BatchGetItem": 1},
    f"{AT}/rows?after=row-99970": {"GetItem": 1, "BatchGetItem": 1},
    f"{AT}/rows?outcome=confirmed": {"GetItem": 1, "BatchGetItem": 1},
    f"{AT}/rows?outcome=refused": {"GetItem": 1, "Query": 1},
    f"{AT}/rows?outcome=unknown": {"GetItem": 1},
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_little_however_much_there_is(
    client: FlaskClient, answers: Answers, address: str
) -> None:
    answers.reads.clear()

    page = client.get(address)

    assert page.status_code == 200
    assert dict(answers.reads) == PAGES[address]
    assert len(page.data) < MOST_BYTES


def test_all_rows_are_turned_over_in_their_order(client: FlaskClient) -> None:
    first = client.get(f"{AT}/rows").text
    second = client.get(f"{AT}/rows?after=row-51").text
    last = client.get(f"{AT}/rows?after=row-99951").text

    assert 'title="line 2 of the file"' in first
    assert 'title="line 51 of the file"' in first
    assert f'href="{AT}/rows?after=row-51"' in first
    assert 'title="line 52 of the file"' in second
    assert "50 rows of 100,000." in second
    assert 'title="line 100001 of the file"' in last
    assert "These are the last rows." in last


def test_rows_of_the_usual_outcome_are_turned_over_without_a_gap(client: FlaskClient) -> None:
    shown: list[str] = []
    address = f"{AT}/rows?outcome=confirmed"
    for _ in range(3):
        page = client.get(address).text
        shown += [part.split(" ")[0] for part in page.split('title="line ')[1:]]
        address = page.partition('class="next" rel="next" href="')[2].partition('"')[0]
        address = address.replace("&amp;", "&")
    expected = [str(number + 1) for number in range(1, 170) if number % 10]
    assert shown == expected[:150]


@pytest.mark.parametrize("number", ["0", "-1", "", "x", "1.5", "9" * 11, "²"])
def test_a_place_that_no_page_had_is_not_found(client: FlaskClient, number: str) -> None:
    assert client.get(f"{AT}/rows?after=row-{number}").status_code in (
        {200} if not number else {404}
    )
