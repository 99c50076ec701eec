from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from listdrop.costs.timing import least_time, short_of_time, too_short
from listdrop.models import Hold, Job, JobState, Marks, Sample
from listdrop.plans.previewing import preview_upload
from listdrop.providers import REGISTRY
from tests.support.notices import ended
from tests.support.providers import SlowProvider, ToyProvider
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
    assert "RetentionDays" not in said


def test_a_deadline_of_days_is_not_advised_without_the_days_that_files_are_kept() -> None:
    said = too_short("kakiyo", timedelta(days=8), timedelta(days=7))
    assert '"deadline_minutes": 17280' in said
    assert "the stack a RetentionDays that is no shorter, or drop the file in parts" in said


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


@pytest.mark.parametrize(
    ("options", "kept_days", "days"),
    [
        ({}, 0, 15),
        ({}, 90, 15),
        ({}, 7, 7),
        ({"hold": Hold(above_rows=0)}, 7, 5),
        ({"sample": Sample()}, 7, 2.5),
        ({"hold": Hold(above_rows=0), "sample": Sample()}, 7, 1.5),
        ({"hold": Hold(above_rows=0), "sample": Sample()}, 1, 0.25),
        ({"hold_hours": 720}, 7, 7),
        ({"deadline_minutes": 60 * 24 * 9}, 7, 9),
    ],
)
def test_the_usual_deadline_grows_no_further_than_files_are_kept(
    options: dict[str, Any], kept_days: int, days: float
) -> None:
    assert route_to(**options).deadline_for(timedelta(days=10), kept_days) == timedelta(days=days)


def test_a_deadline_that_the_route_names_is_kept() -> None:
    assert route_to(deadline_minutes=360).deadline_for(357 * MINUTE) == 360 * MINUTE


def test_a_job_whose_plan_needs_more_gets_a_later_deadline() -> None:
    world = World(SlowProvider)
    job = world.drop(csv_of(rows=3 * ToyProvider.limits.rows))
    assert job.deadline_at - job.created_at == timedelta(hours=18)
    assert job.expires_at - 12 * 3600 == World().drop(csv_of(rows=3)).expires_at
    assert world.executions.started[job.job_id].deadline_at == job.deadline_at


@pytest.mark.parametrize(
    ("options", "kept_days", "hours"),
    [
        ({}, 90, 60),
        ({}, 2, 48),
        ({"hold": Hold(above_rows=0)}, 4, 48),
        ({"sample": Sample(rows=1)}, 4, 24),
    ],
)
def test_a_job_that_would_outlive_its_plan_expires_before_and_is_said_to_have_too_little_time(
    options: dict[str, Any], kept_days: int, hours: int
) -> None:
    world = World(SlowProvider, route=route_to(**options))
    world.kept_days = kept_days
    job = world.drop(csv_of(rows=10 * ToyProvider.limits.rows))
    assert job.time_to_run == timedelta(hours=hours)
    assert job.expires_at > job.deadline_at.timestamp()
    assert bool(short_of_time(job, SlowProvider.rates)) == (hours < 60)


@pytest.mark.parametrize(("kept_days", "is_short"), [(0, False), (90, False), (2, True)])
def test_a_preview_says_that_files_are_not_kept_as_long_as_a_plan_needs(
    kept_days: int, *, is_short: bool
) -> None:
    content = csv_of(rows=10 * ToyProvider.limits.rows)
    (found,) = preview_upload(
        [content], "a.csv", route_to(), {"toy": SlowProvider}, kept_days=kept_days
    )
    assert ("RetentionDays" in found.destinations[0].deadline_text) == is_short


def test_what_is_stored_of_such_a_job_before_its_plan_is_kept_as_long_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(SlowProvider)
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
    named = World(SlowProvider, route=route_to(deadline_minutes=30)).drop(csv_of(rows=9))
    assert named.deadline_at - named.created_at == timedelta(minutes=30)
