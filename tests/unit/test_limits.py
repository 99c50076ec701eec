"""The template, and what the code writes, keep to AWS's published limits (`tools/limits.py`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from listdrop.aws.messaging import MetricEvents, SnsNotices, SqsDeliveries
from listdrop.aws.s3 import S3Files
from listdrop.jobs.reporting import PIECE_BYTES
from listdrop.jobs.row_items import KEYS_AT_ONCE
from listdrop.models import (
    ROUTE_NAME,
    Destination,
    EndedJob,
    Job,
    JobWarning,
    ReasonCount,
    Turn,
    Upload,
    job_id_for,
)
from listdrop.models.files import RESULTS, folder, outcomes, piece
from listdrop.notices import document, email, upload
from listdrop.notices.links import Links
from listdrop.providers import REGISTRY
from local.deploy import load_template
from local.engine import ROOT
from tests.support.clock import NOW
from tests.support.world import World, csv_of
from tests.unit.aws.test_items import every_item, kind_of
from tools import limits
from tools.expanded import as_list, statements, without_loops, workflow
from tools.limits import Limit, Name
from tools.stack_name import ACCOUNT, LONGEST_REGION, problems

TEMPLATE = without_loops()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
Resource = dict[str, Any]


def longest_stack(region: str) -> str:
    """Return one of the longest names that a stack may have in a region."""
    return next(
        name for length in range(63, 0, -1) if not list(problems(name := "s" * length, region))
    )


LONGEST_STACK = longest_stack(LONGEST_REGION)
PSEUDO = {
    "AWS::StackName": LONGEST_STACK,
    "AWS::Region": LONGEST_REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws-us-gov",
    "AWS::NoValue": "",
}
DEFAULTS = {name: str(each.get("Default", "")) for name, each in TEMPLATE["Parameters"].items()}

LONG_ID = f"{LONGEST_STACK}-a-logical-name-of-twenty-and-more-0123456789ab"


def resolved(value: Any) -> Any:
    """Return a value of the template as AWS gets it, where names are as long as they can be."""
    if isinstance(value, list):
        return [each for each in map(resolved, value) if each != ""]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((kind, inner),) = value.items()
        if kind == "Ref":
            return PSEUDO.get(inner) or DEFAULTS.get(inner) or f"https://{LONG_ID}"
        if kind == "Fn::GetAtt":
            return f"arn:aws-us-gov:lambda:{LONGEST_REGION}:{ACCOUNT}:function:{LONG_ID}"
        if kind == "Fn::Sub":
            text, given = (inner, {}) if isinstance(inner, str) else inner
            known = PSEUDO | {name: resolved(each) for name, each in given.items()}
            return re.sub(
                r"\$\{([\w:.]+)\}", lambda found: known.get(found[1], LONG_ID), text
            ).replace("${!", "${")
        if kind == "Fn::If":
            return resolved(inner[1])
    return {name: resolved(each) for name, each in value.items()}


def of_type(kind: str) -> Iterator[tuple[str, Resource]]:
    for name, resource in RESOURCES.items():
        if resource["Type"] == kind:
            yield name, resolved(resource.get("Properties", {}))


def within(number: int, limit: Limit) -> bool:
    return limit.least <= number <= limit.most


def bytes_of(value: Any) -> int:
    """The length of JSON without white space, in UTF-8."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return len(text.encode())


# ---------------------------------------------------------------- the data


def entries() -> Iterator[Limit | Name]:
    for value in vars(limits).values():
        if isinstance(value, Limit | Name):
            yield value
        elif isinstance(value, dict):
            yield from (each for each in value.values() if isinstance(each, Limit | Name))


def test_every_limit_says_where_it_is_from() -> None:
    assert len(list(entries())) > 40
    for each in entries():
        assert each.source.startswith("https://docs.aws.amazon.com/")


def test_every_limit_is_held() -> None:
    said = (ROOT / "tests/unit/test_limits.py").read_text("utf-8")
    said += (ROOT / "tests/unit/cli/test_route.py").read_text("utf-8")
    names = [name for name, value in vars(limits).items() if isinstance(value, Limit | Name)]
    assert [name for name in names if not re.search(rf"\blimits\.{name}\b", said)] == []


