"""However often S3 repeats its events, in any order: one job a version, one request a job."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from local.stack import LocalStack
from tests.soak.conftest import accepted_imports, drained, route_to, simulator_of, size
from tests.support.routes import DESTINATIONS, Item, Route, assert_balanced, person, table_text

pytestmark = pytest.mark.soak

KEYS = 20
VERSIONS = 10
DELIVERIES = 5
PEOPLE = 2
_SECONDS = 600


def test_every_version_is_one_job_and_one_accepted_request(
    stack: LocalStack, say: Callable[[str], None]
) -> None:
    bucket = stack.outputs["UploadsBucket"]
    # S3 must stay silent: every delivery is the test's own.
    stack.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={}
    )
    for number in range(1, size("ROUNDS", 2) + 1):
        began = time.monotonic()
        with ExitStack() as running:
            routes = [*_routes(stack, running)]
            uploads = [*_overwritten(routes)]
            events = [event for event, _ in uploads] * DELIVERIES
            random.Random(number).shuffle(events)  # noqa: S311 # an order, no secret
            _deliver(stack, events)
            jobs = _finished(stack, routes)
            drained(stack)

            versions = Counter(job["upload"]["version_id"] for job in jobs)
            assert versions == Counter(version for _, version in uploads)
            assert sum(len(route.jobs()) for route in routes) == KEYS * VERSIONS
            assert _executions(stack, routes) == KEYS * VERSIONS
            for job in jobs:
                assert_balanced(job)
                assert (job["state"], int(job["counts"]["rows"])) == ("succeeded", PEOPLE), job
            accepted = sum(_accepted(route) for route in routes)
            assert accepted == KEYS * VERSIONS
        say(
            f"round {number}: {len(events)} deliveries of {len(uploads)} versions, "
            f"{len(jobs)} jobs, {accepted} accepted requests, {time.monotonic() - began:.0f} s"
        )


def _routes(stack: LocalStack, running: ExitStack) -> Iterator[Route]:
    """Make a route for each key, each with a simulator of its own."""
    providers = sorted(DESTINATIONS)
    for number in range(KEYS):
        simulator = running.enter_context(simulator_of(providers[number % len(providers)]))
        yield route_to(stack, simulator)


def _overwritten(routes: list[Route]) -> Iterator[tuple[Item, str]]:
    """Write every version of every key; yield its event, and its id."""
    for version in range(VERSIONS):
        for route in routes:
            people = [person(f"p{version}n{number}") for number in range(PEOPLE)]
            content = table_text(*people)
            version_id = route.drop(content)
            stored = {
                "key": f"inbox/{route.name}/people.csv",
                "versionId": version_id,
                "size": len(content),
            }
            bucket = {"name": route.stack.outputs["UploadsBucket"]}
            record = {"eventSource": "aws:s3", "s3": {"bucket": bucket, "object": stored}}
            yield {"Records": [record]}, version_id


def _deliver(stack: LocalStack, events: list[Item]) -> None:
    sqs, queue = stack.client("sqs"), stack.outputs["SubmitQueue"]
    for start in range(0, len(events), 10):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps(event)}
            for number, event in enumerate(events[start : start + 10])
        ]
        assert not sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed")


def _finished(stack: LocalStack, routes: list[Route]) -> list[Item]:
    """Wait until every version has a job that is terminal and notified."""
    del stack
    ends_at = time.monotonic() + _SECONDS
    jobs: dict[str, list[Item]] = {}
    while time.monotonic() < ends_at:
        for route in routes:
            if route.name not in jobs:
                found = route.jobs()
                if len(found) >= VERSIONS and all("notified_at" in job for job in found):
                    jobs[route.name] = found
        if len(jobs) == len(routes):
            return [job for found in jobs.values() for job in found]
        time.sleep(1)
    states = Counter((job["provider"], job["state"]) for route in routes for job in route.jobs())
    raise AssertionError(f"not finished in {_SECONDS} s: {states}")


def _executions(stack: LocalStack, routes: list[Route]) -> int:
    """Count the executions of the routes' jobs."""
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    found: Any = pages.paginate(stateMachineArn=stack.outputs["ImportStateMachine"])
    names = {route.name for route in routes}
    return sum(each["name"].split("-")[0] in names for each in found.search("executions[]"))


def _accepted(route: Route) -> int:
    """Count the imports that a provider accepted, by its ledger; none may be a repeat."""
    (simulator,) = route.simulators.values()
    accepted = accepted_imports(simulator)
    assert len(simulator.imports) == accepted
    return accepted
