"""Least privilege: the whole flow passes with IAM enforced, and no statement can be spared.

The engine checks each call of a function against its role. Statements about calls that it does not
check are held by a table in `tests/unit/test_template.py`. It speaks plain http, so what denies
that is turned round here (`local.deploy`), and held by a static test.
"""

from __future__ import annotations

import io
import json
import re
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from listdrop_cli.account_secrets import write_account
from local.engine import ROOT
from local.simulators.base import Fault
from local.stack import LocalStack
from tests.support.leaks import CANARY, overhearing
from tests.support.routes import DESTINATIONS, Route, first_name, person, table_text
from tests.support.waiting import PATIENCE, until
from tools.expanded import as_list, statements, without_loops

# One stack for all of them, which they change: they are run one after the other.
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("iam")]

Item = dict[str, Any]
PEOPLE = table_text(person("ada"), person("bo"))
NOTHING_TO_DO = '{"StartAt": "Stay", "States": {"Stay": {"Type": "Succeed"}}}'


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The stack as production has it: with a key of its own, and every call checked."""
    home = tmp_path_factory.mktemp("prod")
    with LocalStack(home=home, wait_scale=0.02, as_in_prod=True) as running, overhearing(running):
        yield running


@cache
def role_of(stack: LocalStack, resource: str) -> str:
    found = stack.client("cloudformation").describe_stack_resource(
        StackName="listdrop", LogicalResourceId=f"{resource}Role"
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def policy_with(stack: LocalStack, resource: str, sid: str) -> str:
    """Return the name of the inline policy of a function's role that has this statement."""
    iam, role = stack.client("iam"), role_of(stack, resource)
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        if sid in {each["Sid"] for each in document["Statement"]}:
            return str(name)
    raise KeyError(sid)


class DeniedError(Exception):
    """A function was denied a call: which function, and what of its error says so."""


class ByHand:
    """Runs one job by calling its functions, as the queue and the workflow would."""

    def __init__(self, stack: LocalStack, provider: str) -> None:
        self.stack = stack
        self.provider = provider
        self.name = f"t{uuid.uuid4().hex[:8]}"
        self._lambda = stack.client("lambda")
        self._simulator = stack.simulators[provider]
        self._table = stack.table
        # Named as nobody else, so that no function has its secret in memory.
        stack.put_account(provider, self.name, self._simulator.account())
        destination = DESTINATIONS[provider] | {"account": self.name}
        self.route = {"destinations": [destination]}
        stack.put_route(self.name, self.route)

    def run(self, *, refused: bool = False, times: int = 3) -> str:
        """Run the job, and return its last state. Raises `DeniedError`."""
        # Which50 refuses the import itself, the others what they are sent first.
        path = "/run" if self.provider == "which50" else ""
        fault = Fault("before", path=path, status=400)
        self._simulator.faults[:] = [fault] * times if refused else []
        key = f"inbox/{self.name}/people.csv"
        version = self.stack.drop(key, PEOPLE)
        self.call("submit", self.event(key, version))
        turn = self._turn()
        ends_at = time.monotonic() + PATIENCE
        while turn["next"] != "finish":
            assert time.monotonic() < ends_at, turn
            kind = "send" if turn["next"] == "send" else "status"
            turn = self.call(f"{kind}-{self.provider}", turn)
            self._wait_shortly(turn)
        return str(self.call("finish", turn)["state"])

    def call(self, name: str, event: Item) -> Item:
        answer = self._lambda.invoke(FunctionName=f"listdrop-{name}", Payload=json.dumps(event))
        said: Item = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise DeniedError(name, said["errorMessage"])
        return said

    def event(self, key: str, version: str) -> Item:
        stored = {"key": key, "versionId": version, "size": len(PEOPLE)}
        bucket = {"name": self.stack.outputs["UploadsBucket"]}
        record = {"eventSource": "aws:s3", "s3": {"bucket": bucket, "object": stored}}
        return {"Records": [{"messageId": "1", "body": json.dumps({"Records": [record]})}]}

    def _turn(self) -> Item:
        found = self._table.query(
            IndexName="by_route", KeyConditionExpression=Key("route").eq(self.name)
        )
        (job,) = found["Items"]
        return {"job_id": job["job_id"], "provider": job["provider"], "next": "send"}

    def _wait_shortly(self, turn: Item) -> None:
        """Do without the provider's rate: it takes seconds, and is not what is tested here."""
        for kind in ("send", "poll"):
            turn.pop(f"{kind}_ticket", None)
        for kind in ("#send", "#poll", ""):  # one of each, or one for both
            budget = f"BUDGET#{self.provider}#{self.name}{kind}"
            self._table.delete_item(Key={"pk": budget, "sk": "BUDGET"})
        if "wait_until" in turn:
            wait = datetime.fromisoformat(turn["wait_until"]) - datetime.now(UTC)
            time.sleep(min(max(0, wait.total_seconds()), 0.3))


