"""One at a time means in flight: over all jobs, requests of an account and imports of a list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listdrop.errors import ProviderBusyError
from listdrop.jobs.leases import BLOCKED_SECONDS, REQUEST_SECONDS, RUN_AGAIN_SECONDS, RUN_SECONDS
from listdrop.models import Job, JobState, Outcome, RowResult, Turn
from listdrop.providers.base import PollAnswer
from listdrop.providers.http import Answer
from listdrop.providers.waalaxy import Waalaxy
from listdrop.providers.which50 import Which50, Which50Destination
from tests.support.fallible import CrashError
from tests.support.providers import (
    WORKING,
    Asked,
    LoadingProvider,
    ToyProvider,
    all_good,
    received,
)
from tests.support.world import World, csv_of


class OneAtATime(ToyProvider):
    """Takes one request at a time."""

    rates = ToyProvider.rates._replace(one_at_a_time=True)


class OneImport(LoadingProvider):
    """Runs one import at a time on a list."""

    @property
    def runs_alone(self) -> str:
        """See the provider."""
        return f"list#{self.destination.list_id}"


def first_turn(world: World, job: Job) -> Turn:
    return world.executions.started[job.job_id]


def test_providers_of_which_little_is_known_are_asked_one_thing_at_a_time() -> None:
    assert Waalaxy.rates.one_at_a_time
    assert Which50.rates.one_at_a_time
    wanted = Which50Destination(provider="which50", contact_list_id=42)
    assert Which50(wanted).runs_alone == "list#42"


def test_no_request_leaves_while_another_job_has_one_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(OneAtATime)
    slow, other = world.drop(csv_of(3)), world.drop(csv_of(3, first=10), "b.csv")
    record = world.script.record
    turns: list[Turn] = []

    def recorded(asked: Asked) -> None:
        record(asked)
        if not turns:  # the first is in flight, for two seconds
            world.clock.advance(2)
            turns.append(world.send(first_turn(world, other)))

    monkeypatch.setattr(world.script, "record", recorded)
    world.send(first_turn(world, slow))

    assert len(world.script.asked) == 1
    (turn,) = turns
    assert turn.next == "send"
    assert turn.wait_until is not None
    assert turn.wait_until - world.clock.now() <= timedelta(seconds=BLOCKED_SECONDS[1])
    world.follow(turn)
    assert len(world.script.asked) == 2


def test_a_request_that_a_crash_left_blocks_the_account_until_its_lease_ends() -> None:
    world = World(OneAtATime)
    job = world.drop(csv_of(3))
    began = world.clock.now()
    world.budget.take("toy#default", "died", began + timedelta(seconds=REQUEST_SECONDS), began)

    ended = world.run(job)

    assert ended.state is JobState.SUCCEEDED
    assert world.script.asked[0].at >= began + timedelta(seconds=REQUEST_SECONDS)


@pytest.mark.parametrize("error", [None, CrashError()], ids=["answered", "died"])
def test_the_account_is_given_back_with_the_answer(error: BaseException | None) -> None:
    world = World(OneAtATime)
    job = world.drop(csv_of(3))
    if error:
        world.script.sends = [error]
        with pytest.raises(CrashError):
            world.send(first_turn(world, job))
    else:
        world.send(first_turn(world, job))

    assert world.budget.leases == {}


def loading_world() -> tuple[World, Job, Job]:
    """Return two jobs of one list; the first one's import runs until the provider says so."""
    world = World(OneImport)
    world.script.then_send = received
    world.script.then_poll = WORKING
    first, second = world.drop(csv_of(3)), world.drop(csv_of(3, first=10), "b.csv")
    return world, first, second


def test_an_import_waits_until_the_other_of_its_list_is_over() -> None:
    world, first, second = loading_world()
    running = world.step(first_turn(world, first))
    waiting = world.step(first_turn(world, second))
    waiting = world.step(waiting)

    assert len(world.script.of("commit")) == 1
    assert waiting.wait_until is not None
    assert waiting.wait_until - world.clock.now() <= timedelta(seconds=RUN_AGAIN_SECONDS[1] + 1)

    for _ in range(20):  # much longer than the lease
        running = world.step(running)
        waiting = world.step(waiting) if waiting.next == "send" else waiting
    assert world.clock.now() - world.script.asked[0].at > timedelta(seconds=RUN_SECONDS)
    assert len(world.script.of("commit")) == 1

    world.script.then_poll = PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))
    world.follow(running)
    world.follow(waiting)
    assert len(world.script.of("commit")) == 2


def test_an_import_keeps_its_list_for_as_long_as_the_provider_may_say_to_wait() -> None:
    world, first, second = loading_world()
    longest = Answer(429, {"Retry-After": "86400"}, b"").retry_after(60)
    world.script.polls = [WORKING, ProviderBusyError(longest)]
    turns = [world.step(first_turn(world, first)), first_turn(world, second)]

    while len(world.script.of("poll")) < 3:
        turns.sort(key=lambda turn: turn.wait_until or world.clock.now())
        turns = [world.step(turns[0]), turns[1]]

    assert len(world.script.of("commit")) == 1


def test_an_import_of_which_nothing_is_heard_blocks_its_list_for_a_while_only() -> None:
    world, first, second = loading_world()
    world.step(first_turn(world, first))
    began = world.clock.now()
    world.script.then_poll = all_good

    ended = world.run(second)

    assert ended.state is JobState.SUCCEEDED
    second_commit = world.script.of("commit")[1]
    assert second_commit.at - began >= timedelta(seconds=RUN_SECONDS - 5)
