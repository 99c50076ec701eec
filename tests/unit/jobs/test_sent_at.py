"""A batch says since when it counts as sent, however it was settled (`docs/design.md#dynamodb`)."""

from __future__ import annotations

import pytest

from listdrop.errors import FateUnknownError
from listdrop.models import BatchItem, BatchState, Job, Outcome, RowResult
from listdrop.providers.base import SendAnswer
from tests.support.fallible import CrashError
from tests.support.providers import (
    LoadingProvider,
    ResendingProvider,
    ToyProvider,
    accepted,
    received,
)
from tests.support.world import World, csv_of

UNTRACKABLE = SendAnswer(rest=RowResult(Outcome.UNKNOWN, "no_receipt"), raw_status="201")


def only_batch(world: World, job: Job) -> BatchItem:
    (batch,) = world.batches(job)
    return batch


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
@pytest.mark.parametrize(
    "step",
    [accepted, received, UNTRACKABLE, FateUnknownError(), CrashError()],
    ids=["accepted", "received", "untrackable", "lost", "died"],
)
def test_a_batch_that_was_sent_or_perhaps_has_the_moment(
    kind: type[ToyProvider], step: object
) -> None:
    world = World(kind)
    world.script.sends = [step, step]  # type: ignore[list-item] # each is a step of a script

    job = world.process(csv_of(3))

    batch = only_batch(world, job)
    assert batch.was_sent
    assert batch.terminal_at is not None
    assert batch.sent_at is not None
    assert world.script.of("send")[0].at <= batch.sent_at <= batch.terminal_at


def test_a_batch_that_is_polled_keeps_the_moment_when_it_was_taken() -> None:
    world = World()
    world.script.then_send = received

    job = world.process(csv_of(3))

    batch = only_batch(world, job)
    assert batch.sent_at == world.script.of("send")[0].at
    assert batch.terminal_at != batch.sent_at


def test_a_batch_of_which_nothing_was_taken_has_none() -> None:
    world = World()
    job = world.drop(csv_of(3))
    world.jobs.stop(job.job_id, "cancelled", "Enough.")

    world.run(job)

    assert only_batch(world, job).sent_at is None


def test_a_request_in_flight_at_the_deadline_counts_as_sent() -> None:
    world = World()
    job = world.drop(csv_of(3))
    turn = world.executions.started[job.job_id]
    world.script.sends = [CrashError()]
    with pytest.raises(CrashError):
        world.send(turn)
    world.clock.wait_until(job.deadline_at)

    job = world.run(job)

    batch = only_batch(world, job)
    assert (batch.state, batch.was_sent) == (BatchState.EXPIRED, True)
    assert batch.sent_at == batch.terminal_at
    assert job.batches == {"planned": 1, "sent": 1, "terminal": 1}


def test_a_batch_of_an_abandoned_import_is_as_if_it_had_never_been_loaded() -> None:
    world = World(LoadingProvider)
    world.script.opens = [{"import": 1}, {"import": 2}]
    world.script.sends = [received, FateUnknownError()]
    job = world.drop(csv_of(6))
    turn = world.step(world.executions.started[job.job_id])
    assert world.batches(job)[0].sent_at is not None
    seen: list[BatchItem] = []

    def look(*_: object) -> SendAnswer:
        seen.extend(world.batches(job))
        return SendAnswer(handle={"id": 1})

    world.script.sends = [look]
    world.step(turn)

    assert [(batch.sent_at, batch.handle, batch.next_poll_at) for batch in seen] == [
        (None, None, None),
        (None, None, None),
    ]
