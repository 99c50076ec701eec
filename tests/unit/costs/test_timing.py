from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from listdrop.costs.timing import least_time, short_of_time, too_short
from listdrop.models import Hold, Job, JobState, Marks
from listdrop.providers import REGISTRY
from listdrop.providers.base import Rates
from tests.support.notices import ended
from tests.support.providers import ToyProvider
from tests.support.world import World, csv_of, route_to

MINUTE = timedelta(minutes=1)
KAKIYO = REGISTRY["kakiyo"].rates


def test_a_plan_takes_as_long_as_the_requests_that_send_and_that_ask() -> None:
    least = least_time("kakiyo", 10_000, KAKIYO)
    assert 350 * MINUTE < least < 370 * MINUTE
    assert least_time("acme", 100, KAKIYO) == timedelta(seconds=105)


def test_a_deadline_with_too_little_room_is_said_with_one_that_has_enough() -> None:
    said = too_short("kakiyo", 357 * MINUTE, 360 * MINUTE)
    assert "no less than 357 min" in said
    assert "after 360 min" in said
    assert '"deadline_minutes": 536' in said
    assert too_short("kakiyo", 357 * MINUTE, 536 * MINUTE) == ""


def test_nothing_is_said_where_no_longer_deadline_is_possible() -> None:
    assert too_short("kakiyo", timedelta(days=40), timedelta(days=30)) == ""


def test_a_job_that_has_ended_is_not_short_of_time() -> None:
    batches = {"planned": 10_000, "sent": 0, "terminal": 0}
    job = ended(rows=1_000_000, batches=batches)
    assert short_of_time(job, KAKIYO) == ""
    running = job.model_copy(
        update={"state": JobState.RUNNING, "deadline_at": job.created_at + 360 * MINUTE}
    )
    assert "after 360 min" in short_of_time(running, KAKIYO)


@pytest.mark.parametrize("waited", [MINUTE, 24 * 60 * MINUTE, 30 * 24 * 60 * MINUTE])
def test_the_time_that_a_job_waited_for_approval_is_no_time_to_run(waited: timedelta) -> None:
    held = World(route=route_to(hold=Hold(above_rows=0), hold_hours=720)).drop(csv_of(rows=3))
    held = held.model_copy(
        update={"provider": "kakiyo", "batches": {**held.batches, "planned": 10_000}}
    )
    approved_at = held.created_at + waited
    running = held.model_copy(
        update={
            "state": JobState.RUNNING,
            "answered_at": approved_at,
            "deadline_at": approved_at + 360 * MINUTE,
        }
    )

    assert "after 360 min" in short_of_time(held, KAKIYO)
    assert "after 360 min" in short_of_time(running, KAKIYO)


@pytest.mark.parametrize(
    ("least", "deadline"),
    [
        (MINUTE, 360 * MINUTE),
        (357 * MINUTE, 535.5 * MINUTE),
        (timedelta(days=30), timedelta(days=30)),
    ],
)
def test_the_usual_deadline_grows_with_the_plan(least: timedelta, deadline: timedelta) -> None:
    assert route_to().deadline_for(least) == deadline


def test_a_deadline_that_the_route_names_is_kept() -> None:
    assert route_to(deadline_minutes=360).deadline_for(357 * MINUTE) == 360 * MINUTE


class Slow(ToyProvider):
    """Takes a request every four hours."""

    rates = Rates(send_gap=4 * 3600, poll_gap=1)


def test_a_job_whose_plan_needs_more_gets_a_later_deadline() -> None:
    world = World(Slow)
    job = world.drop(csv_of(rows=3 * ToyProvider.limits.rows))
    assert job.deadline_at - job.created_at == timedelta(hours=18)
    assert job.expires_at - 12 * 3600 == World().drop(csv_of(rows=3)).expires_at
    assert world.executions.started[job.job_id].deadline_at == job.deadline_at


def test_what_is_stored_of_such_a_job_before_its_plan_is_kept_as_long_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(Slow)
    kept: list[int] = []
    save_marks, claim_content = world.jobs.save_marks, world.jobs.claim_content

    def marks_saved(jobs: Sequence[Job], marks: Marks) -> None:
        kept.extend(job.expires_at for job in jobs)
        save_marks(jobs, marks)

    def content_claimed(content: str, job: Job) -> str:
        kept.append(job.expires_at)
        return claim_content(content, job)

    monkeypatch.setattr(world.jobs, "save_marks", marks_saved)
    monkeypatch.setattr(world.jobs, "claim_content", content_claimed)

    job = world.drop(csv_of(rows=3 * ToyProvider.limits.rows))

    assert kept == [job.expires_at] * 2


def test_a_job_that_needs_no_more_keeps_six_hours_or_what_its_route_says() -> None:
    job = World().drop(csv_of(rows=3))
    assert job.deadline_at - job.created_at == timedelta(hours=6)
    named = World(Slow, route=route_to(deadline_minutes=30)).drop(csv_of(rows=9))
    assert named.deadline_at - named.created_at == timedelta(minutes=30)
