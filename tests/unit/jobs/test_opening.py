"""Opening an import: a request that may have opened one is repeated only a few times."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from listdrop.errors import FateUnknownError, NotSentError, ProviderBusyError
from listdrop.jobs.polling import OUTAGE_SECONDS
from listdrop.models import Job, JobState, Outcome
from tests.support.fallible import CrashError
from tests.support.providers import LoadingProvider, gaps, received
from tests.support.world import World, csv_of, is_balanced, outcomes_of

MOST = 5
GONE = FateUnknownError("the provider answered 500")


def loading() -> World:
    world = World(LoadingProvider)
    world.script.then_send = received
    return world


def is_for_retry(world: World, job: Job) -> bool:
    """Whether every row of the job is worth sending again."""
    return len(world.result_file(job, "retry.csv").splitlines()) == 1 + job.counts["rows"]


@pytest.mark.parametrize("step", [GONE, CrashError()])
def test_an_import_that_cannot_be_opened_is_given_up_after_five_tries(step: Exception) -> None:
    world = loading()
    world.script.opens = [step] * 2_000

    job = world.process(csv_of(7))

    assert [asked.kind for asked in world.script.asked] == ["open"] * MOST
    assert (job.state, job.reason) == (JobState.REJECTED, "provider_unavailable")
    results = world.outcomes(job).values()
    assert {(each.outcome, each.reason) for each in results} == {
        (Outcome.REFUSED, "provider_unavailable")
    }
    assert all("could be opened" in each.reason_text for each in results)
    assert is_balanced(job)
    assert is_for_retry(world, job)
    assert {batch.was_sent for batch in world.batches(job)} == {False}


def test_the_tries_are_ever_further_apart_and_outlast_an_outage() -> None:
    world = loading()
    world.script.opens = [GONE] * 2_000

    job = world.process(csv_of(3))

    waits = gaps(world.script.of("open"))
    assert job.finished_at is not None
    assert job.finished_at - world.script.of("open")[-1].at < timedelta(seconds=5)
    assert waits[0] < 60
    assert all(later > 2 * sooner for sooner, later in pairwise(waits))
    assert sum(waits) >= OUTAGE_SECONDS


def test_tries_that_certainly_opened_nothing_do_not_count() -> None:
    world = loading()
    nothing = [NotSentError(), ProviderBusyError(5)] * 10
    world.script.opens = [*[GONE] * (MOST - 1), *nothing, {"import": 1}]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_a_provider_that_is_not_reached_is_tried_until_the_deadline_ever_less_often() -> None:
    world = loading()
    world.script.opens = [NotSentError()] * 2_000

    job = world.process(csv_of(3))

    assert job.state is JobState.EXPIRED
    waits = gaps(world.script.of("open"))
    assert waits[:4] == pytest.approx([15, 30, 60, 120], abs=2)
    assert max(waits) <= 122
    assert len(waits) <= timedelta(hours=6).total_seconds() / 120 + 4


def test_each_import_of_a_job_has_tries_of_its_own_and_what_was_loaded_is_refused() -> None:
    world = loading()
    world.script.opens = [*[GONE] * (MOST - 1), {"import": 1}, *[GONE] * 2_000]
    world.script.sends = [received, received, FateUnknownError()]

    job = world.process(csv_of(7))

    assert len(world.script.of("open")) == MOST + MOST
    assert world.script.of("commit") == []
    assert outcomes_of(world.outcomes(job)) == ["refused"] * 7
    assert is_for_retry(world, job)


def test_a_cancel_meanwhile_is_the_reason() -> None:
    world = loading()
    world.script.opens = [GONE] * 2_000
    job = world.drop(csv_of(3))
    turn = world.step(world.executions.started[job.job_id])
    world.jobs.stop(job.job_id, "cancelled", "Enough.")
    while turn.next != "finish":
        turn = world.step(turn)
    world.finish(turn)

    job = world.jobs.get(job.job_id)

    assert job.state is JobState.CANCELLED
    assert len(world.script.of("open")) == 1