# ---------------------------------------------------------------- the template


def test_the_template_is_as_large_as_cloudformation_takes() -> None:
    # SAM adds roles and permissions, and with indentation it is larger than without.
    assert within(2 * len(json.dumps(TEMPLATE, indent=1)), limits.TEMPLATE_BYTES)
    assert within(
        2 * len(RESOURCES) + len(list(of_type("AWS::Serverless::Function"))), limits.RESOURCES
    )
    assert within(len(TEMPLATE["Parameters"]), limits.PARAMETERS)
    assert within(len(TEMPLATE["Outputs"]), limits.OUTPUTS)
    assert within(bytes_of(TEMPLATE["Description"]), limits.DESCRIPTION_BYTES)
    for name in (*RESOURCES, *TEMPLATE["Parameters"], *TEMPLATE["Outputs"]):
        assert limits.LOGICAL_ID.pattern.fullmatch(name), name


def test_a_template_that_is_too_large_for_a_request_goes_through_s3() -> None:
    config = (ROOT / "samconfig.toml").read_text("utf-8")
    assert len(json.dumps(TEMPLATE)) > 51_200
    assert "resolve_s3 = true" in config


@pytest.mark.parametrize("place", limits.TEMPLATE_NAMES, ids=".".join)
def test_a_name_is_one_that_the_service_takes(place: tuple[str, str]) -> None:
    kind, member = place
    named = [each[member] for _, each in of_type(kind) if member in each]
    assert named
    for name in named:
        assert limits.TEMPLATE_NAMES[place].pattern.fullmatch(name), name


def test_a_search_is_as_long_as_cloudwatch_takes() -> None:
    ((_, dashboard),) = of_type("AWS::CloudWatch::Dashboard")
    longer = longest_stack("us-east-1")  # no region has a shorter name
    searches = [
        line[0]["expression"].replace(LONGEST_STACK, longer)
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for line in widget["properties"]["metrics"]
        if isinstance(line[0], dict)
    ]
    assert any("AWS/Lambda" in text for text in searches)
    for text in searches:
        assert within(len(text), limits.SEARCH_CHARACTERS), text


def test_a_rule_has_a_name_that_eventbridge_takes() -> None:
    rules = [
        event["Properties"]["RuleName"]
        for _, function in of_type("AWS::Serverless::Function")
        for event in function.get("Events", {}).values()
        if event["Type"] == "EventBridgeRule"
    ]
    assert rules
    for name in rules:
        assert limits.RULE_NAME.pattern.fullmatch(name), name


@pytest.mark.parametrize("place", limits.NUMBERS, ids=".".join)
def test_a_number_is_in_the_range_of_the_service(place: tuple[str, str]) -> None:
    kind, member = place
    globals_ = TEMPLATE["Globals"]["Function"] if kind == "AWS::Serverless::Function" else {}
    for name, each in of_type(kind):
        number = (globals_ | each).get(member)
        assert number is None or within(number, limits.NUMBERS[place]), name


@pytest.mark.parametrize("place", limits.TEXTS, ids=".".join)
def test_a_text_is_as_long_as_the_service_takes(place: tuple[str, str]) -> None:
    kind, member = place
    texts = [(name, each[member]) for name, each in of_type(kind) if member in each]
    assert texts
    for name, text in texts:
        assert within(len(text), limits.TEXTS[place]), name


def test_a_function_is_one_that_lambda_takes() -> None:
    common = resolved(TEMPLATE["Globals"]["Function"])
    for name, function in of_type("AWS::Serverless::Function"):
        disk = function.get("EphemeralStorage", {"Size": 512})["Size"]
        assert within(disk, limits.EPHEMERAL_STORAGE), name
        layers = [*common["Layers"], *function.get("Layers", [])]
        assert within(len(layers), limits.FUNCTION_LAYERS), name
        variables = common["Environment"]["Variables"] | function.get("Environment", {}).get(
            "Variables", {}
        )
        longest = sum(given.get("MaxLength", 0) for given in TEMPLATE["Parameters"].values())
        assert within(bytes_of(variables) + longest, limits.ENVIRONMENT_BYTES), name
        for event in function.get("Events", {}).values():
            scaling = event["Properties"].get("ScalingConfig", {"MaximumConcurrency": 2})
            assert within(int(scaling["MaximumConcurrency"]), limits.MAXIMUM_CONCURRENCY), name


