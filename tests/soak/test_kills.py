"""Functions killed, or out of time, before and after each effect: nothing lost, nothing double."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from listdrop.models.files import OUTCOME, RESULTS
from local.stack import LocalStack
from tests.soak import faulty
from tests.soak.conftest import (
    WAIT_SCALE,
    accepted_imports,
    deliver_again_after,
    drained,
    route_to,
    running,
    simulator_of,
)
from tests.soak.effects import EFFECTS, Case, Effect, cases_of, pattern_of
from tests.soak.standing import stand_before
from tests.support.routes import DESTINATIONS, Item, Route, counted, person, table_text

pytestmark = pytest.mark.soak

TIMEOUT = 10
"""Seconds that a function has here. Finish thinks that is too little, so it stores all it has."""

WORKERS = 6
"""Of a function that is out of time, many wait at once."""

_SECONDS = 240
_DEATH = re.compile(r"\[lambda_runtime\] Lambda |Warm provided-runtime execution error")


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the functions look for what should go wrong."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[LocalStack]:
    """A stack whose functions die where they are told to, and have little time."""
    with running(LocalStack(home=tmp_path_factory.mktemp("home"), wait_scale=WAIT_SCALE)) as stack:
        deliver_again_after(stack, TIMEOUT + 5)
        stand_before(stack, faulty, {faulty.FOLDER: str(faults)}, Timeout=TIMEOUT)
        _let_many_wait(stack)
        yield stack


def _let_many_wait(stack: LocalStack) -> None:
    functions = stack.client("lambda")
    for function in functions.get_paginator("list_functions").paginate().search("Functions[]"):
        name = function["FunctionName"]
        if "Concurrency" in functions.get_function(FunctionName=name):
            functions.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=WORKERS
            )
        for source in functions.list_event_source_mappings(FunctionName=name)[
            "EventSourceMappings"
        ]:
            functions.update_event_source_mapping(
                UUID=source["UUID"], ScalingConfig={"MaximumConcurrency": WORKERS}
            )


@pytest.fixture(scope="module")
def told(mortal: LocalStack) -> Callable[[], Counter[tuple[str, str]]]:
    """Count the notices that have been published since the beginning, by kind and route."""
    sqs, found = mortal.client("sqs"), Counter[tuple[str, str]]()
    queue = sqs.create_queue(QueueName="kills")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    mortal.client("sns").subscribe(
        TopicArn=mortal.outputs["ResultsTopic"],
        Protocol="sqs",
        Endpoint=attributes["Attributes"]["QueueArn"],
    )

    def counted_notices() -> Counter[tuple[str, str]]:
        while messages := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in messages:
                attributes = json.loads(message["Body"])["MessageAttributes"]
                kind, route = (attributes[name]["Value"] for name in ("kind", "route"))
                found[kind, route] += 1
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    return counted_notices


def test_every_effect_is_in_the_table(mortal: LocalStack, faults: Path) -> None:
    with ExitStack() as simulators:
        routes = {}
        for provider in DESTINATIONS:
            simulator = simulators.enter_context(simulator_of(provider))
            route = routes[provider] = route_to(mortal, simulator)
            (faults / f"{route.name}{faulty.BY_FILE}").touch()
            route.drop(_people())
        for route in routes.values():
            route.finished(1, _SECONDS)
    seen = {provider: _seen(faults, route) for provider, route in routes.items()}

    found = {
        effect.name: tuple(name for name in sorted(seen) if _happened(effect, name, seen[name]))
        for effect in EFFECTS
    }
    assert found == {effect.name: effect.at for effect in EFFECTS}
    others = [
        (provider, function, name)
        for provider, lines in seen.items()
        for function, name in lines
        if not any(_is(effect, provider, function, name) for effect in EFFECTS)
    ]
    assert others == []


def _seen(faults: Path, route: Route) -> list[tuple[str, str]]:
    """Return the effects that have happened for a route: the function's name, and its own."""
    lines = (faults / f"{route.name}{faulty.SEEN}").read_text("utf-8").splitlines()
    return [(function, name) for function, _, name in (line.partition(" ") for line in lines)]


def _happened(effect: Effect, provider: str, seen: list[tuple[str, str]]) -> bool:
    before = ""
    for function, name in seen:
        if _is(effect, provider, function, name) and re.search(effect.since, before):
            return True
        before += f"{name}\n"
    return False


