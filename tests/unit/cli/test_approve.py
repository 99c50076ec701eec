"""`approve`, `refuse` and `cancel` of a job that waits."""

from __future__ import annotations

import pytest

from listdrop.models import Hold, Job, JobState, Outcome, RowResult, Sample
from listdrop.providers.base import SendAnswer
from tests.support.world import World, csv_of, route_to
from tests.unit.cli.faked_target import FakedTarget, run


@pytest.fixture
def world() -> World:
    return World(route=route_to(hold=Hold(above_rows=3)))


@pytest.fixture
def held(world: World) -> Job:
    return world.drop(csv_of(4))


def test_the_job_says_why_it_waits_and_what_to_do(world: World, held: Job) -> None:
    said = run(FakedTarget(world), "job", held.job_id).output
    assert "The file has 4 rows; this route asks for approval above 3." in said
    assert f"listdrop approve {held.job_id} --plan {held.plan_hash}" in said.replace("\n", "")
    assert "waits until" in said


def test_the_first_answer_counts(world: World, held: Job) -> None:
    target = FakedTarget(world)
    approved = run(target, "approve", held.job_id, "--plan", held.plan_hash)
    too_late = run(target, "refuse", held.job_id, "--plan", held.plan_hash)

    assert (approved.exit_code, too_late.exit_code) == (0, 2)
    assert "it is pending" in too_late.output
    assert world.run(world.jobs.get(held.job_id)).state is JobState.SUCCEEDED


def test_another_plan_is_not_approved(world: World, held: Job) -> None:
    answer = run(FakedTarget(world), "approve", held.job_id, "--plan", "x")
    assert answer.exit_code == 2
    assert "not the plan" in answer.output
    assert world.jobs.get(held.job_id).state is JobState.HELD


@pytest.mark.parametrize("command", ["approve", "refuse"])
def test_there_is_no_such_job(world: World, command: str) -> None:
    answer = run(FakedTarget(world), command, "spring-toy-nobody", "--plan", "x")
    assert (answer.exit_code, "There is no job" in answer.output) == (2, True)


def test_a_refusal_says_that_nothing_is_sent(world: World, held: Job) -> None:
    refused = run(FakedTarget(world), "refuse", held.job_id, "--plan", held.plan_hash)
    assert refused.output == "Refused: nothing of it is sent.\n"


def test_a_refusal_does_not_deny_a_sample_that_was_sent() -> None:
    world = World(route=route_to(sample=Sample(rows=1, bad_share_at_most=0)))
    bad = RowResult(Outcome.REFUSED, "no such person")
    world.script.then_send = lambda batch: SendAnswer({row.row: bad for row in batch.rows})
    held = world.process(csv_of(3))

    refused = run(FakedTarget(world), "refuse", held.job_id, "--plan", held.plan_hash)

    assert (held.state, refused.exit_code) == (JobState.HELD, 0)
    assert refused.output == "Refused: no more of it is sent.\n"


def test_a_cancel_ends_it_too(world: World, held: Job) -> None:
    assert run(FakedTarget(world), "cancel", held.job_id).exit_code == 0
    assert world.run(world.jobs.get(held.job_id)).reason == "cancelled"
