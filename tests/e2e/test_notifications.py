"""The recipes of `docs/notifications.md`: each command run, and what the engine lacks linted."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from listdrop.notices import document as notice
from local.deploy import load_template
from local.engine import ROOT
from local.stack import Stack
from tests.e2e.pages import NOTIFICATIONS
from tests.support.notices import EXAMPLES
from tests.support.routes import Item, Route, person, table_text
from tests.support.waiting import until

RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.yaml"))
NOT_ON_THE_ENGINE = ("AWS::Pipes::Pipe", "AWS::Chatbot::SlackChannelConfiguration")

GOOD = table_text(person("ada"))
MIXED = table_text(person("ada"), person("bo", "", "gone"))
NO_FILE = b""
LISTED = table_text(person("hal"))
LIST = "succeeded: a list of people who opted out"
PROBLEMS = ["partial", "rejected", LIST]


@pytest.fixture
def deployed(stack: Stack) -> Iterator[Callable[..., str]]:
    """Deploy a recipe by its command, in a stack of its own name; returns that name."""
    names: list[str] = []

    def deploy(command: str, route: Route, without: Path | None = None) -> str:
        (shown,) = re.findall(r"--stack-name (\S+)", command)
        names.append(f"{shown}-{uuid.uuid4().hex[:6]}")
        command = command.replace(shown, names[-1])
        if without:
            command = re.sub(r"--template-file \S+", f"--template-file {without}", command)
        NOTIFICATIONS.run(command, route, WORKSPACE="T0123ABCD", CHANNEL="C0123ABCD")
        return names[-1]

    yield deploy
    for name in names:
        stack.client("cloudformation").delete_stack(StackName=name)


def runnable(recipe: str, folder: Path) -> Path:
    """The recipe without what the engine lacks, as a file."""
    template = load_template(ROOT / "docs" / "recipes" / recipe)
    lacking = [
        name for name, each in template["Resources"].items() if each["Type"] in NOT_ON_THE_ENGINE
    ]
    assert "Pipe" in lacking
    for name in lacking:
        del template["Resources"][name]
    file = folder / "recipe.json"
    file.write_text(json.dumps(template), "utf-8")
    return file


def queue_of(stack: Stack, name: str) -> str:
    described = stack.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
    return str(outputs["Queue"])


def received(stack: Stack, queue: str) -> list[Item]:
    """What is in a queue, which is empty afterwards."""
    sqs = stack.client("sqs")
    found = []
    while messages := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def drop_four(route: Route) -> None:
    """Drop uploads whose rows all get in, with a bad row, that cannot be read, and of opt-outs."""
    for number, content in enumerate((GOOD, MIXED, NO_FILE), 1):
        route.drop(content, f"{number}.csv")
    route.drop(LISTED, "unsubscribed.csv")
    assert told(route.finished(4)) == ["partial", "rejected", "succeeded", LIST]


def told(messages: Iterable[Item]) -> list[str]:
    """The states of jobs, and which is that of the list."""
    return sorted(
        LIST if each.get("reason") == "unsubscribed_list" else str(each["state"])
        for each in messages
    )


# ---------------------------------------------------------------- e-mail


@pytest.mark.engine
@pytest.mark.slow
def test_an_e_mail_subscription_hears_of_problems_only(
    make_route: Callable[..., Route], notices: Callable[..., list[Item]]
) -> None:
    route = make_route("kakiyo")
    subscribe, narrow = NOTIFICATIONS.commands("E-mail, only on problems")
    sns = route.stack.client("sns")
    # An address of its own: other tests subscribe the manual's, and change its filter.
    subscribe = subscribe.replace("you@example.com", f"{route.name}@example.com")
    subscription = json.loads(NOTIFICATIONS.run(subscribe, route))["SubscriptionArn"]

    def policy() -> Item:
        """What the subscription hears. The engine sends no e-mail: a queue hears with it."""
        found = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
        assert found["Protocol"] == "email"
        return dict(json.loads(found["FilterPolicy"]))

    notices(route.name, policy=policy())
    drop_four(route)
    heard = notices(route.name, kind="upload")
    assert told(each["jobs"][0] for each in heard) == PROBLEMS
    assert notices(route.name) == []

    NOTIFICATIONS.run(
        narrow.replace('"spring"', f'"{route.name}"').replace("100", "2"),
        route,
        SUBSCRIPTION=subscription,
    )
    notices(route.name, policy=policy())
    route.drop(table_text(person("cy"), person("di", "", "gone")), "one.csv")
    route.drop(
        table_text(person("ed"), person("fi", "", "gone"), person("gu", "", "gone")),
        "two.csv",
    )
    route.finished(6)
    (heard_of,) = notices(route.name, kind="upload")
    assert heard_of["attributes"]["bad_rows"]["Value"] == "2"
    sns.unsubscribe(SubscriptionArn=subscription)


# ---------------------------------------------------------------- a queue


@pytest.mark.slow
@pytest.mark.engine
def test_a_queue_gets_each_job_in_which_rows_were_sent(
    make_route: Callable[..., Route], deployed: Callable[..., str]
) -> None:
    route = make_route("kakiyo")
    deploy, receive = NOTIFICATIONS.commands("A queue, to copy results to another system")
    name = deployed(deploy, route)

    drop_four(route)

    receipt, body = json.loads(NOTIFICATIONS.run(receive.replace("listdrop-crm", name), route))
    assert receipt
    queue = queue_of(route.stack, name)
    route.stack.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=receipt)
    messages = [json.loads(body), *received(route.stack, queue)]
    mine = [message for message in messages if message["route"] == route.name]
    assert told(mine) == ["partial", "succeeded", LIST]
    assert {message["schema"] for message in mine} == {notice.SCHEMA}
    assert {message["job_id"] for message in mine} < {job["job_id"] for job in route.jobs()}


def test_a_queue_of_ended_jobs_gets_none_that_waits_for_approval() -> None:
    """It would come again under the same id when it has ended, and be taken for a repeat."""
    queue = load_template(ROOT / "docs" / "recipes" / "queue.yaml")["Resources"]
    (state,) = queue["Subscription"]["Properties"]["FilterPolicy"]["state"]
    assert state == {"anything-but": ["held", "rejected", "skipped"]}


# ---------------------------------------------------------------- EventBridge


@pytest.mark.engine
@pytest.mark.slow
def test_a_rule_hears_of_problems_and_the_pipe_s_queue_of_every_job_but_the_pipe_is_only_linted(
    make_route: Callable[..., Route], deployed: Callable[..., str], tmp_path: Path
) -> None:
    route = make_route("kakiyo")
    deploy, rule = NOTIFICATIONS.commands("EventBridge")
    name = deployed(deploy, route, runnable("eventbridge.yaml", tmp_path))
    sqs = route.stack.client("sqs")
    target = sqs.create_queue(QueueName=f"target-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=target, AttributeNames=["QueueArn"])["Attributes"]
    NOTIFICATIONS.run(rule, route, TARGET=arn["QueueArn"])

    drop_four(route)

    messages = received(route.stack, queue_of(route.stack, name))
    mine = [message for message in messages if message["route"] == route.name]
    assert len(mine) == 4
    pipe = target_of("eventbridge.yaml")
    given = pipe["EventBridgeEventBusParameters"]
    for message in mine:  # what the pipe would do
        route.stack.client("events").put_events(
            Entries=[
                {
                    "Source": given["Source"],
                    "DetailType": given["DetailType"],
                    "Detail": json.dumps(written(pipe["InputTemplate"], message)),
                }
            ]
        )
    heard: list[Item] = []

    def hear() -> bool:
        heard.extend(received(route.stack, target))
        return len(heard) >= 2

    until(hear, lambda: heard)
    assert told(event["detail"] for event in heard) == PROBLEMS
    assert all(event["detail"] in mine for event in heard)


# ---------------------------------------------------------------- Slack


@pytest.mark.engine
@pytest.mark.slow
def test_the_queue_before_slack_hears_of_problems_but_pipe_and_chat_are_only_linted(
    make_route: Callable[..., Route], deployed: Callable[..., str], tmp_path: Path
) -> None:
    route = make_route("kakiyo")
    (deploy,) = NOTIFICATIONS.commands("Slack")
    name = deployed(deploy, route, runnable("slack.yaml", tmp_path))

    drop_four(route)

    messages = received(route.stack, queue_of(route.stack, name))
    assert told(each for each in messages if each["route"] == route.name) == PROBLEMS


TEXTS = ("title", "description")
LISTS = ("nextSteps", "keywords")


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_pipe_writes_has_the_shape_that_the_chat_takes(name: str) -> None:
    example = EXAMPLES[name]
    message = json.loads(notice.encode(notice.document(example.job, example.reasons)))

    shown = written(target_of("slack.yaml")["InputTemplate"]["Fn::Sub"], message)

    # https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    assert set(shown) <= {"version", "source", "id", "content", "metadata"}
    assert (shown["version"], shown["source"]) == ("1.0", "custom")
    content = shown["content"]
    assert set(content) <= {"textType", *TEXTS, *LISTS}
    assert content["textType"] == "client-markdown"
    assert all(isinstance(content[text], str) and content[text] for text in TEXTS)
    assert all(isinstance(step, str) for step in content["nextSteps"])
    assert set(shown["metadata"]) <= {"threadId", "summary", "eventType", "relatedResources"}
    assert example.job.state.value in content["title"]
    assert f"Of *{example.job.counts['rows']}* rows" in content["description"]
    assert all(f"jobs/{example.job.job_id}/" in step for step in content["nextSteps"])


# ---------------------------------------------------------------- all recipes


@pytest.mark.slow
def test_the_recipes_that_the_engine_cannot_run_whole_are_valid_templates() -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/cfn-lint", "--template", *RECIPES],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stdout


def test_the_page_deploys_every_recipe_with_the_parameters_that_it_has() -> None:
    deploying = {
        Path(found[1]).name: set(re.findall(r"(\w+)=\"", found[2]))
        for found in re.finditer(r"--template-file (\S+)(.*?)```", NOTIFICATIONS.text, re.DOTALL)
    }
    wanted = {
        recipe.name: {
            name
            for name, each in load_template(recipe)["Parameters"].items()
            if "Default" not in each
        }
        for recipe in RECIPES
    }
    assert deploying == wanted


def target_of(recipe: str) -> dict[str, Any]:
    """What a recipe's pipe does with a message."""
    template = load_template(ROOT / "docs" / "recipes" / recipe)
    return dict(template["Resources"]["Pipe"]["Properties"]["TargetParameters"])


def written(template: str, message: Item) -> dict[str, Any]:
    """What a pipe writes from a queue's message, whose JSON body it reads by itself.

    A path that the message lacks is an error here: what AWS makes of it is not documented.
    """

    def value(path: re.Match[str]) -> str:
        found: Any = {"body": message}
        for name in path[1].split("."):
            found = found[name]
        return found if isinstance(found, str) else json.dumps(found)

    return dict(json.loads(re.sub(r"<\$\.([\w.]+)>", value, template)))
