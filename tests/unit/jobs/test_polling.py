"""Status: what was sent is asked about in time, not too often, and is never good by default."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listdrop.errors import (
    FateUnknownError,
    NotSentError,
    ProviderBusyError,
    ReportUnavailableError,
    StopJobError,
)
from listdrop.jobs.due import MOST_POLLS
from listdrop.models import BatchItem, BatchState, Job, JobState, Outcome, RowResult, Turn
from listdrop.providers.base import Handle, Limits, Pace, PollAnswer, Rates, SendAnswer
from tests.support.clock import NOW
from tests.support.providers import (
    WORKING,
    LoadingProvider,
    ResendingProvider,
    ToyProvider,
    all_good,
    gaps,
    received,
)
from tests.support.world import TURN_SECONDS, World, csv_of, is_balanced, outcomes_of, route_to


class Impatient(ToyProvider):
    """Is given up after three polls without an answer."""

    pace = Pace(first=10, shortest=5, longest=60, failures=3)


class Bounded(ToyProvider):
    """Gives up a batch after 100 of the provider's seconds."""

    def deadline_seconds(self, rows: int) -> float:
        """See the provider."""
        return 100.0 + 0 * rows


class Single(ToyProvider):
    """Takes rows one by one, quickly."""

    limits = Limits(rows=1, bytes=100_000)
    rates = Rates(send_gap=0.01, poll_gap=0.01)


def sending(kind: type[ToyProvider] = ToyProvider, **options: object) -> World:
    """Return a world whose provider hands out receipts."""
    world = World(kind, route=route_to(**options))
    world.script.then_send = received
    return world


def first_turn(world: World, job: Job) -> Turn:
    return world.executions.started[job.job_id]


# ---------------------------------------------------------------- the plain course


def test_what_was_sent_is_asked_about_until_it_is_terminal() -> None:
    world = sending()
    world.script.polls = [WORKING, WORKING, all_good]

    job = world.process(csv_of(3))

    assert len(world.script.of("poll")) == 3
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    (batch,) = world.batches(job)
    assert (batch.state, batch.raw_status) == (BatchState.COMPLETED, "finished")


def test_the_first_poll_waits_for_its_time() -> None:
    world = sending()

    world.process(csv_of(3))

    (sent,) = world.script.of("send")
    (polled,) = world.script.of("poll")
    assert polled.at - sent.at == timedelta(seconds=ToyProvider.pace.first)


def test_polls_keep_the_provider_s_pace() -> None:
    world = sending()
    world.script.polls = [WORKING] * 12

    world.process(csv_of(3))

    waits = gaps(world.script.of("poll"))
    assert min(waits) >= ToyProvider.pace.shortest
    assert max(waits) <= ToyProvider.pace.longest
    assert waits == sorted(waits)


def test_progress_brings_the_next_poll_to_where_the_end_is_expected() -> None:
    world = sending()
    world.script.polls = [WORKING, PollAnswer(progress=0.6), all_good]

    world.process(csv_of(3))

    (sent,) = world.script.of("send")
    polled = world.script.of("poll")
    expected = (polled[1].at - sent.at) * 2 / 3
    assert abs(polled[2].at - polled[1].at - expected) <= timedelta(seconds=1)


def test_waits_are_scaled_but_the_provider_is_told_its_own_seconds() -> None:
    world = World(wait_scale=0.1)
    world.script.then_send = received

    world.process(csv_of(3))

    (sent,) = world.script.of("send")
    (polled,) = world.script.of("poll")
    assert polled.at - sent.at == timedelta(seconds=1)
    assert polled.handle is not None
    assert polled.handle.age == pytest.approx(10)


def test_the_provider_gets_its_receipt_and_the_rows_that_are_open() -> None:
    world = sending()
    named = {2: RowResult(Outcome.EXISTING)}
    world.script.sends = [SendAnswer(results=named, handle={"id": 7})]

    world.process(csv_of(3))

    handle = world.script.of("poll")[0].handle
    assert handle is not None
    assert handle.value == {"id": 7}
    assert list(handle.rows) == [(1, "p1@example.com"), (3, "p3@example.com")]
    assert len(handle.rows) == 2
    assert handle.by_identity["p3@example.com"] == 3


def test_what_the_provider_wants_remembered_comes_back_at_the_next_poll() -> None:
    world = sending()
    world.script.polls = [PollAnswer(handle={"page": 2}), WORKING]

    world.process(csv_of(3))

    values = [asked.handle.value for asked in world.script.of("poll") if asked.handle]
    assert values == [{"first": 1}, {"page": 2}, {"page": 2}]