@pytest.fixture
def alone(prod: LocalStack) -> Iterator[LocalStack]:
    """The stack, where nothing happens by itself: neither queue nor workflow does anything."""
    s3, workflows = prod.client("s3"), prod.client("stepfunctions")
    bucket, machine = prod.outputs["UploadsBucket"], prod.outputs["ImportStateMachine"]
    notices = s3.get_bucket_notification_configuration(Bucket=bucket)
    del notices["ResponseMetadata"]
    definition = workflows.describe_state_machine(stateMachineArn=machine)["definition"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    workflows.update_state_machine(stateMachineArn=machine, definition=NOTHING_TO_DO)
    yield prod
    workflows.update_state_machine(stateMachineArn=machine, definition=definition)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=notices)


@contextmanager
def without(stack: LocalStack, resource: str, sid: str) -> Iterator[None]:
    """Take a statement out of a function's role for a while."""
    iam, role = stack.client("iam"), role_of(stack, resource)
    policy = policy_with(stack, resource, sid)
    found = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    kept = [each for each in found["Statement"] if each["Sid"] != sid]
    assert len(kept) == len(found["Statement"]) - 1

    def put(document: Item) -> None:
        text = json.dumps(document)
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=text)

    put(found | {"Statement": kept})
    try:
        yield
    finally:
        put(found)


RESOURCES = without_loops()["Resources"]
UNCHECKED = {
    "UseKey": "the engine encrypts nothing, and asks nobody for a key",
    "UseKeyForLogs": "the same",
    "UseFormerKeys": "the same",
    "DecryptAccounts": "the same",
    "WriteLogs": "the engine keeps logs itself",
    "TakeUploads": "the engine takes messages of the queue itself",
    "KeepWhatFailed": "the engine puts it into the queue itself",
    "DecryptAccountsOfFormerKeys": "the same",
    "TellDeletedUploads": "the engine tells all callers that an object is missing",
    "KeepOutcomes": "only outcomes of parts, or that are too long for their batch, have a file",
}
"""Statements whose lack the engine does not notice; `tests/unit/test_template.py` holds them."""

LISTS = "ReadSuppressionLists"
"""Has a test of its own: Submit takes a list that it may not read for one that is not there."""


ACCOUNTS = "ReadOwnAccounts"
"""Has a test of its own: the job ends and says so, as no second try can read the account."""


AGAIN = "DeliverAgain"
"""Has a test of its own, too: of Submit, it is for the upload that it has no time for."""


ASK = "AskForApproval"
"""Has a test of its own, as only a route that holds jobs has Submit ask anybody."""


ONE = "kakiyo"
"""Stands for all providers in `make test`: one loop of the template writes their statements."""


EACH = [
    pytest.param(provider, marks=[pytest.mark.slow] * (provider != ONE))
    for provider in sorted(DESTINATIONS)
]


def checked() -> Iterator[Any]:
    """Yield each statement of each function, with the provider that its job goes to."""
    for name, resource in RESOURCES.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        if name in ("SweepFunction", "DashboardFunction"):
            continue  # have tests of their own
        kind, provider = re.findall(r"(Submit|Send|Status|Finish)(.*)", name)[0]
        provider = ONE if provider == "Function" else provider
        if provider not in DESTINATIONS:
            continue  # made by the same loop of the template as the others
        if (kind, provider) == ("Status", "waalaxy"):
            continue  # never called, as Waalaxy answers at once; held by the static test
        for statement in statements(resource["Properties"]):
            if statement["Sid"] not in {*UNCHECKED, LISTS, ACCOUNTS, AGAIN, ASK}:
                yield pytest.param(
                    name,
                    statement["Sid"],
                    as_list(statement["Action"]),
                    provider,
                    id=f"{name}-{statement['Sid']}",
                    # The functions of all providers are made by one loop of the template.
                    marks=[pytest.mark.soak] * (provider != ONE),
                )


