"""An upload is announced once, by the Finish of the last of its jobs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Literal

import pytest

from listdrop.jobs.announcing import announce_upload
from listdrop.jobs.submitting import PLANNING
from listdrop.models import EndedJob, Hold, Job, Turn
from listdrop.notices.links import NO_LINKS
from listdrop.providers.base import Rates
from tests.support.containers import zipped
from tests.support.fallible import CrashError
from tests.support.providers import ToyDestination, ToyProvider
from tests.support.world import World, csv_of, route_to


def world_of(destinations: int) -> World:
    """A world whose route has this many destinations."""
    each = (ToyDestination(provider="toy", list_id=number) for number in range(1, destinations + 1))
    return World(route=route_to(*each))


def drop(world: World, content: bytes, name: str = "a.csv") -> list[Job]:
    """Drop an upload; returns its jobs as planned."""
    job_ids = world.submit(world.uploads.put(f"inbox/spring/{name}", content))
    return [world.jobs.get(job_id) for job_id in job_ids]


def before_finish(world: World, job: Job) -> Turn:
    return world.follow(world.executions.started[job.job_id])[-1]


def announced(world: World) -> list[list[str]]:
    """The jobs in each notice of an upload."""
    return [
        sorted(job["job_id"] for job in json.loads(notice.message)["jobs"])
        for notice in world.notices.of_uploads
    ]


def ids(jobs: list[Job]) -> list[str]:
    return sorted(job.job_id for job in jobs)


def test_the_last_job_announces_the_upload_once() -> None:
    world = world_of(3)
    jobs = drop(world, csv_of(2))

    for job in jobs[:2]:
        world.run(job)
        assert world.notices.of_uploads == []
    world.run(jobs[2])

    assert announced(world) == [ids(jobs)]
    assert len(world.notices.published) == 3
    (notice,) = world.notices.of_uploads
    assert (notice.attributes["kind"], notice.attributes["rows"]) == ("upload", 2)


@pytest.mark.parametrize("gone", [1, 2])
def test_jobs_that_expired_before_the_last_ended_do_not_keep_its_notice_back(gone: int) -> None:
    world = world_of(3)
    jobs = drop(world, csv_of(2))
    for job in jobs[:2]:
        world.run(job)
    for job in jobs[:gone]:  # their `ENDED#` items may be deleted days later
        del world.jobs.jobs[job.job_id]

    world.run(jobs[2])

    assert announced(world) == [ids(jobs[gone:])]
    assert world.jobs.get(jobs[2].job_id).notified_at
    assert len(world.notices.published) == 3


class TwoSpeeds(ToyProvider):
    """Takes a request every four hours, for its second list."""

    @property
    def rates(self) -> Rates:  # type: ignore[override] # of no other provider by destination
        """See the provider."""
        return Rates(send_gap=4 * 3600 if self.destination.list_id == 2 else 1, poll_gap=1)


def test_jobs_of_an_upload_are_kept_until_the_slowest_has_ended() -> None:
    to = [ToyDestination(provider="toy", list_id=number) for number in (1, 2)]
    world = World(TwoSpeeds, route=route_to(*to, retention_days=1))

    fast, slow = drop(world, csv_of(40))

    assert slow.deadline_at - fast.deadline_at > timedelta(days=2)
    assert fast.expires_at == slow.expires_at > slow.deadline_at.timestamp()


def test_the_notice_has_the_reasons_of_each_job() -> None:
    world = world_of(2)
    for job in drop(world, csv_of(1) + b"no address,Bo,Bo\r\n"):
        world.run(job)

    (notice,) = world.notices.of_uploads
    for job in json.loads(notice.message)["jobs"]:
        assert job["top_reasons"] == [{"outcome": "invalid", "reason": "invalid_email", "rows": 1}]


def test_an_upload_that_cannot_be_used_is_announced_as_well() -> None:
    world = World()
    (job,) = drop(world, b"")
    world.run(job)

    assert announced(world) == [[job.job_id]]
    assert world.notices.of_uploads[0].attributes["state"] == "rejected"


def test_an_archive_is_announced_when_the_jobs_of_all_its_files_have_ended() -> None:
    world = world_of(2)
    members = {"a.csv": csv_of(1), "b.csv": csv_of(2), "notes.pdf": b"%PDF-1.7"}
    jobs = drop(world, zipped(members), "all.zip")

    for job in jobs:
        assert world.notices.of_uploads == []
        world.run(job)

    assert len(jobs) == 5  # what cannot be read goes nowhere, and so it is one
    assert announced(world) == [ids(jobs)]


BOTH = zipped({"a.csv": csv_of(1), "b.csv": csv_of(2)})


@pytest.mark.parametrize("first_to_end", ["earlier", "later"])
@pytest.mark.parametrize("destinations", [1, 2, 3])
def test_an_archive_deleted_between_two_submits_is_announced_after_its_earlier_tables(
    destinations: int, first_to_end: str
) -> None:
    world = world_of(destinations)
    upload = world.uploads.put("inbox/spring/all.zip", BOTH)
    earlier = world.submit(upload, 0)
    world.uploads.delete(upload)
    later = world.submit(upload, 0)
    order = [*earlier, *later] if first_to_end == "earlier" else [*later, *earlier]

    for job_id in order:
        assert world.notices.of_uploads == []
        world.run(world.jobs.get(job_id))

    assert announced(world) == [sorted(order)]
    assert {world.jobs.get(job_id).state.value for job_id in earlier} == {"succeeded"}
    assert {world.jobs.get(job_id).reason for job_id in later} == {"empty_file"}
    assert len(later) == destinations


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(2, 14))
def test_an_archive_deleted_after_a_submit_that_died_leaves_no_job_open(
    at: int, when: Literal["before", "after"]
) -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/all.zip", BOTH)
    world.tripwire.arm(at, when)
    with pytest.raises(CrashError):
        world.submit(upload)
    world.uploads.delete(upload)
    world.clock.advance(PLANNING.total_seconds() + 1)

    world.submit(upload)

    assert set(world.executions.started) == set(world.jobs.jobs)
    assert world.submit(upload) == []
    assert world.sweep() == []
    for job_id in sorted(world.jobs.jobs):
        assert world.notices.of_uploads == []
        world.run(world.jobs.get(job_id))
    assert announced(world) == [sorted(world.jobs.jobs)]
    jobs = [world.jobs.get(job_id) for job_id in world.jobs.jobs]
    assert all(job.counts["confirmed"] or job.reason == "empty_file" for job in jobs)
    assert len(jobs) <= 2


def test_a_held_table_of_a_deleted_archive_still_waits_for_approval() -> None:
    world = World(route=route_to(hold=Hold(above_rows=0)))
    upload = world.uploads.put("inbox/spring/all.zip", BOTH)
    (earlier,) = world.submit(upload, 0)
    world.uploads.delete(upload)

    (later,) = world.submit(upload, 0)

    world.run(world.jobs.get(later))
    assert world.jobs.get(earlier).state.value == "held"
    assert earlier not in world.executions.started
    assert not [job_ids for job_ids in announced(world) if later in job_ids]


def test_a_finish_that_runs_again_announces_nothing_again() -> None:
    world = world_of(2)
    jobs = drop(world, csv_of(2))
    turns = [before_finish(world, job) for job in jobs]

    for turn in [*turns, *turns, *turns]:
        world.finish(turn)

    assert announced(world) == [ids(jobs)]


def test_of_two_finishes_at_once_one_announces() -> None:
    world = world_of(2)
    jobs = drop(world, csv_of(2))
    for job in jobs:
        world.run(job)
    world.notices.of_uploads.clear()
    world.jobs.announced_by.clear()

    # Both have found all jobs ended before either has published.
    for job in jobs:
        assert len(world.jobs.all_of(job.upload)) == 2
    now = world.clock.now()
    claims = [world.jobs.claim(job, now, now + timedelta(minutes=5)) for job in jobs]

    assert claims == [True, False]
    announce_upload(world.jobs.get(jobs[1].job_id), EndedJob(jobs[1].job_id), _Ports(world))
    assert world.notices.of_uploads == []


class _Ports:
    """What announcing works with, of a world."""

    def __init__(self, world: World) -> None:
        self.jobs = self.endings = world.jobs
        self.notices, self.clock, self.links = world.notices, world.clock, NO_LINKS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("seconds", [1, 600])
def test_wherever_a_last_finish_dies_its_upload_is_announced(
    when: Literal["before", "after"], seconds: int
) -> None:
    for at in range(1, 30):
        world = world_of(2)
        jobs = drop(world, csv_of(2))
        world.run(jobs[0])
        turn = before_finish(world, jobs[1])
        world.tripwire.arm(at, when)
        try:
            world.finish(turn)
        except CrashError:
            world.clock.advance(seconds)
            world.finish(turn)
        else:
            break

        notices = {notice.message for notice in world.notices.of_uploads}
        assert announced(world)[0] == ids(jobs)
        # It may come twice if Finish dies before it has noted that it is out, but is the same.
        assert len(notices) == 1
        assert len(world.notices.of_uploads) <= 2
    assert at > 3