def test_an_alarm_looks_at_no_more_than_a_day() -> None:
    for name, alarm in of_type("AWS::CloudWatch::Alarm"):
        assert within(alarm["Period"] * alarm["EvaluationPeriods"], limits.ALARM_SECONDS), name
        assert alarm["Period"] in (10, 20, 30) or alarm["Period"] % 60 == 0, name


def test_the_table_has_as_many_indexes_as_dynamodb_takes() -> None:
    ((_, table),) = of_type("AWS::DynamoDB::Table")
    assert within(len(table["GlobalSecondaryIndexes"]), limits.INDEXES)


def test_a_role_has_as_much_of_policies_as_iam_takes() -> None:
    for name, _ in of_type("AWS::Serverless::Function"):
        policy = [resolved(each) for each in statements(RESOURCES[name]["Properties"])]
        assert within(bytes_of(policy), limits.ROLE_POLICIES), name
    roles = list(of_type("AWS::IAM::Role"))
    assert roles
    for name, role in roles:
        assert within(bytes_of(role["AssumeRolePolicyDocument"]), limits.TRUST_POLICY), name
        assert within(bytes_of(role["Policies"]), limits.ROLE_POLICIES), name


@pytest.mark.parametrize("kind", limits.POLICIES)
def test_a_policy_is_as_large_as_the_service_takes(kind: str) -> None:
    policies = list(of_type(kind))
    assert policies
    for name, policy in policies:
        document = policy["PolicyDocument"]
        assert within(bytes_of(document), limits.POLICIES[kind]), name
        sids = [each["Sid"] for each in document["Statement"]]
        assert len(set(sids)) == len(sids)


def test_a_queues_policy_has_as_few_parts_as_sqs_takes() -> None:
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
    for name, policy in of_type("AWS::SQS::QueuePolicy"):
        parts = policy["PolicyDocument"]["Statement"]
        assert len(parts) <= 20, name
        assert sum(len(each.get("Condition", {})) for each in parts) <= 10, name
        assert all(len(as_list(each["Action"])) <= 7 for each in parts), name


def test_the_keys_policy_is_as_large_as_kms_takes() -> None:
    ((_, key),) = of_type("AWS::KMS::Key")
    assert within(bytes_of(key["KeyPolicy"]), limits.KEY_POLICY)


def test_the_workflow_is_as_large_as_step_functions_takes() -> None:
    assert within(bytes_of(workflow()), limits.WORKFLOW_BYTES)


# ---------------------------------------------------------------- what the code writes

LONGEST_ROUTE = "r" * 40
LONGEST_PROVIDER = max(REGISTRY, key=len)
LONGEST_ACCOUNT = "a" * 64
LONG = "é\n\u2028" * 100_000


