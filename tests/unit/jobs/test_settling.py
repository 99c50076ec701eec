"""Settling: of two that settle a batch at once, one is believed, in everything."""

from __future__ import annotations

import json
import random

import pytest

from listdrop.errors import ClaimLostError
from listdrop.jobs import settling
from listdrop.jobs.settling import (
    Ending,
    decode_outcomes,
    encode_outcomes,
    lost,
    pack,
    settle_batch,
    settled_rows,
    unpack,
)
from listdrop.models import (
    CUSTOM_DATA_NOT_SAVED,
    BatchItem,
    BatchState,
    Job,
    Outcome,
    RowResult,
    Turn,
)
from listdrop.providers.base import SendAnswer
from tests.support.fallible import CrashError
from tests.support.providers import received
from tests.support.world import World, csv_of, is_balanced, route_to

IN = Ending(BatchState.COMPLETED, RowResult(Outcome.ACCEPTED), {})
LOST = lost("deadline", "Too late.")


def dies(*_: object) -> None:
    raise CrashError


def sent_batch(world: World) -> tuple[Job, BatchItem]:
    world.script.then_send = received
    job = world.drop(csv_of(3))
    world.send(world.executions.started[job.job_id])
    return job, world.batches(job)[0]


def settle(world: World, job: Job, batch: BatchItem, ending: Ending) -> BatchItem:
    return settle_batch(batch, ending, job, world.jobs, world.files, world.clock.now()).batch


def told(world: World, job: Job) -> tuple[list[str], list[str]]:
    """Return the outcomes of the row items, and of the batch."""
    [batch] = world.batches(job)
    items = [result.outcome.value for result in world.outcomes(job).values()]
    return items, [result.outcome.value for _, result in settled_rows(world.files, batch)]


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
    world.tripwire.arm(2, "before")  # the mark, the items
    with pytest.raises(CrashError):
        settle(world, job, batch, IN)
    assert world.outcomes(job) == {}

    world.finish(Turn(job_id=job.job_id, provider="toy", next="finish"))

    assert told(world, job) == (["accepted"] * 3,) * 2
    assert is_balanced(world.jobs.get(job.job_id))


@pytest.mark.parametrize(
    ("row_items", "ending", "items"),
    [("all", IN, 3), ("all", LOST, 3), ("bad", IN, 0), ("bad", LOST, 3), ("none", LOST, 0)],
)
def test_a_batch_is_settled_by_one_write_and_no_file(
    row_items: str, ending: Ending, items: int
) -> None:
    world = World(route=route_to(row_items=row_items))
    job, batch = sent_batch(world)

    settled = settle(world, job, batch, ending)

    assert settled.version == batch.version + 1
    assert settled.has_items == (items == 0)
    assert len(world.outcomes(job)) == items
    assert not settled.outcomes


def test_outcomes_that_are_too_long_for_an_item_have_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    job, batch = sent_batch(world)
    monkeypatch.setattr(settling, "MOST_TOLD", 20)

    settled = settle(world, job, batch, IN)

    assert settled.told == b""
    assert json.loads(world.files.read_outcomes(job.job_id, settled.outcomes))
    assert told(world, job) == (["accepted"] * 3,) * 2


@pytest.mark.parametrize(
    "outcomes",
    [
        [],
        [(7, RowResult(Outcome.UNKNOWN))],
        [
            (1, RowResult(Outcome.CONFIRMED, provider_ref="contact-33a9b4")),
            (3, RowResult(Outcome.REFUSED, "Nö\n", "Sätze.", "", "word")),
            (4, RowResult(Outcome.EXISTING, provider_ref="日本")),
            (5, RowResult(Outcome.CONFIRMED, warning=CUSTOM_DATA_NOT_SAVED)),
            (6, RowResult(Outcome.CONFIRMED)),
        ],
    ],
)
def test_what_is_packed_is_unpacked_as_it_was(outcomes: list[tuple[int, RowResult]]) -> None:
    assert unpack(pack(outcomes)) == outcomes
    assert list(decode_outcomes(encode_outcomes(outcomes))) == outcomes


def test_outcomes_of_rows_without_a_warning_are_stored_as_before_there_were_any() -> None:
    """A job may have run when the app was updated: of old and new code, each reads the other's."""
    told = b'[[1,"refused","no","Not so.","ref-1","failed"],[2,"accepted","","","",""]]'
    outcomes = [
        (1, RowResult(Outcome.REFUSED, "no", "Not so.", "ref-1", "failed")),
        (2, RowResult(Outcome.ACCEPTED)),
    ]

    assert list(decode_outcomes(told)) == outcomes
    assert encode_outcomes(outcomes) == told


def test_references_of_fifty_rows_leave_a_batch_in_one_unit_of_the_table() -> None:
    ids = random.Random(1)  # noqa: S311 # made up
    outcomes = [
        (row, RowResult(Outcome.CONFIRMED, "", "", f"{ids.getrandbits(96):024x}", "success"))
        for row in range(951, 1001)
    ]
    assert len(pack(outcomes)) < 750


def test_items_of_which_a_turn_has_told_are_not_written_again() -> None:
    world = World()
    world.script.then_send = lambda _: SendAnswer(rest=RowResult(Outcome.ACCEPTED))
    job = world.drop(csv_of(7))
    last = world.follow(world.executions.started[job.job_id])[-1]
    assert world.jobs.get(job.job_id).items_of == ((1, 3),)
    before = world.tripwire.writes.count("put_rows")

    world.finish(last)

    assert world.tripwire.writes.count("put_rows") == before == 3
    assert len(world.outcomes(job)) == 7


def test_what_a_turn_had_not_told_when_it_died_is_counted_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.script.then_send = lambda _: SendAnswer(rest=RowResult(Outcome.ACCEPTED))
    job = world.drop(csv_of(7))
    with monkeypatch.context() as dying:
        dying.setattr(world.jobs, "tell", dies)
        with pytest.raises(CrashError):
            world.send(world.executions.started[job.job_id])
    assert world.jobs.get(job.job_id).batches == {"planned": 3, "sent": 0, "terminal": 0}

    ended = world.run(job)

    assert ended.batches == {"planned": 3, "sent": 3, "terminal": 3}
    assert ended.counts["accepted"] == len(world.outcomes(job)) == 7
