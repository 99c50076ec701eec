"""DynamoDB's rule for the filters of a query, which the engine does not have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.session import Session

from local.deploy import load_template
from local.engine import ROOT

_NAME = re.compile(r"#\w+")
_TABLE = ""


@contextmanager
def keys_refused_in_filters() -> Iterator[None]:
    """Have every client that is made fail for a query whose filter names a key that it queries by.

    "A filter expression cannot contain partition key or sort key attributes."
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html
    """
    make = Session.create_client

    def create_client(self: Session, service_name: str, *args: Any, **options: Any) -> Any:
        made = make(self, service_name, *args, **options)
        if service_name == "dynamodb":
            made.meta.events.register("before-call.dynamodb.Query", _check)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "create_client", create_client)
        yield


def _check(params: Any, **_: Any) -> None:
    query = json.loads(params["body"])
    names = query.get("ExpressionAttributeNames", {})
    filtered = {names[each] for each in _NAME.findall(query.get("FilterExpression", ""))}
    wrong = filtered & _keys()[query.get("IndexName", _TABLE)]
    assert not wrong, f"DynamoDB refuses a filter by a key of what is queried: {sorted(wrong)}"


@cache
def _keys() -> dict[str, frozenset[str]]:
    """Return the names of the table's own keys, and of the keys of each index."""
    table = load_template(ROOT / "template.yaml")["Resources"]["JobsTable"]["Properties"]
    schemas = {_TABLE: table["KeySchema"]}
    schemas |= {each["IndexName"]: each["KeySchema"] for each in table["GlobalSecondaryIndexes"]}
    return {
        index: frozenset(key["AttributeName"] for key in schema)
        for index, schema in schemas.items()
    }
