from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import pytest

from local.simulators import SIMULATORS
from local.simulators.base import Simulator
from local.stack import Stack
from tests.support.routes import DESTINATIONS, Item, Route


@pytest.fixture
def make_route(stack: Stack) -> Iterator[Callable[..., Route]]:
    """Make routes with simulators and accounts that nobody else uses."""
    running: list[Simulator] = []

    def make(*providers: str, route: Item | None = None, **options: Item) -> Route:
        name = f"t{uuid.uuid4().hex[:8]}"
        simulators: dict[str, Simulator] = {}
        destinations = []
        for provider in providers or tuple(DESTINATIONS):
            simulator = SIMULATORS[provider](delay_scale=0.02).start()
            running.append(simulator)
            simulators[provider] = simulator
            stack.put_account(provider, name, simulator.account())
            destinations.append(
                DESTINATIONS[provider] | {"account": name} | options.get(provider, {})
            )
        stack.put_route(name, {"destinations": destinations, **(route or {})})
        return Route(stack, name, simulators)

    yield make
    for simulator in running:
        simulator.stop()


@pytest.fixture
def notices(stack: Stack) -> Iterator[Callable[..., list[Item]]]:
    """Subscribe a queue of its own; calling it returns what has come for a route.

    That is of jobs, unless another `kind` is asked for; an empty one is any.
    """
    sqs, sns = stack.client("sqs"), stack.client("sns")
    queue = sqs.create_queue(QueueName=f"notices-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    subscription = sns.subscribe(
        TopicArn=stack.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=attributes["QueueArn"],
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]

    def received(route: str, policy: Item | None = None, kind: str = "job") -> list[Item]:
        if policy is not None:
            sns.set_subscription_attributes(
                SubscriptionArn=subscription,
                AttributeName="FilterPolicy",
                AttributeValue=json.dumps(policy),
            )
            return []
        found: list[Item] = []
        while messages := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in messages:
                envelope = json.loads(message["Body"])
                body = json.loads(envelope["Message"])
                attributes = envelope["MessageAttributes"]
                if body["route"] == route and kind in ("", attributes["kind"]["Value"]):
                    found.append(body | {"attributes": attributes})
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    yield received
    sns.unsubscribe(SubscriptionArn=subscription)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that one process has to run, and those that start a stack of their own.

    They take longest, and whatever is begun last is waited for by processes that have nothing left.
    """

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("xdist_group"):
            return 0
        return 2 if "stack" in getattr(item, "fixturenames", ()) else 1

    items.sort(key=turn)
