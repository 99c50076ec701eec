"""The search for leaks itself: it hears everything, and finds what was planted.

That nothing leaks is checked at the end of the session, over all that the other tests did.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.simulators.base import API_KEY
from local.stack import Stack
from tests.support.leaks import CANARY_PHONE, Overheard, Saying, leaks
from tests.support.routes import DESTINATIONS, Item, Route, first_name, person, table_text
from tests.support.waiting import until

pytestmark = pytest.mark.engine

ADA = person("ada")
SECRETS = (*ADA, CANARY_PHONE, "+493049508877", API_KEY, "ADA@EXAMPLE.COM")


@pytest.fixture
def overheard(stack: Stack) -> Overheard:
    """What the stack says from now on."""
    return Overheard(stack)


def test_everything_that_a_job_says_is_heard(
    make_route: Callable[..., Route], overheard: Overheard
) -> None:
    route = make_route()
    route.drop(table_text(person("ada"), person("bo", "refused"), (first_name("di"), "", "", "")))
    jobs = {job["provider"]: job for job in route.finished(5)}

    assert set(jobs) == set(DESTINATIONS)
    # Finish logs its last line when everybody can see already that the job is over.
    until(lambda: not _unheard(route, jobs, [*overheard.sayings()]))


def _unheard(route: Route, jobs: dict[str, Item], said: list[Saying]) -> set[tuple[str, str]]:
    """What should have been said of the jobs, and was not."""
    expected = {("log", "/aws/lambda/listdrop-submit", '"submitted"')}
    for provider, job in jobs.items():
        functions = ["finish", f"send-{provider}"]
        if provider != "waalaxy":  # which answers at once, and is never polled
            functions.append(f"status-{provider}")
        expected |= {("log", f"/aws/lambda/listdrop-{name}", job["job_id"]) for name in functions}
        expected |= {
            ("metric", "/aws/lambda/listdrop-finish", f'"{provider}"'),
            ("message", route.stack.outputs["ResultsTopic"], job["job_id"]),
            ("execution", job["execution_arn"], "ExecutionSucceeded"),
        }
    heard = {
        (kind, place, word)
        for kind, place, word in expected
        for saying in said
        if (saying.kind, saying.place) == (kind, place) and word in saying.text
    }
    return {(kind, place) for kind, place, _ in expected - heard}


@dataclass
class Planted:
    """A log of a test's own."""

    logs: Any
    group: str

    def say(self, *lines: str) -> None:
        """Write lines."""
        now = int(time.time() * 1000)
        events = [{"timestamp": now + place, "message": line} for place, line in enumerate(lines)]
        self.logs.put_log_events(logGroupName=self.group, logStreamName="planted", logEvents=events)


@pytest.fixture
def planted(stack: Stack) -> Iterator[Planted]:
    """A log that is gone again before all that was said is searched."""
    logs, group = stack.client("logs"), f"/aws/lambda/listdrop-planted-{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="planted")
    yield Planted(logs, group)
    logs.delete_log_group(logGroupName=group)


def test_a_planted_line_with_any_cell_or_the_key_is_found(
    planted: Planted, overheard: Overheard
) -> None:
    lines = [f'{{"level": "ERROR", "message": "refused: {secret}"}}' for secret in SECRETS]
    planted.say(*lines)

    found = [leak for leak in leaks(overheard.sayings()) if planted.group in leak]

    for line in lines:
        assert any(leak.endswith(line) for leak in found), line


@pytest.mark.slow
def test_a_line_is_found_after_more_than_the_engine_returns_at_once(
    planted: Planted, overheard: Overheard
) -> None:
    planted.say(*["a row of nobody"] * 9_999)
    planted.say("a row of nobody", "a row of nobody", f"a row of {ADA[2]}")

    assert any(planted.group in found for found in leaks(overheard.sayings()))


@pytest.mark.parametrize("kind", ["metric", "message", "execution"])
def test_a_mark_is_found_wherever_it_was_said(kind: str) -> None:
    said = Saying(kind, "somewhere", f"a row of {ADA[2]}")

    assert leaks([said]) == [f"'example.com' in {kind} somewhere: a row of ada@example.com"]
    assert leaks([said._replace(text="a row of nobody")]) == []
