"""The expanded template, and cfn-guard's rules, each against a template that breaks it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.engine import ROOT
from tools.expanded import without_loops

EXPANDED = ROOT / ".listdrop" / "expanded" / "template.json"
GUARD = ROOT / ".node" / "cfn-guard"
RULES = ROOT / ".ci" / "template.guard"


def is_expanded() -> bool:
    """Whether `make scan` was run since the template was last written."""
    template = ROOT / "template.yaml"
    return EXPANDED.exists() and EXPANDED.stat().st_mtime > template.stat().st_mtime


pytestmark = pytest.mark.skipif(
    not (is_expanded() and GUARD.exists()),
    reason="cfn-guard comes by npm, and reads what `make scan` expands",
)

Resources = dict[str, Any]


def statement(resources: Resources, name: str) -> dict[str, Any]:
    """The first statement of a role or of a policy."""
    properties = resources[name]["Properties"]
    policy = properties["Policies"][0] if "Policies" in properties else properties
    first: dict[str, Any] = policy["PolicyDocument"]["Statement"][0]
    return first


def lacking(name: str, member: str) -> Callable[[Resources], object]:
    return lambda resources: resources[name]["Properties"].pop(member)


BROKEN: list[tuple[str, Callable[[Resources], object]]] = [
    ("buckets_are_private_versioned_and_encrypted", lacking("ResultsBucket", "BucketEncryption")),
    ("tables_are_encrypted_and_can_be_restored", lacking("JobsTable", "SSESpecification")),
    ("what_keeps_data_outlives_the_stack", lambda found: found["DataKey"].pop("DeletionPolicy")),
    ("queues_and_topics_take_the_key", lacking("SubmitQueue", "KmsMasterKeyId")),
    ("queues_and_topics_take_the_key", lacking("AlarmsTopic", "KmsMasterKeyId")),
    ("logs_forget_and_take_the_key", lacking("SendkakiyoLogs", "RetentionInDays")),
    ("keys_rotate", lacking("DataKey", "EnableKeyRotation")),
    (
        "stores_and_channels_are_reached_over_tls_only",
        lambda found: statement(found, "ResultsTopicPolicy").pop("Condition"),
    ),
    (
        "services_are_allowed_for_this_account_only",
        lambda found: statement(found, "SubmitQueuePolicy").pop("Condition"),
    ),
    (
        "functions_are_called_for_a_named_source_only",
        lacking("FinishFunctionBrokenOffPermission", "SourceArn"),
    ),
    (
        "an_address_is_public_only_where_people_sign_in",
        lambda found: found["DashboardFunctionUrl"]["Properties"].update(AuthType="NONE"),
    ),
    (
        "functions_are_called_for_a_named_source_only",
        lambda found: found["DashboardAddressIsOpen"].update(Condition="HasDashboard"),
    ),
    ("who_signs_in_comes_by_an_address", lacking("DashboardAddressIsOpen", "FunctionUrlAuthType")),
    (
        "who_signs_in_comes_by_an_address",
        lambda found: found["DashboardIsCalledByItsAddress"]["Properties"].update(
            FunctionName={"Ref": "SubmitFunction"}
        ),
    ),
    (
        "roles_name_their_actions",
        lambda found: statement(found, "SendkakiyoRole").update(Action=["s3:GetObject", "s3:*"]),
    ),
    (
        "roles_name_their_resources",
        lambda found: statement(found, "SendkakiyoRole").update(Resource="*"),
    ),
    ("alarms_tell_somebody", lacking("DeadLetters", "AlarmActions")),
]


def failed(resources: Resources, tmp_path: Path) -> set[str]:
    """Return the names of the rules that fail."""
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}), "utf-8")
    done = subprocess.run(
        [GUARD, "validate", "--rules", RULES, "--data", template, "--show-summary", "fail"],
        check=False,
        capture_output=True,
        text=True,
    )
    found = set(re.findall(r"template\.guard/(\w+) +FAIL", done.stdout))
    assert bool(done.returncode) == bool(found), done.stderr
    return found


def test_the_template_breaks_no_rule(tmp_path: Path) -> None:
    assert failed(json.loads(EXPANDED.read_text("utf-8"))["Resources"], tmp_path) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "break_it"), BROKEN)
def test_a_template_that_breaks_a_rule_is_refused(
    tmp_path: Path, rule: str, break_it: Callable[[Resources], object]
) -> None:
    resources = json.loads(EXPANDED.read_text("utf-8"))["Resources"]
    break_it(resources)
    assert failed(resources, tmp_path) == {rule}


def test_every_rule_is_seen_to_be_broken() -> None:
    written = re.findall(r"^rule (\w+)", RULES.read_text("utf-8"), re.MULTILINE)
    assert {rule for rule, _ in BROKEN} == set(written)


def test_no_role_has_a_managed_policy_or_is_made_by_sam() -> None:
    roles = {
        name: resource["Properties"].get("ManagedPolicyArns", [])
        for name, resource in json.loads(EXPANDED.read_text("utf-8"))["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    written = without_loops()["Resources"].items()
    assert set(roles) == {name for name, each in written if each["Type"] == "AWS::IAM::Role"}
    assert [name for name, managed in roles.items() if managed] == []
