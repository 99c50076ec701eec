from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from listdrop.aws import audit
from listdrop.aws.messaging import METRICS_NAMESPACE, WATCHED
from listdrop.jobs.submitting import PLANNING
from listdrop.models import JobState, Route
from listdrop.providers import REGISTRY
from local.deploy import load_template
from tools.expanded import as_list, statements, without_loops

ROOT = Path(__file__).parents[2]
TEMPLATE = load_template(ROOT / "template.yaml")
MANUAL = (ROOT / "docs" / "operations.md").read_text("utf-8")
Properties = dict[str, Any]


RESOURCES: dict[str, dict[str, Any]] = without_loops()["Resources"]


def of_type(kind: str) -> dict[str, Properties]:
    return {
        name: resource.get("Properties", {})
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


FUNCTIONS = of_type("AWS::Serverless::Function")
BUCKETS = of_type("AWS::S3::Bucket")


def with_key(value: Any) -> Any:
    """Return what a value is where the stack has a key of its own."""
    return value["Fn::If"][1] if isinstance(value, dict) and "Fn::If" in value else value


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
    rule, *_ = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule
    assert {"ExpirationInDays", "NoncurrentVersionExpiration"} <= set(rule)


def test_what_nobody_sends_is_deleted_after_a_day() -> None:
    _, rule = BUCKETS["UploadsBucket"]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["Prefix"], rule["ExpirationInDays"]) == ("Enabled", "staged/", 1)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_scripts_may_only_post_to_the_uploads_and_only_those_of_dashboards() -> None:
    (rule,) = BUCKETS["UploadsBucket"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert [text_of(each) for each in rule["AllowedOrigins"]] == [
        "http://127.0.0.1:*",
        "http://localhost:*",
        "https://*.lambda-url.${AWS::Region}.on.aws",
    ]
    assert "CorsConfiguration" not in BUCKETS["ResultsBucket"]


CHANNELS = {
    **dict.fromkeys(BUCKETS, ("AWS::S3::BucketPolicy", "Bucket", "s3:*")),
    **dict.fromkeys(of_type("AWS::SQS::Queue"), ("AWS::SQS::QueuePolicy", "Queues", "sqs:*")),
    **dict.fromkeys(of_type("AWS::SNS::Topic"), ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish")),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_buckets_queues_and_topics_are_reached_over_tls_only(name: str) -> None:
    kind, member, action = CHANNELS[name]
    (policy,) = [each for each in of_type(kind).values() if {"Ref": name} in as_list(each[member])]
    (denying,) = [
        each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"
    ]
    arn = name if kind == "AWS::SNS::TopicPolicy" else f"{name}.Arn"
    wanted = {f"${{{arn}}}", f"${{{arn}}}/*"} if name in BUCKETS else {f"${{{arn}}}"}
    assert {text_of(each) for each in as_list(denying.pop("Resource"))} == wanted
    assert denying == {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@pytest.mark.parametrize("name", [*BUCKETS, "JobsTable", "DataKey"])
def test_what_holds_data_outlives_the_stack(name: str) -> None:
    resource = RESOURCES[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (
        "RetainExceptOnCreate",  # or a second try to deploy fails after a first one that did
        "Retain",
    )


def test_what_lands_in_the_inbox_is_announced_to_the_queue() -> None:
    (configuration,) = BUCKETS["UploadsBucket"]["NotificationConfiguration"]["QueueConfigurations"]
    assert configuration["Event"] == "s3:ObjectCreated:*"
    assert text_of(configuration["Queue"]) == "${SubmitQueue.Arn}"
    assert configuration["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "inbox/"}]
    assert RESOURCES["UploadsBucket"]["DependsOn"] == "SubmitQueuePolicy"


# ---------------------------------------------------------------- queues


DEPUTIES = {
    "SubmitQueuePolicy": (
        "s3",
        ["sqs:SendMessage"],
        f":s3:::{text_of(BUCKETS['UploadsBucket']['BucketName'])}",
    ),
    "FinishDeadLetterQueuePolicy": (
        "events",
        ["sqs:SendMessage"],
        ":events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-broken-off",
    ),
    "AlarmsTopicPolicy": (
        "cloudwatch",
        ["sns:Publish"],
        ":cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
    ),
}
"""Each policy that lets a service in: which, to do what, and on whose behalf."""


def allowing(policy: Properties) -> list[dict[str, Any]]:
    return [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]


def test_a_service_is_let_in_on_behalf_of_one_source_of_this_account_only() -> None:
    kinds = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    policies = {name: policy for kind in kinds for name, policy in of_type(kind).items()}
    assert {name for name, policy in policies.items() if allowing(policy)} == set(DEPUTIES)
    for name, (service, actions, source) in DEPUTIES.items():
        (statement,) = allowing(policies[name])
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert as_list(statement["Action"]) == actions
        condition = dict(statement["Condition"])
        assert condition.pop("StringEquals") == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        (arn,) = condition.values()
        assert text_of(arn["aws:SourceArn"]) == f"arn:${{AWS::Partition}}{source}"


def test_a_message_stays_hidden_for_six_times_the_functions_timeout() -> None:
    queue = RESOURCES["SubmitQueue"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS["SubmitFunction"]["Timeout"]


def test_a_message_comes_again_only_when_its_upload_may_be_planned_again() -> None:
    timeout = timedelta(seconds=FUNCTIONS["SubmitFunction"]["Timeout"])
    again = timedelta(seconds=RESOURCES["SubmitQueue"]["Properties"]["VisibilityTimeout"])

    # Nobody plans what another still plans; and what came again is not left to the sweep.
    assert timeout < PLANNING < again


def test_a_message_that_fails_again_and_again_is_kept_in_the_dead_letter_queue() -> None:
    redrive = RESOURCES["SubmitQueue"]["Properties"]["RedrivePolicy"]
    assert text_of(redrive["deadLetterTargetArn"]) == "${SubmitDeadLetterQueue.Arn}"
    assert 3 <= redrive["maxReceiveCount"] <= 10
    kept = RESOURCES["SubmitDeadLetterQueue"]["Properties"]["MessageRetentionPeriod"]
    assert kept == 14 * 24 * 3600


def test_submit_takes_one_message_at_a_time_and_says_which_failed() -> None:
    (event,) = FUNCTIONS["SubmitFunction"]["Events"].values()
    assert event["Type"] == "SQS"
    source = event["Properties"]
    assert text_of(source["Queue"]) == "${SubmitQueue.Arn}"
    assert source["BatchSize"] == 1
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "UploadsAtOnce"}


NEW_ACCOUNT = 10
"""Functions that a new account may run at once:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def test_uploads_leave_half_of_a_new_account_to_jobs_and_nothing_is_reserved() -> None:
    at_once = TEMPLATE["Parameters"]["UploadsAtOnce"]
    assert 2 <= at_once["Default"] <= NEW_ACCOUNT / 2
    assert (at_once["MinValue"], at_once["MaxValue"]) == (2, 1000)
    for function in (TEMPLATE["Globals"]["Function"], *FUNCTIONS.values()):
        assert "ReservedConcurrentExecutions" not in function
        assert "ProvisionedConcurrencyConfig" not in function


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
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"


# ---------------------------------------------------------------- functions


def test_there_are_six_kinds_of_functions_and_two_for_each_provider() -> None:
    each = {f"{kind}{name}" for kind in ("Send", "Status") for name in REGISTRY}
    others = {"SubmitFunction", "SweepFunction", "FinishFunction", "DashboardFunction"}
    assert set(FUNCTIONS) == others | each


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


def test_each_provider_has_the_memory_of_its_turns() -> None:
    assert TEMPLATE["Mappings"]["Turns"].keys() == REGISTRY.keys()


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


def test_no_text_of_a_loop_has_the_names_of_the_stack_and_of_the_loop() -> None:
    """CloudFormation may then resolve neither.

    https://github.com/aws-cloudformation/cfn-language-discussion/issues/151
    """
    loops = [loop for name, loop in TEMPLATE["Resources"].items() if name.startswith("Fn::ForEach")]
    for variable, _, body in loops:
        texts = re.findall(r'"Fn::Sub": "([^"]*)"', json.dumps(body))
        assert any("AWS::StackName" in text for text in texts)
        assert not [
            text for text in texts if "AWS::StackName" in text and f"${{{variable}}}" in text
        ]


@pytest.mark.parametrize("name", ["SubmitFunction", "SweepFunction", "FinishFunction"])
def test_no_other_function_reads_secrets(name: str) -> None:
    assert "secretsmanager" not in json.dumps([*statements(FUNCTIONS[name])])


WITHOUT_RESOURCES = {
    "secretsmanager:ListSecrets",  # it returns no secret
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
}
"""These have none to name."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_policy_allows_named_actions_on_named_resources(name: str) -> None:
    for statement in statements(FUNCTIONS[name]):
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), action
        if set(as_list(statement["Action"])) <= WITHOUT_RESOURCES:
            assert statement["Resource"] == "*"
            continue
        for resource in as_list(statement["Resource"]):
            assert text_of(resource) != "*"
            assert re.search(r"[A-Za-z]", text_of(resource).split("*")[0]), resource


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_may_delete(name: str) -> None:
    found = statements(FUNCTIONS[name], signs_in=False)
    actions = [action for each in found for action in as_list(each["Action"])]
    forbidden = {action for action in actions if "Delete" in action or "Scan" in action}
    # A function deletes the messages that it has taken from its queue.
    assert forbidden <= ({"sqs:DeleteMessage"} if name == "SubmitFunction" else set())


def test_submit_reads_what_is_dropped_and_suppression_lists_and_nothing_else() -> None:
    bucket = "arn:${AWS::Partition}:s3:::" + text_of(BUCKETS["UploadsBucket"]["BucketName"])
    reading = {
        text_of(resource): set(as_list(statement["Action"]))
        for statement in statements(FUNCTIONS["SubmitFunction"])
        for resource in as_list(statement["Resource"])
        if any(action.startswith("s3:Get") for action in as_list(statement["Action"]))
    }
    assert reading == {
        f"{bucket}/inbox/*": {"s3:GetObjectVersion"},
        f"{bucket}/suppression/*": {"s3:GetObject"},
    }


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "SubmitFunction"])
def test_no_other_function_reads_suppression_lists(name: str) -> None:
    assert "suppression" not in json.dumps([*statements(FUNCTIONS[name], signs_in=False)])


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


# ---------------------------------------------------------------- parameters


def test_waits_are_shortened_for_simulators_only() -> None:
    # CloudFormation checks a rule before it creates anything; the engine does not.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    rule = TEMPLATE["Rules"]["OnlySimulatorsHurry"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "WaitScale"}, "1"]}]}
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "Stage"}, "local"]}
    assert TEMPLATE["Parameters"]["WaitScale"]["Default"] == 1


