"""The first ten minutes in a real account: `make smoke STACK=listdrop`.

It checks what only an account can tell, and sends nothing to any provider: the accounts of its
route do not exist, so honest jobs are `rejected`. That raises the alarm `Rejected` once, and it
raises `DeadLetters` by hand. What it makes, it takes away again; its uploads and jobs expire.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import NoRegionError

from listdrop.aws.items import MOST_BYTES
from listdrop.models import storable_route
from listdrop_cli.examining import examine
from listdrop_cli.output import FAILED, aws_sentence
from listdrop_cli.target import STACK, Target
from local.engine import ROOT

PAUSE = 300
"""Seconds between the two drops: as long as Lambda keeps a function, and AWS no idle connection."""
_PATIENCE = 180
_NOBODY = "smoke-nobody"
"""An account that is not stored. Nothing else makes sure that nobody is written to."""
_PROSPECTS = ROOT / "events" / "prospects.csv"
_ITEM_BYTES = 390 * 1024


def main(arguments: Sequence[str]) -> int:
    """Run every check on a stack, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--endpoint-url")
    parser.add_argument("--pause", type=float, default=PAUSE)
    given = parser.parse_args(arguments)
    target = Target(given.stack, endpoint_url=given.endpoint_url)
    try:
        problems = list(run(target, given.pause))
    except NoRegionError as error:
        print(aws_sentence(error), file=sys.stderr)
        return FAILED
    for problem in problems:
        print(f"PROBLEM: {problem}", file=sys.stderr)
    print("It works." if not problems else f"{len(problems)} problems.")
    return int(bool(problems))


def run(target: Target, pause: float = PAUSE) -> Iterator[str]:
    """Yield what is wrong, a sentence each."""
    for finding in examine(target, datetime.now(UTC), accounts=False):
        if not finding.is_ok and finding.item not in ("alarms", "routes", "subscriptions"):
            yield f"{finding.item}: {finding.text}"
    yield from _large_item(target)
    with _listening(target) as queue:
        yield from _alarm(target, queue)
        with _route(target) as route:
            for number in (1, 2):
                yield from _drop(target, queue, route, number)
                if number == 1:
                    print(f"Waiting for {pause:g} seconds, so that idle connections die ...")
                    time.sleep(pause)


def _large_item(target: Target) -> Iterator[str]:
    """Write an item that is nearly as large as DynamoDB takes, with the longest of keys."""
    print("Writing an item as large as there may be ...")
    table, name = target.table(), f"SMOKE#{uuid.uuid4().hex}"
    item = {
        "pk": name,
        "sk": "SMOKE",
        "person": "EMAIL#".ljust(MOST_BYTES, "x"),
        "created_at": datetime.now(UTC).isoformat(),
        "settled": secrets.token_bytes(_ITEM_BYTES),
        "expires_at": int(time.time()) + 3600,
    }
    try:
        table.put_item(Item=item)
        table.delete_item(Key={"pk": name, "sk": "SMOKE"})
    except Exception as error:  # noqa: BLE001 # whatever AWS says of it
        yield f"The table does not take an item of {_ITEM_BYTES:,} bytes: {error}"


@contextmanager
def _listening(target: Target) -> Iterator[str]:
    """Give the address of a queue that hears all notices and alarms, for as long as it is there."""
    sqs, sns = target.client("sqs"), target.client("sns")
    topics = [target.outputs[name] for name in ("ResultsTopic", "AlarmsTopic")]
    url = sqs.create_queue(QueueName=f"{target.stack}-smoke-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    subscribed = []
    try:
        wanted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = wanted["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topics}},
            },
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        for topic in topics:
            made = sns.subscribe(
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=arn,
                Attributes={"RawMessageDelivery": "true"},
                ReturnSubscriptionArn=True,
            )
            subscribed.append(made["SubscriptionArn"])
        yield url
    finally:
        for subscription in subscribed:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def _heard(target: Target, queue: str) -> Iterator[dict[str, Any]]:
    """Yield messages as they come, for three minutes at most."""
    sqs = target.client("sqs")
    ends_at = time.monotonic() + _PATIENCE
    while time.monotonic() < ends_at:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)
        for message in found.get("Messages", ()):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def _alarm(target: Target, queue: str) -> Iterator[str]:
    """Raise an alarm by hand: its message comes only if the key and the topic let CloudWatch in."""
    if target.is_local:  # the engine raises none
        return
    resource = target.client("cloudformation").describe_stack_resource(
        StackName=target.stack, LogicalResourceId="DeadLetters"
    )["StackResourceDetail"]
    name = resource["PhysicalResourceId"]
    alarms = target.client("cloudwatch")
    (alarm,) = alarms.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if alarm["StateValue"] == "ALARM":  # a state that does not change sends no message
        print("The alarm DeadLetters is raised already, so it is left alone: look into that first.")
        return
    print("Raising the alarm DeadLetters by hand ...")
    alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="make smoke")
    try:
        if not any(message.get("AlarmName") == name for message in _heard(target, queue)):
            yield f"The alarm {name} was raised, but no message came: check the key's policy."
    finally:
        alarms.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="make smoke")


@contextmanager
def _route(target: Target) -> Iterator[str]:
    """Give a route to every provider, whose accounts do not exist."""
    route = json.loads((ROOT / "events" / "demo-route.json").read_text("utf-8"))
    for destination in route["destinations"]:
        destination["account"] = _NOBODY
    name = f"smoke-{uuid.uuid4().hex[:8]}"
    parameter, ssm = f"/{target.stack}/routes/{name}", target.client("ssm")
    ssm.put_parameter(Name=parameter, Value=storable_route(json.dumps(route)), Type="String")
    try:
        yield name
    finally:
        ssm.delete_parameter(Name=parameter)


def _drop(target: Target, queue: str, route: str, number: int) -> Iterator[str]:
    """Drop the demo's file, and expect a message of a rejected job for each destination."""
    print(f"Dropping {_PROSPECTS.name} on the route {route} ({number} of 2) ...")
    key = f"inbox/{route}/{number}.csv"
    bucket, content = target.outputs["UploadsBucket"], _PROSPECTS.read_bytes()
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    destinations = json.loads((ROOT / "events" / "demo-route.json").read_text("utf-8"))
    wanted = {each["provider"] for each in destinations["destinations"]}
    for message in _heard(target, queue):
        if message.get("upload", {}).get("key") != key or "provider" not in message:
            continue
        wanted.discard(message["provider"])
        said = (message["state"], message.get("reason"))
        if said != ("rejected", "unknown_account"):
            yield f"{message['job_id']} is {said}, and should be rejected (unknown_account)."
        if not wanted:
            return
    yield f"No message came about {key} to {', '.join(sorted(wanted))}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
