"""`cancel`: a job that is stopped."""

from __future__ import annotations

import json

from listdrop.models import Hold, Job, JobState
from tests.support.world import World, csv_of, route_to
from tests.unit.cli.faked_target import FakedTarget, run


def test_a_running_job_is_cancelled_and_an_ended_one_is_not(world: World, job: Job) -> None:
    running = world.drop(csv_of(2), "b.csv")

    first_time = run(FakedTarget(world), "cancel", running.job_id)
    too_late = run(FakedTarget(world), "cancel", job.job_id, "--json")

    assert first_time.exit_code == 0
    assert world.jobs.get(running.job_id).stop_reason == "cancelled"
    assert too_late.exit_code == 1
    assert json.loads(too_late.output)["cancelled"] is False


def test_of_a_job_that_waited_it_is_not_said_that_rows_were_sent() -> None:
    world = World(route=route_to(hold=Hold(above_rows=1)))
    job = world.drop(csv_of(3))
    assert job.state is JobState.HELD

    shown = run(FakedTarget(world), "cancel", job.job_id)

    assert (shown.exit_code, shown.output) == (0, "Cancelled: what waited is not sent.\n")
