"""`doctor`: each thing that can be wrong with a stack is named, with what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError

from listdrop.aws import keys
from listdrop_cli.target import Target
from tests.unit.cli.faked_target import OUTPUTS, FakedTarget, client_of, lines, run
from tests.unit.cli.rights import note

NOW = datetime.now(UTC)
QUEUES = "https://sqs.us-east-1.amazonaws.com/123456789012"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:listdrop-import:spring-kakiyo-1"

Answers = dict[str, dict[str, Any]]

WELL: Answers = {
    "cloudformation": {
        "describe_stacks": {
            "Stacks": [{"StackStatus": "CREATE_COMPLETE", "CreationTime": NOW - timedelta(days=9)}]
        },
        "describe_stack_resource": {
            "StackResourceDetail": {"PhysicalResourceId": f"{QUEUES}/finish-dead"}
        },
    },
    "s3": {
        "get_bucket_notification_configuration": {
            "QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:123456789012:submit"}]
        },
        "get_bucket_versioning": {"Status": "Enabled"},
        "list_objects_v2": {
            "CommonPrefixes": [
                {"Prefix": "inbox/"},
                {"Prefix": "staged/"},
                {"Prefix": "suppression/"},
            ]
        },
    },
    "lambda": {
        "list_event_source_mappings": {
            "EventSourceMappings": [
                {"State": "Enabled", "ScalingConfig": {"MaximumConcurrency": 5}}
            ]
        },
        "get_account_settings": {
            "AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
        },
    },
    "sqs": {"get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "0"}}},
    "cloudwatch": {"describe_alarms": {"MetricAlarms": []}},
    "sns": {
        "list_subscriptions_by_topic": {"Subscriptions": [{"SubscriptionArn": "arn:aws:sns:x"}]}
    },
    "ssm": {
        "get_parameters_by_path": {
            "Parameters": [
                {
                    "Name": "/listdrop/routes/spring",
                    "Value": '{"destinations": [{"provider": "kakiyo", "campaign_id": "c"}]}',
                }
            ]
        }
    },
    "stepfunctions": {
        "list_executions": {
            "executions": [{"executionArn": EXECUTION, "startDate": NOW - timedelta(hours=5)}]
        },
        "describe_execution": {
            "input": json.dumps(
                {
                    "job_id": "spring-kakiyo-1",
                    "deadline_at": (NOW + timedelta(hours=1)).isoformat(),
                }
            )
        },
    },
    "table": {"get_item": {"Item": {"swept_at": (NOW - timedelta(minutes=9)).isoformat()}}},
}


@cache
def meta_of(service: str) -> Any:
    """What boto3 knows of a service."""
    return client_of(service).meta


class Found(list[Any]):
    """Pages, as a paginator gives them; here it is one."""

    def search(self, expression: str) -> Any:
        return iter(self[0][expression.removesuffix("[]")])


class Pages:
    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def paginate(self, **request: Any) -> Found:
        answer = self._call(**request)
        return Found(answer if isinstance(answer, list) else [answer])


class Client:
    """Answers each call as it is written, if AWS knows the call and its members.

    An answer that is a list has several pages.
    """

    def __init__(self, service: str, answers: dict[str, Any]) -> None:
        self._answers = answers
        self.meta = meta_of(service)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = self.meta.method_to_api_mapping[name]
        members = self.meta.service_model.operation_model(operation).input_shape.members

        def call(**request: Any) -> Any:
            assert request.keys() <= members.keys()
            note(self.meta.service_model.service_name, operation)
            answer = self._answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, name: str) -> Pages:
        return Pages(getattr(self, name))


class Table:
    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def get_item(self, Key: dict[str, str]) -> Any:  # noqa: N803 # boto3's name
        assert Key == keys.SWEEP
        return self._answers["get_item"]


class Patient(FakedTarget):
    """A stack on AWS whose services answer as written."""

    outputs = {
        **OUTPUTS,
        "SubmitQueue": f"{QUEUES}/submit",
        "SubmitDeadLetterQueue": f"{QUEUES}/dead",
        "ImportStateMachine": "arn:aws:states:us-east-1:123456789012:stateMachine:listdrop-import",
        "AlarmsTopic": "arn:aws:sns:us-east-1:123456789012:alarms",
    }
    kept_days = Target.kept_days

    def __init__(self, answers: Answers) -> None:
        services: dict[str, Any] = {
            name: Client(name, each) for name, each in answers.items() if name != "table"
        }
        super().__init__(**services)
        vars(self)["jobs_table"] = Table(answers["table"])

    def table(self, config: Any = None) -> Any:
        return vars(self)["jobs_table"]


def diagnosed(answers: Answers) -> dict[str, list[str]]:
    """The result and the sentence of each item."""
    shown = run(Patient(answers), "doctor", "--no-accounts")
    found = {item: said for item, *said in lines(shown.output)}
    assert shown.exit_code == int(any(said[0] == "problem" for said in found.values()))
    return found


def test_a_stack_that_works_has_no_problem_and_every_item_is_named() -> None:
    found = diagnosed(WELL)

    assert list(found) == [
        "stack", "uploads", "outside inbox", "queue", "dead letters", "alarms", "subscriptions",
        "routes", "workflows", "sweep", "quotas",
    ]  # fmt: skip
    assert {said[0] for said in found.values()} == {"ok"}


LONG_AGO = (NOW - timedelta(hours=9)).isoformat()
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "X")

ILLS: list[tuple[str, str, str, Any, str]] = [
    (
        "stack",
        "cloudformation",
        "describe_stacks",
        {"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}]},
        "describe-stack-events",
    ),
    (
        "stack",
        "cloudformation",
        "describe_stacks",
        {"Stacks": [{"StackStatus": "UPDATE_IN_PROGRESS"}]},
        "look again",
    ),
    (
        "uploads",
        "s3",
        "get_bucket_notification_configuration",
        {},
        "its event for the queue submit is gone",
    ),
    ("uploads", "s3", "get_bucket_versioning", {}, "keeps no versions"),
    (
        "outside inbox",
        "s3",
        "list_objects_v2",
        {"Contents": [{"Key": "people.csv"}], "CommonPrefixes": [{"Prefix": "inbox/"}]},
        "1 file in uploads is outside inbox/, and not imported: 'people.csv'. Move",
    ),
    (
        "outside inbox",
        "s3",
        "list_objects_v2",
        # It is also what is answered about the folder.
        {
            "Contents": [{"Key": "Inbox/"}, {"Key": "Inbox/a.csv"}],
            "CommonPrefixes": [{"Prefix": "Inbox/"}],
        },
        "2 files in uploads are outside inbox/, and not imported: 'Inbox/a.csv'",
    ),
    (
        "outside inbox",
        "s3",
        "list_objects_v2",
        {"Contents": [{"Key": f"{number}.csv"} for number in range(1000)], "IsTruncated": True},
        "At least 1,000 files in uploads are outside inbox/, and not imported: '0.csv', '1.csv', ",
    ),
    (
        "queue",
        "lambda",
        "list_event_source_mappings",
        {"EventSourceMappings": [{"State": "Disabled"}]},
        "OldUploads",
    ),
    ("queue", "lambda", "list_event_source_mappings", {"EventSourceMappings": []}, "missing"),
    (
        "dead letters",
        "sqs",
        "get_queue_attributes",
        {"Attributes": {"ApproximateNumberOfMessages": "2"}},
        "2 jobs could not be processed",
    ),
    (
        "dead letters",
        "sqs",
        "get_queue_attributes",
        {"Attributes": {"ApproximateNumberOfMessages": "1"}},
        "1 job could not be processed",
    ),
    (
        "alarms",
        "cloudwatch",
        "describe_alarms",
        {"MetricAlarms": [{"AlarmName": "listdrop-Unreachablekakiyo-1ABC"}]},
        "In alarm: Unreachablekakiyo.",
    ),
    (
        "subscriptions",
        "sns",
        "list_subscriptions_by_topic",
        {"Subscriptions": []},
        "Nobody is told of alarms",
    ),
    (
        "subscriptions",
        "sns",
        "list_subscriptions_by_topic",
        {"Subscriptions": [{"SubscriptionArn": "Deleted", "Protocol": "email"}]},
        "Nobody is told of alarms",
    ),
    (
        "subscriptions",
        "sns",
        "list_subscriptions_by_topic",
        {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation"}]},
        "1 subscription to news of alarms is not confirmed yet.",
    ),
    ("routes", "ssm", "get_parameters_by_path", {"Parameters": []}, "listdrop route put"),
    (
        "routes",
        "ssm",
        "get_parameters_by_path",
        {"Parameters": [{"Name": "/listdrop/routes/x", "Value": "{"}]},
        "Correct it",
    ),
    (
        "workflows",
        "stepfunctions",
        "describe_execution",
        {"input": json.dumps({"job_id": "spring-kakiyo-1", "deadline_at": LONG_AGO})},
        "spring-kakiyo-1",
    ),
    ("sweep", "table", "get_item", {"Item": {"swept_at": LONG_AGO}}, "FunctionErrors"),
    ("sweep", "table", "get_item", {}, "FunctionErrors"),
    (
        "quotas",
        "lambda",
        "get_account_settings",
        {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 4}},
        "UploadsAtOnce",
    ),
    ("alarms", "cloudwatch", "describe_alarms", DENIED, "could not be looked at"),
]


@pytest.mark.parametrize(("item", "service", "call", "answer", "said"), ILLS)
def test_what_is_wrong_is_a_problem_and_says_what_to_do(
    item: str, service: str, call: str, answer: Any, said: str
) -> None:
    answers = deepcopy(WELL)
    answers[service][call] = answer

    found = diagnosed(answers)

    assert found[item][0] == "problem"
    assert said in found[item][1]


@pytest.mark.parametrize(
    ("attributes", "is_told_twice"),
    [
        ({}, True),
        ({"FilterPolicy": '{"state": ["failed"]}'}, True),
        ({"FilterPolicy": '{"kind": ["upload"], "state": ["failed"]}'}, False),
        ({"FilterPolicy": '{"kind": ["job"]}'}, False),
    ],
)
@pytest.mark.parametrize("protocol", ["email", "sqs"])
def test_an_e_mail_subscription_of_an_older_version_is_told_twice(
    attributes: dict[str, str], is_told_twice: bool, protocol: str
) -> None:
    answers = deepcopy(WELL)
    subscription = {
        "SubscriptionArn": "arn:aws:sns:x",
        "Protocol": protocol,
        "Endpoint": "ada@example.com",
    }
    answers["sns"] = {
        "list_subscriptions_by_topic": {"Subscriptions": [subscription]},
        "get_subscription_attributes": {"Attributes": attributes},
    }

    result, said = diagnosed(answers)["subscriptions"]

    assert result == ("problem" if is_told_twice and protocol == "email" else "ok")
    if result == "problem":
        assert said.startswith(
            "1 e-mail subscription without a filter on `kind` gets each upload's"
        )
        assert "ada@example.com" not in said


def test_jobs_past_their_deadline_are_found_behind_any_number_of_younger_ones() -> None:
    young = {"executionArn": EXECUTION, "startDate": NOW}
    answers = deepcopy(WELL)
    overdue = answers["stepfunctions"]["list_executions"]
    pages: Any = [{"executions": [young] * 100}, {"executions": [young] * 100}, overdue]
    answers["stepfunctions"]["list_executions"] = pages
    answers["stepfunctions"]["describe_execution"] = {
        "input": json.dumps({"job_id": "spring-kakiyo-1", "deadline_at": LONG_AGO})
    }

    assert diagnosed(answers)["workflows"][0] == "problem"


def test_alarms_of_another_stack_whose_name_begins_the_same_are_not_this_one_s() -> None:
    answers = deepcopy(WELL)
    names = ("listdrop-staging-Unreachablekakiyo-1ABC", "listdrop-Unbalanced-2DEF")
    answers["cloudwatch"]["describe_alarms"] = {
        "MetricAlarms": [{"AlarmName": name} for name in names]
    }

    assert diagnosed(answers)["alarms"][1].startswith("In alarm: Unbalanced.")

    answers["cloudwatch"]["describe_alarms"]["MetricAlarms"].pop()
    assert diagnosed(answers)["alarms"][0] == "ok"


@pytest.mark.parametrize(("days", "result"), [("1", "problem"), ("2", "ok"), (None, "ok")])
def test_a_route_whose_deadline_is_longer_than_uploads_are_kept_is_a_problem(
    days: str | None, result: str
) -> None:
    answers = deepcopy(WELL)
    parameter = {"ParameterKey": "RetentionDays", "ParameterValue": days}
    (stack,) = answers["cloudformation"]["describe_stacks"]["Stacks"]
    stack["Parameters"] = [parameter] if days else []
    (route,) = answers["ssm"]["get_parameters_by_path"]["Parameters"]
    route["Value"] = route["Value"].replace("]}", '], "deadline_minutes": 2880}')

    found = diagnosed(answers)["routes"]

    assert found[0] == result
    assert ("RetentionDays" in found[1]) == (result == "problem")


def test_a_stack_that_is_young_has_not_been_swept_yet() -> None:
    answers = deepcopy(WELL)
    answers["table"]["get_item"] = {}
    answers["cloudformation"]["describe_stacks"]["Stacks"][0]["CreationTime"] = NOW

    assert diagnosed(answers)["sweep"][0] == "ok"


def test_programs_get_the_same() -> None:
    shown = run(Patient(WELL), "doctor", "--no-accounts", "--json")

    told = json.loads(shown.output)
    assert (told["stack"], told["ok"], shown.exit_code) == ("listdrop", True, 0)
    assert told["checks"][0].keys() == {"item", "is_ok", "text"}


def test_an_account_that_a_route_sends_to_and_nobody_stored_is_a_problem() -> None:
    answers = deepcopy(WELL)
    missing: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}
    answers["secretsmanager"] = {"get_secret_value": ClientError(missing, "GetSecretValue")}

    shown = run(Patient(answers), "doctor")

    (account,) = [line for line in lines(shown.output) if line[0] == "account kakiyo/default"]
    assert account[1] == "problem"
    assert "listdrop account put kakiyo" in account[2]
    assert shown.exit_code == 1


@pytest.mark.parametrize(
    ("head", "result"),
    [
        ({"ContentLength": 9}, "ok"),
        (ClientError({"Error": {"Code": "404"}}, "HeadObject"), "problem"),
    ],
)
def test_a_route_whose_suppression_list_is_not_there_is_a_problem(head: Any, result: str) -> None:
    answers = deepcopy(WELL)
    route = {
        "destinations": [{"provider": "kakiyo", "campaign_id": "c"}],
        "suppression_list": "suppression/all.csv",
    }
    (stored,) = answers["ssm"]["get_parameters_by_path"]["Parameters"]
    stored["Value"] = json.dumps(route)
    answers["s3"]["head_object"] = head

    found = diagnosed(answers)

    assert found["routes"][0] == result
    assert ("suppression/all.csv" in found["routes"][1]) == (result == "problem")
