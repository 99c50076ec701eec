from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from listdrop.models import FirstAnswers, Job, JobState, LastError
from listdrop.notices.estimate import Estimate, progress, time_left
from tests.support.clock import NOW
from tests.support.dashboards import new_job

GAP = 1.05


def running(planned: int, sent: int, answered: int, **members: Any) -> Job:
    """A job that began to send ten minutes ago, and has made progress at this moment."""
    given: dict[str, Any] = {
        "counts": {"rows": 100 * planned, "confirmed": 100 * answered},
        "state": JobState.RUNNING,
        "sending_since": NOW - timedelta(minutes=10),
        "progressed_at": NOW,
        "batches": {"planned": planned, "sent": sent, "terminal": answered},
        "deadline_at": NOW + timedelta(hours=6),
    }
    return new_job(**given | members)


def test_what_is_left_takes_as_long_as_what_was_sent_and_answered() -> None:
    assert time_left(running(40, 10, 10), GAP, NOW) == Estimate(timedelta(minutes=30))


def test_rows_that_were_settled_by_the_plan_are_no_pace() -> None:
    counts = {"rows": 4_000, "invalid": 3_000, "confirmed": 100}
    whole = running(10, 1, 1)

    spoilt = running(10, 1, 1, counts=counts)

    assert time_left(spoilt, GAP, NOW) == time_left(whole, GAP, NOW)


def test_before_the_first_answer_only_the_sending_is_known() -> None:
    fresh = running(101, 1, 0, sending_since=NOW)

    assert time_left(fresh, GAP, NOW) == Estimate(timedelta(seconds=105), is_least=True)
    assert time_left(running(20, 10, 0), GAP, NOW) == Estimate(timedelta(minutes=10), is_least=True)
    assert time_left(running(10, 10, 0), GAP, NOW) is None


@pytest.mark.parametrize("progressed_at", [None, NOW - timedelta(seconds=60)])
def test_before_anything_is_counted_as_sent_only_the_rate_is_known(
    progressed_at: datetime | None,
) -> None:
    began = NOW - timedelta(seconds=60)
    job = running(200, 0, 0, sending_since=began, progressed_at=progressed_at)

    lefts = [time_left(job, GAP, began + timedelta(seconds=each)) for each in (0, 15, 60, 210)]

    seconds = [each and round(each.left.total_seconds()) for each in lefts]
    assert seconds == [210, 195, 150, None]


def test_nothing_takes_longer_than_to_the_deadline() -> None:
    job = running(1_000, 1, 1, deadline_at=NOW + timedelta(minutes=5))

    assert time_left(job, GAP, NOW) == Estimate(timedelta(minutes=5))


def test_an_estimate_runs_down_while_nothing_happens_and_then_there_is_none() -> None:
    job = running(40, 30, 30)

    lefts = [time_left(job, GAP, NOW + timedelta(minutes=minutes)) for minutes in (0, 1, 2, 9)]

    assert [each and round(each.left.total_seconds()) for each in lefts] == [200, 140, 80, None]


def test_there_is_no_estimate_where_something_is_wrong_or_nothing_more_is_sent() -> None:
    error = LastError(text="the connection was refused", kind="unreachable", since=NOW)

    assert time_left(running(40, 10, 10, last_error=error), GAP, NOW) is None
    assert time_left(running(40, 10, 10, stop_reason="cancelled"), GAP, NOW) is None


def test_a_job_that_has_ended_or_not_begun_to_send_has_no_estimate() -> None:
    assert time_left(new_job(), GAP, NOW) is None
    assert time_left(running(40, 0, 0, sending_since=None), GAP, NOW) is None


# ---------------------------------------------------------------- whole jobs, from begin to end

BATCHES = 200


def at_its_pace(second: float) -> int:
    """A provider that answers each batch a minute after it was sent, three seconds apart."""
    return int(max(0, second - 60) / 3)


def slowly(second: float) -> int:
    """One that takes four seconds for each batch, however fast they come."""
    return int(max(0, second - 4) / 4)


def in_polls(second: float) -> int:
    """One that is asked every half minute."""
    return at_its_pace(second // 30 * 30)


def at_once(second: float) -> int:
    """One that answers with each request."""
    return int(second / 3)


@pytest.mark.parametrize("answered", [at_its_pace, slowly, in_polls, at_once])
def test_an_estimate_holds_and_does_not_rise(answered: Callable[[float], int]) -> None:
    lasts = next(second for second in range(10_000) if answered(second) >= BATCHES)
    first: FirstAnswers | None = None
    seen_at, before = NOW, (0, 0)
    told: list[tuple[int, datetime]] = []
    for second in range(lasts):
        now = NOW + timedelta(seconds=second)
        sent, done = min(BATCHES, second // 3), min(BATCHES, answered(second))
        if (sent, done) != before:
            before, seen_at = (sent, done), now
        if done and first is None and second % 45 == 44:  # a turn ends
            first = FirstAnswers(at=now, batches=done)
        job = running(
            BATCHES, sent, done, sending_since=NOW, progressed_at=seen_at, first_answers=first
        )
        left = time_left(job, 1, now)
        if left is not None and not left.is_least:
            told.append((second, now + left.left))

    ends = NOW + timedelta(seconds=lasts)
    early = [abs((end - ends).total_seconds()) for second, end in told if second > lasts / 4]
    assert len(told) > lasts / 2
    assert max(early) < 0.3 * lasts
    rise = max((b - a).total_seconds() for (_, a), (_, b) in pairwise(told))
    assert rise < 0.1 * lasts


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "about 10 s"),
        (47, "about 50 s"),
        (89, "about 90 s"),
        (200, "about 3 min"),
        (5_400, "about 2 h"),
    ],
)
def test_an_estimate_is_told_as_coarsely_as_it_is_known(seconds: float, said: str) -> None:
    assert Estimate(timedelta(seconds=seconds)).words == said
    least = Estimate(timedelta(seconds=seconds), is_least=True)
    assert least.words == said.replace("about", "at least")


def test_it_is_said_how_many_batches_are_sent_and_answered() -> None:
    assert progress(running(196, 71, 3)) == "sending: 71 of 196 batches sent, 3 answered"
    assert progress(running(1, 1, 0)) == "waiting for answers: 1 of 1 batch sent, 0 answered"
    assert progress(running(9, 3, 1, stop_reason="cancelled")) == (
        "stopped: 3 of 9 batches sent, 1 answered"
    )
    assert progress(running(0, 0, 0)) == ""
    assert progress(new_job()) == ""
