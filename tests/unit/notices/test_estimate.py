from __future__ import annotations

from datetime import timedelta

from listdrop.models import Job, JobState
from listdrop.notices.estimate import Estimate, time_left
from tests.support.clock import NOW
from tests.support.dashboards import new_job

GAP = 1.05


def running(percent: int) -> Job:
    return new_job(
        counts={"rows": 100, "confirmed": percent},
        state=JobState.RUNNING,
        sending_since=NOW - timedelta(minutes=10),
        batches={"planned": 10, "sent": 10, "terminal": 2},
        deadline_at=NOW + timedelta(hours=6),
    )


def test_what_is_left_is_estimated_from_what_is_settled() -> None:
    assert time_left(running(25), GAP, NOW) == Estimate(timedelta(minutes=30))


def test_batches_that_are_not_sent_take_at_least_their_rate() -> None:
    job = running(0).model_copy(update={"batches": {"planned": 101, "sent": 1, "terminal": 0}})

    assert time_left(job, GAP, NOW) == Estimate(timedelta(seconds=105), is_least=True)


def test_nothing_takes_longer_than_to_the_deadline() -> None:
    job = running(1).model_copy(update={"deadline_at": NOW + timedelta(minutes=5)})

    assert time_left(job, GAP, NOW) == Estimate(timedelta(minutes=5))


def test_where_no_row_is_settled_yet_batches_that_are_tell_the_pace() -> None:
    job = running(0)

    assert time_left(job, GAP, NOW) == Estimate(timedelta(minutes=40))


def test_nothing_is_estimated_from_nothing() -> None:
    job = running(0).model_copy(update={"batches": {"planned": 10, "sent": 10, "terminal": 0}})

    assert time_left(job, GAP, NOW) is None
    assert time_left(running(100), GAP, NOW) is None


def test_a_job_that_has_ended_or_not_begun_to_send_has_no_estimate() -> None:
    assert time_left(new_job(), GAP, NOW) is None
    assert time_left(running(25).model_copy(update={"sending_since": None}), GAP, NOW) is None
