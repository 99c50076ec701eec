"""What `docs/operations.md` tells an operator to do, done."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask, request
from typer.testing import CliRunner
from werkzeug.serving import make_server

from listdrop_cli.app import app
from local.engine import ROOT
from local.stack import Stack
from tests.e2e.pages import OPERATIONS
from tests.support.leaks import CANARY
from tests.support.routes import Route, counted, person, running, table_text

pytestmark = pytest.mark.engine

PEOPLE = table_text(person("ada"), person("bo"))


@pytest.mark.slow
def test_dead_letters_are_looked_at_and_delivered_again(make_route: Callable[..., Route]) -> None:
    route = make_route("waalaxy")
    look, redrive = OPERATIONS.commands("DeadLetters")
    assert "events" in json.loads(OPERATIONS.run(look, route))
    arn = "arn:aws:sqs:us-east-1:000000000000:dead"
    asked: dict[str, Any] = {}

    # The engine cannot move messages, so what the command asks for is seen on a server of our own.
    app = Flask("queues")

    @app.post("/", defaults={"path": ""})
    @app.post("/<path:path>")
    def answer(path: str) -> Any:
        del path
        action = request.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
        asked[action] = request.get_json(force=True)
        return {"Attributes": {"QueueArn": arn}, "TaskHandle": "task"}

    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        # The pinned command line asks AWS for queues, whatever AWS_ENDPOINT_URL says.
        OPERATIONS.run(redrive.replace("aws sqs ", f"aws sqs --endpoint-url {url} "), route)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    queue = route.stack.outputs["SubmitDeadLetterQueue"]
    assert asked == {
        "GetQueueAttributes": {"QueueUrl": queue, "AttributeNames": ["QueueArn"]},
        "StartMessageMoveTask": {"SourceArn": arn},
    }


@pytest.mark.slow
def test_who_operates_the_stack_is_told_of_alarms_and_finds_keys_of_former_deployments(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    (subscribe,) = OPERATIONS.commands("Be told of alarms")

    assert "SubscriptionArn" in OPERATIONS.run(subscribe, route)

    kms = route.stack.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "listdrop:stack", "TagValue": "listdrop"}])
    other = kms.create_key(Tags=[{"TagKey": "listdrop:stack", "TagValue": "another"}])
    (find,) = OPERATIONS.commands("Turn the key off")
    found = OPERATIONS.run(find, route)
    assert key["KeyMetadata"]["Arn"] in found
    assert other["KeyMetadata"]["Arn"] not in found


@pytest.mark.slow
def test_a_job_whose_workflow_broke_off_is_ended(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    route.drop(table_text(person("ada"), person("bo", "stuck")))
    job = running(route)
    workflows = route.stack.client("stepfunctions")
    workflows.stop_execution(executionArn=job["execution_arn"])
    log, look, finish, purge = OPERATIONS.commands("UnfinishedJobs")
    assert "events" in json.loads(OPERATIONS.run(log, route))
    # The pinned command line asks AWS for queues, whatever AWS_ENDPOINT_URL says.
    here = f"aws sqs --endpoint-url {route.stack.url} "
    dead = (look + purge).replace("aws sqs ", here)
    assert OPERATIONS.run(dead, route).strip() in ("", "null")

    said = OPERATIONS.run(finish, route, JOB=job["job_id"], PROVIDER="activecampaign")

    assert '"state"' in said
    (ended,) = route.finished(1)
    assert counted(ended) == {"unknown": 2}
    listed, item = OPERATIONS.commands("FailedJobs")[0].splitlines()
    assert "executions" in json.loads(OPERATIONS.run(listed, route))
    found = json.loads(OPERATIONS.run(item, route, JOB=job["job_id"]))["Item"]
    assert found["state"]["S"] == "failed"


def test_eventbridge_has_a_job_ended_whose_workflow_was_aborted(
    make_route: Callable[..., Route],
) -> None:
    # The engine does not tell of executions itself, so the event is sent as AWS writes it.
    route = make_route("activecampaign")
    route.drop(table_text(person("ada"), person("bo", "stuck")))
    job = running(route)
    workflows = route.stack.client("stepfunctions")
    workflows.stop_execution(executionArn=job["execution_arn"])
    execution = workflows.describe_execution(executionArn=job["execution_arn"])
    event = json.loads((ROOT / "events" / "execution-aborted.json").read_text("utf-8"))
    detail = event["detail"] | {
        "executionArn": job["execution_arn"],
        "stateMachineArn": execution["stateMachineArn"],
        "name": job["job_id"],
        "input": execution["input"],
    }

    entry = {"Source": event["source"], "DetailType": event["detail-type"]}
    entry["Detail"] = json.dumps(detail)

    # Lambda tries again after minutes, but the engine at once, when a turn may still be running.
    for _ in range(3):
        route.stack.client("events").put_events(Entries=[entry])
        with suppress(AssertionError):
            route.finished(1, seconds=30)
            break

    (ended,) = route.finished(1, seconds=1)
    assert (ended["state"], counted(ended)) == ("failed", {"unknown": 2})


@pytest.mark.slow
def test_an_event_source_that_is_off_is_found_and_turned_on(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    functions = route.stack.client("lambda")
    look, enable = OPERATIONS.commands("OldUploads")
    uuid = OPERATIONS.run(look, route).split()[0]
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    assert OPERATIONS.run(look, route).split() == [uuid, "Disabled"]

    OPERATIONS.run(enable, route)

    assert OPERATIONS.run(look, route).split() == [uuid, "Enabled"]
    route.drop(PEOPLE)
    route.finished(1)


@pytest.mark.slow
def test_a_rejected_job_says_why_and_a_new_key_mends_it(
    make_route: Callable[..., Route], tmp_path: Any
) -> None:
    route = make_route("kakiyo")
    name = f"listdrop/kakiyo/{route.name}"
    secrets = route.stack.client("secretsmanager")
    good = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    bad = json.dumps(good | {"api_key": f"revoked-{CANARY}"})
    secrets.put_secret_value(SecretId=name, SecretString=bad)
    route.drop(PEOPLE)
    (job,) = route.finished(1)
    _, why, rotate, again, _ = OPERATIONS.commands("Rejected")

    assert OPERATIONS.run(why, route, JOB=job["job_id"]).startswith("provider_auth\t")
    (tmp_path / "key.txt").write_text(f"a-new-key-{CANARY}\n")
    rotate = rotate.replace("key.txt", str(tmp_path / "key.txt"))
    OPERATIONS.run(rotate, route, PROVIDER="kakiyo", ACCOUNT=route.name)

    said = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    assert said["api_key"] == f"a-new-key-{CANARY}"
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(good))
    OPERATIONS.run(again, route, JOB=job["job_id"])
    first, second = sorted(route.finished(2), key=lambda each: str(each.get("retry_of", "")))
    assert (first["state"], second["retry_of"]) == ("rejected", first["job_id"])
    assert counted(second) == {"confirmed": 2}


@pytest.mark.slow
def test_a_rejected_upload_is_processed_again_once_its_route_exists(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    late = Route(route.stack, f"{route.name}-late", {})
    late.drop(PEOPLE)
    late.finished(1)
    parameter = route.stack.client("ssm").get_parameter(Name=f"/listdrop/routes/{route.name}")
    route.stack.put_route(late.name, parameter["Parameter"]["Value"])
    time.sleep(5.5)  # Submit keeps for five seconds that there is no such route
    *_, again = OPERATIONS.commands("Rejected")

    OPERATIONS.run(again, route, UPLOAD=f"inbox/{late.name}/people.csv")

    jobs = late.finished(2)
    assert sorted(job["state"] for job in jobs) == ["rejected", "succeeded"]


@pytest.mark.slow
def test_what_an_expired_job_left_is_sent_again(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign", route={"deadline_minutes": 0.05})
    route.drop(table_text(person("ada"), person("bo", "stuck")))
    (job,) = route.finished(1)
    assert job["state"] == "expired"
    look, again, *_ = OPERATIONS.commands("Expired")

    assert OPERATIONS.run(look, route, JOB=job["job_id"]).startswith("BATCH#000001\texpired")
    OPERATIONS.run(again, route, JOB=job["job_id"])

    jobs = route.finished(2)
    assert [each.get("retry_of") for each in jobs] == [None, job["job_id"]]
    assert {job["upload"]["key"].rsplit("/")[-1] for job in jobs} == {
        "people.csv",
        f"retry-{job['job_id']}.csv",
    }


@pytest.mark.slow
def test_a_batch_that_was_given_up_is_looked_at_and_sent_again(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy", "kakiyo")
    route.drop(table_text(person("ada"), person("bo", slug_marker="nochat")))
    job = next(job for job in route.finished(2) if job["provider"] == "kakiyo")
    _, _, look, again = OPERATIONS.commands("Expired")

    assert "unknown" in OPERATIONS.run(look, route, JOB=job["job_id"])
    OPERATIONS.run(again, route, JOB=job["job_id"], BATCH="1")

    (once_more,) = (each for each in route.finished(3) if "retry_of" in each)
    assert (once_more["provider"], once_more["retry_of"]) == ("kakiyo", job["job_id"])
    assert once_more["counts"]["rows"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("section", ["Unbalanced", "DroppedContacts"])
def test_what_an_operator_is_to_look_at_is_shown(
    make_route: Callable[..., Route], section: str
) -> None:
    route = make_route("which50")
    route.drop(PEOPLE)
    (job,) = route.finished(1)
    (look,) = OPERATIONS.commands(section)

    said = OPERATIONS.run(look, route, JOB=job["job_id"], PROVIDER="which50")

    assert job["job_id"] in said


@pytest.mark.slow
def test_failing_functions_are_looked_at_and_sweep_is_called(
    make_route: Callable[..., Route],
) -> None:
    route = make_route("waalaxy")
    look, now = OPERATIONS.commands("FunctionErrors")

    assert OPERATIONS.run(look, route, PROVIDER="waalaxy").count('"events"') == 5
    assert '"delivered"' in OPERATIONS.run(now, route)


def test_a_job_is_cancelled_while_its_provider_is_at_work(make_route: Callable[..., Route]) -> None:
    route = make_route("activecampaign")
    route.drop(table_text(person("ada"), person("bo", "stuck")))
    job = running(route)

    (cancel,) = OPERATIONS.commands("Cancel a job")

    said = OPERATIONS.run(cancel, route, JOB=job["job_id"])

    assert "Cancelled" in said
    route.simulators["activecampaign"].keeps_stuck = False  # what was sent is waited for
    (ended,) = route.finished(1)
    assert (ended["state"], ended["reason"]) == ("cancelled", "cancelled")
    again = CliRunner().invoke(app, ["cancel", job["job_id"], "--endpoint-url", route.stack.url])
    assert (again.exit_code, "already ended: cancelled" in again.output) == (1, True)


def test_a_job_that_is_not_there_is_not_cancelled(stack: Stack) -> None:
    said = CliRunner().invoke(app, ["cancel", "nobody", "--endpoint-url", stack.url])
    assert (said.exit_code, "There is no job nobody" in said.output) == (2, True)
