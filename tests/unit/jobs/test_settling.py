"""Settling: of two that settle a batch at once, one is believed, in everything."""

from __future__ import annotations

import json

import pytest

from listdrop.errors import ClaimLostError
from listdrop.jobs.settling import Ending, lost, settle_batch
from listdrop.models import BatchItem, BatchState, Job, Outcome, RowResult, Turn
from tests.support.fallible import CrashError
from tests.support.providers import received
from tests.support.world import World, csv_of, is_balanced, route_to

IN = Ending(BatchState.COMPLETED, RowResult(Outcome.ACCEPTED), {})
LOST = lost("deadline", "Too late.")


def sent_batch(world: World) -> tuple[Job, BatchItem]:
    world.script.then_send = received
    job = world.drop(csv_of(3))
    world.send(world.executions.started[job.job_id])
    return job, world.batches(job)[0]


def settle(world: World, job: Job, batch: BatchItem, ending: Ending) -> BatchItem:
    return settle_batch(batch, ending, job, world.jobs, world.files, world.clock.now())


def told(world: World, job: Job) -> tuple[list[str], list[str]]:
    """Return the outcomes of the row items, and of the batch's file."""
    [batch] = world.batches(job)
    items = [result.outcome.value for result in world.outcomes(job).values()]
    stored = json.loads(world.files.read_outcomes(job.job_id, batch.outcomes))
    return items, [outcome for _, outcome, *_ in stored]


@pytest.mark.parametrize(("first", "second"), [(IN, LOST), (LOST, IN)])
def test_who_comes_second_with_another_ending_changes_nothing(
    first: Ending, second: Ending
) -> None:
    world = World()
    job, batch = sent_batch(world)
    settle(world, job, batch, first)
    before = told(world, job)

    with pytest.raises(ClaimLostError):
        settle(world, job, batch, second)

    assert told(world, job) == before
    assert before == ([first.rest.outcome.value] * 3,) * 2


def test_row_items_that_a_crash_left_out_are_written_when_the_job_ends() -> None:
    world = World()
    job, batch = sent_batch(world)
    world.tripwire.arm(3, "before")  # the file, the mark, the items
    with pytest.raises(CrashError):
        settle(world, job, batch, IN)
    assert world.outcomes(job) == {}

    world.finish(Turn(job_id=job.job_id, provider="toy", next="finish"))

    assert told(world, job) == (["accepted"] * 3,) * 2
    assert is_balanced(world.jobs.get(job.job_id))


@pytest.mark.parametrize(
    ("row_items", "ending", "saves"),
    [("all", IN, 2), ("all", LOST, 2), ("bad", IN, 1), ("bad", LOST, 2), ("none", LOST, 1)],
)
def test_a_batch_without_row_items_is_settled_by_one_write(
    row_items: str, ending: Ending, saves: int
) -> None:
    world = World(route=route_to(row_items=row_items))
    job, batch = sent_batch(world)

    settled = settle(world, job, batch, ending)

    assert settled.version == batch.version + saves
    assert settled.has_items
    assert len(world.outcomes(job)) == (3 if saves == 2 else 0)
