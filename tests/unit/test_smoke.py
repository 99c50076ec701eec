"""`make smoke`: what it does on a real account only, on clients whose answers are written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.cli.faked_target import FakedTarget, stubbed
from tools import smoke


def test_an_alarm_that_is_raised_already_is_left_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "listdrop-DeadLetters-1ABC"
    raised: dict[str, Any] = {"MetricAlarms": [{"AlarmName": name, "StateValue": "ALARM"}]}
    resource = {
        "LogicalResourceId": "DeadLetters",
        "PhysicalResourceId": name,
        "ResourceType": "AWS::CloudWatch::Alarm",
        "LastUpdatedTimestamp": "2026-03-02T09:00:00Z",
        "ResourceStatus": "CREATE_COMPLETE",
    }
    with stubbed("cloudformation") as (stacks, stack), stubbed("cloudwatch") as (alarms, alarm):
        stack.add_response("describe_stack_resource", {"StackResourceDetail": resource})
        alarm.add_response("describe_alarms", raised, {"AlarmNames": [name]})

        found = [*smoke._alarm(FakedTarget(cloudformation=stacks, cloudwatch=alarms), "queue")]

    assert found == []
    assert "DeadLetters is raised already" in capsys.readouterr().out
