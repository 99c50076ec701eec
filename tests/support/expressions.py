"""Rules of DynamoDB for expressions, which the engine does not have.

Only single requests of this process are looked at: functions on the engine are other processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.session import Session

from local.deploy import load_template
from local.engine import ROOT

_NAME = re.compile(r"#\w+")
_VALUE = re.compile(r":\w+")
_PLAIN = re.compile(r"(?<![#:\w.])[a-z_]\w*")
_TABLE = ""


@contextmanager
def held_to_the_rules() -> Iterator[None]:
    """Have clients that are made fail for some expressions that DynamoDB refuses.

    "A filter expression cannot contain partition key or sort key attributes."
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html

    "Value provided in ExpressionAttributeNames unused in expressions", and the same of values.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
    """
    make = Session.create_client

    def create_client(self: Session, service_name: str, *args: Any, **options: Any) -> Any:
        made = make(self, service_name, *args, **options)
        if service_name == "dynamodb":
            made.meta.events.register("before-call.dynamodb", _check)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "create_client", create_client)
        yield


def _check(params: Any, model: Any, **_: Any) -> None:
    asked = json.loads(params["body"])
    names = asked.get("ExpressionAttributeNames", {})
    written = " ".join(text for name, text in asked.items() if name.endswith("Expression"))
    assert names.keys() == set(_NAME.findall(written)), "names that are unused or missing"
    values = asked.get("ExpressionAttributeValues", {})
    assert values.keys() == set(_VALUE.findall(written)), "values that are unused or missing"
    if model.name == "Query":
        _check_filter(asked, names)


def _check_filter(query: Mapping[str, Any], names: Mapping[str, str]) -> None:
    text = query.get("FilterExpression", "")
    filtered = {names[each] for each in _NAME.findall(text)} | set(_PLAIN.findall(text))
    wrong = filtered & _keys()[query.get("IndexName", _TABLE)]
    assert not wrong, f"a filter by a key of what is queried: {sorted(wrong)}"


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
