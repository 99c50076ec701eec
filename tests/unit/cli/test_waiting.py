"""`drop --wait`: which jobs an upload becomes, how long they will take, how they ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from listdrop.errors import UploadRejectedError
from listdrop.jobs.again import destination_of
from listdrop.models import Job, JobState, Outcome
from listdrop_cli.waiting import (
    APPEARS,
    NotThereError,
    dropped,
    exit_code,
    table_names,
    wait_for,
)
from tests.support.clock import NOW
from tests.support.containers import zipped
from tests.support.providers import ToyDestination
from tests.support.records import MemoryRecords
from tests.support.world import World, csv_of, route_to

BOTH = (ToyDestination(provider="toy", list_id=1), ToyDestination(provider="toy", list_id=2))


def wait(
    world: World, happen: Sequence[Callable[[], Any]], *all_dropped: Any
) -> tuple[list[Job], list[int]]:
    """Wait while things happen, one at each sleep; returns the jobs, and how many were shown."""
    events = iter(happen)
    shown: list[int] = []

    def sleep(seconds: float) -> None:
        world.clock.advance(seconds)
        next(events, lambda: None)()

    jobs = wait_for(
        all_dropped,
        MemoryRecords(world.jobs),
        world.clock.now,
        sleep,
        lambda seen: shown.append(len(seen)),
    )
    return jobs, shown


def test_it_waits_for_the_job_of_every_destination() -> None:
    world = World(route=route_to(*BOTH))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    job_ids: list[str] = []

    def run(number: int) -> Callable[[], Any]:
        return lambda: world.run(world.jobs.get(job_ids[number]))

    jobs, shown = wait(
        world,
        [lambda: job_ids.extend(world.submit(upload)), run(1), lambda: None, run(0)],
        dropped(upload, BOTH),
    )

    assert [job.job_id for job in jobs] == job_ids
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}
    assert shown == [0, 2, 2, 2, 2]


def test_it_waits_for_a_job_that_begins_after_another_has_ended() -> None:
    world = World(route=route_to(*BOTH))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    late, early = map(world.jobs.get, world.submit(upload))
    del world.jobs.jobs[late.job_id]
    world.run(early)

    def begin() -> None:
        world.jobs.jobs[late.job_id] = late
        world.run(late)

    jobs, shown = wait(world, [lambda: None, begin], dropped(upload, BOTH))

    assert len(jobs) == len(BOTH)
    assert shown == [1, 1, 2]


def test_it_waits_for_the_jobs_of_every_table_of_an_archive() -> None:
    world = World(route=route_to(*BOTH))
    content = zipped({"one.csv": csv_of(1), "two.csv": csv_of(2), "__MACOSX/x": b"junk"})
    upload = world.uploads.put("inbox/spring/a.zip", content)
    expected = dropped(upload, BOTH, table_names("a.ZIP", [content]))

    assert sorted(world.submit(upload)) == sorted(expected.job_ids)
    assert len(expected.job_ids) == 4


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", zipped({})])
def test_an_archive_that_cannot_be_used_has_one_rejected_job_a_destination(content: bytes) -> None:
    world = World(route=route_to(*BOTH))
    upload = world.uploads.put("inbox/spring/a.zip", content)
    expected = dropped(upload, BOTH, table_names("a.zip", [content]))

    assert sorted(world.submit(upload)) == sorted(expected.job_ids)


def test_the_same_destination_twice_is_waited_for_once() -> None:
    upload = World().uploads.put("inbox/spring/a.csv", b"")
    assert len(dropped(upload, (BOTH[0], BOTH[0])).job_ids) == 1


def test_a_route_that_went_bad_meanwhile_ends_the_waiting() -> None:
    world = World(route=route_to(*BOTH))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    del world.routes.routes["spring"]
    (job_id,) = world.submit(upload)
    world.run(world.jobs.get(job_id))

    jobs, _ = wait(world, [], dropped(upload, BOTH))

    assert [(job.state, job.reason) for job in jobs] == [(JobState.REJECTED, "unknown_route")]
    assert exit_code(jobs) == 2


def test_where_no_job_can_be_foretold_the_rejected_one_is_waited_for() -> None:
    world = World(route=route_to(*BOTH))
    content = b"Email,listdrop_job\na@example.com,spring-toy-0123456789abcdef\n"
    upload = world.uploads.put("inbox/spring/a.csv", content)

    def run() -> None:
        (job_id,) = world.submit(upload)
        world.run(world.jobs.get(job_id))

    jobs, _ = wait(world, [run], dropped(upload, []))

    assert [job.state for job in jobs] == [JobState.REJECTED]


def test_jobs_that_never_appear_are_not_waited_for_for_ever() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(3))

    with pytest.raises(NotThereError, match="DeadLetters"):
        wait(world, [], dropped(upload, BOTH))

    assert APPEARS < world.clock.now() - NOW < 2 * APPEARS


def test_a_job_that_does_not_end_after_its_deadline_is_not_waited_for() -> None:
    world = World(route=route_to(BOTH[0], deadline_minutes=60))
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(3))
    world.submit(upload)

    with pytest.raises(NotThereError, match="UnfinishedJobs"):
        wait(world, [], dropped(upload, BOTH[:1]))

    assert timedelta(minutes=90) < world.clock.now() - NOW < timedelta(minutes=92)


# ---------------------------------------------------------------- which destination made a job


def test_the_destination_that_made_a_job_is_found_on_its_route() -> None:
    world = World(route=route_to(*BOTH))
    job_ids = world.submit(world.uploads.put("inbox/spring/a.csv", csv_of(3)))
    job = next(job for job in map(world.jobs.get, job_ids) if job.destination["list_id"] == 2)

    assert destination_of(job, route_to(*BOTH), world.jobs.get) == BOTH[1]
    with pytest.raises(UploadRejectedError, match="is no longer on the route"):
        destination_of(job, route_to(BOTH[0]), world.jobs.get)


# ---------------------------------------------------------------- how it ended


def ended(state: JobState, **counts: int) -> Job:
    job = World().drop(csv_of(9))
    given = job.counts | dict.fromkeys(Outcome, 0) | {"rows": sum(counts.values())} | counts
    return job.model_copy(update={"state": state, "counts": given})


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([], 0),
        ([(JobState.SUCCEEDED, {"confirmed": 3})], 0),
        ([(JobState.SKIPPED, {"duplicate": 3})], 0),
        ([(JobState.PARTIAL, {"confirmed": 3, "invalid": 1})], 1),
        ([(JobState.SUCCEEDED, {}), (JobState.PARTIAL, {"unknown": 1})], 1),
        ([(JobState.FAILED, {"refused": 3})], 2),
        ([(JobState.EXPIRED, {"confirmed": 3})], 2),
        ([(JobState.REJECTED, {})], 2),
        ([(JobState.CANCELLED, {"confirmed": 3})], 2),
        ([(JobState.PARTIAL, {"invalid": 1}), (JobState.REJECTED, {})], 2),
    ],
)
def test_the_exit_code_says_how_the_jobs_ended(
    states: list[tuple[JobState, dict[str, int]]], code: int
) -> None:
    assert exit_code(ended(state, **counts) for state, counts in states) == code
