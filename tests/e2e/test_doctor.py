"""`listdrop doctor` on a stack that works, and on one that does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from listdrop_cli.app import app
from listdrop_cli.target import Target
from local.stack import Stack
from tests.support.routes import Route

pytestmark = pytest.mark.engine


def diagnosed(stack: Stack) -> dict[str, list[Any]]:
    """Each item with whether it is as it should be, and the sentences about it."""
    shown = CliRunner().invoke(app, ["doctor", "--endpoint-url", stack.url, "--json"])
    told = json.loads(shown.output)
    found: dict[str, list[Any]] = {}
    for check in told["checks"]:
        found.setdefault(check["item"], [True])
        found[check["item"]][0] &= check["is_ok"]
        found[check["item"]].append(check["text"])
    assert shown.exit_code == int(not all(said[0] for said in found.values()))
    return found


def test_how_long_the_stack_keeps_uploads_is_known(make_route: Callable[..., Route]) -> None:
    stack = make_route("waalaxy").stack
    told = stack.client("lambda").get_function_configuration(FunctionName="listdrop-submit")

    kept = int(told["Environment"]["Variables"]["RETENTION_DAYS"])

    assert Target(endpoint_url=stack.url).kept_days == kept > 0


@pytest.mark.slow
def test_the_doctor_sees_a_stack_as_it_is(make_route: Callable[..., Route]) -> None:
    route = make_route("waalaxy")
    stack = route.stack
    answer = stack.client("lambda").invoke(FunctionName="listdrop-sweep")
    assert "FunctionError" not in answer, answer["Payload"].read()

    found = diagnosed(stack)

    for item in ("stack", "uploads", "queue", "alarms", "workflows", "sweep", "quotas"):
        assert found[item][0], found[item]
    assert any(said[0] for item, said in found.items() if item.startswith("account waalaxy/"))
    assert "last looked for at" in found["sweep"][1]

    stack.client("ssm").put_parameter(
        Name="/listdrop/routes/spoilt", Value="{", Type="String", Overwrite=True
    )
    try:
        spoilt = diagnosed(stack)
    finally:
        stack.client("ssm").delete_parameter(Name="/listdrop/routes/spoilt")

    assert not spoilt["routes"][0]
    assert "spoilt" in " ".join(spoilt["routes"][1:])