def test_each_batch_is_asked_about_by_its_own_receipt() -> None:
    world = sending()

    job = world.process(csv_of(8))

    values = [asked.handle.value for asked in world.script.of("poll") if asked.handle]
    assert values == [{"first": 1}, {"first": 4}, {"first": 7}]
    assert job.counts["accepted"] == 8
    assert job.batches == {"planned": 3, "sent": 3, "terminal": 3}


def test_polls_keep_the_account_s_gap() -> None:
    world = sending()

    world.process(csv_of(30))

    assert min(gaps(world.script.of("poll"))) >= ToyProvider.rates.poll_gap


def test_a_job_of_many_batches_takes_hardly_more_turns_than_a_job_of_one() -> None:
    def turns_of(rows: int) -> int:
        world = sending(Single)
        slow = timedelta(minutes=30)

        def poll(handle: Handle) -> PollAnswer:
            is_over = world.clock.now() >= NOW + slow
            return all_good(handle) if is_over else WORKING

        world.script.then_poll = poll
        return len(world.follow(first_turn(world, world.drop(csv_of(rows)))))

    assert turns_of(60) <= 2 * turns_of(1)


def test_more_batches_than_a_turn_can_ask_about_are_asked_about_in_the_next() -> None:
    world = sending(Single)

    job = world.process(csv_of(MOST_POLLS + 20))

    assert len(world.script.of("poll")) == MOST_POLLS + 20
    assert job.counts["accepted"] == MOST_POLLS + 20


def test_sending_goes_on_while_others_are_polled() -> None:
    world = sending()
    world.script.sends = [received, ProviderBusyError(120), received]
    world.script.polls = [WORKING] * 3

    job = world.process(csv_of(6))

    order = [asked.kind for asked in world.script.asked]
    assert order.index("poll") < len(order) - 1 - order[::-1].index("send")
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 6)


def test_a_poll_too_early_asks_nothing() -> None:
    world = sending()
    turn = world.send(first_turn(world, world.drop(csv_of(3))))

    following = world.poll(turn)

    assert world.script.of("poll") == []
    assert (following.next, following.wait_until) == ("poll", turn.wait_until)


def test_what_is_terminal_is_not_asked_about_again() -> None:
    world = sending()
    world.script.polls = [all_good, WORKING, all_good]

    world.process(csv_of(6))

    assert [a.handle.value["first"] for a in world.script.of("poll") if a.handle] == [1, 4, 4]


# ---------------------------------------------------------------- what became of the rows


def test_rows_are_settled_by_name() -> None:
    world = sending()
    named = {
        1: RowResult(Outcome.CONFIRMED, provider_ref="ref-1"),
        2: RowResult(Outcome.REFUSED, "Domain unknown", raw_status="error"),
        3: RowResult(Outcome.SUPPRESSED, "unsubscribed"),
    }
    world.script.polls = [PollAnswer(is_terminal=True, results=named, raw_status="partial")]

    job = world.process(csv_of(3))

    assert world.outcomes(job) == named
    assert job.state is JobState.PARTIAL


def test_rows_that_the_provider_does_not_report_are_unknown() -> None:
    world = sending()
    named = {1: RowResult(Outcome.CONFIRMED)}
    world.script.polls = [PollAnswer(is_terminal=True, results=named)]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["confirmed", "unknown", "unknown"]
    assert world.outcomes(job)[2].reason == "not_reported"


def test_a_terminal_answer_without_anything_makes_no_row_good() -> None:
    world = sending()
    world.script.polls = [PollAnswer(is_terminal=True)]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 3)


def test_a_row_that_was_named_once_stays_so_whatever_comes() -> None:
    world = sending()
    early = {1: RowResult(Outcome.REFUSED, "bounced")}
    late = {1: RowResult(Outcome.CONFIRMED), 2: RowResult(Outcome.CONFIRMED)}
    world.script.polls = [PollAnswer(results=early), PollAnswer(is_terminal=True, results=late)]

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["refused", "confirmed", "unknown"]


def test_rows_that_are_not_of_the_batch_are_not_counted() -> None:
    world = sending()
    foreign = {99: RowResult(Outcome.CONFIRMED), 4: RowResult(Outcome.CONFIRMED)}
    world.script.polls = [
        PollAnswer(is_terminal=True, results=foreign, rest=RowResult(Outcome.ACCEPTED))
    ]

    job = world.process(csv_of(3))

    assert is_balanced(job)
    assert sorted(world.outcomes(job)) == [1, 2, 3]


def test_warnings_are_counted() -> None:
    world = sending()
    world.script.polls = [PollAnswer(is_terminal=True, warnings=["totals_differ"])]

    world.process(csv_of(3))

    assert world.events.counts["totals_differ"] == 1


