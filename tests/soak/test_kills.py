"""Functions killed, or out of time, before and after each effect: nothing lost, nothing double."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest

from listdrop.notices import document
from listdrop.providers import REGISTRY
from listdrop.providers.base import AfterCrash
from local.deploy import STACK
from local.stack import LocalStack
from tests.soak import faulty
from tests.soak.conftest import (
    IMPORTS,
    WAIT_SCALE,
    accepted_imports,
    route_to,
    running,
    simulator_of,
)
from tests.support.routes import DESTINATIONS, Item, Route, counted, person, table_text

pytestmark = pytest.mark.soak

TIMEOUT = 10
"""Seconds that a function has here."""

_SECONDS = 240
_WHEN: tuple[Literal["before", "after"], ...] = ("before", "after")
_HOW = ("kill", "timeout")


@dataclass(frozen=True)
class Effect:
    """Something that a function does to the world, as `faulty.name_of` names it."""

    name: str
    function: str
    pattern: str
    in_doubt: tuple[str, ...] = ()
    """When a death leaves it open whether the provider has taken a request that it did take."""
    settles: bool = False
    """Whether it stands between an answer that settles its rows at once, and its being noted."""
    told_twice: tuple[str, ...] = ()
    """When a death leaves it open whether the notice was published."""


EFFECTS = (
    Effect("the job is begun", "submit", "^PutItem JOB"),
    Effect("the plan is stored", "submit", "^PutObject .*plan"),
    Effect("the batches are stored", "submit", "^BatchWriteItem BATCH"),
    Effect("the execution is started", "submit", "^StartExecution"),
    Effect("the batch is marked", "send", "^UpdateItem BATCH .*sending"),
    Effect("the import is requested", "send", "^POST .*{path}", in_doubt=("after",)),
    Effect("the answer is written down", "send", "^TransactWriteItems", in_doubt=("before",)),
    Effect("the outcomes are stored", "(send|status)", "^PutObject .*outcomes", settles=True),
    Effect("the rows are stored", "(send|status)", "^BatchWriteItem ROW"),
    Effect("the result files are stored", "finish", "^PutObject .*results.csv"),
    Effect("the job is ended", "finish", "^UpdateItem JOB .*succeeded"),
    Effect("the notice is published", "finish", "^Publish", told_twice=("after",)),
)


@dataclass(frozen=True)
class Case:
    """A job whose function dies at an effect."""

    effect: Effect
    provider: str
    when: Literal["before", "after"]
    how: str

    @property
    def requests(self) -> int:
        """How many requests for the import the provider should take.

        Where its rule is `resend`, one more than the one whose answer was lost.
        """
        in_doubt = self.when in self.effect.in_doubt or (
            self.effect.settles and self.provider == "waalaxy"
        )
        kind = REGISTRY[self.provider]
        rule = kind(kind.destination_model.model_validate(DESTINATIONS[self.provider])).after_crash
        return 1 + (in_doubt and rule is AfterCrash.RESEND)

    @property
    def good(self) -> int:
        """How many of the two rows are good in the end.

        Kakiyo cannot say of a repeated row whether its chat was begun by the first request.
        """
        return 0 if self.provider == "kakiyo" and self.requests > 1 else 2

    @property
    def notices(self) -> int:
        """How many notices should be published."""
        return 1 + (self.when in self.effect.told_twice)

    def script(self) -> str:
        """Write it down for the function."""
        pattern = self.effect.pattern.replace("{path}", IMPORTS[self.provider])
        fault = {"function": self.effect.function, "effect": pattern}
        return json.dumps(fault | {"when": self.when, "how": self.how})


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the functions look for what should go wrong."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[LocalStack]:
    """A stack whose functions die where they are told to, and have little time."""
    with running(LocalStack(home=tmp_path_factory.mktemp("home"), wait_scale=WAIT_SCALE)) as stack:
        # A message that Submit died of comes again after this, and not after half an hour.
        stack.client("sqs").set_queue_attributes(
            QueueUrl=stack.outputs["SubmitQueue"],
            Attributes={"VisibilityTimeout": str(TIMEOUT + 5)},
        )
        functions = stack.client("lambda")
        pages = functions.get_paginator("list_functions").paginate()
        for name in [each["FunctionName"] for each in pages.search("Functions[]")]:
            if name.startswith(f"{STACK}-"):
                code = _code(stack, functions.get_function(FunctionName=name))
                functions.update_function_code(FunctionName=name, ZipFile=_mortal(code, faults))
                functions.update_function_configuration(
                    FunctionName=name, Handler="faulty.lambda_handler", Timeout=TIMEOUT
                )
        yield stack


@pytest.fixture(scope="module")
def told(mortal: LocalStack) -> Callable[[], Counter[str]]:
    """Count the notices of each job that have been published since the beginning."""
    sqs, found = mortal.client("sqs"), Counter[str]()
    queue = sqs.create_queue(QueueName="kills")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    mortal.client("sns").subscribe(
        TopicArn=mortal.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=attributes["Attributes"]["QueueArn"],
    )

    def counted_notices() -> Counter[str]:
        while messages := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in messages:
                notice = json.loads(json.loads(message["Body"])["Message"])
                if notice["schema"] == document.SCHEMA:
                    found[notice["job_id"]] += 1
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    return counted_notices


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
def test_a_function_that_dies_loses_nothing_and_doubles_nothing(
    mortal: LocalStack,
    faults: Path,
    told: Callable[[], Counter[str]],
    say: Callable[[str], None],
    effect: Effect,
) -> None:
    began = time.monotonic()
    cases = [Case(effect, *each) for each in product(sorted(DESTINATIONS), _WHEN, _HOW)]
    with ExitStack() as simulators:
        routes = {}
        for case in cases:
            simulator = simulators.enter_context(simulator_of(case.provider))
            route = routes[case] = route_to(mortal, simulator)
            (faults / route.name).write_text(case.script(), "utf-8")
            route.drop(table_text(person("ada"), person("bo")))
        found = {case: _seen(route) for case, route in routes.items()}
        notices = told()

    wrong = []
    for case, (job, accepted) in found.items():
        assert (faults / routes[case].name).with_suffix(".played").exists(), case
        outcomes = counted(job)
        good = sum(outcomes.get(name, 0) for name in ("confirmed", "accepted", "existing"))
        seen = (good, accepted, notices[job["job_id"]])
        if seen != (case.good, case.requests, case.notices):
            wrong.append((case.provider, case.when, case.how, seen, outcomes, job["state"]))
    assert wrong == []
    say(f"{effect.name}: {len(cases)} deaths, {time.monotonic() - began:.0f} s")


def _seen(route: Route) -> tuple[Item, int]:
    (job,) = route.finished(1, _SECONDS)
    (simulator,) = route.simulators.values()
    return job, accepted_imports(simulator)


def _code(stack: LocalStack, function: Item) -> bytes:
    """Return the zip that a function was deployed from."""
    name = function["Configuration"]["FunctionName"].removeprefix(f"{STACK}-").split("-")[0]
    s3 = stack.client("s3")
    (found,) = s3.list_objects_v2(Bucket="listdrop-code", Prefix=f"functions/{name}/")["Contents"]
    stored: Any = s3.get_object(Bucket="listdrop-code", Key=found["Key"])
    return bytes(stored["Body"].read())


def _mortal(code: bytes, faults: Path) -> bytes:
    """Add to a function what has it die."""
    packed = io.BytesIO(code)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.write(faulty.__file__, "faulty.py")
        archive.writestr(faulty.FOLDER, str(faults))
    return packed.getvalue()