def _is(effect: Effect, provider: str, function: str, name: str) -> bool:
    pattern = pattern_of(effect, provider)
    return bool(re.search(effect.function, function) and re.search(pattern, name))


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
def test_a_function_that_dies_loses_nothing_and_doubles_nothing(
    mortal: LocalStack,
    faults: Path,
    told: Callable[[], Counter[tuple[str, str]]],
    say: Callable[[str], None],
    effect: Effect,
) -> None:
    began = time.monotonic()
    cases = list(cases_of(effect))
    before = _deaths(mortal)
    seen = _played(mortal, faults, told, cases)
    wrong = [case for case in cases if seen[case] != _expected(case)]
    others = _deaths(mortal) - before - sum(each["died"] for each in seen.values())
    if wrong and others > 0:  # the machine was too slow for functions that no case is about
        say(f"{effect.name}: {others} other functions died, so {len(wrong)} cases are tried again")
        seen |= _played(mortal, faults, told, wrong)

    assert [
        (case.label, seen[case], _expected(case)) for case in cases if seen[case] != _expected(case)
    ] == []
    say(f"{effect.name}: {len(cases)} deaths, {time.monotonic() - began:.0f} s")


def _played(
    stack: LocalStack,
    faults: Path,
    told: Callable[[], Counter[tuple[str, str]]],
    cases: list[Case],
) -> dict[Case, Item]:
    """Have a function die in each case, and return what there is of its job in the end."""
    with ExitStack() as simulators:
        routes = {}
        for case in cases:
            simulator = simulators.enter_context(simulator_of(case.provider))
            route = routes[case] = route_to(stack, simulator, destination=case.destination)
            (faults / route.name).write_text(case.script(), "utf-8")
            if case.effect.by_file:
                (faults / f"{route.name}{faulty.BY_FILE}").touch()
            route.drop(_people())
        jobs = {case: route.finished(1, _SECONDS)[0] for case, route in routes.items()}
        # A function that died after the last effect is called again, and must do no harm then.
        _until_over(stack, jobs)
        notices = told()
        return {
            case: _came_of(route, jobs[case], notices)
            | {"died": (faults / f"{route.name}.played").exists()}
            for case, route in routes.items()
        }


def _deaths(stack: LocalStack) -> int:
    """Count the functions that died since the beginning, by the engine's log."""
    return len(_DEATH.findall(stack.engine.log.read_text("utf-8")))


def _people() -> bytes:
    return table_text(person("ada"), person("bo"))


def _until_over(stack: LocalStack, jobs: Mapping[Case, Item]) -> None:
    """Wait until no execution runs, and no upload is delivered again."""
    workflows = stack.client("stepfunctions")
    executions = stack.outputs["ImportStateMachine"].replace(":stateMachine:", ":execution:")
    ends_at = time.monotonic() + _SECONDS
    for case, job in jobs.items():
        arn = f"{executions}:{job['job_id']}"
        while workflows.describe_execution(executionArn=arn)["status"] == "RUNNING":
            assert time.monotonic() < ends_at, case.label
            time.sleep(0.2)
    drained(stack)


def _came_of(route: Route, job: Item, notices: Counter[tuple[str, str]]) -> Item:
    """Return what there is of a job in the end."""
    (simulator,) = route.simulators.values()
    outcomes = counted(job)
    # Each row is told once in each place, with the outcome that was counted.
    assert Counter(row["outcome"] for row in route.rows(job)) == outcomes, job
    assert Counter(row[OUTCOME] for row in route.file(job, RESULTS)) == outcomes, job
    assert len(route.jobs()) == 1
    return {
        "good": sum(outcomes.get(name, 0) for name in ("confirmed", "accepted", "existing")),
        "requests": accepted_imports(simulator),
        "batches": {name: int(number) for name, number in job["batches"].items()},
        "notices": tuple(notices[kind, route.name] for kind in ("job", "upload")),
    }


def _expected(case: Case) -> Item:
    return {
        "died": True,
        "good": case.good,
        "requests": case.requests,
        "batches": {"planned": 1, "sent": 1, "terminal": 1},
        "notices": case.notices,
    }
