from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listdrop.providers import REGISTRY
from local.deploy import load_template

ROOT = Path(__file__).parents[2]
TEMPLATE = load_template(ROOT / "template.yaml")
Properties = dict[str, Any]


def expanded() -> dict[str, dict[str, Any]]:
    """Return the resources, with `Fn::ForEach` written out."""
    found: dict[str, dict[str, Any]] = {}
    for name, resource in TEMPLATE["Resources"].items():
        if not name.startswith("Fn::ForEach::"):
            found[name] = resource
            continue
        variable, values, body = resource
        for value in values:
            text = json.dumps(body).replace(f"${{{variable}}}", value)
            found |= json.loads(text)
    return found


RESOURCES = expanded()


def of_type(kind: str) -> dict[str, Properties]:
    return {
        name: resource.get("Properties", {})
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


FUNCTIONS = of_type("AWS::Serverless::Function")
BUCKETS = of_type("AWS::S3::Bucket")


def statements(properties: Properties) -> Iterator[dict[str, Any]]:
    """Yield the statements of a function's or a state machine's own policies."""
    for policy in properties["Policies"]:
        yield from policy["Statement"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """Return a resource's address as text: of a `Fn::Sub`, or the name that is referred to."""
    if isinstance(value, str):
        return value
    ((kind, inner),) = value.items()
    return str(inner if kind == "Fn::Sub" else f"${{{'.'.join(as_list(inner))}}}")


# ---------------------------------------------------------------- buckets


def test_there_is_a_bucket_for_uploads_and_one_for_results() -> None:
    assert set(BUCKETS) == {"UploadsBucket", "ResultsBucket"}


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_keeps_versions_and_is_encrypted_private_and_expiring(name: str) -> None:
    bucket = BUCKETS[name]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert {"ExpirationInDays", "NoncurrentVersionExpiration"} <= set(rule)


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_reached_over_tls_only(name: str) -> None:
    policies = of_type("AWS::S3::BucketPolicy").values()
    (policy,) = [policy for policy in policies if policy["Bucket"] == {"Ref": name}]
    denying = [
        statement
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert len(denying) == 1
    assert (denying[0]["Principal"], denying[0]["Action"]) == ("*", "s3:*")
    assert {text_of(each) for each in denying[0]["Resource"]} == {
        f"${{{name}.Arn}}",
        f"${{{name}.Arn}}/*",
    }


@pytest.mark.parametrize("name", [*BUCKETS, "JobsTable"])
def test_what_holds_data_outlives_the_stack(name: str) -> None:
    resource = RESOURCES[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_what_lands_in_the_inbox_is_announced_to_the_queue() -> None:
    (configuration,) = BUCKETS["UploadsBucket"]["NotificationConfiguration"]["QueueConfigurations"]
    assert configuration["Event"] == "s3:ObjectCreated:*"
    assert text_of(configuration["Queue"]) == "${SubmitQueue.Arn}"
    assert configuration["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "inbox/"}]
    assert RESOURCES["UploadsBucket"]["DependsOn"] == "SubmitQueuePolicy"


# ---------------------------------------------------------------- queues


def test_only_the_uploads_bucket_of_this_account_may_write_to_the_queue() -> None:
    (policy,) = of_type("AWS::SQS::QueuePolicy").values()
    allowing = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert policy["Queues"] == [{"Ref": "SubmitQueue"}]
    (statement,) = allowing
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert text_of(statement["Resource"]) == "${SubmitQueue.Arn}"
    condition = statement["Condition"]
    bucket = text_of(BUCKETS["UploadsBucket"]["BucketName"])
    assert text_of(condition["ArnEquals"]["aws:SourceArn"]) == (
        f"arn:${{AWS::Partition}}:s3:::{bucket}"
    )
    assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_a_message_stays_hidden_for_six_times_the_functions_timeout() -> None:
    queue = RESOURCES["SubmitQueue"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["SubmitFunction"]["Timeout"]


def test_a_message_that_fails_again_and_again_is_kept_in_the_dead_letter_queue() -> None:
    redrive = RESOURCES["SubmitQueue"]["Properties"]["RedrivePolicy"]
    assert text_of(redrive["deadLetterTargetArn"]) == "${SubmitDeadLetterQueue.Arn}"
    assert 3 <= redrive["maxReceiveCount"] <= 10
    kept = RESOURCES["SubmitDeadLetterQueue"]["Properties"]["MessageRetentionPeriod"]
    assert kept == 14 * 24 * 3600


def test_queues_are_encrypted() -> None:
    for properties in of_type("AWS::SQS::Queue").values():
        assert properties["SqsManagedSseEnabled"] is True


def test_submit_takes_one_message_at_a_time_and_says_which_failed() -> None:
    (event,) = FUNCTIONS["SubmitFunction"]["Events"].values()
    assert event["Type"] == "SQS"
    source = event["Properties"]
    assert text_of(source["Queue"]) == "${SubmitQueue.Arn}"
    assert source["BatchSize"] == 1
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2


# ---------------------------------------------------------------- the table

TABLE: Properties = RESOURCES["JobsTable"]["Properties"]


def keys(schema: list[dict[str, str]]) -> tuple[str, str]:
    kinds = {each["KeyType"]: each["AttributeName"] for each in schema}
    return kinds["HASH"], kinds["RANGE"]


def test_the_table_has_the_keys_and_indexes_of_the_design() -> None:
    assert keys(TABLE["KeySchema"]) == ("pk", "sk")
    assert {
        index["IndexName"]: keys(index["KeySchema"]) for index in TABLE["GlobalSecondaryIndexes"]
    } == {
        "recent": ("day", "created_at"),
        "by_route": ("route", "created_at"),
        "by_person": ("person", "created_at"),
        "problems": ("problem", "outcome"),
    }


def test_every_key_of_the_table_is_a_declared_string_and_nothing_else_is_declared() -> None:
    schemas = [
        TABLE["KeySchema"],
        *(index["KeySchema"] for index in TABLE["GlobalSecondaryIndexes"]),
    ]
    used = {name for schema in schemas for name in keys(schema)}
    declared = {
        each["AttributeName"]: each["AttributeType"] for each in TABLE["AttributeDefinitions"]
    }
    assert declared == dict.fromkeys(used, "S")


def test_items_expire_and_can_be_restored() -> None:
    assert TABLE["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert TABLE["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert TABLE["SSESpecification"] == {"SSEEnabled": True}
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"


# ---------------------------------------------------------------- functions


def test_there_are_four_kinds_of_functions_and_two_for_each_provider() -> None:
    each = {f"{kind}{name}" for kind in ("Send", "Status") for name in REGISTRY}
    assert set(FUNCTIONS) == {"SubmitFunction", "FinishFunction"} | each


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_source_exists(name: str) -> None:
    assert (ROOT / FUNCTIONS[name]["CodeUri"] / "app.py").exists()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_log_group_of_its_own_that_forgets(name: str) -> None:
    wanted = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]
    groups = of_type("AWS::Logs::LogGroup")
    matching = [
        group for key, group in groups.items() if wanted in ({"Ref": key}, group["LogGroupName"])
    ]
    assert len(matching) == 1
    assert matching[0]["RetentionInDays"]
    function_name = text_of(FUNCTIONS[name]["FunctionName"])
    assert text_of(matching[0]["LogGroupName"]) == f"/aws/lambda/{function_name}"


def test_no_log_group_is_shared_or_left_over() -> None:
    assert len(of_type("AWS::Logs::LogGroup")) >= len(FUNCTIONS)
    names = [text_of(each["LogGroupName"]) for each in of_type("AWS::Logs::LogGroup").values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("provider", sorted(REGISTRY))
@pytest.mark.parametrize("kind", ["Send", "Status"])
def test_a_providers_function_reads_its_own_secrets_only(kind: str, provider: str) -> None:
    reading = [
        statement
        for statement in statements(FUNCTIONS[f"{kind}{provider}"])
        if any(action.startswith("secretsmanager:") for action in as_list(statement["Action"]))
    ]
    assert [as_list(statement["Action"]) for statement in reading] == [
        ["secretsmanager:GetSecretValue"]
    ]
    (resource,) = as_list(reading[0]["Resource"])
    assert text_of(resource) == (
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}"
        f":secret:${{AWS::StackName}}/{provider}/*"
    )


@pytest.mark.parametrize("name", ["SubmitFunction", "FinishFunction"])
def test_no_other_function_reads_secrets(name: str) -> None:
    assert "secretsmanager" not in json.dumps(FUNCTIONS[name])


@pytest.mark.parametrize("name", [*FUNCTIONS, "ImportStateMachine"])
def test_a_policy_allows_named_actions_on_named_resources(name: str) -> None:
    for statement in statements(RESOURCES[name]["Properties"]):
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), action
        for resource in as_list(statement["Resource"]):
            assert text_of(resource) != "*"
            assert re.search(r"[A-Za-z]", text_of(resource).split("*")[0]), resource


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_may_delete(name: str) -> None:
    actions = [a for each in statements(FUNCTIONS[name]) for a in as_list(each["Action"])]
    assert not [action for action in actions if "Delete" in action or "Scan" in action]


def test_submit_reads_what_is_dropped_and_suppression_lists_and_nothing_else() -> None:
    bucket = "arn:${AWS::Partition}:s3:::" + text_of(BUCKETS["UploadsBucket"]["BucketName"])
    reading = {
        text_of(resource): set(as_list(statement["Action"]))
        for statement in statements(FUNCTIONS["SubmitFunction"])
        for resource in as_list(statement["Resource"])
        if any(action.startswith("s3:Get") for action in as_list(statement["Action"]))
    }
    assert reading == {
        f"{bucket}/inbox/*": {"s3:GetObject", "s3:GetObjectVersion"},
        f"{bucket}/suppression/*": {"s3:GetObject"},
    }


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "SubmitFunction"])
def test_no_other_function_reads_suppression_lists(name: str) -> None:
    assert "suppression" not in json.dumps(FUNCTIONS[name])


def test_the_workflow_calls_the_functions_by_the_names_they_have() -> None:
    given = RESOURCES["ImportStateMachine"]["Properties"]["DefinitionSubstitutions"]
    for kind in ("Send", "Status"):
        prefix = text_of(given[f"{kind}Functions"]).split(":function:")[1]
        names = {text_of(FUNCTIONS[f"{kind}{each}"]["FunctionName"]): each for each in REGISTRY}
        assert names == {f"{prefix}{each}": each for each in REGISTRY}


def test_a_task_outlasts_the_function_that_it_calls() -> None:
    workflow = json.loads((ROOT / "functions" / "import.asl.json").read_text("utf-8"))
    timeout = TEMPLATE["Globals"]["Function"]["Timeout"]
    for name in ("Send", "Status"):
        assert workflow["States"][name]["TimeoutSeconds"] > timeout
        for provider in REGISTRY:
            assert "Timeout" not in FUNCTIONS[f"{name}{provider}"]


def test_submit_starts_the_state_machine_by_the_name_that_it_has() -> None:
    machine = RESOURCES["ImportStateMachine"]["Properties"]
    variables = FUNCTIONS["SubmitFunction"]["Environment"]["Variables"]
    assert text_of(variables["STATE_MACHINE_ARN"]).endswith(
        f":stateMachine:{text_of(machine['Name'])}"
    )
    assert machine["Type"] == "STANDARD"
    assert (ROOT / machine["DefinitionUri"]).exists()


# ---------------------------------------------------------------- outputs


def test_the_outputs_are_those_of_the_design() -> None:
    outputs = {name: output["Value"] for name, output in TEMPLATE["Outputs"].items()}
    assert outputs.pop("AlarmsTopic") == {"Ref": "AlarmsTopic"}
    assert outputs == {
        name: {"Ref": name}
        for name in (
            "UploadsBucket",
            "ResultsBucket",
            "JobsTable",
            "ResultsTopic",
            "ImportStateMachine",
            "SubmitQueue",
            "SubmitDeadLetterQueue",
        )
    }


def test_everything_that_is_referred_to_exists() -> None:
    known = set(RESOURCES) | set(TEMPLATE["Parameters"])
    text = json.dumps([RESOURCES, TEMPLATE["Globals"], TEMPLATE["Outputs"]])
    referred = set(re.findall(r'"Ref": "(\w+)"', text))
    referred |= set(re.findall(r'"Fn::GetAtt": \["(\w+)"', text))
    referred |= set(re.findall(r"\$\{(\w+)(?:\.\w+)?\}", text))
    assert referred <= known


def test_production_is_the_default_stage() -> None:
    assert TEMPLATE["Parameters"]["Stage"]["Default"] == "prod"
    assert TEMPLATE["Parameters"]["WaitScale"]["Default"] == 1
