"""The rules that tests hold expressions to are held to themselves: each refuses what it is for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

OUTCOME = {"#o": "outcome"}
VALUES = {":p": {"S": "JOB#a#0000"}, ":o": {"S": "refused"}}


def answered(**_: Any) -> Any:
    return SimpleNamespace(status_code=200), {"Items": []}


def ask(**query: Any) -> None:
    client = boto3.Session("any", "any", region_name="us-east-1").client("dynamodb")
    client.meta.events.register_last("before-call.dynamodb", answered)
    assert client.query(TableName="jobs", **query)["Items"] == []


def test_what_dynamodb_takes_is_let_through() -> None:
    ask(
        IndexName="problems",
        KeyConditionExpression="problem = :p AND #o = :o",
        ExpressionAttributeNames=OUTCOME,
        ExpressionAttributeValues=VALUES,
    )


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("a filter by a key", {"FilterExpression": "#o = :o"}),
        ("a filter by a key", {"FilterExpression": "outcome = :o", "ExpressionAttributeNames": {}}),
        ("names that are unused", {"FilterExpression": "reason = :o"}),
        ("values that are unused", {"ExpressionAttributeNames": {}}),
    ],
)
def test_what_dynamodb_refuses_fails(said: str, changed: dict[str, Any]) -> None:
    query: dict[str, Any] = {
        "IndexName": "problems",
        "KeyConditionExpression": "problem = :p",
        "ExpressionAttributeNames": OUTCOME,
        "ExpressionAttributeValues": VALUES,
    }

    with pytest.raises(AssertionError, match=said):
        ask(**query | changed)
