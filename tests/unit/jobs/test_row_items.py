"""Row items that Finish writes: of several keys in turn, and each of them, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pytest

from listdrop.errors import TableBusyError
from listdrop.jobs import row_items
from listdrop.models import Job, JobState, PlannedRow, RowResult, Turn
from tests.support.fallible import CrashError
from tests.support.providers import LoadingProvider, received
from tests.support.throttling import SECONDS_A_REQUEST, ThrottledTable
from tests.support.world import World, csv_of, is_balanced, route_to

ROWS = 40_000
MIXED = b"Email\n" + b"".join(
    b"broken\n" if n % 5 == 3 else b"p%d@example.com\n" % n for n in range(1, 31)
)
"""Every fifth row is in no batch."""


@pytest.fixture
def small_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have seven rows of a key, of two keys at a time, and save after each write."""
    monkeypatch.setattr(row_items, "ROWS_PER_KEY", 7)
    monkeypatch.setattr(row_items, "KEYS_AT_ONCE", 2)
    monkeypatch.setattr(row_items, "_AT_ONCE", 2)
    monkeypatch.setattr(row_items, "_WRITES_BETWEEN_SAVES", 1)


def overdue(content: bytes, row_items: Literal["all", "bad", "none"] = "all") -> tuple[World, Turn]:
    """Return a job of which nothing is sent when its deadline is over, and its last turn."""
    world = World(route=route_to(row_items=row_items))
    job = world.drop(content)
    world.clock.wait_until(job.deadline_at)
    return world, world.executions.started[job.job_id].then("finish")


