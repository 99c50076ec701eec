"""Samples: the first rows go first, and the others only if those went well."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from listdrop.errors import NotHeldError
from listdrop.jobs.cancelling import cancel_job
from listdrop.jobs.holding import approve_job, cancel_held_job, refuse_job
from listdrop.models import Hold, Job, JobState, Outcome, RowResult, Sample, Turn
from listdrop.notices.advice import steps
from listdrop.providers.base import Batch, PollAnswer, SendAnswer
from tests.support.fallible import CrashError
from tests.support.providers import LoadingProvider, ToyProvider, all_good, received
from tests.support.world import World, csv_of, is_balanced, route_to

THREE = Sample(rows=3, bad_share_at_most=0.34)
REFUSED = RowResult(Outcome.REFUSED, "no such person")


def refusing(batch: Batch) -> SendAnswer:
    """Refuse every row by name."""
    return SendAnswer(results={row.row: REFUSED for row in batch.rows})


def new_world(kind: type[ToyProvider] = ToyProvider, **options: Any) -> World:
    return World(kind, route=route_to(**{"sample": THREE, **options}))


def failed(world: World, rows: int = 10) -> Job:
    """Play a job until its sample has failed."""
    world.script.then_send = refusing
    job = world.process(csv_of(rows))
    assert job.state is JobState.HELD
    return job


def go_on(world: World, job: Job) -> Job:
    """Play the execution that an answer started."""
    return world.run(world.jobs.get(job.job_id))


def test_a_provider_that_refuses_all_is_asked_about_the_sample_only() -> None:
    world = new_world()
    job = failed(world)

    assert sorted(world.script.sent_rows) == [1, 2, 3]
    assert "Of the first 3 rows 3 (100%) went badly" in job.reason_text
    assert job.counts["refused"] == 3
    assert not job.execution_arn


def test_a_failed_sample_is_told_once_with_how_to_answer() -> None:
    world = new_world()
    job = failed(world)
    turn = world.executions.started[job.job_id]
    world.finish(turn)
    world.finish(turn)

    (notice,), (of_upload,) = world.notices.published, world.notices.of_uploads
    assert json.loads(notice.message)["state"] == "held"
    assert f"listdrop approve {job.job_id} --plan {job.plan_hash}" in of_upload.text
    assert "No more is sent until somebody approves." in of_upload.text
    assert "3  refused, of the first rows" in of_upload.text
    assert "refused, not sent" not in of_upload.text
    assert "7 rows would be sent" in of_upload.text
    assert [step.text for step in steps(job)] == ["To have it sent", "To have no more of it sent"]


def test_after_a_good_sample_the_others_follow_by_themselves() -> None:
    world = new_world()
    job = world.process(csv_of(10))

    assert job.state is JobState.SUCCEEDED
    assert world.script.of("send")[0].rows == [1, 2, 3]
    assert sum(world.script.sent_rows.values()) == 10
    assert job.sample is not None
    assert job.sample.state == "passed"


@pytest.mark.parametrize(("bad", "state"), [(1, JobState.PARTIAL), (2, JobState.HELD)])
def test_a_share_of_the_sample_may_be_bad(bad: int, state: JobState) -> None:
    world = new_world()
    answer = {row: REFUSED if row <= bad else RowResult(Outcome.CONFIRMED) for row in (1, 2, 3)}
    world.script.sends = [SendAnswer(results=answer)]

    assert world.process(csv_of(10)).state is state


def test_a_share_is_what_is_written_and_not_the_next_lower_binary_number() -> None:
    world = new_world(sample=Sample(rows=100, bad_share_at_most=0.29))
    job = world.drop(csv_of(120))
    assert job.sample is not None
    assert job.sample.most_bad == 29


def test_the_others_wait_until_the_provider_has_finished_with_the_sample() -> None:
    world = new_world()
    world.script.then_send = received
    world.script.polls = [PollAnswer(raw_status="working")] * 3
    world.script.then_poll = all_good

    job = world.process(csv_of(10))

    assert job.state is JobState.SUCCEEDED
    kinds = [asked.kind for asked in world.script.asked]
    assert kinds[:5] == ["send", "poll", "poll", "poll", "poll"]
    assert kinds.count("send") > 1


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_file_of_no_more_rows_is_no_sample(rows: int) -> None:
    world = new_world()
    world.script.then_send = refusing

    assert world.process(csv_of(rows)).state is JobState.FAILED


def test_a_sample_may_need_several_requests() -> None:
    world = new_world(sample=Sample(rows=25, bad_share_at_most=0))
    job = failed(world, rows=40)

    assert sorted(world.script.sent_rows) == [*range(1, 26)]
    assert job.sample is not None
    assert job.sample.batches == len(world.script.of("send"))


def test_a_provider_that_starts_imports_whole_takes_no_sample_and_says_so() -> None:
    world = new_world(LoadingProvider)
    job = world.process(csv_of(10))

    assert job.state is JobState.SUCCEEDED
    assert [warning.code for warning in job.warnings] == ["no_sample"]


def test_an_approval_sends_the_rest_and_nothing_twice() -> None:
    world = new_world()
    job = failed(world)
    world.clock.advance(3600)
    approve_job(job.job_id, job.plan_hash, world.hold_ports())
    ended = go_on(world, job)

    assert ended.state is JobState.FAILED
    assert ended.started_at == job.started_at
    assert set(world.script.sent_rows.values()) == {1}
    assert len(world.script.sent_rows) == 10
    assert is_balanced(ended)


@pytest.mark.parametrize("hold", [None, Hold(above_rows=0)])
def test_what_is_stored_of_a_job_outlives_it_though_it_waits_at_any_time(hold: Hold | None) -> None:
    """Batches expire as the job was to expire when it was planned."""
    world = new_world(hold=hold, hold_hours=720, deadline_minutes=43_200, retention_days=1)
    world.script.then_send = received
    job = world.drop(csv_of(10))
    planned = job.expires_at
    if hold:
        world.clock.wait_until(latest(job.held_until))
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
        job = world.jobs.get(job.job_id)
    turn = world.step(world.executions.started[job.job_id])
    world.clock.wait_until(job.deadline_at - timedelta(hours=1))
    world.script.then_poll = PollAnswer(is_terminal=True, rest=REFUSED)
    world.follow(turn)
    job = world.jobs.get(job.job_id)
    assert job.state is JobState.HELD
    world.clock.wait_until(latest(job.held_until))
    approve_job(job.job_id, job.plan_hash, world.hold_ports())

    job = world.jobs.get(job.job_id)
    assert job.expires_at == planned
    assert job.deadline_at.timestamp() < planned


@pytest.mark.parametrize("hold", [None, Hold(above_rows=0)])
def test_each_approval_gives_a_job_the_time_that_its_route_gives_it(hold: Hold | None) -> None:
    world = new_world(hold=hold, deadline_minutes=90)
    world.script.then_send = refusing
    job = world.drop(csv_of(10))
    if hold:
        world.clock.advance(24 * 3600)
        approve_job(job.job_id, job.plan_hash, world.hold_ports())
        assert world.jobs.get(job.job_id).deadline_at == world.clock.now() + timedelta(minutes=90)
    world.clock.advance(60)
    job = world.run(world.jobs.get(job.job_id))
    assert job.state is JobState.HELD
    world.clock.advance(24 * 3600)

    approve_job(job.job_id, job.plan_hash, world.hold_ports())

    assert world.jobs.get(job.job_id).deadline_at == world.clock.now() + timedelta(minutes=90)


@pytest.mark.parametrize("hold", [None, Hold(above_rows=0)])
@pytest.mark.parametrize("hours", [1, 40, 300])
def test_nor_does_a_submit_that_died_give_it_more(hours: int, hold: Hold | None) -> None:
    world = new_world(hold=hold, deadline_minutes=90)
    world.script.then_send = refusing
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(10))
    world.tripwire.arm(4, "before")
    with pytest.raises(CrashError):
        world.submit(upload)
    assert [job.planned_at for job in world.jobs.jobs.values()] == [None]
    world.clock.advance(hours * 3600)
    (job_id,) = world.submit(upload)
    job = world.jobs.get(job_id)
    assert job.time_to_run == timedelta(minutes=90)
    if hold:
        approve_job(job_id, job.plan_hash, world.hold_ports())
    job = world.run(world.jobs.get(job_id))
    assert job.state is JobState.HELD
    assert job.time_to_run == timedelta(minutes=90)
    world.clock.advance(3600)

    approve_job(job_id, job.plan_hash, world.hold_ports())

    approved = world.jobs.get(job_id)
    assert approved.deadline_at == world.clock.now() + timedelta(minutes=90)
    assert approved.deadline_at.timestamp() < approved.expires_at


def latest(until: datetime | None) -> datetime:
    """Return when an answer comes that hardly comes in time."""
    assert until is not None
    return until - timedelta(minutes=1)


@pytest.mark.parametrize("approved_after", [1, 24, 47])
def test_who_is_asked_a_second_time_has_all_the_time_again(approved_after: int) -> None:
    world = new_world(hold=Hold(above_rows=0), hold_hours=48)
    world.script.then_send = refusing
    job = world.drop(csv_of(10))
    world.clock.advance(approved_after * 3600)
    approve_job(job.job_id, job.plan_hash, world.hold_ports())
    job = world.run(world.jobs.get(job.job_id))
    assert job.state is JobState.HELD

    world.clock.wait_until(latest(job.held_until))
    world.sweep()
    assert world.jobs.get(job.job_id).state is JobState.HELD

    world.clock.advance(120)
    world.sweep()
    assert go_on(world, job).state is JobState.CANCELLED


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_without_approval_the_rest_may_be_sent_another_time(*, is_forgotten: bool) -> None:
    world = new_world(hold_hours=48)
    job = failed(world)
    if is_forgotten:
        world.clock.advance(48 * 3600 + 60)
        world.sweep()
    else:
        refuse_job(job.job_id, job.plan_hash, world.hold_ports())
    ended = go_on(world, job)

    assert (ended.state, ended.reason) == (JobState.CANCELLED, "sample_failed")
    reasons = [result.reason for result in world.outcomes(ended).values()]
    assert reasons == ["no such person"] * 3 + ["sample_failed"] * 7
    assert ended.to_send_again == 7
    assert len(world.script.sent_rows) == 3


def test_a_cancel_ends_a_job_whose_sample_failed() -> None:
    world = new_world()
    job = failed(world)
    cancel_held_job(cancel_job(job.job_id, world.jobs).job, world.hold_ports())

    assert go_on(world, job).state is JobState.CANCELLED


def test_late_calls_of_the_first_execution_change_nothing() -> None:
    world = new_world()
    job = failed(world)
    old = world.executions.started[job.job_id]
    approve_job(job.job_id, job.plan_hash, world.hold_ports())

    assert world.send(old).next == "finish"
    assert world.poll(old).next == "finish"
    assert world.finish(old.then("finish")) is JobState.PENDING
    assert world.jobs.get(job.job_id).state is JobState.PENDING
    assert len(world.script.sent_rows) == 3
    assert go_on(world, job).state is JobState.FAILED


def test_an_execution_that_took_over_sends_nothing_of_a_job_that_waits() -> None:
    """The Send that held it died, and so did its repeats, and then came the fresh execution."""
    world = new_world()
    job = failed(world)
    old = world.executions.started[job.job_id]
    fresh = old.model_copy(update={"generation": old.generation + 1})
    world.executions.started[fresh.execution] = fresh

    assert world.send(fresh).next == "finish"
    assert world.finish(fresh.then("finish")) is JobState.HELD
    assert len(world.script.sent_rows) == 3

    approve_job(job.job_id, job.plan_hash, world.hold_ports())
    approved = world.jobs.get(job.job_id)

    assert approved.execution_arn.endswith(f"{job.job_id}.{approved.generation}")
    assert approved.generation > fresh.generation  # else its execution would have been before
    assert go_on(world, job).state is JobState.FAILED
    assert len(world.script.sent_rows) == 10


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 25))
def test_a_death_at_any_write_neither_sends_more_nor_forgets_to_ask(at: int, when: str) -> None:
    world = new_world()
    world.script.then_send = refusing
    planned = world.drop(csv_of(10))
    world.tripwire.arm(at, "before" if when == "before" else "after")

    job = world.run(planned)

    assert job.state is JobState.HELD
    assert job.hold_told_at is not None
    assert set(world.script.sent_rows) <= {1, 2, 3}
    for _ in range(2):
        with suppress(NotHeldError, CrashError):
            approve_job(job.job_id, job.plan_hash, world.hold_ports())
    ended = go_on(world, job)
    assert is_balanced(ended)
    assert ended.state.is_terminal


def test_a_turn_keeps_its_generation() -> None:
    turn = Turn(job_id="a", provider="toy", generation=3)

    assert Turn.model_validate(turn.then("finish").state()).generation == 3
