"""Cancel: no more is sent, what was sent is waited for, and the rows add up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from listdrop.errors import ProviderBusyError
from listdrop.jobs.cancelling import cancel_job
from listdrop.models import JobState, Outcome, RowResult, Upload
from listdrop.providers.base import Batch, PollAnswer, SendAnswer
from tests.support.providers import ToyProvider
from tests.support.world import World, csv_of

ROWS = 3 * ToyProvider.limits.rows


def test_a_job_that_is_cancelled_before_it_is_sent_sends_nothing() -> None:
    world = World()
    job = world.drop(csv_of(ROWS))

    assert cancel_job(job.job_id, world.jobs) is JobState.PENDING
    ended = world.run(job)

    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")
    assert world.script.asked == []
    assert ended.counts["refused"] == ended.counts["rows"] == ROWS
    retry = world.files.content[job.job_id, "retry.csv"].decode()
    assert len(retry.splitlines()) == ROWS + 1


def test_what_was_sent_before_gets_its_outcome() -> None:
    world = World()

    def send(_: Batch) -> SendAnswer:
        if len(world.script.of("send")) == 2:
            cancel_job(job.job_id, world.jobs)
            raise ProviderBusyError(60)  # so that this turn ends
        return SendAnswer(handle={"batch_id": "b"})

    world.script.then_send = send
    world.script.then_poll = PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))
    job = world.drop(csv_of(ROWS))
    ended = world.run(job)

    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")
    assert len(world.script.of("send")) == 2
    assert (ended.counts["accepted"], ended.counts["refused"]) == (ROWS // 3, 2 * ROWS // 3)


def test_a_job_that_is_cancelled_in_the_middle_of_a_turn_sends_no_further_batch() -> None:
    world = World()

    def send(_: Batch) -> SendAnswer:
        if len(world.script.of("send")) == 2:
            cancel_job(job.job_id, world.jobs)
        return SendAnswer(handle={"batch_id": "b"})

    world.script.then_send = send
    world.script.then_poll = PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))
    job = world.drop(csv_of(ROWS))

    ended = world.run(job)

    assert len(world.script.of("send")) == 2
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")
    assert (ended.counts["accepted"], ended.counts["refused"]) == (2 * ROWS // 3, ROWS // 3)


def test_a_job_that_is_cancelled_while_it_is_finished_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    job = world.drop(csv_of(ROWS))
    last = world.follow(world.executions.started[job.job_id])[-1]
    read = world.uploads.read

    def cancelled(upload: Upload) -> Iterator[bytes]:
        cancel_job(job.job_id, world.jobs)
        return read(upload)

    monkeypatch.setattr(world.uploads, "read", cancelled)

    world.finish(last)

    ended = world.jobs.get(job.job_id)
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")


def test_a_job_that_has_ended_is_left_as_it_is() -> None:
    world = World()
    job = world.process(csv_of(2))

    assert cancel_job(job.job_id, world.jobs) is job.state
    assert world.jobs.get(job.job_id) == job


def test_a_job_that_is_not_there_cannot_be_cancelled() -> None:
    with pytest.raises(KeyError):
        cancel_job("spring-toy-nobody", World().jobs)
