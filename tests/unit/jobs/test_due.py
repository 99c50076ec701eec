"""Send and Status read hardly more batches than they work on, however many are open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from listdrop.models import BatchItem, BatchState, JobState, Turn
from listdrop.providers.base import Limits, Pace, Rates
from tests.support.providers import WORKING, ToyProvider, received
from tests.support.world import TURN_SECONDS, World, csv_of

BATCHES = 300


class SlowProvider(ToyProvider):
    """Takes a row a second, and is asked about one a second."""

    limits = Limits(rows=1, bytes=100_000)
    rates = Rates(send_gap=1, poll_gap=1)
    pace = Pace(first=10, shortest=20, longest=60)


def sent_world() -> World:
    world = World(SlowProvider)
    world.script.then_send = received
    return world


def in_time(world: World, take: Callable[[Turn], Turn], turn: Turn) -> Turn:
    """Take a turn when it is due."""
    world.clock.wait_until(turn.wait_until or world.clock.now())
    return take(turn)


def counted(world: World) -> list[int]:
    """Count the batches that are read, from now on."""
    read: list[int] = []
    before = world.jobs.batches

    def batches(job_id: str, first: int = 1) -> Iterator[BatchItem]:
        for batch in before(job_id, first):
            read.append(batch.number)
            yield batch

    world.jobs.batches = batches  # type: ignore[method-assign] # to look on
    return read


def all_sent() -> tuple[World, Turn]:
    """Send a whole job, and wait until it may be asked about; returns also the next turn."""
    world = sent_world()
    job = world.drop(csv_of(BATCHES))
    turn = world.executions.started[job.job_id]
    while world.jobs.get(job.job_id).batches["sent"] < BATCHES:
        turn = in_time(world, world.send, turn)
    world.clock.advance(120)
    return world, turn


def test_send_does_not_read_again_what_is_sent() -> None:
    world = sent_world()
    job = world.drop(csv_of(BATCHES))
    turn = world.executions.started[job.job_id]
    read = counted(world)

    while turn.next != "finish" and world.jobs.get(job.job_id).batches["sent"] < BATCHES:
        turn = in_time(world, world.send, turn)

    assert len(read) <= 1.2 * BATCHES


def test_status_goes_round_and_asks_about_every_batch() -> None:
    world, turn = all_sent()
    world.script.then_poll = WORKING
    read = counted(world)

    while len(asked := world.script.of("poll")) < BATCHES:
        turn = in_time(world, world.poll, turn)
        assert turn.next == "poll"

    handles = [each.handle.value["first"] for each in asked if each.handle]
    assert handles[:BATCHES] == list(range(1, BATCHES + 1))
    assert len(read) <= 1.2 * BATCHES


def test_a_turn_that_did_not_see_all_batches_is_followed_by_another_at_once() -> None:
    world, turn = all_sent()

    turn = in_time(world, world.poll, turn)  # all that it asks about is answered

    assert turn.next == "poll"
    assert turn.wait_until is not None
    assert turn.wait_until <= world.clock.now() + timedelta(seconds=1)
    assert world.run(world.jobs.get(turn.job_id)).state is JobState.SUCCEEDED
    assert world.script.sent_rows.total() == BATCHES


def test_what_was_sent_in_an_earlier_turn_is_asked_about_though_nobody_said_when() -> None:
    world = sent_world()
    job = world.drop(csv_of(TURN_SECONDS + 5))
    turn = world.executions.started[job.job_id]
    while (stored := world.jobs.get(job.job_id)).batches["sent"] < TURN_SECONDS + 5:
        turn = in_time(world, world.send, turn)
    assert stored.poll_at is not None
    world.jobs.update(job.job_id, poll_at=None)  # by a Status that saw no batch yet

    turn = in_time(world, world.send, turn)

    assert turn.next == "poll"
    assert {batch.state for batch in world.batches(job)} == {BatchState.SENT}