def test_the_whole_flow_passes_with_every_call_checked(prod: LocalStack) -> None:
    route = Route(prod, "demo", prod.simulators)
    route.drop(table_text(person("eve"), person("kim", "refused"), (first_name("di"), "", "", "")))

    jobs = route.finished(5)

    assert {job["provider"] for job in jobs} == set(DESTINATIONS)
    assert {job["state"] for job in jobs} == {"partial"}


def test_an_account_is_encrypted_with_the_stacks_key_also_one_that_was_not(
    prod: LocalStack,
) -> None:
    secrets = prod.client("secretsmanager")
    new, old = f"listdrop/kakiyo/{uuid.uuid4().hex}", f"listdrop/kakiyo/{uuid.uuid4().hex}"
    secrets.create_secret(Name=old, SecretString="a-key")

    for name in (new, old):
        text = json.dumps({"api_key": f"after-{CANARY}"})
        write_account(
            prod.client("cloudformation"), secrets, stack="listdrop", name=name, text=text
        )

        key = prod.client("kms").describe_key(
            KeyId=secrets.describe_secret(SecretId=name)["KmsKeyId"]
        )
        assert key["KeyMetadata"]["Description"] == "Encrypts what listdrop stores."
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == text


@pytest.mark.parametrize("provider", sorted(DESTINATIONS))
@pytest.mark.slow
def test_a_job_run_by_hand_comes_to_its_end(alone: LocalStack, provider: str) -> None:
    assert ByHand(alone, provider).run() == "succeeded"


@pytest.mark.parametrize("provider", EACH)
def test_a_refused_job_run_by_hand_comes_to_its_end(alone: LocalStack, provider: str) -> None:
    assert ByHand(alone, provider).run(refused=True) == "failed"


def test_a_job_that_is_taken_in_parts_comes_to_its_end(alone: LocalStack) -> None:
    # Of both rows, one request is refused: each is sent alone then. Status stores what it learns of
    # one, and reads that again once it knows of the other.
    assert ByHand(alone, "activecampaign").run(refused=True, times=1) == "succeeded"


@pytest.mark.slow
def test_outcomes_of_parts_are_kept_by_the_statement_alone(alone: LocalStack) -> None:
    with (
        without(alone, "Statusactivecampaign", "KeepOutcomes"),
        pytest.raises(DeniedError, match=r"not authorized to perform: s3:(Put|Get)Object"),
    ):
        ByHand(alone, "activecampaign").run(refused=True, times=1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sid", "actions", "provider"), [*checked()])
def test_a_function_is_denied_what_a_removed_statement_allowed(
    alone: LocalStack, name: str, sid: str, actions: list[str], provider: str
) -> None:
    job = ByHand(alone, provider)

    with without(alone, name, sid), pytest.raises(DeniedError) as denied:
        job.run()

    function, text = denied.value.args
    named = RESOURCES[name]["Properties"]["FunctionName"]["Fn::Sub"]
    assert function == named.removeprefix("${AWS::StackName}-"), text
    found = re.findall(r"not authorized to perform: ([\w:]+)", text)
    if "HeadObject" in text:  # whose answer has no body to say more in
        assert "403" in text
        found = ["s3:GetObjectVersion"]
    assert found, text
    assert set(found) <= set(actions)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "provider", "ending"),
    [
        pytest.param(kind, provider, ending, marks=[pytest.mark.soak] * (provider != ONE))
        for kind, ending in (("Send", "rejected"), ("Status", "failed"))
        for provider in sorted(DESTINATIONS)
        if (kind, provider) != ("Status", "waalaxy")  # never called, as Waalaxy answers at once
    ],
)
def test_an_account_can_be_read_by_the_statement_alone(
    alone: LocalStack, kind: str, provider: str, ending: str
) -> None:
    job = ByHand(alone, provider)

    with without(alone, f"{kind}{provider}", ACCOUNTS):
        assert job.run() == ending

    (item,) = Route(alone, job.name, alone.simulators).jobs()
    assert "may not be read by the function" in str(item)


