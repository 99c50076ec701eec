"""Which jobs a list shows, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from listdrop.dashboard.listing import (
    JobFilter,
    attention_first,
    jobs_in,
    moment_of,
    needs_attention,
    why,
)
from listdrop.models import Job, JobState, LastError
from tests.support.records import MemoryRecords
from tests.support.world import World, csv_of

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """A world with a job on each of four days."""
    world = World()
    for days in range(4):
        world.drop(csv_of(1 + days), f"{days}.csv")
        world.clock.advance(86_400)
    return world


@pytest.mark.parametrize("route", ["", "spring"])
@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_period_is_from_its_beginning_until_before_its_end(
    world: World, route: str, last: int
) -> None:
    jobs = sorted(world.jobs.jobs.values(), key=lambda job: job.created_at)
    wanted = JobFilter(jobs[1].created_at, jobs[last].created_at, route=route)

    found = list(jobs_in(MemoryRecords(world.jobs), wanted))

    assert found == jobs[1:last][::-1]


def test_pages_are_read_until_the_period_begins(world: World) -> None:
    for number in range(120):
        world.drop(csv_of(5 + number), f"more{number}.csv")
    wanted = JobFilter(
        world.clock.now() - timedelta(hours=1), world.clock.now() + timedelta(days=1)
    )

    assert len(list(jobs_in(MemoryRecords(world.jobs), wanted))) == 120


def any_job(world: World, **changes: object) -> Job:
    return next(iter(world.jobs.jobs.values())).model_copy(update=changes)


def test_a_job_needs_attention_if_it_ended_badly_or_gets_no_answer(world: World) -> None:
    error = LastError(text="no connection", since=NOW)
    bad = {state for state in JobState if needs_attention(any_job(world, state=state))}

    assert bad >= {JobState.PARTIAL, JobState.FAILED, JobState.EXPIRED, JobState.REJECTED}
    assert not bad & {JobState.RUNNING, JobState.SUCCEEDED, JobState.SKIPPED, JobState.CANCELLED}
    assert needs_attention(any_job(world, state=JobState.RUNNING, last_error=error))
    assert not needs_attention(any_job(world, state=JobState.SUCCEEDED, last_error=error))


def test_jobs_that_need_attention_come_first_and_all_keep_their_order(world: World) -> None:
    states = (JobState.RUNNING, JobState.FAILED, JobState.SUCCEEDED, JobState.PARTIAL)
    jobs = [any_job(world, state=state) for state in states]

    assert attention_first(jobs) == [jobs[1], jobs[3], jobs[0], jobs[2]]


def test_why_is_the_reason_or_what_is_wrong_now(world: World) -> None:
    error = LastError(text="no connection", since=NOW)

    assert why(any_job(world)) == ""
    assert why(any_job(world, reason="empty_file")) == "empty_file"
    assert why(any_job(world, stop_reason="cancelled")) == "cancelled"
    assert why(any_job(world, state=JobState.RUNNING, last_error=error)) == "no connection"
    assert why(any_job(world, state=JobState.SUCCEEDED, last_error=error)) == ""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("12H", NOW - timedelta(hours=12)),
        (" 7 d ", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02T09:30", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30+02:00", datetime(2026, 3, 2, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


def test_a_day_as_an_end_is_part_of_the_period() -> None:
    assert moment_of("2026-03-02", NOW, is_end=True) == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "7", "d", "7y", "2026-13-01", "99999w", "yesterday"])
def test_what_is_no_moment_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time: write 12h or 7d"):
        moment_of(text, NOW)
