"""A provider that takes a day, or a week: the job ends, and no history comes near its limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from listdrop.providers.activecampaign import ActiveCampaign
from local.deploy import load_template
from local.engine import ROOT
from local.simulators.activecampaign import ActiveCampaignSimulator
from local.stack import LocalStack
from tests.soak import distant
from tests.soak.conftest import route_to, running, size
from tests.soak.standing import stand_before
from tests.support.routes import Item, Route, counted, person, table_text

pytestmark = pytest.mark.soak

MOST_EVENTS = 20_000
TURN_EVENTS = 9
"""On AWS, held by `tests/unit/test_architecture.py`; the engine leaves out TaskStarted."""

_MACHINE = load_template(ROOT / "template.yaml")["Resources"]["ImportStateMachine"]
MOST_TURNS = int(_MACHINE["Properties"]["DefinitionSubstitutions"]["MaxTurns"])


@pytest.mark.parametrize(("hours", "seconds"), [(24, 120), (7 * 24, 180)])
def test_a_job_goes_on_in_fresh_executions_until_its_provider_is_done(
    tmp_path: Path, say: Callable[[str], None], hours: int, seconds: int
) -> None:
    seconds = size("DAYS_SECONDS", seconds)
    wait_scale = seconds / (hours * 3600)
    with (
        running(LocalStack(home=tmp_path, wait_scale=wait_scale)) as stack,
        ActiveCampaignSimulator(delay_scale=wait_scale) as simulator,
    ):
        stand_before(stack, distant)
        route = route_to(stack, simulator, route={"deadline_minutes": 2 * hours * 60})
        route.drop(table_text(person("ada"), person("bo")))
        _end_after(simulator, seconds)
        (job,) = route.finished(1, seconds + 60)

        assert (job["state"], counted(job)) == ("succeeded", {"accepted": 2})
        assert len(simulator.imports) == 1
        executions = _executions(route, job)
        turns = [_turns(events) for events in executions]
        assert len(executions) > 1, f"{turns} turns: the machine is too slow, give it longer"
        assert set(turns[:-1]) == {MOST_TURNS}
        fullest = max(len(events) for events in executions)
        assert fullest < MOST_EVENTS
        # The engine has eight events a turn, and AWS one more; more turns come to no execution.
        assert fullest <= MOST_TURNS * (TURN_EVENTS - 1) + 10
        assert MOST_TURNS * TURN_EVENTS + 10 < MOST_EVENTS

    real = int(hours * 3600 / ActiveCampaign.pace.longest)
    say(
        f"{hours} hours in {seconds} s: {sum(turns)} turns in {len(executions)} executions of at "
        f"most {fullest} events; on AWS {real} turns in {-(-real // MOST_TURNS)} executions of at "
        f"most {MOST_TURNS * TURN_EVENTS + 10}"
    )


def _end_after(simulator: ActiveCampaignSimulator, seconds: float) -> None:
    """Have the import take so long, from when it is queued."""
    ends_at = time.monotonic() + 60
    while not simulator.batches:
        assert time.monotonic() < ends_at, "nothing was sent"
        time.sleep(0.01)
    (batch,) = simulator.batches.values()
    batch.ends_at = simulator.now() + seconds


def _executions(route: Route, job: Item) -> list[list[Item]]:
    """Return the events of each of the job's executions, in order; all have succeeded."""
    workflows = route.stack.client("stepfunctions")
    pages = workflows.get_paginator("list_executions").paginate(
        stateMachineArn=route.stack.outputs["ImportStateMachine"]
    )
    found = {each["name"]: each for each in pages.search("executions[]")}
    names = [job["job_id"], *(f"{job['job_id']}.{number}" for number in range(2, len(found) + 1))]
    assert set(names) == set(found)
    assert {each["status"] for each in found.values()} == {"SUCCEEDED"}
    return [route.history({"execution_arn": found[name]["executionArn"]}) for name in names]


def _turns(events: list[Item]) -> int:
    """Count the turns of an execution: its calls of Send and Status."""
    entered = (event.get("stateEnteredEventDetails", {}).get("name") for event in events)
    return sum(name in ("Send", "Status") for name in entered)