@pytest.mark.slow
def test_a_suppression_list_can_be_read_by_its_statement_alone(alone: LocalStack) -> None:
    job = ByHand(alone, "kakiyo")
    key = f"suppression/{job.name}.csv"
    bucket = alone.outputs["UploadsBucket"]
    alone.client("s3").put_object(Bucket=bucket, Key=key, Body=table_text(person("bo")))
    alone.put_route(job.name, job.route | {"suppression_list": key})

    assert job.run() == "succeeded"
    with without(alone, "SubmitFunction", LISTS):
        other = ByHand(alone, "kakiyo")
        alone.put_route(other.name, other.route | {"suppression_list": key})
        assert other.run() == "rejected"


@pytest.fixture
def hurried(alone: LocalStack) -> Iterator[ByHand]:
    """A job whose Submit has time for one table only."""
    functions = alone.client("lambda")
    timeout = functions.get_function_configuration(FunctionName="listdrop-submit")["Timeout"]
    functions.update_function_configuration(FunctionName="listdrop-submit", Timeout=200)
    yield ByHand(alone, "kakiyo")
    functions.update_function_configuration(FunctionName="listdrop-submit", Timeout=timeout)


def submit_two(job: ByHand) -> None:
    """Drop an archive of two tables, and call Submit once. Raises `DeniedError`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", PEOPLE)
        archive.writestr("b.csv", PEOPLE + PEOPLE.splitlines(keepends=True)[-1])
    key = f"inbox/{job.name}/two.zip"
    job.call("submit", job.event(key, job.stack.drop(key, file.getvalue())))


@pytest.mark.slow
def test_what_submit_has_no_time_for_it_delivers_again_by_its_statement_alone(
    hurried: ByHand,
) -> None:
    submit_two(hurried)

    route = Route(hurried.stack, hurried.name, hurried.stack.simulators)
    until(lambda: len(route.jobs()) >= 2)
    found = route.jobs()
    assert {job["upload"]["table"] for job in found} == {"a.csv", "b.csv"}

    with (
        without(hurried.stack, "SubmitFunction", AGAIN),
        pytest.raises(DeniedError, match="not authorized"),
    ):
        submit_two(hurried)


def sweep(stack: LocalStack) -> Item:
    """Call Sweep. Raises `DeniedError`."""
    answer = stack.client("lambda").invoke(FunctionName="listdrop-sweep")
    said: Item = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise DeniedError("sweep", said["errorMessage"])
    return said


def held(job: ByHand, *, hours: float = 48) -> Item:
    """Drop a file that is to wait for approval, and return its event."""
    job.stack.put_route(job.name, job.route | {"hold": {"above_rows": 0}, "hold_hours": hours})
    key = f"inbox/{job.name}/held.csv"
    return job.event(key, job.stack.drop(key, PEOPLE))


@pytest.mark.slow
def test_approval_is_asked_for_by_the_statement_alone(alone: LocalStack) -> None:
    job = ByHand(alone, "kakiyo")
    event = held(job)

    with (
        without(alone, "SubmitFunction", ASK),
        pytest.raises(DeniedError, match=r"not authorized to perform: sns:Publish"),
    ):
        job.call("submit", event)
    job.call("submit", event)

    (found,) = Route(alone, job.name, alone.simulators).jobs()
    assert found["state"] == "held"
    assert found["hold_told_at"]


@pytest.mark.slow
def test_a_held_job_that_is_forgotten_ends_by_the_statement_alone(alone: LocalStack) -> None:
    job = ByHand(alone, "kakiyo")
    job.call("submit", held(job, hours=0.0001))
    time.sleep(1)

    with (
        without(alone, "SweepFunction", "EndHeldJobs"),
        pytest.raises(DeniedError, match=r"not authorized to perform: states:StartExecution"),
    ):
        sweep(alone)
    sweep(alone)

    (found,) = Route(alone, job.name, alone.simulators).jobs()
    assert (found["verdict"], found["stop_reason"]) == ("cancelled", "not_approved")
    assert found["execution_arn"]


@pytest.mark.slow
@pytest.mark.parametrize("sid", ["ListUploads", "LookUpUploadsAndHeldJobs", "DeliverAgain"])
def test_sweep_is_denied_what_a_removed_statement_allowed(alone: LocalStack, sid: str) -> None:
    job = ByHand(alone, "kakiyo")
    alone.drop(f"inbox/{job.name}/lost.csv", PEOPLE)

    with without(alone, "SweepFunction", sid), pytest.raises(DeniedError, match="not authorized"):
        sweep(alone)


def test_an_upload_whose_event_was_lost_gets_its_job(alone: LocalStack) -> None:
    job = ByHand(alone, "kakiyo")
    alone.drop(f"inbox/{job.name}/lost.csv", PEOPLE)  # nobody is told of it here

    assert sweep(alone)["delivered"] > 0

    found = until(Route(alone, job.name, alone.simulators).jobs)
    assert [each["state"] for each in found] == ["pending"]


@pytest.fixture
def listing(alone: LocalStack) -> Iterator[LocalStack]:
    """The stack, where `ListRoutes` is for any path: the engine never asks for the one it lists.

    AWS does; `tests/unit/test_template.py` holds what the statement names.
    """
    iam, role = alone.client("iam"), role_of(alone, "DashboardFunction")
    name = policy_with(alone, "DashboardFunction", "ListRoutes")
    place = {"RoleName": role, "PolicyName": name}
    found = iam.get_role_policy(**place)["PolicyDocument"]
    wide = [each | ({"Resource": "*"} if each["Sid"] == "ListRoutes" else {})
            for each in found["Statement"]]  # fmt: skip
    iam.put_role_policy(**place, PolicyDocument=json.dumps(found | {"Statement": wide}))
    yield alone
    iam.put_role_policy(**place, PolicyDocument=json.dumps(found))


class Browser:
    """Asks the dashboard's function for pages, as its address would."""

    def __init__(self, stack: LocalStack) -> None:
        self._lambda = stack.client("lambda")
        text = (ROOT / "events" / "dashboard-request.json").read_text("utf-8")
        self._event: Item = json.loads(text)

    def get(self, path: str) -> Item:
        """Return what the function answers."""
        event = self._event | {"rawPath": path, "rawQueryString": ""}
        event["requestContext"]["http"]["path"] = path
        answer = self._lambda.invoke(FunctionName="listdrop-dashboard", Payload=json.dumps(event))
        said: Item = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said