def watched(world: World) -> list[int]:
    """Return a list that gets the rows in the order in which their items are written."""
    rows: list[int] = []
    put_rows = world.jobs.put_rows

    def noted(job: Job, some: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        some = list(some)
        rows.extend(planned.row for planned, _ in some)
        put_rows(job, some)

    world.jobs.put_rows = noted  # type: ignore[method-assign,assignment] # to look on
    return rows


def written(world: World, last: Turn) -> list[int]:
    """Run Finish, and return the rows in the order in which their items were written."""
    rows = watched(world)
    world.finish(last)
    return rows


@pytest.mark.slow
def test_items_do_not_wait_for_one_key_after_another() -> None:
    world = World()
    job = world.drop(b"Email\n" + b"nobody\n" * ROWS)
    table = ThrottledTable(world.clock)
    world.jobs.put_rows = table.jobs().put_rows  # type: ignore[method-assign] # a slow table
    began = world.clock.now()

    state = world.finish(world.follow(world.executions.started[job.job_id])[-1])

    seconds = (world.clock.now() - began).total_seconds()
    assert state is JobState.FAILED
    assert len(table.items) == ROWS
    assert table.refused == 0
    assert seconds == pytest.approx(ROWS / 25 * SECONDS_A_REQUEST, rel=0.01)


@pytest.mark.usefixtures("small_keys")
@pytest.mark.parametrize("content", [csv_of(30), b"Email\n" + b"nobody\n" * 30, MIXED])
def test_items_of_a_few_keys_are_written_in_turn(content: bytes) -> None:
    world, last = overdue(content)

    rows = written(world, last)

    assert rows[:6] == [1, 2, 7, 8, 14, 15]  # a line of the plan reaches into a third
    assert sorted(rows) == list(range(1, 31))


@pytest.mark.usefixtures("small_keys")
def test_no_more_of_the_plan_is_held_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(row_items, "_WINDOW_BYTES", 0)  # a line at a time, of three rows
    world, last = overdue(csv_of(30))

    rows = written(world, last)

    assert rows == list(range(1, 31))


@pytest.mark.usefixtures("small_keys")
@pytest.mark.parametrize(("row_items", "kept"), [("all", 30), ("bad", 30), ("none", 0)])
def test_finish_writes_the_items_that_are_asked_for(
    row_items: Literal["all", "bad", "none"], kept: int
) -> None:
    world, last = overdue(MIXED, row_items)

    assert len(written(world, last)) == kept


@pytest.mark.usefixtures("small_keys")
def test_rows_that_are_not_bad_have_no_item_where_only_those_are_asked_for() -> None:
    world = World(route=route_to(row_items="bad"))
    job = world.drop(b"Email\n" + b"a@example.com\nA@example.com\nbroken\n" * 10)
    last = world.follow(world.executions.started[job.job_id])[-1]

    assert sorted(written(world, last)) == list(range(3, 31, 3))


@pytest.mark.usefixtures("small_keys")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("window_bytes", [0, 1 << 20])
def test_a_finish_that_dies_between_items_leaves_none_out(
    when: Literal["before", "after"], window_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_items, "_WINDOW_BYTES", window_bytes)
    undisturbed, last = overdue(MIXED)
    undisturbed.finish(last)
    writes = len(undisturbed.tripwire.writes)
    for at in range(1, writes + 1):
        world, last = overdue(MIXED)
        before = len(world.tripwire.writes)
        if before + at > writes:
            break
        world.tripwire.arm(at, when)
        with pytest.raises(CrashError):
            world.finish(last)

        world.finish(last)

        job = world.jobs.get(last.job_id)
        assert (job.state, is_balanced(job)) == (JobState.EXPIRED, True)
        assert world.jobs.rows[job.job_id] == undisturbed.jobs.rows[job.job_id]


@pytest.mark.usefixtures("small_keys")
def test_a_finish_without_time_goes_on_with_each_key_where_it_stopped() -> None:
    world, last = overdue(MIXED)
    rows = watched(world)

    calls = 1
    while world.finish(last, seconds=0) is None:
        calls += 1

    assert calls > 15  # with two items each
    assert sorted(rows) == list(range(1, 31))  # each only once
    assert world.jobs.get(last.job_id).state is JobState.EXPIRED


@pytest.mark.usefixtures("small_keys")
def test_several_may_write_at_once() -> None:
    alone, last = overdue(MIXED)
    alone.finish(last)
    world, last = overdue(MIXED)
    world.writers = 4

    assert world.finish(last) is JobState.EXPIRED

    assert world.jobs.rows == alone.jobs.rows


@pytest.mark.usefixtures("small_keys")
def test_a_busy_table_is_an_error_only_if_it_took_nothing() -> None:
    world, last = overdue(MIXED)
    put_rows = world.jobs.put_rows
    takes = 3

    def busy(job: Job, some: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        nonlocal takes
        if not takes:
            raise TableBusyError("the table took none of 2 items")
        takes -= 1
        put_rows(job, some)

    world.jobs.put_rows = busy  # type: ignore[method-assign,assignment] # for a moment

    assert world.finish(last) is None
    job = world.jobs.get(last.job_id)
    assert (job.items_through, job.items_beyond) == (0, (2, 8, 15))
    with pytest.raises(TableBusyError):
        world.finish(last)
    takes = 1_000
    assert world.finish(last) is JobState.EXPIRED
    assert len(world.outcomes(job)) == 30


@pytest.mark.usefixtures("small_keys")
def test_a_batch_whose_items_the_table_did_not_take_is_settled_and_left_to_finish() -> None:
    world = World()
    job = world.drop(csv_of(3))
    put_rows = world.jobs.put_rows

    def busy(*_: object) -> None:
        raise TableBusyError("the table took none of 3 items")

    world.jobs.put_rows = busy  # type: ignore[method-assign,assignment] # for a moment
    last = world.follow(world.executions.started[job.job_id])[-1]
    [batch] = world.batches(job)
    assert (batch.state.is_terminal, batch.has_items) == (True, False)
    world.jobs.put_rows = put_rows  # type: ignore[method-assign] # as it was

    assert world.finish(last) is JobState.SUCCEEDED
    assert len(world.outcomes(job)) == 3


@pytest.mark.usefixtures("small_keys")
def test_the_items_of_an_import_of_several_batches_are_written_in_turn() -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    job = world.drop(csv_of(30))
    last = world.follow(world.executions.started[job.job_id])[-1]
    assert all(batch.state.is_terminal for batch in world.batches(job))
    assert world.outcomes(job) == {}

    rows = written(world, last)

    assert rows[:6] == [1, 2, 7, 8, 14, 15]
    assert sorted(rows) == list(range(1, 31))
    assert world.jobs.get(job.job_id).state is JobState.SUCCEEDED


@pytest.mark.usefixtures("small_keys")
@pytest.mark.parametrize("at", [1, 4, 8, 12])
def test_of_two_finishes_at_once_both_write_the_same_items(at: int) -> None:
    alone, last = overdue(MIXED)
    alone.finish(last)
    world, last = overdue(MIXED)
    put_rows = world.jobs.put_rows
    writes = 0

    def interrupted(job: Job, some: Iterable[tuple[PlannedRow, RowResult]]) -> None:
        nonlocal writes
        writes += 1
        if writes == at:
            world.finish(last)
        put_rows(job, some)

    world.jobs.put_rows = interrupted  # type: ignore[method-assign,assignment] # a second Finish

    assert world.finish(last) is JobState.EXPIRED

    assert world.jobs.rows == alone.jobs.rows
    assert len(world.notices.published) == 1
