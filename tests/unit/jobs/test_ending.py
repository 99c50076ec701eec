"""While a job ends, nothing starts of it that is told as never started."""

from __future__ import annotations

from datetime import datetime

import pytest

from listdrop.errors import FateUnknownError, ProviderBusyError, StopJobError
from listdrop.jobs.cancelling import Effect, cancel_job
from listdrop.models import BatchState, Job, JobState, KeyAccount, Turn
from listdrop.providers.base import Batch, Handle, PollAnswer, SendAnswer
from tests.support.providers import (
    Asked,
    CarefulLoadingProvider,
    LoadingProvider,
    accepted,
    all_good,
    received,
)
from tests.support.world import World, csv_of, outcomes_of

ROWS = 9


def decide(world: World, job: Job) -> None:
    """Decide how a job ends, as Finish does before it stores that."""
    now = world.clock.now()
    latest = world.jobs.get(job.job_id)
    world.jobs.decide(latest.model_copy(update={"verdict": JobState.EXPIRED, "decided_at": now}))


@pytest.mark.parametrize("following", ["send", "poll"])
def test_of_a_job_whose_end_is_decided_nothing_is_sent_or_asked(following: str) -> None:
    world = World()
    world.script.sends = [received]
    job = world.drop(csv_of(ROWS))
    turn = world.executions.started[job.job_id]
    if following == "poll":
        turn = world.send(turn)
        world.clock.advance(60)
    asked = len(world.script.asked)
    decide(world, job)

    left = (world.send if following == "send" else world.poll)(turn)

    assert left.next == "finish"
    assert len(world.script.asked) == asked


def test_a_send_makes_no_further_request_when_the_end_is_decided_meanwhile() -> None:
    world = World()
    job = world.drop(csv_of(ROWS))

    def first(batch: Batch) -> SendAnswer:
        decide(world, job)
        return accepted(batch)

    world.script.sends = [first]
    world.send(world.executions.started[job.job_id])

    assert len(world.script.of("send")) == 1


def test_an_import_does_not_start_while_finish_tells_that_it_never_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    job = world.drop(csv_of(3))
    turn = world.executions.started[job.job_id]
    wait, done = world.clock.wait_until, list[Turn]()

    def wait_long(moment: datetime) -> None:
        """Be frozen for a day before the commit, while Finish settles the batch."""
        wait(moment)
        if not done and {batch.state for batch in world.batches(job)} == {BatchState.SENT}:
            done.append(turn.then("finish"))
            world.clock.advance(24 * 3600)
            assert world.finish(done[0], seconds=0) is None

    monkeypatch.setattr(world.clock, "wait_until", wait_long)
    world.send(turn)
    world.finish(turn.then("finish"))

    assert done
    assert world.script.of("commit") == []
    assert {result.reason for result in world.outcomes(job).values()} == {"deadline"}


def test_what_was_only_loaded_at_the_deadline_was_not_sent() -> None:
    world = World(LoadingProvider)
    world.script.then_send = received

    def late(batch: Batch) -> SendAnswer:
        world.clock.advance(24 * 3600)
        return received(batch)

    world.script.sends = [received, late]
    job = world.process(csv_of(6))

    assert world.script.of("commit") == []
    texts = {result.reason_text for result in world.outcomes(job).values()}
    assert texts == {"The row was not sent before the deadline."}


def started_perhaps() -> World:
    """Return a world whose import was perhaps started, and is due to be started once more."""
    world = World(CarefulLoadingProvider)
    world.script.then_send = received
    world.script.commits = [FateUnknownError()]
    world.script.look_ups = [None] * 3
    return world


def test_a_key_that_is_refused_at_the_second_start_says_nothing_of_the_first() -> None:
    world = started_perhaps()
    world.script.commits.append(StopJobError("provider_auth", "The provider refused the key."))

    job = world.process(csv_of(6))

    assert len(world.script.of("commit")) == 2
    assert job.state is JobState.FAILED
    assert outcomes_of(world.outcomes(job)) == ["unknown"] * 6
    assert not job.is_nothing_sent


def test_a_cancel_before_the_second_start_says_nothing_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = started_perhaps()
    record, effects = world.script.record, list[Effect]()

    def recorded(asked: Asked) -> None:
        record(asked)
        if len(world.script.of("look_up")) == 3:
            effects.append(cancel_job(job.job_id, world.jobs).effect)

    monkeypatch.setattr(world.script, "record", recorded)
    job = world.drop(csv_of(6))
    ended = world.run(job)

    assert len(world.script.of("commit")) == 1
    assert outcomes_of(world.outcomes(ended)) == ["unknown"] * 6
    assert ended.state is JobState.CANCELLED
    assert cancel_job(job.job_id, world.jobs).effect is Effect.ENDED
    assert effects[0] is Effect.ALL_SENT


def test_a_second_start_that_is_put_off_until_the_deadline_was_sent() -> None:
    world = started_perhaps()
    world.script.commits += [ProviderBusyError(600)] * 99

    job = world.process(csv_of(6))

    assert job.state is JobState.EXPIRED
    texts = {result.reason_text for result in world.outcomes(job).values()}
    assert texts == {"The provider had not finished with the row at the deadline."}
    assert {batch.was_sent for batch in world.batches(job)} == {True}


def test_what_was_sent_before_a_cancel_is_asked_about_with_a_key_that_was_changed() -> None:
    world = World()

    def ask(handle: Handle) -> PollAnswer:
        if len(world.script.of("poll")) > 1:
            return all_good(handle)
        cancel_job(job.job_id, world.jobs)
        changed = KeyAccount(base_url="https://api.toy.example", api_key="a-new-key")
        world.accounts.stored["toy", "default"] = changed
        raise StopJobError("provider_auth", "The provider refused the key.")

    world.script.then_send = received
    world.script.then_poll = ask
    job = world.drop(csv_of(6))

    job = world.run(job)

    assert job.state is JobState.CANCELLED
    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 6