def test_submit_knows_how_long_uploads_are_kept() -> None:
    variables = FUNCTIONS["SubmitFunction"]["Environment"]["Variables"]
    rule, *_ = BUCKETS["UploadsBucket"]["LifecycleConfiguration"]["Rules"]
    assert variables["RETENTION_DAYS"] == rule["ExpirationInDays"] == {"Ref": "RetentionDays"}


# ---------------------------------------------------------------- the dashboard


def test_the_dashboard_is_there_only_where_it_is_wished() -> None:
    parameter = TEMPLATE["Parameters"]["Dashboard"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("no", ["yes", "no"])
    assert TEMPLATE["Conditions"]["HasDashboard"] == {"Fn::Equals": [{"Ref": "Dashboard"}, "yes"]}
    of_it = {
        name: RESOURCES[name]["Condition"]
        for name in RESOURCES
        if name.startswith(("Dashboard", "Web"))
    }
    assert of_it == {
        **dict.fromkeys(
            ("DashboardFunction", "DashboardFunctionRole", "DashboardLogs", "WebLayer"),
            "HasDashboard",
        ),
        **dict.fromkeys(PUBLIC, "HasSignIn"),
        "DashboardSessionKey": "HasSignIn",
    }
    assert TEMPLATE["Outputs"]["DashboardUrl"]["Condition"] == "HasDashboard"


PUBLIC: dict[str, Properties] = {
    "DashboardAddressIsOpen": {
        "Action": "lambda:InvokeFunctionUrl",
        "FunctionUrlAuthType": "NONE",
    },
    "DashboardIsCalledByItsAddress": {
        "Action": "lambda:InvokeFunction",
        "InvokedViaFunctionUrl": True,
    },
}


def test_messages_lead_to_the_dashboard_where_there_is_one() -> None:
    url = {"Fn::If": ["HasSignIn", {"Fn::GetAtt": ["DashboardFunctionUrl", "FunctionUrl"]}, ""]}
    for name in ("SubmitFunction", "FinishFunction"):
        assert FUNCTIONS[name]["Environment"]["Variables"]["DASHBOARD_URL"] == url


def test_the_dashboard_waits_for_nothing_that_waits_for_it() -> None:
    """Submit and Finish name its address, and the workflow names them."""
    names = {name for name in RESOURCES if name.startswith("Dashboard")}
    of_it = json.dumps({name: RESOURCES[name] for name in names})
    for name in ("SubmitFunction", "FinishFunction", "ImportStateMachine"):
        assert f'"Ref": "{name}"' not in of_it
        assert f'"{name}.' not in of_it
        assert f'["{name}"' not in of_it
        assert f"${{{name}" not in of_it


def test_the_dashboard_answers_only_whom_iam_lets_in_unless_people_sign_in() -> None:
    wanted = {"AuthType": {"Fn::If": ["HasSignIn", "NONE", "AWS_IAM"]}}
    assert {
        name: each["FunctionUrlConfig"]
        for name, each in FUNCTIONS.items()
        if "FunctionUrlConfig" in each
    } == {"DashboardFunction": wanted}
    # "New function URLs will require both": https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    anybody: Properties = {"FunctionName": {"Ref": "DashboardFunction"}, "Principal": "*"}
    assert of_type("AWS::Lambda::Permission") == {
        name: anybody | more for name, more in PUBLIC.items()
    }


def given(parameter: str) -> dict[str, Any]:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}


