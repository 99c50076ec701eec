"""What a stack has said to anybody, and the marks of people and keys that must be in none of it.

Tests put a mark into every cell and key that is nobody else's business. Whatever the stack wrote to
its logs and metrics, published on its topics, or left in its executions is searched for them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from local.simulators.base import API_KEY
from local.stack import Stack

CANARY = "kanarie"
"""In names, profile slugs, notes and keys of tests; their addresses are at `example.com`."""

CANARY_PHONE = "+49 30 4950 8877"

MARKS = (CANARY, "example.com", "30 4950 8877", "3049508877", API_KEY.lower())

_EVENTS_AT_ONCE = 10_000
_TOPICS = ("ResultsTopic", "AlarmsTopic")


class Saying(NamedTuple):
    """Something that was said: `kind` is log, metric, message or execution."""

    kind: str
    place: str
    text: str


def leaks(sayings: Iterable[Saying]) -> list[str]:
    """Say where a mark was found, and which."""
    return [
        f"{mark!r} in {saying.kind} {saying.place}: {saying.text[:500]}"
        for saying in sayings
        for mark in MARKS
        if mark in saying.text.lower()
    ]


class Overheard:
    """Hears a stack's topics from now on; logs and executions are kept by the engine itself."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._messages: list[Saying] = []
        sqs, sns = stack.client("sqs"), stack.client("sns")
        self._queue = sqs.create_queue(QueueName=f"overheard-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        for topic in _TOPICS:
            sns.subscribe(
                TopicArn=stack.outputs[topic],
                Protocol="sqs",
                Endpoint=found["Attributes"]["QueueArn"],
            )

    def sayings(self) -> Iterator[Saying]:
        """Yield everything that was said until now."""
        yield from self._logged()
        self._receive()
        yield from self._messages
        yield from self._executed()

    def _logged(self) -> Iterator[Saying]:
        logs = self.stack.client("logs")
        groups = logs.get_paginator("describe_log_groups").paginate().search("logGroups[]")
        for name in [group["logGroupName"] for group in groups]:
            for event in _events(logs, name):
                kind = "metric" if '"_aws"' in event["message"] else "log"
                yield Saying(kind, name, event["message"])

    def _receive(self) -> None:
        sqs = self.stack.client("sqs")
        while messages := sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in messages:
                topic = json.loads(message["Body"])["TopicArn"]
                self._messages.append(Saying("message", topic, message["Body"]))
                sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _executed(self) -> Iterator[Saying]:
        workflows = self.stack.client("stepfunctions")
        executions = workflows.get_paginator("list_executions").paginate(
            stateMachineArn=self.stack.outputs["ImportStateMachine"]
        )
        for arn in [each["executionArn"] for each in executions.search("executions[]")]:
            whole: list[Any] = [workflows.describe_execution(executionArn=arn)]
            pages = workflows.get_paginator("get_execution_history").paginate(executionArn=arn)
            whole += pages.search("events[]")
            yield Saying("execution", arn, json.dumps(whole, default=str))


def _events(logs: Any, group: str) -> Iterator[dict[str, Any]]:
    """Yield a group's events, those of some moments twice.

    The engine returns as many as it may at once, and says nothing of others.
    """
    since = 0
    while True:
        found = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
        yield from found
        if len(found) < _EVENTS_AT_ONCE:
            return
        since = max(found[-1]["timestamp"], since + 1)


@contextmanager
def overhearing(stack: Stack) -> Iterator[Overheard]:
    """Hear a stack, and fail at the end if it has told anybody what it must not."""
    overheard = Overheard(stack)
    yield overheard
    found = leaks(overheard.sayings())
    assert not found, "\n".join(found)
