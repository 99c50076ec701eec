"""Send: batches leave once, at the account's rate; a doubtful request is never blindly repeated."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Literal
from unittest import mock

import pytest

from listdrop.errors import (
    BatchRefusedError,
    ClaimLostError,
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    StopJobError,
)
from listdrop.jobs.calls import EARLY
from listdrop.jobs.turns import Work
from listdrop.models import BatchState, Job, JobState, KeyAccount, Outcome, RowResult, Turn
from listdrop.providers.base import Batch, Limits, Rates, SendAnswer
from tests.support.clock import NOW
from tests.support.fallible import CrashError
from tests.support.providers import (
    CarefulLoadingProvider,
    LoadingProvider,
    ResendingProvider,
    ToyProvider,
    accepted,
    gaps,
    received,
)
from tests.support.world import (
    ACCOUNT,
    TURN_SECONDS,
    World,
    csv_of,
    is_balanced,
    outcomes_of,
    route_to,
)

SEND_BUDGET, POLL_BUDGET = "toy#default#send", "toy#default#poll"
AUTH = StopJobError("provider_auth", "The provider refused the API key.")


class SlowProvider(ToyProvider):
    """Takes one request in ten seconds."""

    rates = Rates(send_gap=10, poll_gap=0.5)


class Single(ToyProvider):
    """Takes rows one by one."""

    limits = Limits(rows=1, bytes=100_000)


class ManyLoads(LoadingProvider):
    """Loads rows one by one."""

    limits = Limits(rows=1, bytes=100_000)


class LonePenalty(ToyProvider):
    """Counts single rows apart."""

    limits = Limits(rows=1, bytes=100_000)
    rates = Rates(send_gap=1, poll_gap=1, lone_gap=5)


class LoneRemainder(LonePenalty):
    """The same, in requests of three rows."""

    limits = Limits(rows=3, bytes=100_000)


def first_turn(world: World, job: Job) -> Turn:
    return world.executions.started[job.job_id]


# ---------------------------------------------------------------- the plain course


def test_every_batch_leaves_once_and_in_order() -> None:
    world = World()

    job = world.process(csv_of(8))

    assert [asked.rows for asked in world.script.of("send")] == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 8)
    assert job.batches == {"planned": 3, "sent": 3, "terminal": 3}


def test_batches_that_are_answered_at_once_are_never_polled() -> None:
    world = World()

    turns = world.follow(first_turn(world, world.drop(csv_of(8))))

    assert {turn.next for turn in turns} == {"send", "finish"}
    assert world.script.of("poll") == []


def test_a_batch_is_marked_before_its_request_leaves() -> None:
    world = World()
    job = world.drop(csv_of(3))
    seen = []

    def look(batch: Batch) -> SendAnswer:
        seen.extend(world.batches(job))
        return accepted(batch)

    world.script.sends = [look]
    world.run(job)

    assert [(batch.state, batch.attempts) for batch in seen] == [(BatchState.SENDING, 1)]
    assert seen[0].lease_until is not None
    assert seen[0].lease_until > NOW


def test_a_job_that_has_begun_is_running() -> None:
    world = World()
    world.script.then_send = received
    job = world.drop(csv_of(3))

    world.send(first_turn(world, job))

    assert world.jobs.get(job.job_id).state is JobState.RUNNING
    assert world.jobs.get(job.job_id).started_at == NOW


def test_a_finished_job_is_not_sent_again() -> None:
    world = World()
    job = world.process(csv_of(3))

    following = world.send(first_turn(world, job))

    assert following.next == "finish"
    assert len(world.script.asked) == 1


def test_a_turn_ends_in_time_and_the_next_goes_on() -> None:
    world = World(SlowProvider)
    job = world.drop(csv_of(30))

    turns = world.follow(first_turn(world, job))

    assert len(turns) > 2
    assert world.script.sent_rows == Counter(range(1, 31))


def test_no_turn_runs_on_much_longer_than_it_may() -> None:
    world = World(Single)
    world.script.seconds = 4
    turn = first_turn(world, world.drop(csv_of(40)))

    while turn.next != "finish":
        world.clock.wait_until(turn.wait_until or NOW)
        began = world.clock.now()
        turn = world.send(turn)
        assert (world.clock.now() - began).total_seconds() <= TURN_SECONDS + 4 + 2

    assert world.script.sent_rows == Counter(range(1, 41))


# ---------------------------------------------------------------- the account's rate


@pytest.mark.parametrize("kind", [ToyProvider, SlowProvider])
def test_requests_keep_the_account_s_gap(kind: type[ToyProvider]) -> None:
    world = World(kind)

    world.process(csv_of(30))

    assert min(gaps(world.script.of("send"))) >= kind.rates.send_gap


def test_jobs_of_one_account_share_its_rate() -> None:
    world = World(SlowProvider)
    turns = [first_turn(world, world.drop(csv_of(12, first=n), f"{n}.csv")) for n in (1, 100, 200)]

    while any(turn.next != "finish" for turn in turns):
        open_turns = [turn for turn in turns if turn.next != "finish"]
        due = min(open_turns, key=lambda turn: turn.wait_until or NOW)
        turns[turns.index(due)] = world.step(due)

    assert len(world.script.of("send")) == 12
    assert min(gaps(world.script.of("send"))) >= 10


def test_single_rows_keep_their_longer_gap() -> None:
    world = World(LonePenalty)

    world.process(csv_of(6))

    assert min(gaps(world.script.of("send"))) >= 5


def test_a_single_row_that_is_left_of_a_batch_keeps_the_longer_gap() -> None:
    world = World(LoneRemainder)
    named = {row: RowResult(Outcome.CONFIRMED) for row in (1, 2)}
    world.script.sends = [SendAnswer(results=named)]

    world.process(csv_of(5))

    _, lone, following = world.script.of("send")
    assert lone.rows == [3]
    assert following.at - lone.at >= timedelta(seconds=4.5)


def test_a_turn_that_comes_late_makes_no_burst_of_what_it_missed() -> None:
    world = World(Single)
    world.budget.reserve(SEND_BUDGET, count=20, gap=1, now=NOW)  # another job's
    turn = world.send(first_turn(world, world.drop(csv_of(8))))
    assert turn.wait_until == NOW + timedelta(seconds=20) - EARLY

    world.clock.wait_until(turn.wait_until + timedelta(seconds=8))
    world.follow(turn.model_copy(update={"wait_until": None}))

    assert world.script.sent_rows == Counter(range(1, 9))
    assert min(gaps(world.script.of("send"))) >= 1


def test_a_turn_that_has_lost_its_slots_opens_nothing_and_looks_nothing_up() -> None:
    world = loading()
    world.script.commits = [FateUnknownError()]
    world.script.look_ups = [{"found": True}]
    next_slot = Work.next_slot
    slots: list[bool] = []

    def late(work: Work) -> bool:
        # The first request opens. After it, three loads and the commit, the sixth looks it up.
        if not slots or (slots.count(True) == 5 and slots[-1]):
            world.clock.advance(60)
        slots.append(next_slot(work))
        return slots[-1]

    with mock.patch.object(Work, "next_slot", late):
        job = world.process(csv_of(7))

    assert slots.count(False) == 2
    assert kinds(world) == ["open", *["send"] * 3, "commit", "look_up", "poll"]
    assert slots.count(True) == len(kinds(world))
    assert job.state is JobState.SUCCEEDED


def test_a_far_slot_is_the_workflow_s_to_wait_for() -> None:
    world = World()
    world.budget.hold(SEND_BUDGET, NOW + timedelta(seconds=90))
    job = world.drop(csv_of(3))

    following = world.send(first_turn(world, job))

    slot = NOW + timedelta(seconds=90)
    assert (following.next, following.wait_until) == ("send", slot - EARLY)
    assert world.script.asked == []
    assert world.clock.now() == NOW


def test_a_function_that_is_woken_before_its_slot_waits_for_it() -> None:
    world = World()
    world.budget.hold(SEND_BUDGET, NOW + timedelta(seconds=90))

    world.process(csv_of(3))

    assert [asked.at for asked in world.script.of("send")] == [NOW + timedelta(seconds=90)]


def test_waiting_for_a_slot_neither_spins_nor_holds_up_what_is_to_be_polled() -> None:
    world = World()
    world.script.then_send = received
    world.script.sends = [received, ProviderBusyError(5)]
    turns = [first_turn(world, world.drop(csv_of(6)))]
    turns.append(world.step(turns[-1]))
    world.budget.hold(SEND_BUDGET, NOW + timedelta(seconds=300))

    turns += world.follow(turns[-1])

    assert len(turns) < 15
    assert world.script.of("poll")[0].at < NOW + timedelta(seconds=60)
    assert world.script.sent_rows == Counter({1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2})


def test_a_slot_for_a_poll_is_not_used_for_sending() -> None:
    world = World()
    world.script.then_send = received
    world.script.sends = [received, ProviderBusyError(30)]
    turn = world.step(first_turn(world, world.drop(csv_of(6))))
    world.budget.hold(POLL_BUDGET, NOW + timedelta(seconds=60))
    world.budget.hold(SEND_BUDGET, NOW + timedelta(seconds=130))  # another job's slots

    world.follow(turn)

    last = world.script.of("send")[-1]
    assert last.rows == [4, 5, 6]
    assert last.at >= NOW + timedelta(seconds=130)


# ---------------------------------------------------------------- nothing was taken


def test_a_busy_provider_is_asked_again_when_it_says_and_no_sooner() -> None:
    world = World()
    world.script.sends = [ProviderBusyError(90)]

    job = world.process(csv_of(5))

    first, second, third = world.script.of("send")
    assert first.rows == second.rows == [1, 2, 3]
    assert second.at >= first.at + timedelta(seconds=90)
    assert third.rows == [4, 5]
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 5)


def test_a_busy_provider_keeps_the_account_s_other_jobs_waiting() -> None:
    world = World()
    world.script.sends = [ProviderBusyError(90)]
    one = world.drop(csv_of(3), "1.csv")
    two = world.drop(csv_of(3, first=10), "2.csv")
    world.send(first_turn(world, one))

    following = world.send(first_turn(world, two))

    assert len(world.script.asked) == 1
    assert following.wait_until is not None
    assert following.wait_until >= NOW + timedelta(seconds=90) - EARLY


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
def test_a_request_that_never_left_is_made_again(kind: type[ToyProvider]) -> None:
    world = World(kind)
    world.script.sends = [NotSentError(), NotSentError()]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)
    assert len(world.script.of("send")) == 3
    assert not any(asked.batch and asked.batch.repeated for asked in world.script.asked)
    assert world.batches(job)[0].attempts == 3


def test_a_provider_that_is_never_reached_ends_the_job_at_its_deadline() -> None:
    world = World(route=route_to(deadline_minutes=10))
    world.script.then_send = NotSentError()
    job = world.drop(csv_of(3))

    turns = world.follow(first_turn(world, job))
    job = world.run(job)

    assert all(turn.wait_until is None or turn.wait_until <= job.deadline_at for turn in turns)
    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)
    assert {result.reason for result in world.outcomes(job).values()} == {"deadline"}


def test_a_job_says_what_is_wrong_with_its_provider_until_it_answers() -> None:
    world = World()
    gone = NotSentError("no connection to the provider")
    world.script.sends = [gone, gone, received]
    job = world.drop(csv_of(3))
    turn = world.step(first_turn(world, job))

    said = world.jobs.get(job.job_id).last_error

    assert said is not None
    assert (said.text, said.since, said.attempts) == ("no connection to the provider", NOW, 1)
    assert said.kind == "unreachable"
    assert said.next_at == NOW + timedelta(seconds=15)

    turn = world.step(turn)
    again = world.jobs.get(job.job_id).last_error
    assert again is not None
    assert (again.since, again.attempts) == (NOW, 2)

    world.step(turn)
    assert world.jobs.get(job.job_id).last_error is None


def test_the_first_batch_is_sent_when_its_request_is_made_and_not_when_the_turn_ends() -> None:
    world = World()
    gone = NotSentError("the connection was refused")
    world.script.sends = [gone]
    world.script.then_send = received
    job = world.drop(csv_of(600))
    turn = world.step(first_turn(world, job))
    assert world.jobs.get(job.job_id).sending_since is None

    world.step(turn)

    first = next(world.jobs.batches(job.job_id))
    assert world.jobs.get(job.job_id).sending_since == first.sent_at


@pytest.mark.parametrize(
    ("error", "is_nothing_sent"),
    [
        (NotSentError("the connection was refused"), True),
        (ProviderBusyError(60), True),
        (FateUnknownError("no complete answer came"), False),
        (BatchRefusedError("No."), False),
        (CrashError(), False),
    ],
    ids=repr,
)
def test_nothing_is_sent_unless_a_request_got_through_or_may_have(
    error: Exception, is_nothing_sent: bool
) -> None:
    world = World(route=route_to(deadline_minutes=10))
    world.script.sends = [error]
    world.script.then_send = NotSentError("the connection was refused")

    job = world.process(csv_of(3))

    assert job.is_nothing_sent is is_nothing_sent


def test_a_job_that_expires_keeps_what_was_wrong() -> None:
    world = World(route=route_to(deadline_minutes=10))
    world.script.then_send = FateUnknownError("the provider answered 503")

    job = world.process(csv_of(3))
    world.script.then_send = NotSentError("no connection to the provider")
    expired = world.process(csv_of(4))

    assert job.last_error is not None
    assert job.last_error.text == "the provider answered 503"
    assert expired.state is JobState.EXPIRED
    assert expired.last_error is not None
    assert expired.last_error.attempts > 10


def test_a_refused_batch_keeps_the_provider_s_words_and_the_others_go_on() -> None:
    world = World()
    world.script.sends = [accepted, BatchRefusedError("No such field: Größe", "400")]

    job = world.process(csv_of(9))

    outcomes = world.outcomes(job)
    assert outcomes_of(outcomes) == ["confirmed"] * 3 + ["refused"] * 3 + ["confirmed"] * 3
    assert (outcomes[5].reason, outcomes[5].raw_status) == ("No such field: Größe", "400")
    assert job.state is JobState.PARTIAL
    assert set(world.script.sent_rows.values()) == {1}


# ---------------------------------------------------------------- keys, credits, accounts


@pytest.mark.parametrize("reason", ["provider_auth", "provider_quota", "bad_route"])
def test_a_provider_that_wants_nothing_of_the_job_ends_it_rejected(reason: str) -> None:
    world = World()
    world.script.then_send = StopJobError(reason, "One plain sentence.")

    job = world.process(csv_of(8))

    assert (job.state, job.reason, job.reason_text) == (
        JobState.REJECTED,
        reason,
        "One plain sentence.",
    )
    assert job.counts["refused"] == 8
    assert {result.reason for result in world.outcomes(job).values()} == {reason}
    assert len(world.script.of("send")) == 1
    assert len(world.notices.published) == 1


def test_a_missing_account_ends_the_job_rejected_without_a_request() -> None:
    world = World()
    world.accounts.stored.clear()

    job = world.process(csv_of(3))

    assert (job.state, job.reason, job.counts["refused"]) == (
        JobState.REJECTED,
        "unknown_account",
        3,
    )
    assert world.script.asked == []


def test_a_key_that_was_changed_meanwhile_is_used_at_once() -> None:
    world = World()
    world.script.sends = [accepted, AUTH]
    job = world.drop(csv_of(6))
    world.accounts.get(ToyProvider, "default")
    world.accounts.stored["toy", "default"] = KeyAccount(base_url=ACCOUNT.base_url, api_key="key-2")

    job = world.run(job)

    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 6)
    assert [asked.key for asked in world.script.of("send")] == ["key-1", "key-1", "key-2"]
    assert min(gaps(world.script.of("send"))) >= ToyProvider.rates.send_gap


# Secrets Manager may be busy for a moment, right after a mark says that a request leaves now.


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider, LoadingProvider])
@pytest.mark.parametrize("times", [1, 3])
def test_a_key_that_cannot_be_read_for_a_moment_leaves_no_doubt(
    kind: type[ToyProvider], times: int
) -> None:
    world = World(kind)
    world.accounts.failures = [TimeoutError("no answer")] * times

    job = world.process(csv_of(6))

    assert (job.state, job.counts["unknown"]) == (JobState.SUCCEEDED, 0)
    assert set(world.script.sent_rows.values()) == {1}
    assert "doubtful_request" not in world.events.counts
    assert world.events.counts["provider_errors"] == times


def test_a_key_that_cannot_be_read_for_the_commit_leaves_no_doubt() -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    world.script.seconds = TURN_SECONDS  # so that the commit has a turn of its own
    job = world.drop(csv_of(3))
    turn = world.step(world.step(world.executions.started[job.job_id]))
    assert [asked.kind for asked in world.script.asked] == ["open", "send"]
    world.accounts.cached.clear()
    world.accounts.failures = [TimeoutError("no answer")]

    world.finish(world.follow(turn)[-1])

    assert world.jobs.get(job.job_id).counts["accepted"] == 3
    assert [asked.kind for asked in world.script.asked] == ["open", "send", "commit", "poll"]


def test_a_refused_key_that_cannot_be_read_again_is_not_the_end_of_the_job() -> None:
    world = World()
    world.script.sends = [AUTH]
    world.accounts.get(ToyProvider, "default")
    world.accounts.stored["toy", "default"] = KeyAccount(base_url=ACCOUNT.base_url, api_key="key-2")
    world.accounts.failures = [TimeoutError("no answer")]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


def test_a_key_that_cannot_be_read_is_told_of_until_it_can() -> None:
    world = World()
    world.accounts.failures = [TimeoutError("quotes key-1")] * 2
    job = world.drop(csv_of(3))

    world.step(world.executions.started[job.job_id])

    told = world.jobs.get(job.job_id).last_error
    assert told is not None
    assert told.kind == "unreachable"
    assert told.text == "the secret with its key could not be read"
    assert world.run(job).last_error is None


@pytest.mark.parametrize(("at", "when"), [(3, "after"), (4, "before"), (4, "after")])
@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
def test_a_refused_key_leaves_no_doubt_if_send_dies_once_it_has_begun_to_say_so(
    kind: type[ToyProvider], at: int, when: Literal["before", "after"]
) -> None:
    world = World(kind)
    world.script.then_send = AUTH
    job = world.drop(csv_of(3))
    # Its writes: the job runs, the batch is sending, and what the answer means.
    world.tripwire.arm(at, when)

    job = world.run(job)

    assert world.crashes == 1
    assert (job.state, job.reason) == (JobState.REJECTED, "provider_auth")
    assert job.counts["refused"] == 3


def test_after_a_stop_in_the_middle_what_was_taken_counts_and_the_rest_is_refused() -> None:
    world = World()
    world.script.sends = [accepted, AUTH]

    job = world.process(csv_of(9))

    assert outcomes_of(world.outcomes(job)) == ["confirmed"] * 3 + ["refused"] * 6
    assert job.state is JobState.PARTIAL
    assert len(world.script.of("send")) == 2


def test_what_was_sent_before_a_stop_is_still_polled() -> None:
    world = World()
    world.script.sends = [received, AUTH]

    job = world.process(csv_of(6))

    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 3 + ["refused"] * 3
    assert len(world.script.of("poll")) == 1


def test_a_stop_after_rows_of_the_same_batch_got_in_is_not_a_rejected_job() -> None:
    world = World()
    world.script.sends = [SendAnswer(results={1: RowResult(Outcome.CONFIRMED)}), AUTH]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["confirmed", "refused", "refused"]
    assert job.state is JobState.PARTIAL


def test_a_stop_after_a_doubtful_request_leaves_its_rows_unknown() -> None:
    world = World(ResendingProvider)
    world.script.sends = [FateUnknownError(), AUTH]

    job = world.process(csv_of(3))

    assert job.counts["unknown"] == 3
    assert job.state is not JobState.REJECTED


# ---------------------------------------------------------------- requests of unclear fate


def test_a_lost_answer_is_given_up_where_nothing_else_is_safe() -> None:
    world = World()
    world.script.sends = [FateUnknownError()]

    job = world.process(csv_of(6))

    assert outcomes_of(world.outcomes(job)) == ["unknown"] * 3 + ["confirmed"] * 3
    assert world.outcomes(job)[1].reason == "lost_answer"
    assert set(world.script.sent_rows.values()) == {1}
    assert world.events.counts["doubtful_request"] == 1


def test_a_lost_answer_is_sent_again_where_the_provider_upserts() -> None:
    world = World(ResendingProvider)
    world.script.sends = [FateUnknownError()]

    job = world.process(csv_of(3))

    first, second = world.script.of("send")
    assert first.batch is not None
    assert second.batch is not None
    assert not first.batch.repeated
    assert second.batch.repeated == frozenset({1, 2, 3})
    assert list(first.batch.rows) == list(second.batch.rows)
    assert second.at >= first.at + timedelta(seconds=10)
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


def test_an_answer_lost_again_is_given_up() -> None:
    world = World(ResendingProvider)
    world.script.then_send = FateUnknownError()

    job = world.process(csv_of(3))

    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 3)
    assert len(world.script.of("send")) == 1 + ResendingProvider.resends


@pytest.mark.parametrize(("kind", "requests"), [(ToyProvider, 1), (ResendingProvider, 2)])
def test_a_function_that_dies_during_its_request_is_a_lost_answer(
    kind: type[ToyProvider], requests: int
) -> None:
    world = World(kind)
    world.script.sends = [CrashError()]

    job = world.process(csv_of(3))

    assert len(world.script.of("send")) == requests
    assert is_balanced(job)
    assert job.counts["unknown" if requests == 1 else "confirmed"] == 3


CRASHES: list[Literal["before", "after"]] = ["before", "after"]


@pytest.mark.parametrize("when", CRASHES)
@pytest.mark.parametrize("answer", [accepted, received])
@pytest.mark.parametrize(("kind", "most"), [(ToyProvider, 1), (ResendingProvider, 2)])
def test_a_death_at_any_write_costs_no_row_and_no_blind_second_request(
    kind: type[ToyProvider],
    most: int,
    answer: object,
    when: Literal["before", "after"],
) -> None:
    at = 0
    while True:
        at += 1
        world = World(kind)
        world.script.then_send = accepted if answer is accepted else received
        job = world.drop(csv_of(7))
        world.tripwire.arm(at, when)

        job = world.run(job)

        if world.tripwire.is_armed:
            break
        where = f"{when} write {at}: {world.tripwire.writes[-30:]}"
        assert world.crashes == 1, where
        assert job.state.is_terminal, where
        assert is_balanced(job), where
        assert job.counts["rows"] == 7, where
        assert job.batches["sent"] == job.batches["terminal"] == 3, where
        assert max(world.script.sent_rows.values()) <= most, where
        assert set(world.outcomes(job)) == set(range(1, 8)), where
        good = job.counts["confirmed"] + job.counts["accepted"]
        assert good + job.counts["unknown"] == 7, where
        assert good >= 4, where
        if kind is ResendingProvider:
            assert good == 7, where
        assert 1 <= len(world.notices.published) <= 2, where
    assert at > 12


# ---------------------------------------------------------------- leases


def test_a_batch_that_another_send_is_at_work_on_is_left_alone() -> None:
    world = World()
    job = world.drop(csv_of(3))
    nested: list[Turn] = []

    def at_the_same_time(batch: Batch) -> SendAnswer:
        nested.append(world.send(first_turn(world, job)))
        return accepted(batch)

    world.script.sends = [at_the_same_time]
    job = world.run(job)

    assert len(world.script.of("send")) == 1
    assert nested[0].next == "send"
    assert nested[0].wait_until is not None
    assert nested[0].wait_until >= NOW + timedelta(seconds=60)
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


def test_two_sends_of_one_job_never_send_a_batch_twice() -> None:
    world = World()
    job = world.drop(csv_of(9))
    turn = first_turn(world, job)

    def at_the_same_time(batch: Batch) -> SendAnswer:
        world.send(turn)
        return accepted(batch)

    world.script.sends = [at_the_same_time]
    job = world.run(job)

    assert world.script.sent_rows == Counter(range(1, 10))
    assert job.counts["confirmed"] == 9


def test_a_receipt_that_comes_after_the_lease_leaves_files_counts_and_items_in_agreement() -> None:
    world = World()
    job = world.drop(csv_of(3))
    turn = first_turn(world, job)

    def very_slow(batch: Batch) -> SendAnswer:
        world.clock.advance(120)  # beyond the lease: the next Send settles the batch
        world.send(turn)
        return accepted(batch)

    world.script.sends = [very_slow]
    job = world.run(job)

    assert len(world.script.of("send")) == 1
    assert is_balanced(job)
    counted = Counter(outcomes_of(world.outcomes(job)))
    assert {name: job.counts[name] for name in counted} == counted


def test_a_batch_left_by_a_crash_is_waited_for_until_its_lease_ends() -> None:
    world = World()
    job = world.drop(csv_of(3))
    world.script.sends = [CrashError()]
    with pytest.raises(CrashError):
        world.send(first_turn(world, job))

    following = world.send(first_turn(world, job))

    (batch,) = world.batches(job)
    assert batch.state is BatchState.SENDING
    assert following.wait_until == batch.lease_until


# A refused key is read again, and the request is repeated, under the lease that the first one has.


def with_a_new_key(kind: type[ToyProvider]) -> World:
    """A world whose key was changed, which the function does not know yet."""
    world = World(kind)
    world.accounts.get(ToyProvider, "default")
    world.accounts.stored["toy", "default"] = KeyAccount(base_url=ACCOUNT.base_url, api_key="key-2")
    return world


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
@pytest.mark.parametrize("refused_after", [1, 15, 25, 35, 42, 60])
def test_no_second_send_takes_the_rows_of_a_request_that_followed_a_refused_key(
    kind: type[ToyProvider], refused_after: int
) -> None:
    world = with_a_new_key(kind)
    job = world.drop(csv_of(150))  # with slots that are left when the key is refused
    turn = first_turn(world, job)

    def refused_late(_: Batch) -> SendAnswer:
        world.clock.advance(refused_after)
        raise AUTH

    def at_the_same_time(batch: Batch) -> SendAnswer:
        world.clock.advance(59)
        world.send(turn)
        return accepted(batch)

    world.script.sends = [refused_late, at_the_same_time]
    job = world.run(job)

    by_key_2 = [asked.rows for asked in world.script.of("send") if asked.key == "key-2"]
    assert Counter(row for rows in by_key_2 for row in rows) == Counter(range(1, 151))
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 150)
    assert "doubtful_request" not in world.events.counts


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
@pytest.mark.parametrize("read_after", [0, 25, 80, 300])
def test_no_second_send_takes_the_rows_of_a_request_whose_key_was_long_in_coming(
    kind: type[ToyProvider], read_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(kind)
    job = world.drop(csv_of(3))
    turn = first_turn(world, job)
    read, slow = world.accounts.get, [read_after]

    def get(*asked: Any, **how: Any) -> Any:
        world.clock.advance(slow.pop() if slow else 0)
        return read(*asked, **how)

    def at_the_same_time(batch: Batch) -> SendAnswer:
        world.clock.advance(59)
        world.send(turn)
        return accepted(batch)

    monkeypatch.setattr(world.accounts, "get", get)
    world.script.sends = [at_the_same_time]
    job = world.run(job)

    assert len(world.script.of("send")) == 1
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)
    assert "doubtful_request" not in world.events.counts


# ---------------------------------------------------------------- parts of a batch


def test_after_a_request_that_was_too_large_smaller_ones_follow() -> None:
    world = World()

    def one_at_most(batch: Batch) -> SendAnswer:
        return accepted(batch) if len(batch.rows) == 1 else SendAnswer(max_rows=1)

    world.script.then_send = one_at_most
    job = world.process(csv_of(3))

    taken = [asked.rows for asked in world.script.of("send") if len(asked.rows) == 1]
    assert taken == [[1], [2], [3]]
    assert (job.state, job.counts["confirmed"]) == (JobState.SUCCEEDED, 3)


def test_parts_of_a_batch_are_loaded_one_after_the_other() -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    world.script.sends = [SendAnswer(max_rows=2)]

    job = world.process(csv_of(5))

    assert [asked.rows for asked in world.script.of("send")] == [[1, 2, 3], [1, 2], [3], [4, 5]]
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 5)
    assert len(world.script.of("commit")) == 1


def test_rows_that_are_named_are_settled_and_the_remainder_is_sent_again() -> None:
    world = World()
    existing = RowResult(Outcome.EXISTING, "already there")
    world.script.sends = [SendAnswer(results={2: existing})]

    job = world.process(csv_of(3))

    first, second = world.script.of("send")
    assert (first.rows, second.rows) == ([1, 2, 3], [1, 3])
    assert first.batch is not None
    assert second.batch is not None
    assert (first.batch.is_remainder, second.batch.is_remainder) == (False, True)
    assert outcomes_of(world.outcomes(job)) == ["confirmed", "existing", "confirmed"]


def test_rows_that_are_named_stay_so_when_the_remainder_is_lost() -> None:
    world = World()
    refused = RowResult(Outcome.REFUSED, "bad domain")
    world.script.sends = [SendAnswer(results={2: refused}), FateUnknownError()]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["unknown", "refused", "unknown"]


def test_rows_worth_one_more_try_are_told_apart() -> None:
    world = World()
    named = {1: RowResult(Outcome.CONFIRMED)}
    world.script.sends = [SendAnswer(results=named, retried=frozenset({3}))]

    world.process(csv_of(3))

    second = world.script.of("send")[1].batch
    assert second is not None
    assert second.retried == frozenset({3})


def test_one_result_can_stand_for_all_rows_that_are_not_named() -> None:
    world = World()
    named = {2: RowResult(Outcome.REFUSED, "no")}
    world.script.sends = [SendAnswer(results=named, rest=RowResult(Outcome.ACCEPTED))]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["accepted", "refused", "accepted"]


GOOD = RowResult(Outcome.CONFIRMED)
LOST = RowResult(Outcome.UNKNOWN, "lost_answer")


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        (SendAnswer(results={1: GOOD, 2: GOOD, 9: GOOD}), ["confirmed"] * 3),
        (
            SendAnswer(results={1: GOOD, 2: GOOD, 9: GOOD}, rest=LOST),
            ["confirmed"] * 2 + ["unknown"],
        ),
        (SendAnswer(results={7: GOOD, 8: GOOD, 9: GOOD}, rest=LOST), ["unknown"] * 3),
        (SendAnswer(results={0: GOOD, -1: GOOD, -2: GOOD}), ["unknown"] * 3),
        (SendAnswer(results={1: GOOD, 2: GOOD, 3: GOOD, 4: GOOD}), ["confirmed"] * 3),
        (SendAnswer(results={-1: GOOD}, handle={"a": 1}), ["accepted"] * 3),
        (SendAnswer(results={9: GOOD}, retried=frozenset({9})), ["unknown"] * 3),
    ],
)
def test_an_answer_about_rows_that_were_not_sent_says_nothing_of_those_that_were(
    answer: SendAnswer, outcomes: list[str]
) -> None:
    world = World()
    world.script.sends = [answer]

    job = world.process(csv_of(5))

    assert outcomes_of(world.outcomes(job)) == [*outcomes, "confirmed", "confirmed"]
    assert world.events.counts["broken_answer"] == 1


def test_a_row_that_is_named_again_keeps_what_was_said_first() -> None:
    world = World()
    world.script.sends = [
        SendAnswer(results={2: RowResult(Outcome.REFUSED, "no")}),
        SendAnswer(results={1: GOOD, 2: GOOD, 3: GOOD}),
    ]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["confirmed", "refused", "confirmed"]


def test_warnings_are_counted() -> None:
    world = World()
    world.script.sends = [SendAnswer(rest=RowResult(Outcome.ACCEPTED), warnings=["odd_answer"])]

    world.process(csv_of(3))

    assert world.events.counts["odd_answer"] == 1


# ---------------------------------------------------------------- load first, then commit


def loading(kind: type[LoadingProvider] = LoadingProvider) -> World:
    world = World(kind)
    world.script.then_send = received
    world.script.opens = [{"import": number} for number in range(1, 10)]
    return world


def kinds(world: World) -> list[str]:
    return [asked.kind for asked in world.script.asked]


def imports(world: World) -> dict[int, Counter[int]]:
    """What was loaded into each import: how often each row."""
    loaded: dict[int, Counter[int]] = {}
    for asked in world.script.of("send"):
        assert asked.batch is not None
        assert asked.batch.session is not None
        number = asked.batch.session["import"]
        assert isinstance(number, int)
        loaded.setdefault(number, Counter()).update(asked.rows)
    return loaded


def test_what_was_loaded_in_parts_is_loaded_whole_into_the_import_that_replaces_it() -> None:
    world = loading()
    world.script.sends = [SendAnswer(max_rows=1), received, received, received, FateUnknownError()]

    job = world.process(csv_of(6))

    loaded = imports(world)
    assert loaded[max(loaded)] == Counter(range(1, 7))
    assert (len(loaded), job.counts["accepted"]) == (2, 6)


def test_what_was_loaded_in_part_while_another_batch_was_in_doubt_is_loaded_whole_again() -> None:
    world = loading()
    world.script.sends = [CrashError(), SendAnswer(max_rows=1), received, ProviderBusyError(200)]

    job = world.process(csv_of(6))

    loaded = imports(world)
    assert loaded[min(loaded)] == Counter({1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 1})
    assert loaded[max(loaded)] == Counter(range(1, 7))
    assert (len(loaded), job.counts["accepted"]) == (2, 6)


def test_a_load_in_doubt_is_loaded_whole_into_the_import_that_replaces_it() -> None:
    world = loading()
    world.script.sends = [SendAnswer(max_rows=1), received, FateUnknownError()]

    job = world.process(csv_of(3))

    loaded = imports(world)
    assert loaded[max(loaded)] == Counter(range(1, 4))
    assert (len(loaded), job.counts["accepted"]) == (2, 3)


def test_an_import_is_opened_once_loaded_committed_once_and_polled_as_one() -> None:
    world = loading()

    job = world.process(csv_of(7))

    assert kinds(world) == ["open", "send", "send", "send", "commit", "poll"]
    assert imports(world) == {1: Counter(range(1, 8))}
    handle = world.script.of("poll")[0].handle
    assert handle is not None
    assert [row for row, _ in handle.rows] == list(range(1, 8))
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 7)


def test_nothing_is_committed_before_everything_is_loaded() -> None:
    world = loading()
    world.script.sends = [received, ProviderBusyError(60), received]

    world.process(csv_of(9))

    assert kinds(world).index("commit") == len(kinds(world)) - 2
    assert kinds(world).count("commit") == 1


def test_a_doubtful_load_abandons_the_import_and_loads_a_new_one() -> None:
    world = loading()
    world.script.sends = [received, FateUnknownError()]

    job = world.process(csv_of(7))

    assert imports(world)[2] == Counter(range(1, 8))
    assert kinds(world).count("commit") == 1
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 7)


def test_batches_are_counted_as_sent_once_even_after_a_restart() -> None:
    world = loading()
    world.script.sends = [received, received, FateUnknownError()]

    job = world.process(csv_of(7))

    assert job.batches == {"planned": 3, "sent": 3, "terminal": 3}


def test_after_some_restarts_the_doubtful_batch_is_given_up_and_the_others_go_on() -> None:
    world = loading()
    world.script.sends = [FateUnknownError()] * 5

    job = world.process(csv_of(7))

    assert outcomes_of(world.outcomes(job)) == ["refused"] * 3 + ["accepted"] * 4
    assert {world.outcomes(job)[row].reason for row in (1, 2, 3)} == {"not_loaded"}
    assert job.batches == {"planned": 3, "sent": 2, "terminal": 3}
    assert kinds(world).count("open") == 6
    assert kinds(world).count("commit") == 1


def test_an_import_with_a_doubtful_load_is_not_run_even_when_the_batch_is_given_up() -> None:
    world = loading()
    for _ in range(5):
        world.script.sends += [received, FateUnknownError()]

    world.process(csv_of(7))

    assert kinds(world)[-5:] == ["open", "send", "send", "commit", "poll"]
    assert imports(world)[6] == Counter([1, 2, 3, 7])


def test_an_account_that_cannot_be_opened_is_tried_again() -> None:
    world = loading()
    world.script.opens = [NotSentError(), ProviderBusyError(30), FateUnknownError(), {"import": 1}]

    job = world.process(csv_of(3))

    assert kinds(world) == ["open"] * 4 + ["send", "commit", "poll"]
    assert job.state is JobState.SUCCEEDED


def test_a_key_that_is_refused_at_opening_ends_the_job_rejected() -> None:
    world = loading()
    world.script.opens = [AUTH]

    job = world.process(csv_of(3))

    assert kinds(world) == ["open"]
    assert (job.state, job.reason, job.counts["refused"]) == (
        JobState.REJECTED,
        "provider_auth",
        3,
    )


def test_a_commit_that_is_refused_refuses_every_row() -> None:
    world = loading()
    world.script.commits = [BatchRefusedError("the import is empty")]

    job = world.process(csv_of(7))

    assert job.counts["refused"] == 7
    assert kinds(world).count("commit") == 1
    assert {each.reason for each in world.outcomes(job).values()} == {"the import is empty"}


@pytest.mark.parametrize("trouble", [ProviderBusyError(20), NotSentError()])
def test_a_commit_that_was_not_taken_is_made_again(trouble: Exception) -> None:
    world = loading()
    world.script.commits = [trouble]

    job = world.process(csv_of(3))

    assert kinds(world).count("commit") == 2
    assert kinds(world).count("look_up") == 0
    assert job.state is JobState.SUCCEEDED


@pytest.mark.parametrize("call", ["open", "commit", "look_up"])
def test_a_provider_that_is_busy_with_an_import_keeps_the_account_s_other_jobs_waiting(
    call: str,
) -> None:
    world = loading()
    steps = {"open": world.script.opens, "commit": world.script.commits}
    steps.get(call, world.script.look_ups).insert(0, ProviderBusyError(90))
    if call == "look_up":
        world.script.commits.append(FateUnknownError())
    one, two = world.drop(csv_of(3)), world.drop(csv_of(3, first=10), "inbox/spring/b.csv")
    turn = first_turn(world, one)
    while not world.script.of(call):
        turn = world.step(turn)

    following = world.send(first_turn(world, two))

    busy = world.script.of(call)[0]
    assert world.script.asked[-1] is busy
    assert following.wait_until is not None
    assert following.wait_until >= busy.at + timedelta(seconds=90) - EARLY
    world.follow(turn)
    assert world.script.of(call)[1].at >= busy.at + timedelta(seconds=90)


@pytest.mark.parametrize("kind", [LoadingProvider, CarefulLoadingProvider])
@pytest.mark.parametrize("trouble", [FateUnknownError(), CrashError()])
def test_a_doubtful_commit_is_looked_up_and_not_repeated(
    trouble: Exception, kind: type[LoadingProvider]
) -> None:
    world = loading(kind)
    world.script.commits = [trouble]
    world.script.look_ups = [None, {"found": True}]

    job = world.process(csv_of(7))

    assert kinds(world) == ["open", *["send"] * 3, "commit", "look_up", "look_up", "poll"]
    handle = world.script.of("poll")[0].handle
    assert handle is not None
    assert handle.value == {"found": True}
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 7)


def test_a_commit_that_is_nowhere_to_be_found_is_given_up() -> None:
    world = loading()
    world.script.commits = [FateUnknownError()]
    world.script.look_ups = [None] * 20

    job = world.process(csv_of(7))

    assert kinds(world).count("commit") == 1
    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 7)


def test_a_commit_that_certainly_did_not_start_is_made_once_more() -> None:
    world = loading(CarefulLoadingProvider)
    world.script.commits = [FateUnknownError()]
    world.script.look_ups = [None] * 3

    job = world.process(csv_of(7))

    assert kinds(world).count("commit") == 2
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 7)


def test_commits_that_never_start_end_unknown() -> None:
    world = loading(CarefulLoadingProvider)
    world.script.commits = [FateUnknownError()] * 20
    world.script.look_ups = [None] * 50

    job = world.process(csv_of(7))

    assert kinds(world).count("commit") == 2
    assert job.counts["unknown"] == 7


def test_a_key_that_is_refused_at_the_commit_ends_the_job_rejected() -> None:
    world = loading()
    world.script.commits = [AUTH]

    job = world.process(csv_of(3))

    assert kinds(world).count("commit") == 1
    assert (job.state, job.counts["refused"]) == (JobState.REJECTED, 3)


def test_a_commit_that_another_send_is_making_is_left_to_it() -> None:
    world = loading()
    job = world.drop(csv_of(3))
    turn = first_turn(world, job)
    world.script.commits = [CrashError()]
    with pytest.raises(CrashError):
        world.send(turn)

    following = world.send(turn)

    assert kinds(world).count("commit") == 1
    assert kinds(world).count("look_up") == 0
    session = world.jobs.get(job.job_id).session
    assert session is not None
    assert (following.next, following.wait_until) == ("send", session.lease_until)


@pytest.mark.parametrize("when", CRASHES)
@pytest.mark.parametrize("has_started", [True, False])
def test_a_death_at_any_write_of_a_loading_job_commits_every_row_at_most_once(
    when: Literal["before", "after"], has_started: object
) -> None:
    at = 0
    while True:
        at += 1
        world = loading()
        world.script.look_ups = [{"found": True}] if has_started else [None] * 9
        job = world.drop(csv_of(7))
        world.tripwire.arm(at, when)

        job = world.run(job)

        if world.tripwire.is_armed:
            break
        where = f"{when} write {at}: {world.tripwire.writes[-30:]}"
        assert world.crashes == 1, where
        assert is_balanced(job), where
        assert kinds(world).count("commit") <= 1, where
        assert set(world.outcomes(job)) == set(range(1, 8)), where
        last = imports(world)[max(imports(world))]
        assert set(last.values()) == {1}, where
        if has_started:
            assert job.counts["accepted"] == 7, where
    assert at > 12


def test_a_session_that_another_send_opened_is_not_opened_over() -> None:
    world = loading()
    job = world.drop(csv_of(3))
    stale = world.jobs.get(job.job_id)
    world.send(first_turn(world, job))

    with pytest.raises(ClaimLostError):
        world.jobs.save_session(stale, None)


def test_a_send_that_read_the_job_before_another_opened_it_takes_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    job = world.drop(csv_of(3))
    stale = world.jobs.get(job.job_id)
    world.send(first_turn(world, job))
    before, session = world.batches(job), world.jobs.get(job.job_id).session
    monkeypatch.setattr(world.jobs, "get", {job.job_id: stale}.get)

    following = world.send(first_turn(world, job))
    monkeypatch.undo()

    assert following.next == "send"
    assert (world.batches(job), world.jobs.get(job.job_id).session) == (before, session)
    assert len(world.script.of("open")) == 1


def test_a_repeat_that_is_refused_says_nothing_of_the_request_before_it() -> None:
    world = World(ResendingProvider)
    world.script.sends = [FateUnknownError(), BatchRefusedError("no", "400")]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["unknown"] * 3
    assert world.batches(job)[0].state is BatchState.LOST


def test_a_second_commit_that_is_refused_says_nothing_of_the_first() -> None:
    world = World(CarefulLoadingProvider)
    world.script.then_send = received
    world.script.commits = [FateUnknownError(), BatchRefusedError("it is running", "417")]
    world.script.look_ups = [None] * 3

    job = world.process(csv_of(3))

    assert len(world.script.of("commit")) == 2
    assert outcomes_of(world.outcomes(job)) == ["unknown"] * 3


def test_of_a_batch_loaded_in_parts_only_the_part_that_is_refused_is_refused() -> None:
    world = World(LoadingProvider)
    world.script.sends = [
        SendAnswer(max_rows=1),
        received,
        BatchRefusedError("no", "417"),
        received,
    ]

    job = world.process(csv_of(3))

    assert [asked.rows for asked in world.script.of("send")] == [[1, 2, 3], [1], [2], [3]]
    assert outcomes_of(world.outcomes(job)) == ["accepted", "refused", "accepted"]


def test_a_batch_whose_last_part_is_refused_is_loaded_with_the_others() -> None:
    world = World(LoadingProvider)
    world.script.sends = [SendAnswer(max_rows=2), received, BatchRefusedError("no", "417")]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["accepted", "accepted", "refused"]
    assert len(world.script.of("commit")) == 1


def test_the_first_batch_stands_for_an_import_in_whatever_order_it_was_loaded() -> None:
    world = loading()
    job = world.drop(csv_of(6))
    turn = first_turn(world, job)
    world.script.sends = [received, ProviderBusyError(30)]
    world.send(turn)
    first, second = world.batches(job)
    loaded = {"state": BatchState.SENT, "handle": first.handle}
    waiting = {"state": BatchState.PLANNED, "handle": None}
    world.jobs.save_batch(first.model_copy(update=waiting))
    world.jobs.save_batch(second.model_copy(update=loaded))

    job = world.run(job)

    assert [batch.handle == {"kind": "commit"} for batch in world.batches(job)] == [True, False]
    assert job.state is JobState.SUCCEEDED


def test_a_request_that_never_left_costs_nothing() -> None:
    world = World()
    world.script.sends = [NotSentError(), NotSentError(), accepted]

    job = world.process(csv_of(3))

    asked = len(world.script.of("send")) + len(world.script.of("poll"))
    assert (job.state, job.requests) == (JobState.SUCCEEDED, asked - 2)


def test_only_rows_of_a_doubtful_request_count_as_sent_again() -> None:
    world = World(ResendingProvider)
    world.script.sends = [SendAnswer(max_rows=1), FateUnknownError()]

    world.process(csv_of(3))

    asked = [(a.rows, sorted(a.batch.repeated)) for a in world.script.of("send") if a.batch]
    assert asked == [([1, 2, 3], []), ([1], []), ([1], [1]), ([2, 3], [])]


def test_after_a_stop_in_an_answer_no_request_is_made_and_what_it_names_counts() -> None:
    world = World()
    full = RowResult(Outcome.REFUSED, "max_limit_crm")
    stop = StopJobError("provider_quota", "The list is full.")
    results = {1: RowResult(Outcome.CONFIRMED), 2: full, 3: full}
    world.script.sends = [SendAnswer(results=results, stop=stop)]

    job = world.process(csv_of(9))

    assert len(world.script.of("send")) == 1
    assert outcomes_of(world.outcomes(job)) == ["confirmed"] + ["refused"] * 8
    assert (job.state, world.outcomes(job)[4].reason) == (JobState.PARTIAL, "provider_quota")


@pytest.mark.parametrize("kind", [ToyProvider, ResendingProvider])
@pytest.mark.parametrize("error", [KeyError("p1@example.com"), RecursionError(), ValueError()])
def test_an_answer_that_breaks_its_adapter_ends_its_batch_and_no_other(
    kind: type[ToyProvider], error: Exception
) -> None:
    world = World(kind)
    world.script.sends = [accepted, error]
    job = world.drop(csv_of(9))

    world.send(first_turn(world, job))

    assert [asked.rows for asked in world.script.of("send")] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    job = world.run(job)
    assert (
        outcomes_of(world.outcomes(job)) == ["confirmed"] * 3 + ["unknown"] * 3 + ["confirmed"] * 3
    )
    assert world.outcomes(job)[4].reason == "lost_answer"
    assert world.script.sent_rows[4] == 1


def test_a_load_whose_answer_breaks_its_adapter_begins_the_import_again() -> None:
    world = World(LoadingProvider)
    world.script.then_send = received
    world.script.sends = [KeyError()]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    assert len(world.script.of("open")) == 2


def test_after_an_answer_that_says_so_the_account_makes_no_request_for_a_while() -> None:
    world = World()
    results = {row: RowResult(Outcome.CONFIRMED) for row in (1, 2, 3)}
    world.script.sends = [SendAnswer(results=results, hold=100)]
    first, second = world.drop(csv_of(6)), world.drop(csv_of(6, first=9), "inbox/spring/b.csv")

    turn = world.send(first_turn(world, first))
    world.follow(first_turn(world, second))
    world.follow(turn)

    told, *others = world.script.of("send")
    assert len(others) == 3
    assert min(each.at for each in others) - told.at >= timedelta(seconds=98)


def test_no_batch_of_an_abandoned_import_is_left_out_after_a_crash_while_taking_back() -> None:
    world = loading(ManyLoads)
    many = TURN_SECONDS + 15
    world.script.sends = [*[received] * many, FateUnknownError()]
    job = world.drop(csv_of(many + 3))
    turn = first_turn(world, job)
    while len(world.script.of("send")) <= many:
        turn = world.step(turn)
    world.tripwire.arm(many - 5, "before")  # some are taken back, more than a turn looks at

    turns = world.follow(turn)
    world.finish(turns[-1])

    assert world.crashes == 1
    loaded = imports(world)
    assert loaded[max(loaded)] == Counter(range(1, many + 4))
    assert world.jobs.get(job.job_id).counts["accepted"] == many + 3
