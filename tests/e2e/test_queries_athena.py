"""`docs/queries-athena.md`: its commands run, its statements held to what jobs write."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from listdrop.models import Outcome
from tests.e2e.pages import ATHENA
from tests.support.routes import Route, person, table_text

EXPORT, REMOVE = re.findall(r"```sh\n(.*?)```", ATHENA.text, re.DOTALL)
EXPORTED, COPY, INSERT, ASK = re.findall(r"```sql\n(.*?)```", ATHENA.text, re.DOTALL)
READ = dict(re.findall(r"`?(\w+)`?: struct<(\w): string>", EXPORTED))
"""Attributes of row items that the export's table has, with DynamoDB's letter for their type."""

PERSONAL = {"email", "linkedin_url", "person", "reason_text", "provider_ref"}


@pytest.mark.engine
def test_the_export_s_columns_are_attributes_of_row_items_of_their_types(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    route.drop(table_text(person("ada"), person("bo", "", "deleted"), person("", "")))
    (job,) = route.finished(1)
    found = route.stack.client("dynamodb").query(
        TableName=route.stack.outputs["JobsTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"JOB#{job['job_id']}#0000"}},
    )["Items"]

    types: dict[str, set[str]] = {}
    for item in found:
        for name, value in item.items():
            types.setdefault(name, set()).update(kind.lower() for kind in value)
    assert {name: {kind} for name, kind in READ.items()} == {
        name: kinds for name, kinds in types.items() if name in READ
    }
    assert all(item["sk"]["S"].startswith("ROW#") for item in found)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", item["created_at"]["S"]) for item in found)


@pytest.mark.engine
@pytest.mark.slow
def test_the_commands_are_taken_though_the_engine_never_finishes_an_export(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    s3 = route.stack.client("s3")
    lake = f"lake-{route.name}"
    s3.create_bucket(Bucket=lake)
    s3.put_object(Bucket=lake, Key="export/AWSDynamoDB/x/data/y.json.gz", Body=b"")
    s3.put_object(Bucket=lake, Key="rows/day=2026-03-02/provider=kakiyo/z", Body=b"")

    said = ATHENA.run(EXPORT, route, LAKE=lake)
    ATHENA.run(REMOVE, route, LAKE=lake)

    assert '"ExportFormat": "DYNAMODB_JSON"' in said
    left = {each["Key"] for each in s3.list_objects_v2(Bucket=lake)["Contents"]}
    assert left == {"rows/day=2026-03-02/provider=kakiyo/z"}


def test_what_is_copied_was_declared_and_is_nobody_s() -> None:
    used = set(re.findall(r'item\."?(\w+)"?\.(\w)', INSERT))

    assert used <= set(READ.items())
    assert READ.keys().isdisjoint(PERSONAL)


def test_the_statement_fills_the_table_s_columns_in_their_order() -> None:
    columns = re.findall(r"(\w+) (?:string|bigint|timestamp)", COPY)
    selected = INSERT.split("SELECT", 1)[1].split("FROM listdrop_export", 1)[0]
    values = split_at_commas(selected)

    assert columns == [
        "job_id", "row_number", "outcome", "reason", "created_at", "day", "provider",
    ]  # fmt: skip
    assert len(values) == len(columns)
    for column, value in zip(columns, values, strict=True):
        source = {"row_number": "row", "day": "created_at"}.get(column, column)
        assert re.search(rf'item\."?{source}"?\.', value), (column, value)


def test_a_reason_in_words_is_copied_only_where_it_is_one_of_ours() -> None:
    (ours,) = re.findall(r"outcome\.s IN \((.*?)\) THEN item\.reason\.s", INSERT)

    assert set(re.findall(r"'(\w+)'", ours)) == {Outcome.INVALID, Outcome.DUPLICATE}


def test_the_table_is_partitioned_by_day_and_provider_and_asked_for_bad_rows() -> None:
    assert "PARTITIONED BY (day string, provider string)\nSTORED AS PARQUET\n" in COPY
    bad = {outcome.value for outcome in Outcome if outcome.is_bad}
    (asked,) = re.findall(r"outcome IN \((.*?)\)", ASK)
    assert set(re.findall(r"'(\w+)'", asked)) == bad


def split_at_commas(text: str) -> list[Any]:
    """Split at commas that no bracket encloses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