def test_people_sign_in_where_issuer_and_client_are_given() -> None:
    conditions = TEMPLATE["Conditions"]
    assert conditions["HasSignIn"] == {
        "Fn::And": [{"Condition": "HasDashboard"}, given("SignInIssuer")]
    }
    assert conditions["HasClientSecret"] == {
        "Fn::And": [{"Condition": "HasSignIn"}, given("SignInClientSecret")]
    }
    whole, for_it = (
        TEMPLATE["Rules"][name]["Assertions"][0]["Assert"]
        for name in ("SignInIsWhole", "SignInIsForTheDashboard")
    )
    both = [given("SignInIssuer"), given("SignInClient")]
    neither = [each["Fn::Not"][0] for each in both]
    assert whole == {"Fn::Or": [{"Fn::And": neither}, {"Fn::And": both}]}
    assert for_it == {"Fn::Equals": [{"Ref": "Dashboard"}, "yes"]}
    assert TEMPLATE["Rules"]["SignInIsForTheDashboard"]["RuleCondition"] == given("SignInIssuer")


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "SignInIssuer",
            ["", "https://accounts.google.com", "https://login.microsoftonline.com/a-b/v2.0"],
            ["http://a.example", "a.example", "https://", "https://a.example/?b", "https://a b"],
        ),
        (
            "SignInClientSecret",
            ["", "listdrop-sign-in", "sign-in/listdrop"],
            ["arn:aws:secretsmanager:eu-north-1:000000000000:secret:a", "a*", "a b"],
        ),
        ("SignInRolesClaim", ["roles", "cognito:groups", "https://a.example/roles"], ["", "a b"]),
    ],
)
def test_what_a_sign_in_is_set_up_with_is_checked(
    parameter: str, good: list[str], bad: list[str]
) -> None:
    pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"]
    assert all(re.fullmatch(pattern, text) for text in good)
    assert not any(re.fullmatch(pattern, text) for text in bad)