def longest_upload() -> Upload:
    start = f"inbox/{LONGEST_ROUTE}/"
    return Upload(
        bucket="b" * 63,
        key=start + "é" * ((1_024 - len(start)) // 2),
        version_id="v" * 1_024,
        etag="e" * 32,
        size=1 << 40,
    )


def longest_id() -> str:
    return job_id_for(
        longest_upload(), LONGEST_ROUTE, Destination(provider=LONGEST_PROVIDER, account="default")
    )


def a_job(words: str = LONG) -> Job:
    """A job with the longest texts that there can be."""
    job = World().process(csv_of(2))
    warning = JobWarning(code="possible_mojibake", text=words)
    return job.model_copy(
        update={
            "job_id": longest_id(),
            "upload": longest_upload(),
            "route": LONGEST_ROUTE,
            "reason": "bad_route",
            "reason_text": words,
            "stop_text": words,
            "warnings": (warning,) * 5,
        }
    )


def test_a_route_may_have_the_longest_name_that_is_reckoned_with() -> None:
    assert ROUTE_NAME.fullmatch(LONGEST_ROUTE)
    assert not ROUTE_NAME.fullmatch(f"{LONGEST_ROUTE}r")


def test_an_item_is_one_that_dynamodb_takes() -> None:
    for item in every_item():
        kind = kind_of(item)
        size = sum(
            len(name) + bytes_of(json.dumps(value, default=str)) for name, value in item.items()
        )
        assert within(size, limits.ITEM_BYTES), kind
        assert within(bytes_of(item["pk"]), limits.PARTITION_KEY_BYTES), kind
        assert within(bytes_of(item["sk"]), limits.SORT_KEY_BYTES), kind


def test_finish_writes_to_as_many_keys_at_once_as_take_what_a_new_table_takes() -> None:
    assert KEYS_AT_ONCE * limits.UNITS_OF_A_KEY.most >= 2 * limits.UNITS_OF_A_NEW_TABLE.most


def test_an_execution_has_a_name_and_an_input_that_step_functions_takes() -> None:
    job_id = longest_id()
    last = f"{job_id}.9999"
    turn = Turn(job_id=job_id, provider=LONGEST_PROVIDER, deadline_at=NOW, wait_until=NOW)

    assert limits.EXECUTION_NAME.pattern.fullmatch(last), len(last)
    assert within(bytes_of(turn.state()), limits.EXECUTION_INPUT)


def test_a_routes_parameter_has_a_name_that_systems_manager_takes() -> None:
    name = f"/{LONGEST_STACK}/routes/{LONGEST_ROUTE}"
    arn = f"arn:aws-us-gov:ssm:{LONGEST_REGION}:{ACCOUNT}:parameter{name}"

    assert limits.PARAMETER_NAME.pattern.fullmatch(name)
    assert within(len(arn), limits.PARAMETER_NAME_LENGTH)
    for refused in ("/aws/routes/r", "/AWSome/routes/r", "/ssm-x/routes/r"):
        assert not limits.PARAMETER_NAME.pattern.fullmatch(refused)


def test_a_secret_has_a_name_and_a_size_that_secrets_manager_takes() -> None:
    name = f"{LONGEST_STACK}/{LONGEST_PROVIDER}/{LONGEST_ACCOUNT}"
    secret = {"base_url": f"https://{'a' * 2_000}", "header": "h" * 200, "value": "k" * 4_096}

    Destination(provider=LONGEST_PROVIDER, account=LONGEST_ACCOUNT)
    assert limits.SECRET_NAME.pattern.fullmatch(name)
    assert within(bytes_of(secret), limits.SECRET_BYTES)


def test_an_object_has_a_key_and_metadata_that_s3_takes() -> None:
    job_id = longest_id()
    for name in (
        RESULTS,
        outcomes("000001-0123456789abcdef"),
        piece(f"{RESULTS}-0001-0123456789abcdef"),
    ):
        assert within(bytes_of(folder(job_id) + name), limits.OBJECT_KEY_BYTES)
    assert within(bytes_of("listdrop-retry-of") + len(job_id), limits.METADATA_BYTES)


def test_a_result_file_is_joined_from_parts_that_s3_takes() -> None:
    assert S3Files.least_piece == limits.PART_BYTES.least
    # A piece goes on until the end of its line of the plan, of which a row has 16 MiB at most.
    assert within(PIECE_BYTES, limits.PART_BYTES)
    assert within(2 * PIECE_BYTES, limits.PART_BYTES)
    (disk,) = (
        each["EphemeralStorage"]["Size"] << 20
        for name, each in of_type("AWS::Serverless::Function")
        if name == "FinishFunction"
    )
    # What Finish writes of a row is hardly more than the row, and the upload fits its disk.
    assert within(10 * disk // PIECE_BYTES, limits.PARTS)


LONGEST = Links(dashboard=f"https://{'x' * 200}.{LONGEST_REGION}.example/")


def test_a_notice_is_one_that_sns_takes() -> None:
    job = a_job()
    reasons = [ReasonCount("refused", LONG, 10**9)] * 5
    message = document.encode(document.document(job, reasons))
    text = email.text(job, reasons, retryable=10**9, rejected=10**9, links=LONGEST)
    attributes = document.attributes(job)

    assert limits.SUBJECT.pattern.fullmatch(email.subject(job))
    sent = json.dumps({"default": message, "email": text})
    assert within(bytes_of(sent) + bytes_of(attributes), limits.MESSAGE_BYTES)
    assert within(len(attributes), limits.MESSAGE_ATTRIBUTES)


@pytest.mark.parametrize(("jobs", "words"), [(1, LONG), (1_000, LONG[:3_000])])
def test_a_notice_of_an_upload_is_one_that_sns_takes(jobs: int, words: str) -> None:
    job = a_job(words)
    reasons = tuple(ReasonCount("refused", words, 10**9) for _ in range(5))
    told = [upload.Told(job, EndedJob(job.job_id, reasons))] * jobs
    message = document.encode(upload.document(told))
    text = upload.text(told, LONGEST)
    attributes = upload.attributes(told)

    assert limits.SUBJECT.pattern.fullmatch(upload.subject(told))
    sent = json.dumps({"default": message, "email": text})
    assert within(bytes_of(sent) + bytes_of(attributes), limits.MESSAGE_BYTES)
    assert within(len(attributes), limits.MESSAGE_ATTRIBUTES)
    assert json.loads(message)["jobs"]
    assert "What became of it" in text


def test_a_delivery_is_one_that_sqs_takes() -> None:
    sent: list[str] = []

    class Client:
        def send_message(self, **request: str) -> None:
            sent.append(request["MessageBody"])

    SqsDeliveries(Client(), "https://queue").deliver(longest_upload())  # type: ignore[arg-type] # what is used of it
    assert within(bytes_of(sent[0]), limits.QUEUE_MESSAGE_BYTES)


def test_a_notice_has_only_characters_that_a_queue_takes() -> None:
    """A key of S3 may have any character, and without a valid route, so may the job's route."""
    job = a_job("why").model_copy(update={"route": "a\x00b\x1fc\ufffe\uffff\n"})
    job = job.model_copy(
        update={"upload": job.upload.model_copy(update={"key": "inbox/\x01\ufffe\U0001f600.csv"})}
    )
    sent: list[dict[str, Any]] = []

    class Client:
        def publish(self, **request: Any) -> None:
            sent.append(request)

    SnsNotices(Client(), "arn:topic").publish(  # type: ignore[arg-type] # what is used of it
        subject=email.subject(job),
        message=document.encode(document.document(job, [])),
        text=email.text(job, []),
        attributes=document.attributes(job),
    )

    (request,) = sent
    message = json.loads(request["Message"])["default"]
    assert limits.QUEUE_TEXT.pattern.fullmatch(message)
    assert json.loads(message)["upload"]["key"] == "inbox/\x01?\U0001f600.csv"
    for attribute in request["MessageAttributes"].values():
        assert limits.QUEUE_TEXT.pattern.fullmatch(attribute["StringValue"])
    assert request["MessageAttributes"]["route"]["StringValue"] == "a?b?c??\n"


def test_a_metric_is_one_that_cloudwatch_takes(capsys: pytest.CaptureFixture[str]) -> None:
    MetricEvents(LONGEST_STACK).count("job_succeeded", LONGEST_PROVIDER, route=LONGEST_ROUTE)

    blob = json.loads(capsys.readouterr().out)
    (directive,) = blob["_aws"]["CloudWatchMetrics"]
    for names in directive["Dimensions"]:
        assert within(len(names), limits.DIMENSIONS)
        for name in names:
            assert limits.DIMENSION_VALUE.pattern.fullmatch(blob[name])
    for metric in directive["Metrics"]:
        assert within(len(metric["Name"]), limits.METRIC_NAME)


def test_the_example_route_is_a_parameter_of_the_tier_that_costs_nothing() -> None:
    text = (ROOT / "events" / "demo-route.json").read_text("utf-8")
    assert within(bytes_of(text), limits.STANDARD_PARAMETER_BYTES)


def test_the_template_that_is_looked_at_is_the_one_that_is_deployed() -> None:
    assert TEMPLATE["Parameters"] == load_template(ROOT / "template.yaml")["Parameters"]
