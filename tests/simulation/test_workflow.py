"""The simulator plays the workflow that is deployed, and nothing that is not written there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulation import workflow
from tests.simulation.workflow import DEFINITION, condition, states_of
from tests.support.clock import NOW

STATES = states_of(DEFINITION, 200)
WRITTEN: dict[str, dict[str, Any]] = DEFINITION["States"]


def test_every_state_is_played() -> None:
    assert {name: state.kind for name, state in STATES.items()} == {
        name: state["Type"] for name, state in WRITTEN.items()
    }


@pytest.mark.parametrize("name", WRITTEN)
def test_retries_and_catches_are_those_of_the_file(name: str) -> None:
    state, written = STATES[name], WRITTEN[name]
    assert [retry.attempts for retry in state.retries] == [
        rule["MaxAttempts"] for rule in written.get("Retry", ())
    ]
    assert [catch.following for catch in state.catches] == [
        rule["Next"] for rule in written.get("Catch", ())
    ]


def test_a_failed_turn_waits_and_goes_on_until_the_deadline() -> None:
    assert {state.catches[0].following for state in STATES.values() if state.catches} == {
        "WaitForRepair"
    }
    assert (STATES["WaitForRepair"].seconds, STATES["WaitForRepair"].following) == (300, "Overdue")
    ((is_overdue, following),) = STATES["Overdue"].choices
    data = {"deadline_at": "2026-03-02T09:00:00Z"}
    assert [is_overdue(data, NOW), is_overdue(data, NOW + timedelta(seconds=1))] == [False, True]
    assert (following, STATES["Overdue"].following) == ("Finish", "Choose")


@pytest.mark.parametrize(
    ("data", "following"),
    [
        ({"next": "finish", "turn": 500}, "Finish"),
        ({"next": "send", "turn": 200}, "Continue"),
        ({"next": "send", "turn": 199}, "Send"),
        ({"next": "send", "turn": 0, "wait_until": "2026-03-02T09:00:00Z"}, "WaitToSend"),
        ({"next": "poll", "turn": 0, "wait_until": "2026-03-02T09:00:00Z"}, "WaitToPoll"),
    ],
)
def test_a_turn_goes_where_the_file_says(data: dict[str, Any], following: str) -> None:
    choice = STATES["Choose"]
    tests = (to for test, to in choice.choices if test(data, NOW))
    assert next(tests, choice.following) == following


def test_a_finish_that_ran_out_of_time_goes_on() -> None:
    finished = STATES["Finished"]
    assert STATES["Finish"].following == "Finished"
    ((is_done, done),) = finished.choices
    assert (done, STATES[done].kind, finished.following) == ("Done", "Succeed", "Finish")
    assert [is_done(data, NOW) for data in ({"state": "partial"}, {"next": "finish"})] == [
        True,
        False,
    ]


def test_a_wait_ends_at_a_whole_second() -> None:
    moment = workflow.wait_moment({"wait_until": "2026-03-02T09:00:01.900000Z"})
    assert (moment.second, moment.microsecond) == (1, 0)


def test_the_wait_between_attempts_grows_up_to_its_bound() -> None:
    retry = STATES["Send"].retries[0]
    assert [retry.seconds(tries, 1.0) for tries in range(8)] == [2, 4, 8, 16, 32, 64, 120, 120]


@pytest.mark.parametrize(
    "expression",
    [
        "{% $states.input.next != 'send' %}",
        "{% $states.input.next = 'send' or true %}",
        "$states.input.next = 'send'",
    ],
)
def test_an_expression_that_it_does_not_know_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match=r"JSONata|cannot play"):
        condition(expression, 200)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("Send", "Output", "{% $states.result %}"),
        ("WaitToSend", "Timestamp", "{% $now() %}"),
        ("Continue", "Arguments", {"Name": "{% $states.input.job_id %}"}),
    ],
)
def test_a_state_that_is_written_otherwise_is_an_error(name: str, key: str, value: Any) -> None:
    changed = {name: WRITTEN[name] | {key: value}}
    with pytest.raises(ValueError, match="cannot play"):
        states_of({"States": changed}, 200)