def test_a_session_key_is_made_for_each_stack_and_is_long() -> None:
    key = RESOURCES["DashboardSessionKey"]["Properties"]
    assert key["GenerateSecretString"]["PasswordLength"] >= 64
    assert "SecretString" not in key
    variables = FUNCTIONS["DashboardFunction"]["Environment"]["Variables"]
    assert variables["SESSION_KEY_SECRET"] == {
        "Fn::If": ["HasSignIn", {"Fn::GetAtt": ["DashboardSessionKey", "Id"]}, ""]
    }
    assert variables["SIGN_IN_CLIENT_SECRET"] == {"Ref": "SignInClientSecret"}  # its name


READING = {
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "s3:GetObject",
    "ssm:GetParametersByPath",
    "secretsmanager:ListSecrets",
}


def test_the_dashboard_only_reads_unless_people_sign_in() -> None:
    actions = {a for each in statements(FUNCTIONS["DashboardFunction"], signs_in=False)
               for a in as_list(each["Action"])
               if "Key" not in each["Sid"] and each["Sid"] != "WriteLogs"}  # fmt: skip
    assert actions == READING


ACTS = {
    "ReadSessionKey": ("secretsmanager:GetSecretValue", "${DashboardSessionKey.Id}"),
    "CancelAnswerAndRecord": ("dynamodb:UpdateItem dynamodb:PutItem", "${JobsTable.Arn}"),
    "StartOrEndHeldJobs": ("states:StartExecution", ":stateMachine:${AWS::StackName}-import"),
    "DropFiles": ("s3:PutObject", "${UploadsBucket.Arn}/inbox/*"),
    "StageFiles": (
        "s3:PutObject s3:GetObject s3:GetObjectVersion",
        "${UploadsBucket.Arn}/staged/*",
    ),
    "FindFiles": ("s3:ListBucket s3:ListBucketVersions", "${UploadsBucket.Arn}"),
    "LookUpUploads": ("s3:GetObjectVersion", "${UploadsBucket.Arn}/inbox/*"),
    "PreviewWithSuppressionLists": ("s3:GetObject", "${UploadsBucket.Arn}/suppression/*"),
    "EditRoutes": (
        "ssm:GetParameter ssm:PutParameter ssm:DeleteParameter",
        ":parameter/${AWS::StackName}/routes/*",
    ),
    "TestKeys": ("secretsmanager:GetSecretValue", ":secret:${AWS::StackName}/*/*"),
    "SubscribeAddresses": (
        "sns:ListSubscriptionsByTopic sns:Subscribe",
        "${ResultsTopic}",
    ),
    "ChangeSubscriptions": ("sns:SetSubscriptionAttributes sns:Unsubscribe", "*"),
    "ErasePeopleFromResults": (
        "s3:PutObject s3:DeleteObjectVersion",
        "${ResultsBucket.Arn}/jobs/*",
    ),
    "FindResultsOfPeople": ("s3:ListBucket s3:ListBucketVersions", "${ResultsBucket.Arn}"),
    "ErasePeopleFromUploads": (
        "s3:DeleteObjectVersion",
        "${UploadsBucket.Arn}/inbox/* ${UploadsBucket.Arn}/staged/*",
    ),
    "ReadClientSecret": ("secretsmanager:GetSecretValue", ":secret:${SignInClientSecret}-??????"),
}
"""What the dashboard may do where people sign in: for each act what it takes, and of what."""


def test_the_dashboard_may_do_what_people_with_roles_do_and_nothing_else() -> None:
    reading = by_sid(statements(FUNCTIONS["DashboardFunction"], signs_in=False))
    acting = by_sid(statements(FUNCTIONS["DashboardFunction"]))
    more = {sid: acting[sid] for sid in acting.keys() - reading.keys() if "Decrypt" not in sid}
    assert more.keys() == ACTS.keys()
    for sid, (actions, resource) in ACTS.items():
        assert as_list(more[sid]["Action"]) == actions.split(), sid
        found = " ".join(map(text_of, as_list(more[sid]["Resource"])))
        assert found == resource if resource.startswith("$") else found.endswith(resource), sid
    assert not any("Condition" in each for each in more.values())


def test_only_the_dashboard_has_the_packages_of_the_web() -> None:
    with_layers = {name: each["Layers"] for name, each in FUNCTIONS.items() if "Layers" in each}
    assert with_layers == {"DashboardFunction": [{"Ref": "WebLayer"}]}
    assert {"Ref": "WebLayer"} not in TEMPLATE["Globals"]["Function"]["Layers"]
    assert (ROOT / RESOURCES["WebLayer"]["Properties"]["ContentUri"] / "requirements.txt").exists()


# ---------------------------------------------------------------- statements held here only

# That a statement cannot be spared is shown by tests/e2e/test_iam.py, except for those below, which
# the engine (ministack 1.5.33) was seen not to miss.


