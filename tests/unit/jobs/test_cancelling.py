"""Cancel: no more is sent, what was sent is waited for, and the rows add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from listdrop.errors import ProviderBusyError, StopJobError
from listdrop.jobs.cancelling import Cancelled, Effect, cancel_job
from listdrop.models import BatchItem, Job, JobState, KeyAccount, Outcome, RowResult, Upload
from listdrop.providers.base import Batch, PollAnswer, SendAnswer
from tests.support.fallible import CrashError
from tests.support.providers import Asked, LoadingProvider, ToyProvider
from tests.support.world import World, csv_of, outcomes_of

ROWS = 3 * ToyProvider.limits.rows


def test_a_job_that_is_cancelled_before_it_is_sent_sends_nothing() -> None:
    world = World()
    job = world.drop(csv_of(ROWS))

    assert cancel_job(job.job_id, world.jobs).effect is Effect.STOPPED
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


def test_a_row_that_waits_for_its_one_retry_when_its_job_is_cancelled_may_be_there() -> None:
    world = World()

    def send(_: Batch) -> SendAnswer:
        cancel_job(job.job_id, world.jobs)
        return SendAnswer(results={1: RowResult(Outcome.CONFIRMED)}, retried=frozenset({2}))

    world.script.then_send = send
    job = world.drop(csv_of(2))
    ended = world.run(job)

    assert (ended.state, len(world.script.of("send"))) == (JobState.CANCELLED, 1)
    assert (ended.counts["confirmed"], ended.counts["unknown"]) == (1, 1)
    assert world.outcomes(ended)[2].reason == "not_finished"
    [batch] = world.batches(ended)
    assert batch.sent_at is not None
    assert ended.batches["sent"] == 1


def test_nor_is_such_a_row_refused_where_others_of_its_batch_were_taken() -> None:
    world = World()

    def send(batch: Batch) -> SendAnswer:
        if len(batch.rows) > 1:
            return SendAnswer(max_rows=1)
        if batch.rows[0].row == 1:
            return SendAnswer(handle={"batch_id": "b"}, max_rows=1)
        cancel_job(job.job_id, world.jobs)
        return SendAnswer(retried=frozenset({2}), max_rows=1)

    world.script.then_send = send
    world.script.then_poll = PollAnswer(is_terminal=True, rest=RowResult(Outcome.ACCEPTED))
    job = world.drop(csv_of(3))
    ended = world.run(job)

    assert outcomes_of(world.outcomes(ended)) == ["accepted", "unknown", "refused"]


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

    assert cancel_job(job.job_id, world.jobs) == (job, Effect.ENDED)
    assert world.jobs.get(job.job_id) == job


def test_a_job_that_is_not_there_cannot_be_cancelled() -> None:
    with pytest.raises(KeyError):
        cancel_job("spring-toy-nobody", World().jobs)


def test_a_cancel_while_the_job_is_planned_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    save_plan = world.jobs.save_plan

    def planned(job: Job, batches: Iterable[BatchItem]) -> None:
        assert cancel_job(job.job_id, world.jobs).effect is Effect.STOPPED
        save_plan(job, batches)

    monkeypatch.setattr(world.jobs, "save_plan", planned)

    ended = world.process(csv_of(ROWS))

    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")
    assert world.script.asked == []


def test_a_cancel_outlives_the_submit_that_died_while_it_planned() -> None:
    world = World()
    upload = world.uploads.put("inbox/spring/a.csv", csv_of(ROWS))
    world.tripwire.arm(7, "before")
    with pytest.raises(CrashError, match="before save_plan"):
        world.submit(upload)
    (job_id,) = world.jobs.jobs
    cancel_job(job_id, world.jobs)

    world.clock.advance(16 * 60)
    world.submit(upload)
    ended = world.run(world.jobs.get(job_id))

    assert ended.state is JobState.CANCELLED
    assert world.script.asked == []


@pytest.mark.parametrize("during", ["open", "the first load", "the last load"])
def test_a_job_that_is_cancelled_while_it_is_loaded_is_not_run(
    during: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(LoadingProvider)
    last = {"open": 0, "the first load": 1, "the last load": 3}[during]
    record = world.script.record
    effects: list[Effect] = []

    def recorded(asked: Asked) -> None:
        record(asked)
        if len(world.script.asked) == 1 + last:
            effects.append(cancel_job(job.job_id, world.jobs).effect)

    monkeypatch.setattr(world.script, "record", recorded)
    world.script.then_send = SendAnswer(handle={})
    job = world.drop(csv_of(3 * LoadingProvider.limits.rows))

    ended = world.run(job)

    assert effects == [Effect.STOPPED]
    assert len(world.script.of("send")) == last
    assert world.script.of("commit") == []
    assert (ended.state, ended.counts["refused"]) == (JobState.CANCELLED, ended.counts["rows"])


def test_a_refused_key_is_not_tried_again_for_a_job_that_is_cancelled_meanwhile() -> None:
    world = World()

    def send(_: Batch) -> SendAnswer:
        cancel_job(job.job_id, world.jobs)
        world.accounts.stored["toy", "default"] = KeyAccount(
            base_url="https://api.toy.example", api_key="a-new-key"
        )
        raise StopJobError("provider_auth", "The provider refused the key.")

    world.script.then_send = send
    job = world.drop(csv_of(ROWS))

    ended = world.run(job)

    assert len(world.script.of("send")) == 1
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")


def test_a_key_that_is_refused_after_a_cancel_does_not_make_the_job_rejected() -> None:
    world = World()

    def send(_: Batch) -> SendAnswer:
        cancel_job(job.job_id, world.jobs)
        raise StopJobError("provider_auth", "The provider refused the key.")

    world.script.then_send = send
    job = world.drop(csv_of(ROWS))

    ended = world.run(job)

    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled")
    assert {result.reason for result in world.outcomes(job).values()} == {"cancelled"}


def test_a_cancel_of_a_job_that_was_stopped_before_says_so() -> None:
    world = World()
    world.script.then_send = StopJobError("provider_auth", "The provider refused the key.")
    job = world.drop(csv_of(ROWS))
    world.follow(world.executions.started[job.job_id])

    cancelled = cancel_job(job.job_id, world.jobs)

    assert (cancelled.effect, cancelled.job.stop_reason) == (
        Effect.STOPPED_BEFORE,
        "provider_auth",
    )


def test_a_cancel_after_everything_was_sent_says_so() -> None:
    world = World()
    world.script.then_send = SendAnswer(handle={"batch_id": "b"})
    job = world.drop(csv_of(ROWS))
    world.step(world.executions.started[job.job_id])

    cancelled = cancel_job(job.job_id, world.jobs)

    assert cancelled.effect is Effect.ALL_SENT
    assert "before" not in cancelled.job.stop_text


def test_a_cancel_after_the_end_is_decided_says_that_it_is_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    job = world.drop(csv_of(ROWS))
    last = world.follow(world.executions.started[job.job_id])[-1]
    finish = world.jobs.finish
    said: list[Cancelled] = []

    def finished(ending: Job) -> bool:
        said.append(cancel_job(job.job_id, world.jobs))
        return finish(ending)

    monkeypatch.setattr(world.jobs, "finish", finished)

    world.finish(last)

    ended = world.jobs.get(job.job_id)
    assert ended.state is not JobState.CANCELLED
    assert [(each.effect, each.job.verdict) for each in said] == [(Effect.ENDING, ended.state)]
