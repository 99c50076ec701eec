"""`jobs`: what ran."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from listdrop.models import Job
from tests.support.world import World, csv_of
from tests.unit.cli.faked_target import FakedTarget, lines, run


def test_jobs_are_listed_newest_first_with_their_balance(world: World, job: Job) -> None:
    world.clock.advance(60)
    later = world.drop(csv_of(2), "later.csv")

    shown = run(FakedTarget(world), "jobs", "--day", "2026-03-02")

    assert shown.exit_code == 0
    began, began_later = (f"{each.created_at:%Y-%m-%d %H:%M}" for each in (job, later))
    assert lines(shown.output) == [
        [later.job_id, "pending", "0", "2", "0", "0", "0", began_later, "inbox/spring/later.csv"],
        [job.job_id, "partial", "100", "7", "6", "0", "1", began, "inbox/spring/a.csv"],
    ]


def test_without_a_day_or_a_route_the_jobs_are_todays(world: World, job: Job) -> None:
    assert run(FakedTarget(world), "jobs").output == ""
    today = world.jobs.jobs[job.job_id].model_copy(update={"created_at": datetime.now(UTC)})
    world.jobs.jobs[job.job_id] = today

    assert lines(run(FakedTarget(world), "jobs").output)[0][0] == job.job_id


def test_jobs_of_a_route_may_be_of_any_day(world: World, job: Job) -> None:
    assert lines(run(FakedTarget(world), "jobs", "--route", "spring").output)[0][0] == job.job_id
    assert run(FakedTarget(world), "jobs", "--route", "autumn").output == ""


@pytest.mark.parametrize(
    ("states", "count"),
    [
        (["--state", "partial"], 1),
        (["--state", "failed"], 0),
        (["--state", "Failed,partial"], 1),
        (["--state", "failed", "--state", "partial"], 1),
    ],
)
@pytest.mark.usefixtures("job")
def test_jobs_are_filtered_by_state(world: World, states: list[str], count: int) -> None:
    shown = run(FakedTarget(world), "jobs", "--route", "spring", *states)
    assert len(lines(shown.output)) == count


def test_a_day_that_is_none_is_said_so_in_plain_words(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--day", "yesterday")

    assert shown.exit_code == 2
    assert "'yesterday' is not a day" in shown.stderr
    assert "Value error" not in shown.stderr


def test_a_state_that_does_not_exist_is_wrong_use(world: World) -> None:
    shown = run(FakedTarget(world), "jobs", "--state", "done")

    assert shown.exit_code == 2
    assert shown.stderr.startswith("'done' is not one of pending, running,")


def test_json_says_whether_there_are_more(world: World) -> None:
    for number in range(3):
        world.drop(csv_of(1 + number), f"{number}.csv")
        world.clock.advance(1)

    def asked(*options: str) -> dict[str, Any]:
        shown = run(FakedTarget(world), "jobs", "--route", "spring", "--json", *options)
        return dict(json.loads(shown.output))

    assert (len(asked("--limit", "2")["jobs"]), asked("--limit", "2")["more"]) == (2, True)
    assert (len(asked("--limit", "3")["jobs"]), asked("--limit", "3")["more"]) == (3, False)
    assert (len(asked("--limit", "1", "--all")["jobs"]), asked("--all")["more"]) == (3, False)
