"""The search for leaks itself: it hears everything, and finds what was planted.

That nothing leaks is checked at the end of the session, over all that the other tests did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from local.simulators.base import API_KEY
from local.stack import LocalStack
from tests.support.leaks import CANARY_PHONE, Overheard, Saying, leaks
from tests.support.routes import DESTINATIONS, Item, Route, first_name, person, table_text

pytestmark = pytest.mark.engine

GROUP = "/aws/lambda/listdrop-planted"
ADA = person("ada")


def test_everything_that_a_job_says_is_heard(
    make_route: Callable[..., Route], overheard: Overheard
) -> None:
    route = make_route()
    route.drop(table_text(person("ada"), person("bo", "refused"), (first_name("di"), "", "", "")))
    jobs = {job["provider"]: job for job in route.finished(5)}

    assert set(jobs) == set(DESTINATIONS)
    ends_at = time.monotonic() + 120  # a look at all that the session said takes many seconds
    while missing := _unheard(route, jobs, [*overheard.sayings()]):
        # Finish logs its last line when everybody can see already that the job is over.
        assert time.monotonic() < ends_at, missing


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


@pytest.fixture
def planted(stack: LocalStack) -> Iterator[Callable[..., None]]:
    """A log of its own, that is gone again before the whole session is searched."""
    logs = stack.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="planted")

    def plant(*lines: str) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now + place, "message": line} for place, line in enumerate(lines)]
        logs.put_log_events(logGroupName=GROUP, logStreamName="planted", logEvents=events)

    yield plant
    logs.delete_log_group(logGroupName=GROUP)


@pytest.mark.parametrize("cell", [*ADA, CANARY_PHONE, "+493049508877", API_KEY, "ADA@EXAMPLE.COM"])
def test_a_planted_line_with_any_cell_or_the_key_is_found(
    planted: Callable[..., None], overheard: Overheard, cell: str
) -> None:
    planted(f'{{"level": "ERROR", "message": "refused: {cell}"}}')

    (found, *_) = leaks(overheard.sayings())

    assert GROUP in found
    assert cell in found


def test_a_line_is_found_after_more_than_the_engine_returns_at_once(
    planted: Callable[..., None], overheard: Overheard
) -> None:
    planted(*["a row of nobody"] * 9_999)
    planted("a row of nobody", "a row of nobody", f"a row of {ADA[2]}")

    assert any(GROUP in found for found in leaks(overheard.sayings()))


@pytest.mark.parametrize("kind", ["metric", "message", "execution"])
def test_a_mark_is_found_wherever_it_was_said(kind: str) -> None:
    said = Saying(kind, "somewhere", f"a row of {ADA[2]}")

    assert leaks([said]) == [f"'example.com' in {kind} somewhere: a row of ada@example.com"]
    assert leaks([said._replace(text="a row of nobody")]) == []
