"""Stacks for long runs. Sizes come from the environment, so that a run can be as long as wanted."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.simulators import SIMULATORS
from local.simulators.base import Simulator
from local.stack import LocalStack
from tests.support.leaks import overhearing
from tests.support.routes import DESTINATIONS, Item, Route
from tests.support.waiting import until

WAIT_SCALE = 0.02

IMPORTS = {
    "activecampaign": "/import/bulk_import",
    "kakiyo": "/prospects/batch",
    "saleshandy": "/import-with-field-name",
    "waalaxy": "/addProspectFromIntegration",
    "which50": "/run",
}
"""The request that starts an import, by its path."""


def size(name: str, default: int) -> int:
    """Return how much is wanted of something: `SOAK_<name>` in the environment."""
    return int(os.environ.get(f"SOAK_{name}", default))


@contextmanager
def running(stack: LocalStack) -> Iterator[LocalStack]:
    """Run a stack; nobody's data may have got out by its end, whatever was done to it."""
    with stack as up, overhearing(up):
        yield up


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack of the test's own."""
    with running(LocalStack(home=tmp_path, wait_scale=WAIT_SCALE)) as up:
        yield up


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a figure at once, whatever pytest captures."""

    def printed(text: str) -> None:
        with capsys.disabled():
            print(f"\n    {text}", end="", flush=True)  # noqa: T201 # figures are the point

    return printed


def route_to(
    stack: LocalStack,
    simulator: Simulator,
    *,
    destination: Item | None = None,
    route: Item | None = None,
    url: str = "",
) -> Route:
    """Write a route with one destination and an account of its own, at `url` if there is one."""
    name = f"t{uuid.uuid4().hex[:8]}"
    account = simulator.account()
    account["base_url"] = account["base_url"].replace(simulator.url, url or simulator.url)
    stack.put_account(simulator.name, name, account)
    wanted = DESTINATIONS[simulator.name] | {"account": name} | (destination or {})
    stack.put_route(name, {"destinations": [wanted], **(route or {})})
    return Route(stack, name, {simulator.name: simulator})


def simulator_of(provider: str, delay_scale: float = WAIT_SCALE) -> Simulator:
    """Make a simulator, not started yet."""
    return SIMULATORS[provider](delay_scale=delay_scale)


def accepted_imports(simulator: Simulator) -> int:
    """Count the requests for an import that were answered with success."""
    path = IMPORTS[simulator.name]
    return sum(200 <= each.status < 300 for each in simulator.received("POST", path))


def deliver_again_after(stack: LocalStack, seconds: int) -> None:
    """Have an upload come again so long after its Submit died, and not half an hour later.

    Submits also die of the machine: the engine ends one that has not started within ten seconds,
    and with it all others of that moment.
    """
    stack.client("sqs").set_queue_attributes(
        QueueUrl=stack.outputs["SubmitQueue"], Attributes={"VisibilityTimeout": str(seconds)}
    )


def drained(stack: LocalStack) -> None:
    """Wait until every delivery of an upload was taken, those after the jobs' end as well."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found: dict[str, str] = {}

    def is_empty() -> bool:
        answer = stack.client("sqs").get_queue_attributes(
            QueueUrl=stack.outputs["SubmitQueue"], AttributeNames=names
        )
        found.update(answer["Attributes"])
        return not any(int(found[name]) for name in names)

    until(is_empty, lambda: f"the submit queue never emptied: {found}", seconds=600)
