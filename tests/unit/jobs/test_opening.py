"""Opening an import: a request that may have opened one is repeated ever less often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listdrop.errors import (
    FateUnknownError,
    ImportMissingError,
    NotSentError,
    ProviderBusyError,
)
from listdrop.models import ColumnPayloads, JobState, Prepared, Prospects
from tests.support.fallible import CrashError
from tests.support.providers import LoadingProvider, gaps, received
from tests.support.world import World, csv_of, is_balanced

GONE = FateUnknownError("the provider answered 500")


def loading() -> World:
    world = World(LoadingProvider)
    world.script.then_send = received
    return world


def test_tries_that_may_have_opened_an_import_are_ever_further_apart() -> None:
    world = loading()
    world.script.opens = [GONE] * 2_000

    job = world.process(csv_of(3))

    assert job.state is JobState.EXPIRED
    assert {batch.was_sent for batch in world.batches(job)} == {False}
    assert is_balanced(job)
    waits = gaps(world.script.of("open"))
    assert waits[:5] == pytest.approx([15, 75, 375, 900, 900], abs=2)
    assert max(waits) <= 902
    assert len(waits) < 30


def test_an_outage_of_the_provider_ends_no_job() -> None:
    world = loading()
    world.script.opens = [*[GONE] * 12, {"import": 1}]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_a_try_counts_also_if_the_function_dies_in_it() -> None:
    world = loading()
    world.script.opens = [CrashError(), CrashError(), GONE, {"import": 1}]

    job = world.process(csv_of(3))

    assert job.state is JobState.SUCCEEDED
    assert gaps(world.script.of("open"))[-1] == pytest.approx(375, abs=2)


def test_tries_that_certainly_opened_nothing_do_not_count() -> None:
    world = loading()
    nothing = [NotSentError(), ProviderBusyError(5)] * 10
    world.script.opens = [*nothing, GONE, {"import": 1}]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    assert gaps(world.script.of("open"))[-1] == pytest.approx(15, abs=2)


def test_a_provider_that_is_not_reached_is_tried_until_the_deadline_ever_less_often() -> None:
    world = loading()
    world.script.opens = [NotSentError()] * 2_000

    job = world.process(csv_of(3))

    assert job.state is JobState.EXPIRED
    waits = gaps(world.script.of("open"))
    assert waits[:4] == pytest.approx([15, 30, 60, 120], abs=2)
    assert max(waits) <= 122
    assert len(waits) <= timedelta(hours=6).total_seconds() / 120 + 4


def test_the_pauses_of_another_import_begin_again() -> None:
    world = loading()
    world.script.opens = [GONE, GONE, {"import": 1}, GONE, {"import": 2}]
    world.script.sends = [received, received, FateUnknownError()]

    job = world.process(csv_of(7))

    assert job.state is JobState.SUCCEEDED
    opens = world.script.of("open")
    assert gaps(opens[:3]) == pytest.approx([15, 75], abs=2)
    assert gaps(opens[3:]) == pytest.approx([15], abs=2)


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


class KeyedProvider(LoadingProvider):
    """Opens an import with the names of what is in `cells`."""

    opens_with = "cells"

    def prepare_all(self, prospects: Prospects) -> Prepared:
        """See the provider."""
        prepared = super().prepare_all(prospects)
        rows = len(prospects)
        cells = ColumnPayloads(rows, {**prospects.fields, **prospects.custom})
        return prepared._replace(payloads=ColumnPayloads(rows, {"cells": cells}))


def test_an_import_is_opened_with_what_some_row_that_is_sent_has() -> None:
    world = World(KeyedProvider)
    world.script.then_send = received
    lines = [
        "Email,First name,City,Company",
        "a@example.com,,,",
        "b@example.com,Bo,,",
        "no,No,Bonn,",
    ]

    world.process("\r\n".join(lines).encode())

    assert world.script.used == [{"email", "first_name"}]


def test_only_a_provider_that_asks_is_told_what_rows_have() -> None:
    world = loading()

    job = world.process(csv_of(3))

    assert job.payload_keys is None
    assert world.script.used == [None]


def test_keys_that_would_fill_the_table_are_not_kept() -> None:
    world = World(KeyedProvider)
    world.script.then_send = received
    names = [f"{'long ' * 20}{number}" for number in range(300)]
    lines = [",".join(["Email", *names]), ",".join(["a@example.com", *("x" for _ in names)])]

    job = world.process("\r\n".join(lines).encode())

    assert job.state is JobState.SUCCEEDED
    assert world.script.used == [None]


NOT_THERE = ImportMissingError("bad_route", "No such import.")
NOT_FOUND = ImportMissingError("job_not_found", "The import is not known any more.")


@pytest.mark.parametrize("call", ["send", "commit"])
def test_an_import_that_is_not_known_at_once_is_asked_for_again(call: str) -> None:
    world = loading()
    steps: dict[str, list[Any]] = {"send": world.script.sends, "commit": world.script.commits}
    steps[call] += [NOT_THERE, NOT_THERE]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    assert len(world.script.of("open")) == 1
    assert gaps(world.script.of(call)) == pytest.approx([15, 15], abs=2)
    assert world.script.of("look_up") == []


@pytest.mark.parametrize("call", ["send", "commit"])
def test_an_import_that_is_not_known_after_two_minutes_stops_the_job(call: str) -> None:
    world = loading()
    if call == "send":
        world.script.then_send = NOT_THERE
    else:
        world.script.commits = [NOT_THERE] * 99

    job = world.process(csv_of(3))

    assert (job.state, job.reason, job.counts["refused"]) == (JobState.REJECTED, "bad_route", 3)
    asked = world.script.of(call)
    assert 120 <= (asked[-1].at - asked[0].at).total_seconds() <= 140


def test_a_perhaps_started_import_that_is_never_found_is_lost_after_five_answers() -> None:
    world = loading()
    world.script.commits = [GONE]
    world.script.look_ups = [NOT_FOUND] * 99

    job = world.process(csv_of(3))

    assert job.state is JobState.FAILED
    assert {result.reason for result in world.outcomes(job).values()} == {"job_not_found"}
    assert {result.outcome for result in world.outcomes(job).values()} == {"unknown"}
    assert gaps(world.script.of("look_up")) == pytest.approx([20, 40, 80, 160], abs=2)


@pytest.mark.parametrize("other", [GONE, NotSentError(), None])
def test_another_answer_begins_the_count_of_those_without_the_import_again(other: object) -> None:
    world = loading()
    world.script.commits = [GONE]
    world.script.look_ups = [*[NOT_FOUND] * 4, other, *[NOT_FOUND] * 4, {"found": True}]  # type: ignore[list-item]

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)


def test_an_import_that_cannot_be_looked_up_is_asked_for_ever_less_often() -> None:
    world = loading()
    world.script.commits = [GONE]
    world.script.look_ups = [GONE] * 2_000

    job = world.process(csv_of(3))

    assert (job.state, job.counts["unknown"]) == (JobState.EXPIRED, 3)
    waits = gaps(world.script.of("look_up"))
    assert waits[:4] == pytest.approx([40, 80, 160, 160], abs=2)
    assert max(waits) <= 162


def test_doubtful_loads_are_ever_further_apart_and_no_row_of_them_is_in_doubt() -> None:
    world = loading()
    world.script.then_send = GONE

    job = world.process(csv_of(3))

    assert world.script.of("commit") == []
    results = world.outcomes(job).values()
    assert {(result.outcome, result.reason) for result in results} == {("refused", "not_loaded")}
    assert (job.state, job.is_nothing_sent, job.to_send_again) == (JobState.FAILED, True, 3)
    assert gaps(world.script.of("send")) == pytest.approx([11, 51, 251, 901], abs=3)


@pytest.mark.parametrize("call", ["open", "send"])
def test_a_provider_that_is_down_is_asked_again_when_it_says(call: str) -> None:
    world = loading()
    steps: dict[str, list[Any]] = {"open": world.script.opens, "send": world.script.sends}
    steps[call] += [FateUnknownError("the provider answered 503", 120)] * 2

    job = world.process(csv_of(3))

    assert (job.state, job.counts["accepted"]) == (JobState.SUCCEEDED, 3)
    assert gaps(world.script.of(call)) == pytest.approx([120, 120], abs=3)


def test_a_started_import_is_looked_up_when_the_provider_says() -> None:
    world = loading()
    world.script.commits = [FateUnknownError("the provider answered 503", 90)]
    world.script.look_ups = [{"found": True}]

    job = world.process(csv_of(3))

    assert job.state is JobState.SUCCEEDED
    assert gaps([*world.script.of("commit"), *world.script.of("look_up")]) == [
        pytest.approx(90, abs=2)
    ]
