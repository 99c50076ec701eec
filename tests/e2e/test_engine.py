"""What Listdrop relies on in the pinned engine; run before its version is changed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import ROOT
from local.stack import Stack
from tests.support.routes import Route, person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine

LOOPBACK = "0100007F"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc to see the sockets")
def test_the_engine_listens_on_loopback_only(stack: Stack) -> None:
    port = f"{int(stack.url.rpartition(':')[2]):04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
    assert f"{LOOPBACK}:{port}" in listening
    assert f"00000000:{port}" not in listening


WORKFLOW = json.loads((ROOT / "functions" / "import.asl.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("deadline_at", "following"),
    [("2026-03-02T09:00:00Z", "Finish"), ("9999-03-02T09:00:00.123000Z", "Choose")],
)
def test_a_turn_that_failed_for_good_goes_on_until_the_deadline(
    stack: Stack, deadline_at: str, following: str
) -> None:
    ends = {name: {"Type": "Pass", "Output": name, "End": True} for name in ("Finish", "Choose")}
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Overdue",
        "States": {"Overdue": WORKFLOW["States"]["Overdue"]} | ends,
    }
    workflows = stack.client("stepfunctions")
    machine = workflows.create_state_machine(
        name=f"overdue-{uuid.uuid4().hex[:8]}",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::000000000000:role/overdue",
    )["stateMachineArn"]
    started = workflows.start_execution(
        stateMachineArn=machine, input=json.dumps({"deadline_at": deadline_at})
    )

    def output() -> str:
        found = workflows.describe_execution(executionArn=started["executionArn"])
        assert found["status"] in ("RUNNING", "SUCCEEDED")
        return str(found.get("output", ""))

    assert json.loads(until(output)) == following


@pytest.mark.soak
def test_forty_uploads_at_once_all_finish(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    for number in range(40):
        content = table_text(person(f"ada{number}"), person(f"bo{number}"))
        route.drop(content, f"{number}.csv")

    jobs = route.finished(40)

    assert {job["state"] for job in jobs} == {"succeeded"}
    assert len(route.simulators["activecampaign"].imports) == 40
    sends = route.simulators["activecampaign"].received("POST")
    assert {received.status for received in sends} == {200}