REASONS = "Why rows are bad"


def refused_job(stack: LocalStack) -> str:
    """Run a job whose rows were refused, by hand; returns its id."""
    job = ByHand(stack, "kakiyo")
    job.run(refused=True, times=20)  # also once it is split
    (item,) = Route(stack, job.name, stack.simulators).jobs()
    return str(item["job_id"])


@pytest.mark.slow
def test_the_dashboards_function_shows_every_page_and_gives_files(listing: LocalStack) -> None:
    job_id = refused_job(listing)
    browser = Browser(listing)
    pages = ["/", f"/jobs/{job_id}", f"/jobs/{job_id}/rows", "/person", "/routes"]

    assert {page: browser.get(page)["statusCode"] for page in pages} == dict.fromkeys(pages, 200)
    assert REASONS in browser.get(f"/jobs/{job_id}")["body"]
    sent_on = browser.get(f"/jobs/{job_id}/files/results.csv")
    assert sent_on["statusCode"] == 303


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sid", "path"),
    [("ReadJobs", "/"), ("ListRoutes", "/routes"), ("ListAccountNames", "/routes")],
)
def test_the_dashboard_shows_no_page_that_a_removed_statement_allowed(
    listing: LocalStack, sid: str, path: str
) -> None:
    with without(listing, "DashboardFunction", sid):
        assert Browser(listing).get(path)["statusCode"] == 403
    assert Browser(listing).get(path)["statusCode"] == 200


@pytest.mark.slow
def test_the_dashboard_reads_results_by_its_statement_alone(alone: LocalStack) -> None:
    job_id = refused_job(alone)
    with without(alone, "DashboardFunction", "ReadResults"):
        assert REASONS not in Browser(alone).get(f"/jobs/{job_id}")["body"]
    assert REASONS in Browser(alone).get(f"/jobs/{job_id}")["body"]
