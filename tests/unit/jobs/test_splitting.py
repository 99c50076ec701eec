"""A request that is refused whole is split down to the rows that cause it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from listdrop.errors import BatchRefusedError, FateUnknownError, ProviderBusyError, StopJobError
from listdrop.jobs import splitting
from listdrop.models import BatchState, Job, JobState, Outcome, RowResult
from listdrop.providers.base import Batch, BatchRow, Handle, Limits, PollAnswer, Rates, SendAnswer
from listdrop.providers.base import refused_whole as whole
from listdrop.providers.http import Answer
from tests.support.providers import (
    Bulk,
    LoadingProvider,
    ResendingProvider,
    ToyProvider,
    accepted,
    gaps,
    received,
)
from tests.support.world import World, csv_of, outcomes_of

REFUSED = RowResult(Outcome.REFUSED, "not taken")
WORDS = "Row  is not   right: p1@example.com"
SAID = Answer(400, {}, b"")


class Fours(ToyProvider):
    """Takes four rows in a request."""

    limits = Limits(rows=4, bytes=10_000_000)


class BulkResending(ResendingProvider):
    """Takes many rows in a request, which may be sent again."""

    limits = Limits(rows=5_000, bytes=10_000_000)


class BulkLoading(LoadingProvider):
    """Loads many rows in a request."""

    limits = Limits(rows=5_000, bytes=10_000_000)


class LoneBulk(ToyProvider):
    """Counts single rows apart."""

    limits = Limits(rows=5_000, bytes=10_000_000, lone_rows=False)
    rates = Rates(send_gap=1, poll_gap=1, lone_gap=5)


def refusing(
    *bad: int, then: Callable[[Batch], SendAnswer] = received, is_about_rows: bool = False
) -> Callable[[Batch], SendAnswer]:
    """Refuse requests that hold a bad row, in words about the first of them."""

    def step(batch: Batch) -> SendAnswer:
        found = [row.row for row in batch.rows if row.row in bad]
        if not found:
            return then(batch)
        return whole(SAID, batch, f"no: row {found[0]}", "E1", is_about_rows=is_about_rows)

    return step


def refuse_all(batch: Batch) -> SendAnswer:
    """Refuse whatever is sent."""
    return whole(SAID, batch, "no such step")


def sizes(world: World) -> list[int]:
    return [len(asked.rows) for asked in world.script.of("send")]


def results_of(world: World, job: Job) -> dict[int, RowResult]:
    return {row: result for row, (_, result) in world.jobs.rows[job.job_id].items()}


@pytest.mark.parametrize(("bad", "is_about_rows"), [(1, False), (2_345, True), (5_000, False)])
def test_one_bad_row_of_five_thousand_is_found(bad: int, is_about_rows: bool) -> None:
    world = World(Bulk)
    world.script.then_send = refusing(bad, is_about_rows=is_about_rows)

    job = world.process(csv_of(5_000))

    assert (job.counts["accepted"], job.counts["refused"]) == (4_999, 1)
    found = results_of(world, job)[bad]
    assert (found.outcome, found.reason) == (Outcome.REFUSED, f"no: row {bad}")
    assert found.reason_text == splitting.ALONE
    assert len(world.script.of("send")) <= 30
    assert job.state is JobState.PARTIAL


@pytest.mark.parametrize("then", [received, accepted])
@pytest.mark.parametrize(
    "bad", [(2,), (3, 4), (1, 6), (2, 5), (7, 8), (2, 4, 6), (2, 3, 4, 5, 6, 7, 8), (5,)]
)
def test_bad_rows_are_found_wherever_they_are(bad: tuple[int, ...], then: Any) -> None:
    world = World(Bulk)
    world.script.then_send = refusing(*bad, then=then)

    job = world.process(csv_of(9))

    outcomes = {row: result.outcome for row, result in results_of(world, job).items()}
    assert {row for row, found in outcomes.items() if found is Outcome.REFUSED} == set(bad)
    assert all(found.group == "good" for row, found in outcomes.items() if row not in bad)
    assert world.script.sent_rows.keys() == set(range(1, 10))


def test_each_part_is_asked_about_by_its_own_receipt() -> None:
    world = World(Bulk)
    world.script.then_send = refusing(4)
    failed = RowResult(Outcome.REFUSED, "reported")
    asked: list[tuple[object, list[int]]] = []

    def poll(handle: Handle) -> PollAnswer:
        rows = [row for row, _ in handle.rows]
        asked.append((handle.value["first"], rows))
        if len(asked) == 1:
            return PollAnswer(handle=handle.value | {"seen": 1})
        named = {row: failed for row in rows if row == 6}
        return PollAnswer(is_terminal=True, results=named, rest=RowResult(Outcome.ACCEPTED))

    world.script.then_poll = poll
    job = world.process(csv_of(8))

    assert [first for first, rows in asked if rows[0] != first] == []
    assert outcomes_of(world.outcomes(job)) == [
        "accepted", "accepted", "accepted", "refused", "accepted", "refused", "accepted",
        "accepted",
    ]  # fmt: skip
    covered = [row for _, rows in asked[1:] for row in rows]
    assert sorted(covered) == [1, 2, 3, 5, 6, 7, 8]


def test_what_is_wrong_with_the_job_costs_three_single_rows_in_each_of_four_batches() -> None:
    world = World(Fours)
    world.script.then_send = refuse_all

    job = world.process(csv_of(24))

    assert sizes(world) == [4, 1, 1, 1] * 4 + [4, 4]
    assert job.counts["refused"] == 24
    assert {result.reason for result in results_of(world, job).values()} == {"no such step"}


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((1, 4, 7, 11, 16), id="both ends of the first batch"),
        pytest.param((5, 8), id="both ends of a later batch"),
        pytest.param((1, 2, 3, 4, 13), id="a whole batch, and another row"),
        pytest.param((1, 5, 8, 9, 12, 13, 16, 17, 20), id="both ends of many"),
    ],
)
def test_bad_rows_at_the_ends_of_a_request_cost_no_other_row(bad: tuple[int, ...]) -> None:
    world = World(Fours)
    world.script.then_send = refusing(*bad)

    job = world.process(csv_of(20))

    outcomes = {row: result.outcome for row, result in results_of(world, job).items()}
    assert {row for row, found in outcomes.items() if found is Outcome.REFUSED} == set(bad)
    assert job.counts["accepted"] == 20 - len(bad)


def test_rows_of_a_request_that_was_refused_for_something_else_are_worth_sending_again() -> None:
    world = World()
    refusal = BatchRefusedError("not here", raw_status="302")
    world.script.sends = [refusal]

    job = world.process(csv_of(6))

    assert outcomes_of(world.outcomes(job)) == ["refused"] * 3 + ["confirmed"] * 3
    assert (job.to_send_again, job.to_correct) == (3, 0)


def test_a_job_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MOST_SPLITS", 2)
    world = World(Bulk)
    world.script.then_send = refusing(12)

    job = world.process(csv_of(20))

    assert sizes(world) == [20, 1, 9, 5, 2, 8]
    assert (job.counts["accepted"], job.counts["refused"]) == (18, 2)


def test_what_may_have_been_taken_is_not_split() -> None:
    world = World(BulkResending)
    world.script.sends = [FateUnknownError()]
    world.script.then_send = refusing(3)

    job = world.process(csv_of(6))

    assert sizes(world) == [6, 6]
    assert job.counts["unknown"] == 6


def test_after_a_lost_answer_the_other_rows_go_on() -> None:
    world = World(Bulk)
    lost = FateUnknownError()
    world.script.sends = [refusing(6), received, lost]
    world.script.then_send = refusing(6)

    job = world.process(csv_of(7))

    assert [asked.rows for asked in world.script.of("send")][:3] == [
        [1, 2, 3, 4, 5, 6, 7],
        [1],
        [2, 3, 4],
    ]
    assert outcomes_of(world.outcomes(job)) == [
        "accepted", "unknown", "unknown", "unknown", "accepted", "refused", "accepted",
    ]  # fmt: skip
    assert world.script.sent_rows[2] == 1 + 1


@pytest.mark.parametrize("status", [200, 201, 500, 503])
@pytest.mark.parametrize("rows", [1, 2])
def test_no_answer_but_a_4xx_shows_that_nothing_was_taken(status: int, rows: int) -> None:
    batch = Batch([BatchRow(row, f"p{row}@example.com", {}) for row in range(rows)])

    with pytest.raises(FateUnknownError):
        whole(Answer(status, {}, b""), batch, "no")


def test_a_load_is_split_and_run_once() -> None:
    world = World(BulkLoading)
    world.script.then_send = refusing(3)

    job = world.process(csv_of(6))

    assert len(world.script.of("commit")) == 1
    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 2 + ["refused"] + ["accepted"] * 3


def test_an_import_has_none_of_a_batch_whose_last_rows_were_refused_by_name() -> None:
    world = World(LoadingProvider)

    def refuse(batch: Batch) -> SendAnswer:
        return SendAnswer(results={row.row: REFUSED for row in batch.rows})

    world.script.sends = [received, refusing(4), refusing(4)]
    world.script.then_send = refuse

    job = world.process(csv_of(6))

    polled = world.script.of("poll")[-1].handle
    assert polled is not None
    assert [row for row, _ in polled.rows] == [1, 2, 3]
    assert len(polled.rows) == 3
    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 3 + ["refused"] * 3


def test_a_load_that_is_begun_again_leaves_out_what_was_refused() -> None:
    world = World(BulkLoading)
    world.script.sends = [refusing(1), refusing(1), received, FateUnknownError()]
    world.script.then_send = refusing(1)

    job = world.process(csv_of(6))

    assert world.script.of("send")[-1].rows == [2, 3, 4, 5, 6]
    assert outcomes_of(world.outcomes(job)) == ["refused"] + ["accepted"] * 5


def test_single_rows_keep_to_their_own_rate() -> None:
    world = World(LoneBulk)
    world.script.then_send = refusing(5)

    job = world.process(csv_of(8))

    asked = world.script.of("send")
    lone = [each for each in asked if len(each.rows) == 1]
    assert len(lone) > 1
    after = {id(a): b.at - a.at for a, b in pairwise(asked)}
    assert all(after[id(each)] >= timedelta(seconds=4.5) for each in lone if id(each) in after)
    assert min(gaps(asked)) >= 0.5
    assert job.counts["refused"] == 1


@pytest.mark.parametrize("by", ["stop", "cancel"])
def test_rows_that_were_taken_before_a_stop_get_their_outcome(by: str) -> None:
    world = World(Bulk)
    stop = StopJobError("provider_quota", "No credits are left.")
    job = world.drop(csv_of(8))

    def last(batch: Batch) -> SendAnswer:
        if by == "stop":
            raise stop
        world.jobs.update(job.job_id, stop_reason="cancelled", stop_text="Cancelled.")
        return refusing(6)(batch)

    world.script.sends = [refusing(6), received, received, last]

    job = world.run(job)

    outcomes = outcomes_of(world.outcomes(job))
    assert outcomes[:4] == ["accepted"] * 4
    assert set(outcomes[4:]) == {"refused"}
    assert all(batch.state is BatchState.COMPLETED for batch in world.batches(job))


def test_rows_that_were_taken_get_their_outcome_if_the_job_is_cancelled_between_requests() -> None:
    world = World(Fours)
    job = world.drop(csv_of(8))

    def cancelled(_: Handle) -> PollAnswer:
        world.jobs.update(job.job_id, stop_reason="cancelled", stop_text="Cancelled.")
        return PollAnswer()

    world.script.sends = [received, refusing(6), received, ProviderBusyError(600)]
    world.script.polls = [cancelled]

    job = world.run(job)

    assert outcomes_of(world.outcomes(job)) == ["accepted"] * 5 + ["refused"] * 3
    assert job.state is JobState.CANCELLED


def test_after_a_stop_rows_of_a_lost_answer_in_a_batch_in_parts_are_unknown() -> None:
    world = World(BulkResending)
    stop = StopJobError("provider_quota", "No credits are left.")
    world.script.sends = [refusing(6), received, FateUnknownError(), stop]

    job = world.process(csv_of(8))

    asked = [asked.rows for asked in world.script.of("send")]
    assert asked[1:] == [[1], [2, 3, 4], [2, 3, 4]]
    assert outcomes_of(world.outcomes(job)) == ["accepted"] + ["unknown"] * 3 + ["refused"] * 4


def test_at_the_deadline_only_what_was_taken_is_unfinished() -> None:
    world = World(Bulk)
    job = world.drop(csv_of(4))

    def late(batch: Batch) -> SendAnswer:
        world.clock.advance(24 * 3600)
        return refusing(4)(batch)

    world.script.sends = [refusing(4), received, late]

    job = world.run(job)

    texts = {row: result.reason_text for row, result in results_of(world, job).items()}
    assert "had not finished" in texts[1]
    assert "was not sent" in texts[4]
    assert job.state is JobState.EXPIRED


def test_what_follows_a_refusal_is_a_remainder_until_the_batch_is_sent() -> None:
    """Names that proved wrong once are not believed in a part of the request either."""
    world = World(Bulk)
    named = RowResult(Outcome.REFUSED, "said to be bad")
    world.script.sends = [SendAnswer(results={2: named})]
    world.script.then_send = refusing(3, 7, is_about_rows=True)

    job = world.process(csv_of(9))

    told = [asked.batch.is_remainder for asked in world.script.of("send") if asked.batch]
    assert told == [False] + [True] * (len(told) - 1)
    results = world.outcomes(job)
    assert {row for row, each in results.items() if each.outcome is Outcome.REFUSED} == {2, 3, 7}
    assert [results[row].reason for row in (3, 7)] == ["no: row 3", "no: row 7"]