def by_sid(found: Any) -> dict[str, dict[str, Any]]:
    return {each.get("Sid", ""): each for each in found}


@pytest.mark.parametrize("name", ["SubmitFunction", "FinishFunction"])
def test_who_reads_uploads_may_list_them(name: str) -> None:
    # S3 says 404 of a missing version only to those who may list, and 403 to others; the engine
    # says 404 to everybody.
    statement = by_sid(statements(FUNCTIONS[name]))["TellDeletedUploads"]
    assert statement["Action"] == ["s3:ListBucket", "s3:ListBucketVersions"]
    assert text_of(statement["Resource"]) in (
        "${UploadsBucket.Arn}",
        f"arn:${{AWS::Partition}}:s3:::{text_of(BUCKETS['UploadsBucket']['BucketName'])}",
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_uses_the_key_through_services_only(name: str) -> None:
    # The engine encrypts nothing with the key, so it asks nobody for the right to use it.
    statement = by_sid(statements(FUNCTIONS[name]))["UseKey"]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert text_of(statement["Resource"]) == "${DataKey.Arn}"
    services = statement["Condition"]["StringEquals"]["kms:ViaService"]
    assert [text_of(each).split(".")[0] for each in services] == ["dynamodb", "s3", "sns", "sqs"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_whose_log_is_encrypted_may_use_the_key_for_it(name: str) -> None:
    # "CloudWatch Logs now supports kms:ViaService which allows logs to make AWS KMS calls on your
    # behalf. You should add this to your roles which call CloudWatch Logs":
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    # The actions are those that AWS itself gives to who only puts events:
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchLogsAPIKeyAccess.html
    statement = by_sid(statements(FUNCTIONS[name]))["UseKeyForLogs"]
    assert statement["Action"] == ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    assert text_of(statement["Resource"]) == "${DataKey.Arn}"
    ((condition, via),) = statement["Condition"]["StringEquals"].items()
    assert (condition, text_of(via)) == ("kms:ViaService", "logs.${AWS::Region}.amazonaws.com")
    assert "UseKeyForLogs" not in by_sid(statements(FUNCTIONS[name], has_key=False))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_who_reads_accounts_decrypts_them(name: str) -> None:
    # The engine encrypts nothing with the key.
    statement = by_sid(statements(FUNCTIONS[name])).get("DecryptAccounts")
    assert (statement is not None) == (
        "secretsmanager:GetSecretValue" in json.dumps([*statements(FUNCTIONS[name])])
    )
    if statement is not None:
        assert as_list(statement["Action"]) == ["kms:Decrypt"]
        assert text_of(statement["Resource"]) == "${DataKey.Arn}"
        via = statement["Condition"]["StringEquals"]["kms:ViaService"]
        assert text_of(via) == "secretsmanager.${AWS::Region}.amazonaws.com"


def test_the_dashboard_lists_the_stacks_routes_only() -> None:
    # The engine decides about the listing of a path as if it were about all.
    statement = by_sid(statements(FUNCTIONS["DashboardFunction"]))["ListRoutes"]
    place = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}"
    assert [text_of(each) for each in statement["Resource"]] == [
        f"{place}/routes",
        f"{place}/routes/*",
    ]


def test_all_status_functions_may_do_the_same_each_for_its_provider() -> None:
    # Status is never called for Waalaxy, which answers at once: its statements are those of the
    # others, which are shown to be needed.
    texts = {
        json.dumps([*statements(FUNCTIONS[f"Status{name}"])]).replace(name, "") for name in REGISTRY
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    "name", [name for name in FUNCTIONS if name.startswith(("Send", "Status"))]
)
def test_who_stores_outcomes_reads_them_too(name: str) -> None:
    # Send judges a sample by them, and Status settles a batch by those of its parts. Hardly any job
    # of the engine has outcomes that are long enough for a file.
    statement = by_sid(statements(FUNCTIONS[name]))["KeepOutcomes"]
    assert statement["Action"] == ["s3:PutObject", "s3:GetObject"]
    assert text_of(statement["Resource"]) == "${ResultsBucket.Arn}/jobs/*/parts/outcomes/*"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_of_its_own_without_managed_policies(name: str) -> None:
    # Those that SAM adds to its own roles allow any queue, and any log group.
    role = RESOURCES[f"{name}Role"]["Properties"]
    assert FUNCTIONS[name]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    assert "Policies" not in FUNCTIONS[name]
    assert "ManagedPolicyArns" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Action"], trust["Principal"]) == (
        "sts:AssumeRole",
        {"Service": "lambda.amazonaws.com"},
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_writes_its_own_log_only(name: str) -> None:
    # The engine keeps the log without a look at the role.
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
    statement = by_sid(statements(FUNCTIONS[name]))["WriteLogs"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    place = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda"
    function = text_of(FUNCTIONS[name]["FunctionName"])
    assert text_of(statement["Resource"]) == f"{place}/{function}:*"


def test_submit_takes_uploads_from_its_queue_only() -> None:
    # The engine takes them itself.
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    statement = by_sid(statements(FUNCTIONS["SubmitFunction"]))["TakeUploads"]
    assert statement["Action"] == [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ]
    (event,) = FUNCTIONS["SubmitFunction"]["Events"].values()
    assert statement["Resource"] == event["Properties"]["Queue"]


def test_finish_keeps_what_it_could_not_end_in_its_dead_letter_queue_only() -> None:
    # The engine puts it there itself.
    # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    statement = by_sid(statements(FUNCTIONS["FinishFunction"]))["KeepWhatFailed"]
    failed = FUNCTIONS["FinishFunction"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == failed["Destination"]


def test_the_workflow_may_call_its_functions_go_on_and_trace() -> None:
    # The engine calls functions, and starts executions, without a look at the workflow's role.
    role = RESOURCES["ImportRole"]["Properties"]
    assert RESOURCES["ImportStateMachine"]["Properties"]["Role"] == {
        "Fn::GetAtt": ["ImportRole", "Arn"]
    }
    (policy,) = role["Policies"]
    found = {
        sid: (
            as_list(each["Action"]),
            [text_of(resource) for resource in as_list(each["Resource"])],
        )
        for sid, each in by_sid(policy["PolicyDocument"]["Statement"]).items()
    }
    function = (
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}"
    )
    machine = (
        "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
        ":stateMachine:${AWS::StackName}-import"
    )
    tracing = ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"]
    assert found == {
        "CallFunctions": (
            ["lambda:InvokeFunction"],
            [f"{function}-send-*", f"{function}-status-*", "${FinishFunction.Arn}"],
        ),
        "GoOnInAFreshExecution": (["states:StartExecution"], [machine]),
        "Trace": ([f"xray:{action}" for action in tracing], ["*"]),
    }
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert text_of(trust["Condition"]["ArnLike"]["aws:SourceArn"]) == machine
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


# ---------------------------------------------------------------- the key


@pytest.mark.parametrize(
    ("wish", "stage", "has_key"),
    [
        ("in prod", "prod", True),
        ("in prod", "dev", False),
        ("in prod", "local", False),
        ("yes", "local", True),
        ("no", "prod", False),
    ],
)
def test_the_stack_has_a_key_of_its_own_in_production_or_where_it_is_wished(
    wish: str, stage: str, has_key: bool
) -> None:
    values = {"CustomerManagedKey": wish, "Stage": stage}

    def is_met(condition: dict[str, Any]) -> bool:
        ((kind, members),) = condition.items()
        if kind == "Fn::Equals":
            return bool(values[members[0]["Ref"]] == members[1])
        return {"Fn::Or": any, "Fn::And": all}[kind](is_met(each) for each in members)

    assert is_met(TEMPLATE["Conditions"]["HasKey"]) is has_key
    parameter = TEMPLATE["Parameters"]["CustomerManagedKey"]
    assert parameter["Default"] == "in prod"
    assert wish in parameter["AllowedValues"]


def test_everything_that_is_stored_is_encrypted_with_the_key() -> None:
    key = {"Fn::GetAtt": ["DataKey", "Arn"]}
    assert RESOURCES["DataKey"]["Condition"] == "HasKey"
    assert RESOURCES["DataKey"]["Properties"]["EnableKeyRotation"] is True
    for bucket in BUCKETS.values():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert with_key(rule)["ServerSideEncryptionByDefault"] == {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": key,
        }
        without_key = rule["Fn::If"][2]["ServerSideEncryptionByDefault"]
        assert without_key == {"SSEAlgorithm": "AES256"}
    assert with_key(TABLE["SSESpecification"]["KMSMasterKeyId"]) == key
    for name, queue in of_type("AWS::SQS::Queue").items():
        if name == "FinishDeadLetterQueue":  # EventBridge cannot use a key for one rule only
            assert queue["SqsManagedSseEnabled"] is True
            assert "KmsMasterKeyId" not in queue
            continue
        assert with_key(queue["KmsMasterKeyId"]) == key
        assert queue["SqsManagedSseEnabled"]["Fn::If"][2] is True
    for topic in of_type("AWS::SNS::Topic").values():
        assert with_key(topic["KmsMasterKeyId"]) == key
    for group in of_type("AWS::Logs::LogGroup").values():
        assert with_key(group["KmsKeyId"]) == key


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_former_key_encrypted_can_be_read(name: str, has_key: bool) -> None:
    # After `CustomerManagedKey` was turned off, or off and on again. A retained key keeps its tags.
    key = RESOURCES["DataKey"]
    function = FUNCTIONS[name]
    found = by_sid(statements(function, has_key=has_key))
    actions = {action for each in statements(function) for action in as_list(each["Action"])}
    has_accounts = "secretsmanager:GetSecretValue" in actions
    kept = [found["UseFormerKeys"]]
    if has_accounts:
        kept.append(found["DecryptAccountsOfFormerKeys"])
    services = []
    for statement in kept:
        assert statement["Action"] == "kms:Decrypt"
        assert text_of(statement["Resource"]) == (
            "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*"
        )
        conditions = dict(statement["Condition"]["StringEquals"])
        services += as_list(conditions.pop("kms:ViaService"))
        ((tag, value),) = conditions.items()
        assert [{"Key": tag.removeprefix("aws:ResourceTag/"), "Value": value}] == key["Properties"][
            "Tags"
        ]
    used = {text_of(each).split(".")[0] for each in services}
    assert used >= {"dynamodb", "s3", "sqs"}
    assert ("secretsmanager" in used) == has_accounts


def test_a_service_uses_the_key_for_this_stack_only() -> None:
    document = RESOURCES["DataKey"]["Properties"]["KeyPolicy"]
    found = by_sid(document["Statement"])
    decides = found.pop("AccountDecides")
    assert (
        text_of(decides["Principal"]["AWS"]) == "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
    )
    assert {text_of(each["Principal"]["Service"]).split(".")[0] for each in found.values()} == {
        "s3",
        "cloudwatch",
        "logs",
    }
    for statement in found.values():
        conditions = statement["Condition"]
        (arn,) = conditions.get("ArnLike", conditions.get("ArnEquals")).values()
        assert "${AWS::AccountId}" in text_of(arn)


# ---------------------------------------------------------------- what breaks off, and alarms


def matches(pattern: Any, value: Any) -> bool:
    """Tell whether an event matches a pattern of plain values, as EventBridge does."""
    if isinstance(pattern, dict):
        return all(key in value and matches(inner, value[key]) for key, inner in pattern.items())
    return value in pattern


@pytest.mark.parametrize(
    ("status", "is_finished"),
    [
        ("FAILED", True),
        ("TIMED_OUT", True),
        ("ABORTED", True),
        ("SUCCEEDED", False),
        ("RUNNING", False),
    ],
)
def test_finish_is_called_for_a_workflow_that_broke_off(status: str, is_finished: bool) -> None:
    (rule,) = FUNCTIONS["FinishFunction"]["Events"].values()
    values = {"Partition": "aws", "Region": "us-east-1", "AccountId": "000000000000"}
    pattern = json.dumps(rule["Properties"]["Pattern"]).replace("${AWS::StackName}", "listdrop")
    for name, value in values.items():
        pattern = pattern.replace(f"${{AWS::{name}}}", value)
    pattern = re.sub(r'\{"Fn::Sub": ("[^"]*")\}', r"\1", pattern)
    event = json.loads((ROOT / "events" / "execution-aborted.json").read_text("utf-8"))
    event["detail"]["status"] = status

    assert matches(json.loads(pattern), event) is is_finished
    assert rule["Type"] == "EventBridgeRule"
    assert rule["Properties"]["InputPath"] == "$.detail"


def test_a_job_that_finish_cannot_end_is_kept() -> None:
    finish = FUNCTIONS["FinishFunction"]
    failed = finish["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    (rule,) = finish["Events"].values()
    uncalled = rule["Properties"]["DeadLetterConfig"]["Arn"]
    queue = {"Fn::GetAtt": ["FinishDeadLetterQueue", "Arn"]}
    assert (failed["Type"], failed["Destination"], uncalled) == ("SQS", queue, queue)


ALARMS = of_type("AWS::CloudWatch::Alarm")
LOGS = of_type("AWS::Logs::LogGroup")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_means_and_tells_the_topic(name: str) -> None:
    alarm = ALARMS[name]
    assert text_of(alarm["AlarmDescription"]).endswith(".")
    assert alarm["AlarmActions"] == [{"Ref": "AlarmsTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_every_alarm_and_only_alarms_have_a_section_in_the_manual() -> None:
    kinds = {re.sub(rf"({'|'.join(REGISTRY)})$", "", name) for name in ALARMS}
    alarms, _ = MANUAL.split("\n# Routine tasks\n")
    assert re.findall(r"^## (.+)$", alarms, re.MULTILINE) == sorted(
        kinds, key=lambda kind: alarms.find(f"\n## {kind}\n")
    )


def test_an_alarm_about_what_sweep_counts_stays_raised_between_two_sweeps() -> None:
    """One period without a number, as it happens between two runs, would end it and raise it again.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    """
    sweeps = FUNCTIONS["SweepFunction"]["Events"]["EveryQuarter"]["Properties"]["Schedule"]
    minutes = re.fullmatch(r"rate\((\d+) minutes\)", sweeps)
    alarm = ALARMS["GivenUpUploads"]
    assert minutes
    assert alarm["DatapointsToAlarm"] == 1
    assert alarm["Period"] * alarm["EvaluationPeriods"] > 2 * 60 * int(minutes[1])


def test_a_provider_is_unreachable_after_ten_minutes_and_stays_so_between_two_tries() -> None:
    for name, provider in REGISTRY.items():
        alarm = ALARMS[f"Unreachable{name}"]
        assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 10 * 60 - 1)
        assert alarm["DatapointsToAlarm"] == 1
        # A provider may ask for a pause of a quarter of an hour in between.
        longest = max(provider.pace.longest, 15 * 60)
        assert alarm["Period"] * (alarm["EvaluationPeriods"] - 1) >= longest


def watched() -> set[tuple[str, ...]]:
    """What alarms watch: the metric, and the last of its dimensions, if it has any."""
    return {
        (
            alarm["Namespace"],
            text_of(alarm["MetricName"]).removeprefix("${AWS::StackName}-"),
            *(text_of(each["Value"]) for each in alarm.get("Dimensions", ())[-1:]),
        )
        for alarm in ALARMS.values()
    }


def test_there_is_an_alarm_for_everything_that_somebody_has_to_look_at() -> None:
    stack = "${AWS::StackName}"
    assert watched() == {("Listdrop", "unreachable", provider) for provider in REGISTRY} | {
        *(("Listdrop", metric, stack) for metric in WATCHED),
        ("Listdrop", "function-errors"),
        ("Listdrop", "uploads_given_up", "none"),
        ("Listdrop", "dropped_contacts", "which50"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "${SubmitDeadLetterQueue.QueueName}"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "${FinishDeadLetterQueue.QueueName}"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", "${SubmitQueue.QueueName}"),
        ("AWS/States", "ExecutionsFailed", "${ImportStateMachine}"),
    }


def test_an_alarm_looks_at_one_metric_because_each_is_paid_for() -> None:
    assert not [name for name, alarm in ALARMS.items() if "Metrics" in alarm]
    assert not of_type("AWS::CloudWatch::CompositeAlarm")
    assert len(ALARMS) <= 10 + len(REGISTRY)


def test_errors_of_every_function_that_works_on_files_are_counted_for_the_alarm() -> None:
    filters = of_type("AWS::Logs::MetricFilter").values()
    logs = {text_of(each["LoggingConfig"]["LogGroup"]) for each in FUNCTIONS.values()}
    groups = {name: text_of(each["LogGroupName"]) for name, each in LOGS.items()}
    watched_groups = {text_of(each["LogGroupName"]).strip("${}") for each in filters}
    named = {groups[name] for name in watched_groups} | {f"${{{name}}}" for name in watched_groups}
    assert logs - named == {"${DashboardLogs}"}  # people see for themselves that it fails
    for each in filters:
        (told,) = each["MetricTransformations"]
        assert (told["MetricNamespace"], text_of(told["MetricName"])) == (
            "Listdrop",
            "${AWS::StackName}-function-errors",
        )
        assert '"[ERROR]"' in each["FilterPattern"]


def test_the_metrics_that_alarms_watch_are_counted() -> None:
    counted = {f"job_{state.value}" for state in JobState}
    package = ROOT / "layers" / "shared" / "listdrop"
    source = "".join(path.read_text("utf-8") for path in sorted(package.rglob("*.py")))
    own = {metric for namespace, metric, *_ in watched() if namespace == METRICS_NAMESPACE}
    own.remove("function-errors")  # which filters count
    assert all(metric in counted or f'"{metric}"' in source for metric in own)
    assert "job_rejected" in own


# ---------------------------------------------------------------- outputs


def test_the_outputs_are_those_of_the_design() -> None:
    outputs = {name: output["Value"] for name, output in TEMPLATE["Outputs"].items()}
    assert outputs.pop("AlarmsTopic") == {"Ref": "AlarmsTopic"}
    assert outputs.pop("DashboardUrl") == {
        "Fn::GetAtt": ["DashboardFunctionUrl", "FunctionUrl"]  # SAM's name for it
    }
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
    known |= {f"{name}Url" for name in FUNCTIONS if "FunctionUrlConfig" in FUNCTIONS[name]}
    text = json.dumps([RESOURCES, TEMPLATE["Globals"], TEMPLATE["Outputs"]])
    referred = set(re.findall(r'"Ref": "(\w+)"', text))
    referred |= set(re.findall(r'"Fn::GetAtt": \["(\w+)"', text))
    referred |= set(re.findall(r"\$\{(\w+)(?:\.\w+)?\}", text))
    # What `Fn::Sub` is given beside its text.
    given = RESOURCES["MetricsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]
    assert referred <= known | set(given)


def test_production_is_the_default_stage() -> None:
    assert TEMPLATE["Parameters"]["Stage"]["Default"] == "prod"
    assert TEMPLATE["Parameters"]["WaitScale"]["Default"] == 1


def _kept(bucket: str, prefix: str = "") -> tuple[Any, Any]:
    """Return the days until an object expires, and those until its old version is gone."""
    rules = RESOURCES[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if each.get("Prefix", "") == prefix)
    return rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]


def test_what_is_replaced_is_kept_for_a_day_in_the_results_and_for_thirty_in_the_uploads() -> None:
    days = {"Ref": "RetentionDays"}
    assert _kept("UploadsBucket") == (days, 30)
    assert _kept("ResultsBucket") == (days, 1)


def test_the_manual_adds_up_how_long_data_is_kept() -> None:
    """Backups are kept for 35 days, which the template does not change.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
    """
    section = MANUAL.split("\n## How long data is kept\n")[1].split("\n## ")[0]
    told = [int(days) for days in re.findall(r"^\| .* \| (\d+) \|$", section, re.MULTILINE)]
    defaults = {name: each.get("Default") for name, each in TEMPLATE["Parameters"].items()}
    days = {"Ref": "RetentionDays"}
    uploads, staged, results = (
        sum(defaults["RetentionDays"] if each == days else each for each in _kept(*place))
        for place in (("UploadsBucket",), ("UploadsBucket", "staged/"), ("ResultsBucket",))
    )
    assert told == [
        uploads,
        _kept("UploadsBucket")[1],
        staged,
        results,
        Route.model_fields["retention_days"].default,
        audit.KEPT.days,
        35,
        defaults["LogRetentionDays"],
    ]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_an_upload_in_parts_that_broke_off_is_deleted(bucket: str) -> None:
    # A rule without a prefix is for every object.
    rules = RESOURCES[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (each for each in rules if "Prefix" not in each)
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] <= 2


def test_submit_may_send_itself_messages() -> None:
    assert RESOURCES["SubmitFunction"]["Properties"]["RecursiveLoop"] == "Allow"
