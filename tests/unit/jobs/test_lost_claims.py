"""A batch that another call takes over during a request: what the answer says still counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listdrop.errors import (
    BatchRefusedError,
    ContendedError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.jobs.calls import EARLY
from listdrop.models import BatchState, Job, Turn
from tests.support.clock import NOW
from tests.support.providers import Asked, LoadingProvider, ToyProvider, received
from tests.support.world import World, csv_of

AUTH = StopJobError("provider_auth", "The provider refused the API key.")


def world_where(kind: str, provider: type[ToyProvider], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world where another call has the batches when such a request is answered."""
    world = World(provider)
    world.script.then_send = received
    record = world.script.record

    def recorded(asked: Asked) -> None:
        record(asked)
        if asked.kind == kind:
            for batch in list(world.jobs.batches(next(iter(world.jobs.jobs)))):
                world.jobs.save_batch(batch)

    monkeypatch.setattr(world.script, "record", recorded)
    return world


def first_turn(world: World, job: Job) -> Turn:
    return world.executions.started[job.job_id]


@pytest.mark.parametrize(
    ("error", "seconds"), [(ProviderBusyError(90), 90), (NotSentError(), 15)], ids=repr
)
def test_a_send_waits_as_long_as_the_answer_says(
    error: Exception, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_where("send", ToyProvider, monkeypatch)
    world.script.sends = [error]
    job = world.drop(csv_of(3))

    turn = world.send(first_turn(world, job))

    assert (turn.next, turn.wait_until) == ("send", NOW + timedelta(seconds=seconds))
    assert world.batches(job)[0].state is BatchState.SENDING


@pytest.mark.parametrize("kind", ["send", "poll"])
def test_a_refused_key_stops_the_job(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_where(kind, ToyProvider, monkeypatch)
    if kind == "send":
        world.script.sends = [AUTH]
    else:
        world.script.then_poll = AUTH
    job = world.drop(csv_of(8))
    world.follow(first_turn(world, job))

    assert world.jobs.get(job.job_id).stop_reason == "provider_auth"


def test_a_busy_poll_is_repeated_when_the_provider_wants_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_where("poll", ToyProvider, monkeypatch)
    world.script.polls = [ProviderBusyError(90)]
    job = world.drop(csv_of(3))
    turn = world.send(first_turn(world, job))
    world.step(turn)

    assert len(world.script.of("poll")) == 1
    held = world.budget.reserve("toy#default#poll", count=1, gap=1, now=world.clock.now())
    assert held.at >= world.clock.now() + timedelta(seconds=90) - EARLY


@pytest.mark.parametrize("error", [BatchRefusedError("no", "417"), None], ids=repr)
def test_a_commit_is_left_to_the_send_that_has_its_batches(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_where("commit", LoadingProvider, monkeypatch)
    world.script.commits = [error] if error else []
    job = world.drop(csv_of(8))

    turn = world.send(first_turn(world, job))

    assert (turn.next, turn.wait_until) == ("send", world.clock.now() + timedelta(seconds=15))


def test_an_import_that_nobody_can_find_is_left_to_the_send_that_has_its_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = world_where("look_up", LoadingProvider, monkeypatch)
    world.script.commits = [FateUnknownError()]
    world.script.look_ups = [None] * 9
    job = world.drop(csv_of(3))
    turn = first_turn(world, job)
    for _ in range(4):
        turn = world.step(turn)

    assert turn.next == "send"
    assert world.crashes == 0


def test_a_contended_budget_costs_a_turn_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    job = world.drop(csv_of(3))

    def contended(account: str, **_: object) -> None:
        raise ContendedError(account)

    with monkeypatch.context() as patched:
        patched.setattr(world.budget, "reserve", contended)
        turn = world.send(first_turn(world, job))

    assert (turn.next, turn.wait_until) == ("send", NOW + EARLY)
    world.follow(turn)
    assert len(world.script.of("send")) == 1