# ---------------------------------------------------------------- polls without an answer


@pytest.mark.parametrize(
    "trouble", [FateUnknownError(), NotSentError(), ReportUnavailableError(), ProviderBusyError(5)]
)
def test_polls_without_an_answer_are_made_again(trouble: Exception) -> None:
    world = sending()
    world.script.polls = [trouble, trouble, all_good]

    job = world.process(csv_of(3))

    assert len(world.script.of("poll")) == 3
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_a_provider_that_does_not_answer_any_more_ends_the_batch_unknown() -> None:
    world = sending(Impatient)
    world.script.then_poll = FateUnknownError()

    job = world.process(csv_of(3))

    asked = [asked.at for asked in world.script.of("poll")]
    assert len(asked) > 3
    assert timedelta(minutes=30) <= asked[-1] - asked[0] <= timedelta(minutes=31)
    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 3)
    assert world.outcomes(job)[1].reason == "status_unavailable"


def test_an_outage_of_less_than_half_an_hour_costs_no_row_its_outcome() -> None:
    world = sending(Impatient)

    def poll(handle: Handle) -> PollAnswer:
        if handle.age < 29 * 60:
            raise FateUnknownError
        return all_good(handle)

    world.script.then_poll = poll

    job = world.process(csv_of(3))

    assert len(world.script.of("poll")) > 20
    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_a_few_failures_are_not_too_many_however_long_they_take() -> None:
    world = sending(Impatient)
    world.script.polls = [ProviderBusyError(3000), ProviderBusyError(3000), all_good]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_only_failures_in_a_row_count() -> None:
    world = sending(Impatient)
    trouble = FateUnknownError()
    world.script.polls = [trouble, trouble, WORKING, trouble, trouble, WORKING, all_good]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_without_a_bound_on_failures_the_deadline_ends_the_job() -> None:
    world = sending(deadline_minutes=30)
    world.script.then_poll = FateUnknownError()
    job = world.drop(csv_of(3))

    turns = world.follow(first_turn(world, job))
    job = world.run(job)

    assert all(turn.wait_until is None or turn.wait_until <= job.deadline_at for turn in turns)
    assert len(turns) < 50
    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)
    assert job.finished_at is not None
    assert job.finished_at <= job.deadline_at + timedelta(seconds=5)


def test_a_busy_provider_is_asked_no_sooner_than_it_says() -> None:
    world = sending()
    world.script.polls = [ProviderBusyError(200)]

    world.process(csv_of(6))

    first, second, *_ = world.script.of("poll")
    assert second.at >= first.at + timedelta(seconds=200)


def test_a_provider_that_is_busy_until_the_deadline_ends_the_job_expired() -> None:
    world = sending(deadline_minutes=10)
    world.script.then_poll = ProviderBusyError(900)

    job = world.process(csv_of(3))

    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)


def test_a_refused_key_ends_the_polling_and_what_was_sent_is_unknown() -> None:
    world = sending()
    world.script.then_poll = StopJobError("provider_auth", "The key was refused.")

    job = world.process(csv_of(8))

    assert len(world.script.of("poll")) == 1
    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 8)
    assert {result.reason for result in world.outcomes(job).values()} == {"provider_auth"}


def test_after_a_stop_nothing_more_is_sent() -> None:
    world = sending()
    world.script.sends = [received, ProviderBusyError(60)]
    world.script.then_poll = StopJobError("provider_quota", "No credits are left.")

    job = world.process(csv_of(6))

    assert outcomes_of(world.outcomes(job)) == ["unknown"] * 3 + ["refused"] * 3
    assert len(world.script.of("send")) == 2


# ---------------------------------------------------------------- deadlines


def test_at_the_deadline_what_is_known_is_kept_and_the_rest_is_unknown() -> None:
    world = sending(deadline_minutes=20)
    world.script.polls = [PollAnswer(results={2: RowResult(Outcome.CONFIRMED)})]
    world.script.then_poll = WORKING

    job = world.process(csv_of(3))

    assert outcomes_of(world.outcomes(job)) == ["unknown", "confirmed", "unknown"]
    assert job.state is JobState.EXPIRED
    assert world.batches(job)[0].state is BatchState.EXPIRED


def test_a_batch_has_the_provider_s_own_deadline() -> None:
    world = sending(Bounded)
    world.script.then_poll = WORKING

    job = world.process(csv_of(3))

    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)
    assert job.finished_at is not None
    assert NOW + timedelta(seconds=100) <= job.finished_at < NOW + timedelta(seconds=200)


def test_the_provider_s_own_deadline_is_scaled_like_its_waits() -> None:
    world = World(Bounded, wait_scale=0.1)
    world.script.then_send = received
    world.script.then_poll = WORKING

    job = world.process(csv_of(3))

    assert job.finished_at is not None
    assert NOW + timedelta(seconds=10) <= job.finished_at < NOW + timedelta(seconds=30)


def test_a_last_answer_at_the_provider_s_deadline_still_counts() -> None:
    world = sending(Bounded)

    def poll(handle: Handle) -> PollAnswer:
        return all_good(handle) if handle.age >= 100 else WORKING

    world.script.then_poll = poll

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


@pytest.mark.parametrize("minutes", [0.05, 0.5, 3, 45])
def test_no_wait_goes_beyond_the_deadline(minutes: float) -> None:
    world = sending(deadline_minutes=minutes)
    world.script.then_poll = WORKING
    job = world.drop(csv_of(30))

    turns = world.follow(first_turn(world, job))

    assert all(turn.wait_until is None or turn.wait_until <= job.deadline_at for turn in turns)
    assert is_balanced(world.run(job))


# ---------------------------------------------------------------- one import of many batches


def test_an_import_that_is_one_is_asked_about_once_and_settles_all_its_batches() -> None:
    world = sending(LoadingProvider)
    world.script.polls = [
        WORKING,
        PollAnswer(
            is_terminal=True,
            results={5: RowResult(Outcome.REFUSED, "no")},
            rest=RowResult(Outcome.ACCEPTED),
        ),
    ]

    job = world.process(csv_of(7))

    assert len(world.script.of("poll")) == 2
    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 4 + ["refused"] + ["accepted"] * 2
    assert {batch.state for batch in world.batches(job)} == {BatchState.COMPLETED}


def test_rows_named_early_stay_so_in_every_batch_of_one_import() -> None:
    world = sending(LoadingProvider)
    early = {5: RowResult(Outcome.REFUSED, "no")}
    late = {row: RowResult(Outcome.ACCEPTED) for row in range(1, 8)}
    world.script.polls = [PollAnswer(results=early), PollAnswer(is_terminal=True, results=late)]

    job = world.process(csv_of(7))

    assert is_balanced(job)
    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 4 + ["refused"] + ["accepted"] * 2


def test_an_import_that_is_one_is_lost_as_one() -> None:
    class ImpatientLoading(LoadingProvider):
        pace = Pace(first=10, shortest=5, longest=60, failures=2)

    world = sending(ImpatientLoading)
    world.script.then_poll = FateUnknownError()

    job = world.process(csv_of(7))

    assert (job.state, job.counts["unknown"]) == (JobState.FAILED, 7)


def test_an_import_that_takes_long_to_settle_is_settled_over_several_turns() -> None:
    world = sending(LoadingProvider)
    save_batch = world.jobs.save_batch

    def slowly(batch: BatchItem) -> BatchItem:
        world.clock.advance(30 if batch.state.is_terminal else 0)
        return save_batch(batch)

    world.jobs.save_batch = slowly  # type: ignore[method-assign] # a slow table
    asked: list[int] = []

    def poll(handle: Handle) -> PollAnswer:
        asked.append(len(handle.rows))
        return all_good(handle)

    world.script.then_poll = poll

    job = world.process(csv_of(13))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 13)
    assert len(asked) > 1
    assert set(asked) == {13}, "the provider answers for all rows, whatever is settled"


def test_an_answer_that_comes_when_the_turn_is_over_settles_the_whole_import() -> None:
    world = sending(LoadingProvider)

    def poll(handle: Handle) -> PollAnswer:
        world.clock.advance(TURN_SECONDS)
        return all_good(handle)

    world.script.then_poll = poll

    job = world.process(csv_of(13))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 13)
    assert len(world.script.of("poll")) == 1


def test_a_stopped_job_waits_for_its_polls_and_does_not_go_round() -> None:
    world = World(ResendingProvider)
    stop = StopJobError("provider_auth", "The key was revoked.")
    world.script.sends = [received, received, FateUnknownError(), stop]
    world.script.polls = [WORKING, WORKING, ProviderBusyError(600)]
    job = world.drop(csv_of(9))

    turns = world.follow(world.executions.started[job.job_id])

    assert len(turns) < 15
    assert len(world.script.of("poll")) == 5


def test_an_answer_that_breaks_its_adapter_leaves_the_other_batches_of_the_turn_alone() -> None:
    world = World()
    world.script.then_send = received
    world.script.polls = [KeyError("p1@example.com")]
    job = world.process(csv_of(9))

    assert job.state is JobState.SUCCEEDED
    assert len(world.script.of("poll")) == 4
    first, *others = world.script.of("poll")
    assert first.handle is not None
    assert [each.handle.value["first"] for each in others if each.handle] == [4, 7, 1]
